"""What the Python reader makes of source text."""

# ruff: noqa: E501 - the code under test reads best unbroken

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.languages.python import read
from readiness.source import Call, CallRef, Choice, Joined, Mapping, Module, Name, Number, Sequence, Text


def parse(text: str, path: str = "src/app/api/x.py") -> Module:
    return read(path, text.encode())


def callees(module: Module) -> list[str]:
    return [call.callee for call in module.calls]


@pytest.mark.parametrize(
    ("path", "line", "symbol"),
    [
        ("src/app/api/x.py", "from ..core import db", "src.app.core.db"),
        ("src/app/api/x.py", "from . import db", "src.app.api.db"),
        ("src/app/api/__init__.py", "from .routes import db", "src.app.api.routes.db"),
        ("x.py", "from . import db", "db"),
        ("x.py", "from fastapi import FastAPI as db", "fastapi.FastAPI"),
        ("x.py", "import sqlalchemy.orm as db", "sqlalchemy.orm"),
    ],
)
def test_imports_are_resolved(path: str, line: str, symbol: str) -> None:
    module = parse(f"{line}\ndb.session()\n", path)
    assert [i.symbol for i in module.imports] == [symbol]
    assert callees(module) == [f"{symbol}.session"]


def test_imports_for_type_checkers_bring_no_code() -> None:
    module = parse("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import redis\nimport os\n")
    assert {i.local: i.typing_only for i in module.imports} == {"TYPE_CHECKING": False, "redis": True, "os": False}


def test_names_of_a_star_import_are_taken_to_come_from_it() -> None:
    module = parse("from flask import *\ndef mine(): ...\nFlask(__name__)\nmine()\nlen([])\n")
    assert callees(module) == ["flask.Flask", "mine", "len"]


@pytest.mark.parametrize(
    "text",
    [
        "from fastapi import FastAPI\napp = FastAPI()\napp.get('/x')",
        "from fastapi import FastAPI\ndef f():\n    app.get('/x')\napp = FastAPI()",
        "from fastapi import FastAPI\nclass A:\n  def f(self):\n    self.app.get('/x')\n  def __init__(self):\n    self.app = FastAPI()",
        "from fastapi import FastAPI\nwith FastAPI() as app:\n    app.get('/x')",
        "from fastapi import FastAPI\nasync def f():\n    async with FastAPI() as app:\n        app.get('/x')",
        "from fastapi import FastAPI\nif (app := FastAPI()):\n    app.get('/x')",
    ],
)
def test_a_variable_bound_to_a_call_carries_it(text: str) -> None:
    assert "fastapi.FastAPI().get" in callees(parse(text))


@pytest.mark.parametrize(
    "annotation", ["FastAPI", "'FastAPI'", "FastAPI | None", "Optional[FastAPI]", "Annotated[FastAPI, 1]"]
)
def test_a_parameter_carries_its_type(annotation: str) -> None:
    module = parse(f"from fastapi import FastAPI\nfrom typing import *\ndef f(app: {annotation}):\n    app.get('/x')")
    assert callees(module) == ["fastapi.FastAPI.get"]
    assert module.functions[0].parameters[0].type == "fastapi.FastAPI"


def test_dependencies_in_annotated_are_the_default() -> None:
    module = parse(
        "from fastapi import Depends\nfrom typing import Annotated\ndef f(s: Annotated[S, Depends(db)]): ..."
    )
    default = module.functions[0].parameters[0].default
    assert isinstance(default, CallRef)
    assert module.calls[default.index].callee == "fastapi.Depends"


def test_functions_know_their_place() -> None:
    module = parse(
        "class A(B, metaclass=M):\n    x: int = 1\n    y: str\n    @property\n    async def f(self, a, *b, c=2, **d) -> int:\n"
        "        def g(): ...\n        try:\n            g()\n        except E:\n            pass\n"
    )
    outer, inner = module.functions
    assert (outer.name, outer.owner, outer.line, outer.end_line, outer.is_async) == ("f", "A", 5, 10, True)
    assert [p.name for p in outer.parameters] == ["self", "a", "*b", "c", "**d"]
    assert (outer.catches, inner.catches, inner.parent, inner.owner) == (True, False, 0, "")
    assert [(f.name, f.type) for f in module.classes[0].fields] == [("x", "int"), ("y", "str")]
    assert module.classes[0].bases == ("B",)


def test_guards_hold_the_conditions_around() -> None:
    module = parse(
        "if A:\n    a()\nelif B:\n    b()\nelse:\n    c()\nd() if D else e()\nF and f()\ntry:\n    g()\nexcept X: ..."
    )
    guards = {call.callee: call.guards for call in module.calls}
    assert guards == {
        "a": ("A",), "b": ("not A", "B"), "c": ("not A", "not B"), "d": ("D",), "e": ("not D",), "f": ("F",), "g": (),
    }  # fmt: skip


def test_assignments() -> None:
    module = parse(
        "A = 60 * 60\napp.config['X'] = 1\nL += ['a']\nM = ['b'] + L\nclass C:\n    D = True\n"
        "E = f'a{b}c'\nF = {'k': 1, **A}\nG = x or 'y'\nH = 'a' 'b\\n'\n"
    )
    values = {a.target: a.value for a in module.assignments}
    assert values["A"] == Number(3600)
    assert values['app.config["X"]'] == Number(1)
    assert values["L"] == Sequence((Text("a"),))
    assert isinstance(values["M"], Joined)
    assert "C.D" in values
    assert values["E"] == Joined((Text("a"), Name("b", "b"), Text("c")))
    assert isinstance(values["F"], Mapping) and [k for k, _ in values["F"].entries] == ["k", "**"]
    assert isinstance(values["G"], Choice)
    assert values["H"] == Text("ab\n")


def test_raises_and_decorators_are_kinds_of_calls() -> None:
    module = parse("@app.task(bind=True)\ndef f():\n    raise HTTPException(404)\ndef g():\n    raise ValueError\n")
    kinds = [(call.callee, call.kind) for call in module.calls]
    assert kinds == [("app.task", "decorator"), ("HTTPException", "raise"), ("ValueError", "raise")]
    assert module.functions[0].decorators == (CallRef(0),)


def test_returns_belong_to_their_function() -> None:
    module = parse("def f():\n    if x:\n        return {'a': 1}\n    return None, 404\n")
    assert [(r.function, r.guards) for r in module.returns] == [(0, ("x",)), (0, ())]
    assert isinstance(module.returns[1].value, Sequence)


@pytest.mark.parametrize(
    ("text", "name", "required", "has_default"),
    [
        ("import os\nos.environ['X_Y']", "X_Y", True, False),
        ("from os import environ as e\ne['X_Y']", "X_Y", True, False),
        ("import os\nos.environ.get('X_Y')", "X_Y", False, False),
        ("import os\nos.getenv('X_Y', '1')", "X_Y", False, True),
        ("import os\na = os.getenv('X_Y') or '1'", "X_Y", False, True),
        ("import environ\nenv = environ.Env(X_Y=(bool, False))\nenv('X_Y')", "X_Y", False, True),
        ("import environ\nenv = environ.Env()\nenv.bool('X_Y', default=True)", "X_Y", False, True),
        ("import environ\nenv = environ.Env()\nenv.db('X_Y')", "X_Y", True, False),
        ("from environs import Env\nenv = Env()\nenv.str('X_Y', 'a')", "X_Y", False, True),
        ("from starlette.config import Config\nc = Config('.env')\nc('X_Y', cast=str)", "X_Y", True, False),
        ("from decouple import config\nconfig('X_Y', default=1, cast=int)", "X_Y", False, True),
        ("from decouple import config\nconfig('X_Y')", "X_Y", True, False),
        ("from everett.manager import ConfigManager\n_config = ConfigManager.basic_config()\n_config('X_Y', doc='x')", "X_Y", True, False),
        ("from proj.conf import env\nenv.int('X_Y')", "X_Y", True, False),
        ("def envbool(s, d): ...\nenvbool('X_Y', 'True')", "X_Y", False, True),
        ("import dj_database_url as d\nd.config(default='sqlite://')", "DATABASE_URL", False, True),
        ("from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    x_y: int", "X_Y", True, False),
        ("from pydantic import BaseSettings\nclass S(BaseSettings):\n    x: int = 1\n    class Config:\n        env_prefix = 'P_'", "P_X", False, True),
        ("from pydantic_settings import *\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='P_')\n    x: int", "P_X", True, False),
        ("from pydantic_settings import BaseSettings as B\nfrom pydantic import Field\nclass S(B):\n    x: int = Field(alias='ALIAS')", "ALIAS", True, False),
        ("from configurations import values\nclass S:\n    X = values.Value('a')", "DJANGO_X", False, True),
    ],
)  # fmt: skip
def test_reads_of_the_environment(text: str, name: str, required: bool, has_default: bool) -> None:
    reads = parse(text).env_reads
    assert [(r.name, r.required, r.default is not None) for r in reads] == [(name, required, has_default)]


@pytest.mark.parametrize(
    "text", ["import os\nos.environ['X'] = '1'", "data = {}\ndata.get('X')", "import os\ndel os.environ['X']"]
)
def test_what_is_no_read_of_the_environment(text: str) -> None:
    assert parse(text).env_reads == ()


def test_old_and_new_syntax_parses() -> None:
    text = (
        "print 'a'\ntry:\n    pass\nexcept A, B:\n    x()\nmatch a:\n    case {'k': v} if v:\n        y()\n"
        "type T[U] = list[U]\ndef f[T](a: T) -> T: ...\ntry:\n    pass\nexcept* E:\n    z()\n"
    )
    module = parse(text)
    assert not module.has_errors
    assert callees(module) == ["x", "y", "z"]


def test_errors_are_told_and_the_rest_is_read() -> None:
    module = parse("a(\n\ndef f(:\n    b()\n")
    assert module.has_errors


def test_main_modules() -> None:
    assert parse("if __name__ == '__main__':\n    main()\n").is_main
    assert parse("x = 1\n", "manage.py").is_main
    assert not parse("x = 1\n").is_main


def test_binary_content_is_refused() -> None:
    with pytest.raises(ValueError, match="binary"):
        read("x.py", b"\0\1")


@pytest.mark.parametrize("text", ["(" * 5000, "a" + ".b()" * 5000, "x = " + "1 + " * 5000 + "1", "[" * 400 + "]" * 400,
                                  "".join("  " * n + "if x:\n" for n in range(300)) + "  " * 300 + "y()"])  # fmt: skip
def test_deep_nesting_is_survived(text: str) -> None:
    assert parse(text).path


@given(st.text())
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str) -> None:
    try:
        module = read("a/b.py", text.encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return
    assert all(isinstance(call, Call) for call in module.calls)


_TOKENS = st.sampled_from(
    ["def ", "class ", "f", "(", ")", ":", "\n", "    ", "=", "@", ".", "[", "]", "'a'", "f'{x}'", "import ", "from ", "lambda ",
     "if ", "else", "return ", "raise ", "with ", " as ", "*", "**", ",", "{", "}", "os.environ", "1", "-", "await ", "async ", "not "]
)  # fmt: skip


@given(st.lists(_TOKENS, max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_run_of_tokens_is_read(tokens: list[str]) -> None:
    assert read("a.py", "".join(tokens).encode()).language == "python"


def test_a_bare_raise_is_told() -> None:
    module = parse("def check():\n    try:\n        ping()\n    except OSError:\n        raise\n")
    assert [(c.kind, c.line) for c in module.calls if c.kind == "raise"] == [("raise", 5)]
