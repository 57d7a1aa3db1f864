"""No secrets are committed

## Why
Whoever can read the repository, today or in any later copy of its history, holds the key. A default that production
accepts is a key as well: it is used wherever somebody forgets to set the variable.

## Fix
Take the secret from the environment and refuse to start without it; then revoke the committed one, because it stays in
the history.

Python:

    SECRET_KEY = os.environ["SECRET_KEY"]          # or a pydantic field without a default: secret_key: SecretStr

JavaScript/TypeScript:

    const { JWT_SECRET } = z.object({ JWT_SECRET: z.string().min(32) }).parse(process.env)

Go:

    key, ok := os.LookupEnv("JWT_SECRET")
    if !ok { log.Fatal("JWT_SECRET is not set") }

Keep `.env` out of git (`echo .env >> .gitignore`) and track `.env.example` with placeholders. Where a first start needs
an administrator, make its password at random and print it once, or take it from the environment.
"""

from __future__ import annotations

from readiness.facts.secrets import Secret, SecretFindings
from readiness.model import Evidence, Verdict, failed, partial, passed
from readiness.wiring import rule

_SHOWN = 10


@rule(
    weight=5,
    phase3=True,
    languages=("python", "javascript", "go"),
    always=True,
    source=["Environment: Secure secret management (never commit secrets)", "Security: Secure API key management"],
)
def check(secrets: SecretFindings) -> Verdict:
    """Judge by the gravest standing among what was found."""
    live, defaults, harmless = secrets.of("live"), secrets.of("default"), secrets.of("harmless")
    if live:
        return failed(f"{_sentence(live)}.", _evidence([*live, *defaults]))
    if defaults:
        return partial(f"No live credential found, but {_sentence(defaults, start=False)}.", _evidence(defaults))
    what = "placeholder, sample or local value" if len(harmless) == 1 else "placeholders, samples and local values"
    aside = f" ({len(harmless)} {what} set aside)" if harmless else ""
    message = f"No live-looking credential, key or usable default found in {secrets.files} tracked files{aside}."
    return passed(message, _evidence(harmless[:3]))


def _sentence(secrets: list[Secret], start: bool = True) -> str:
    first = secrets[0]
    text = f"{first.what} in {first.where.path} {first.why}"
    more = f", and {len(secrets) - 1} more" if len(secrets) > 1 else ""
    return (text[0].upper() + text[1:] if start else text) + more


def _evidence(secrets: list[Secret]) -> list[Evidence]:
    return [Evidence(s.where.path, s.where.line, f"{s.what} {s.why}", secret=True) for s in secrets[:_SHOWN]]
