"""The settings fact: what is assigned where, from which variable, with which default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from readiness.facts.python_settings import PythonSettings
from readiness.languages.python_settings import read
from readiness.source import Constant, Number, Sequence, Text

DJANGO = """
-- proj/settings.py --
import os
import environ
env = environ.Env()
DEBUG = False
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.getenv("HOSTS", "*").split(",")
INSTALLED_APPS = ["django.contrib.admin", "shop"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
TIMEOUT = env.int("TIMEOUT", default=30)
if DEBUG:
    INTERNAL = True
else:
    SECURE_SSL_REDIRECT = True
"""


def test_django_settings(gather: Callable[..., Any]) -> None:
    found = {s.name: s for s in gather(PythonSettings, DJANGO).all}
    assert found["DEBUG"].value == Constant("false")
    assert (found["SECRET_KEY"].variable, found["SECRET_KEY"].default, found["SECRET_KEY"].line) == (
        "SECRET_KEY",
        None,
        5,
    )
    assert (found["ALLOWED_HOSTS"].variable, found["ALLOWED_HOSTS"].default) == ("HOSTS", Text("*"))
    assert found["INSTALLED_APPS"].value == Sequence((Text("django.contrib.admin"), Text("shop")))
    assert (found["TIMEOUT"].variable, found["TIMEOUT"].default) == ("TIMEOUT", Number(30))
    assert found["INTERNAL"].guards == ("DEBUG",)
    assert found["SECURE_SSL_REDIRECT"].guards == ("not DEBUG",)


def test_configuration_classes(gather: Callable[..., Any]) -> None:
    settings = gather(
        PythonSettings,
        "-- app/config.py --\nimport os\nfrom pydantic_settings import BaseSettings as B\nclass Config:\n"
        "    SECRET_KEY = os.environ.get('K') or 'dev'\n    class Inner: ...\nclass S(B):\n    db_url: str\n    port: int = 80\n",
    )
    assert {(s.owner, s.name, s.variable, s.default) for s in settings.all} == {
        ("Config", "SECRET_KEY", "K", Text("dev")), ("S", "db_url", "DB_URL", None), ("S", "port", "PORT", Number(80)),
    }  # fmt: skip
    assert [s.line for s in settings.named("port")] == [8]


def test_defaults_may_be_declared_with_the_reader_of_the_environment(gather: Callable[..., Any]) -> None:
    settings = gather(
        PythonSettings,
        "-- p/settings.py --\nimport environ\nenv = environ.FileAwareEnv(X_DEBUG=(bool, False))\nDEBUG = env('X_DEBUG')\n"
        "SECRET_KEY = get_secret_from_env('X_KEY')\n-- p/apps.py --\nclass ShopConfig(AppConfig):\n    name = 'shop'\n",
    )
    assert [(s.name, s.variable, s.default) for s in settings.all] == [
        ("DEBUG", "X_DEBUG", Constant("false")), ("SECRET_KEY", "X_KEY", None),
    ]  # fmt: skip


def test_files_without_settings_are_not_read(gather: Callable[..., Any]) -> None:
    assert gather(PythonSettings, "-- app/a.py --\nX = 1\nclass A:\n    b = 2\n").all == ()


@given(st.text())
@run(max_examples=60, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read("settings.py", text.encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return
