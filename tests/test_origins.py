"""Where a value comes from: fixed, defaulted, the environment or a configuration, in the three languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.facts.modules import Modules
from readiness.origins import Origin, Origins, Source

Gather = Callable[[type, str], Any]


@pytest.fixture
def origin(gather: Gather) -> Callable[[str, str, str], Origin]:
    """The origin of the first argument of the call written `connect(...)` in `path`."""

    def find(text: str, path: str, written: str = "connect") -> Origin:
        modules = gather(Modules, text)
        module = modules.by_path[path]
        call = next(c for c in module.calls if c.written.rpartition(".")[2] == written)
        return Origins(modules).of(call.args[0], module, call.function)

    return find


PYTHON = [
    ("connect('postgres://x')", Source.FIXED),
    ("URL = 'postgres://x'\nconnect(URL)", Source.FIXED),
    ("import os\nconnect(os.environ['URL'])", Source.ENVIRONMENT),
    ("import os\nURL = os.environ['URL']\nconnect(URL)", Source.ENVIRONMENT),
    ("import os\nconnect(os.getenv('URL', 'postgres://x'))", Source.DEFAULTED),
    ("import os\nconnect(os.getenv('URL') or 'postgres://x')", Source.DEFAULTED),
    ("import os\nconnect(f\"postgres://{os.environ['USER']}@db/x\")", Source.ENVIRONMENT),
    ("from decouple import config\nconnect(config('URL'))", Source.ENVIRONMENT),
    ("def f(url):\n    connect(url)", Source.UNKNOWN),
]


@pytest.mark.parametrize(("source", "expected"), PYTHON, ids=[source.replace("\n", "; ") for source, _ in PYTHON])
def test_python(origin: Callable[..., Origin], source: str, expected: Source) -> None:
    assert origin(f"-- app.py --\n{source}\n", "app.py").source is expected


JAVASCRIPT = [
    ("connect('postgres://x');", Source.FIXED),
    ("const url = 'postgres://x';\nconnect(url);", Source.FIXED),
    ("connect(process.env.URL);", Source.ENVIRONMENT),
    ("const { URL } = process.env;\nconnect(URL);", Source.ENVIRONMENT),
    ("connect(process.env.URL || 'postgres://x');", Source.DEFAULTED),
    ("connect(process.env.URL ?? 'postgres://x');", Source.DEFAULTED),
    ("connect(`postgres://${process.env.USER}@db/x`);", Source.ENVIRONMENT),
]


@pytest.mark.parametrize(
    ("source", "expected"), JAVASCRIPT, ids=[source.replace("\n", "; ") for source, _ in JAVASCRIPT]
)
def test_javascript(origin: Callable[..., Origin], source: str, expected: Source) -> None:
    assert origin(f"-- app.js --\n{source}\n", "app.js").source is expected


GO = [
    ('connect("postgres://x")', Source.FIXED),
    ('connect(os.Getenv("URL"))', Source.ENVIRONMENT),
    ('url := os.Getenv("URL")\n\tconnect(url)', Source.ENVIRONMENT),
    ("connect(dsn)", Source.FIXED),
]


@pytest.mark.parametrize(("source", "expected"), GO, ids=[source.replace("\n\t", "; ") for source, _ in GO])
def test_go(origin: Callable[..., Origin], source: str, expected: Source) -> None:
    text = f'package main\n\nimport "os"\n\nconst dsn = "postgres://x"\n\nfunc main() {{\n\t{source}\n}}\n'
    assert origin(f"-- go.mod --\nmodule example.com/x\n-- main.go --\n{text}", "main.go").source is expected


def test_a_setting_of_another_python_module_is_followed(origin: Callable[..., Origin]) -> None:
    text = "-- app/settings.py --\nURL = 'postgres://x'\n-- app/db.py --\nfrom app.settings import URL\nconnect(URL)\n"
    assert origin(text, "app/db.py") == Origin(Source.FIXED, "postgres://x", "app/settings.py")


def test_a_setting_of_another_javascript_module_is_followed(origin: Callable[..., Origin]) -> None:
    text = (
        "-- config.js --\nmodule.exports = { db: { url: 'postgres://x' } };\n"
        "-- db.js --\nconst config = require('./config');\nconnect(config.db.url);\n"
    )
    found = origin(text, "db.js")
    assert (found.source, found.text, found.path) == (Source.FIXED, "postgres://x", "config.js")


def test_a_field_of_a_settings_class_comes_from_the_environment(origin: Callable[..., Origin]) -> None:
    text = (
        "-- settings.py --\nfrom pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    url: str\n\n\n"
        "settings = Settings()\n-- db.py --\nfrom settings import settings\nconnect(settings.url)\n"
    )
    assert origin(text, "db.py").source is Source.ENVIRONMENT


def test_a_default_is_told_with_its_place(origin: Callable[..., Origin]) -> None:
    found = origin("-- app.py --\nimport os\n\nconnect(os.getenv('URL', 'postgres://x'))\n", "app.py")
    assert (found.text, found.path, found.line) == ("postgres://x", "app.py", 3)


def test_names_that_go_in_circles_end(origin: Callable[..., Origin]) -> None:
    text = "-- a.py --\nfrom b import URL\nURL = URL\nconnect(URL)\n-- b.py --\nfrom a import URL\nURL = URL\n"
    assert origin(text, "a.py").source is Source.UNKNOWN
