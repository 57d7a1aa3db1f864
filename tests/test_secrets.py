"""Which committed values count as secrets, which as usable defaults, and which do no harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.engines.secret_text import scan_settings, scan_tokens
from readiness.engines.secret_values import is_credential_name, is_placeholder, is_signing_name, looks_random
from readiness.facts.secrets import SecretFindings

AWS = "AKIA" + "QYLPMN5HHHFPZAM2"
KEY = "-----BEGIN RSA PRIVATE KEY-----\n" + "Qx7Lm2Zk9Rt4Vw1Yb8Nc3Hd6Jf5Gs0Pa\n" * 8 + "-----END RSA PRIVATE KEY-----\n"


def standing(found: SecretFindings) -> list[tuple[str, int, str]]:
    return [(s.where.path, s.where.line, s.standing) for s in found.all]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("deploy/server.key", KEY, "live"),
        (".env.example", 'KEY="' + KEY.replace("\n", "\\n") + '"\n', "live"),
        ("certs/localhost/tls.key", KEY, "harmless"),
        ("app/client.py", f'KEY_ID = "{AWS}"\n', "live"),
        ("app/client.py", 'KEY_ID = "AKIAIOSFODNN7EXAMPLE"\n', None),
        (".env.production", "SECRET_KEY=pX92mKs81LqzT40vWn\n", "live"),
        (".env", "SECRET_KEY=pX92mKs81LqzT40vWn\n", "live"),
        (".env", "SECRET_KEY=changethis\n", "harmless"),
        (".env.example", "SECRET_KEY=pX92mKs81LqzT40vWn\n", "harmless"),
        ("src/env.ts", "export const env = createEnv({\n  AUTH_SECRET: z.string().min(32),\n});\n", None),
        ("internal/suites/common/pki/private.pem", KEY, "harmless"),
        ("config.template.yml", "jwt_secret: a_very_important_secret\n", None),
        ("config.yml", "jwt_secret: a_very_important_secret\n", "default"),
        ("release.go", 'package main\n\nfunc login() {\n\tpassword := "$DOCKER_PASSWORD1"\n\tuse(password)\n}\n', None),
        ("web/integration/setup.ts", 'process.env.AUTH_SECRET = "9f2Kx71qLw83ZpQd";\n', "harmless"),
        ("docker-compose.yml", "      POSTGRES_PASSWORD: p4ss-w0rd-f0r-l0cal-use\n", "harmless"),
        ("config/prod.yml", "api_key: pX92mKs81LqzT40vWn\n", "live"),
        ("config/prod.yml", "api_key: ${API_KEY}\n", None),
        ("app/settings.py", 'import os\nSECRET_KEY = os.environ.get("SECRET_KEY", "insecure")\n', "default"),
        ("app/settings.py", 'import os\nSECRET_KEY = os.environ.get("SECRET_KEY")\n', None),
        (
            "app/settings.py",
            'import os\nDB_URL = os.environ.get("DB_URL", "postgres://a:b1c2@localhost/x")\n',
            "harmless",
        ),
        (
            "app/settings.py",
            'import os\nDB_URL = os.environ.get("DB_URL", "postgres://a:b1c2@db.acme.io/x")\n',
            "default",
        ),
        (
            "src/config.js",
            "const u = process.env.DB_URL || 'localhost'\nconst p = process.env.DB_PASSWORD || 'mine12'\n",
            None,
        ),
        ("app/settings/dev.py", 'SECRET_KEY = "9f2Kx71qLw83ZpQd"\n', "harmless"),
        ("app/settings.py", 'SECRET_KEY = "9f2Kx71qLw83ZpQd"\n', "live"),
        ("app/forms.py", 'PASSWORD_FIELD = "new_password"\nRESET_TOKEN = "reset_token"\n', None),
        ("config.js", "module.exports = { sessionSecret: process.env.SESSION_SECRET || 'abc123' }\n", "default"),
        (
            "config.js",
            "if (!process.env.JWT_SECRET) {\n  process.env.JWT_SECRET = 'thisismykey';\n}\n",
            "default",
        ),
        ("config.js", "process.env.JWT_SECRET = 'thisismykey';\n", "live"),
        ("tests/settings.py", 'SECRET_KEY = "9f2Kx71qLw83ZpQd"\n', None),
    ],
)
def test_standing(gather: Callable[..., Any], path: str, text: str, expected: str | None) -> None:
    found = gather(SecretFindings, f"-- {path} --\n{text}-- README.md --\nx\n-- main.go --\npackage main\n")
    assert [s.standing for s in found.all] == ([expected] if expected else [])


def test_nothing_that_is_said_holds_the_value(gather: Callable[..., Any]) -> None:
    code = f'-- app.py --\nSECRET_KEY = "9f2Kx71qLw83ZpQd"\nID = "{AWS}"\n'
    found = gather(SecretFindings, code + "-- .env --\nAPI_KEY=pX92mKs81LqzT40vWn\n")
    said = " ".join(f"{s.what} {s.why} {s.where.note} {s.where.snippet}" for s in found.all)
    assert len(found.all) == 3
    assert all(s.where.secret for s in found.all)
    assert not any(value in said for value in ("9f2Kx71qLw83ZpQd", AWS, "pX92mKs81LqzT40vWn"))


@pytest.mark.parametrize("name", ["SECRET_KEY", "jwtSecret", "app.secret_key", "JWT_SIGNING_KEY", "session-secret"])
def test_names_that_sign(name: str) -> None:
    assert is_signing_name(name)


@pytest.mark.parametrize(
    "name", ["password_reset_url", "token_expiry", "PUBLIC_KEY", "secret_name", "PasswordField", "csrf_token"]
)
def test_names_that_hold_no_secret(name: str) -> None:
    assert not is_credential_name(name)


PLACEHOLDERS = [
    "change-me",
    "your-secret-key",
    "<token>",
    "${KEY}",
    "xxxxxxxx",
    "example",
    "123456",
    "insecure-dev-key",
]


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_placeholders(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize(
    ("value", "expected"), [("pX92mKs81LqzT40vWn", True), ("correct-horse-battery", False), ("short1", False)]
)
def test_machine_made_values(value: str, expected: bool) -> None:
    assert looks_random(value) is expected


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_crash(content: bytes) -> None:
    scan_tokens("x.txt", content)
    scan_settings("x.env", content)
