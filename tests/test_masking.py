"""No secret and no control character reaches a reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.masking import MAX_LINE, clean, mask_likely, mask_line

SECRET = "s3cr3tValue9Kx"


@pytest.mark.parametrize(
    "line",
    [
        f'password = "{SECRET}"',
        f"PASSWORD={SECRET}",
        f"  key: {SECRET}",
        f"{SECRET}: true",
        f'connect("{SECRET}")',
        f"url = postgres://user:{SECRET}@db/x",
        SECRET,
        f"const a = b, token = '{SECRET}'",
        f"x: y: {SECRET}",
    ],
)
def test_a_line_with_a_found_secret_shows_none_of_it(line: str) -> None:
    assert SECRET not in mask_line(line)


def test_the_name_stays() -> None:
    assert mask_line(f'DB_PASSWORD = "{SECRET}"') == 'DB_PASSWORD = "****"'


def test_a_private_key_still_says_what_it_is() -> None:
    assert mask_line("-----BEGIN RSA PRIVATE KEY-----") == "-----BEGIN RSA PRIVATE KEY-----"
    shown = mask_line(f'"{SECRET}", key = "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq"')
    assert "MIIE" not in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    "line",
    [
        f'api_key: "{SECRET}"',
        f"DATABASE_URL=postgres://app:{SECRET}@db:5432/app",
        "key = AKIAIOSFODNN7EXAMPLE",
        "token: ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
def test_plain_credentials_are_masked_even_where_no_detector_spoke(line: str) -> None:
    masked = mask_likely(line)
    assert "****" in masked
    assert SECRET not in masked
    assert "IOSFODNN7" not in masked


@pytest.mark.parametrize(
    "line", ['password = os.environ["DB_PASSWORD"]', "postgres://app:${PASSWORD}@db", "token = get_token()"]
)
def test_references_to_secrets_stay_readable(line: str) -> None:
    assert mask_likely(line) == line


@given(st.text(max_size=500))
def test_clean_text_is_one_bounded_line_without_controls(text: str) -> None:
    shown = clean(text)
    assert len(shown) <= MAX_LINE
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or 0xD800 <= ord(c) <= 0xDFFF for c in shown)


@given(st.text(max_size=300))
def test_masking_never_crashes(text: str) -> None:
    mask_line(text)
    mask_likely(text)
