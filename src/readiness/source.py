"""What a source file says, in one shape for Python, JavaScript/TypeScript and Go.

The readers in `readiness.languages` build one `Module` per file; facts read it. Nothing here parses.

Symbols are dotted names with imports resolved, so that a rule never looks at aliases:
    Python      fastapi.FastAPI          (from fastapi import FastAPI as F; F)
    JavaScript  express.Router           (const { Router } = require('express'))
                express                  (a default or namespace import is the package's name)
    Go          github.com/gin-gonic/gin.Default      (a major-version path element such as /v2 is left out)
A module of the target itself is "./" and its path from the repository's root without extension, then the member:
    ./src/app/routes.router      (JavaScript, a relative import; a default import is `.default`)
Python and Go imports of the target's own packages stay as written (app.core.config.settings); `facts.symbols` finds their file.
A variable bound to a call carries the call: after `app = FastAPI()`, `app.get` is fastapi.FastAPI().get, and a
parameter or field with a declared type carries the type: `r *gin.Engine` makes r.GET github.com/gin-gonic/gin.Engine.GET.
What cannot be resolved stays as it is written (`self.app.get`, `db.query`).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class Text(Struct, frozen=True, gc=False, tag="s", array_like=True):
    """A string literal, unescaped."""

    value: str


class Number(Struct, frozen=True, gc=False, tag="n", array_like=True):
    """A number literal."""

    value: float


class Constant(Struct, frozen=True, gc=False, tag="c", array_like=True):
    """One of "true", "false", "null" (None, null, undefined, nil)."""

    value: str


class Name(Struct, frozen=True, gc=False, tag="v", array_like=True):
    """A name or attribute path; `symbol` as in the module docstring, `written` as in the file."""

    symbol: str
    written: str


class CallRef(Struct, frozen=True, gc=False, tag="r", array_like=True):
    """A call; `index` into Module.calls."""

    index: int


class Sequence(Struct, frozen=True, gc=False, tag="l", array_like=True):
    """A list, tuple, set, array or Go slice literal."""

    items: tuple[Expression, ...]


class Mapping(Struct, frozen=True, gc=False, tag="m", array_like=True):
    """A dict, object literal or Go composite literal with keys. Keys that are names or strings are both plain `str`.

    `constructs` is the type symbol of a Go composite literal, "" otherwise.
    """

    entries: tuple[tuple[str, Expression], ...]
    constructs: str = ""

    def get(self, key: str) -> Expression | None:
        """The value under `key`, or None."""
        return next((value for name, value in self.entries if name == key), None)


class Joined(Struct, frozen=True, gc=False, tag="j", array_like=True):
    """An f-string, template literal, concatenation, `%` or Sprintf-like operator: the parts in order."""

    parts: tuple[Expression, ...]


class Choice(Struct, frozen=True, gc=False, tag="o", array_like=True):
    """`a or b`, `a || b`, `a ?? b`, `a if c else b`, `c ? a : b`: the values it may take, the preferred first."""

    options: tuple[Expression, ...]


class FunctionRef(Struct, frozen=True, gc=False, tag="f", array_like=True):
    """An inline function (lambda, arrow, function literal); `index` into Module.functions."""

    index: int


class Opaque(Struct, frozen=True, gc=False, tag="x", array_like=True):
    """Anything else, as its source text (cut at 200 characters)."""

    text: str


Expression = Text | Number | Constant | Name | CallRef | Sequence | Mapping | Joined | Choice | FunctionRef | Opaque


class Import(Struct, frozen=True, gc=False, array_like=True):
    """`local` names `symbol` in this module. `typing_only`: it brings no run-time code (import type, TYPE_CHECKING)."""

    local: str
    symbol: str
    line: int
    typing_only: bool = False


class Parameter(Struct, frozen=True, gc=False, array_like=True):
    """A parameter with its declared type as a symbol ("" if none) and its default."""

    name: str
    type: str = ""
    default: Expression | None = None


class Function(Struct, frozen=True, gc=False, array_like=True):
    """A function, method or inline function. `owner` is the class (or Go receiver type) name, "" if none.

    `parent` is the index of the enclosing function, -1 at module level. `name` of an inline function is "".
    `decorators` are expressions in written order (CallRef for `@app.get("/")`, Name for `@login_required`).
    `catches`: its body handles errors itself (try with except or catch, `.catch(...)`).
    """

    name: str
    owner: str
    line: int
    end_line: int
    parent: int
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    decorators: tuple[Expression, ...] = ()
    is_async: bool = False
    catches: bool = False


class Field(Struct, frozen=True, gc=False, array_like=True):
    """A class attribute or Go struct field: declared type as a symbol, default, Go struct tag, decorators (TypeScript)."""

    name: str
    line: int
    type: str = ""
    default: Expression | None = None
    tag: str = ""
    decorators: tuple[Expression, ...] = ()


class Class(Struct, frozen=True, gc=False, array_like=True):
    """A class, TypeScript interface or Go struct/interface; `bases` are symbols (Go: embedded types)."""

    name: str
    line: int
    end_line: int
    bases: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    decorators: tuple[Expression, ...] = ()


class Call(Struct, frozen=True, gc=False, array_like=True):
    """A call. `callee` is the resolved symbol; `receiver` the expression left of the last dot, if any.

    `function` indexes the innermost enclosing Function (-1: runs at import). `bound` is the target it is assigned to
    ("app", "self.app", "" if none). `guards` are the conditions around it, as source text, outermost first, an
    else-branch prefixed "not ". `kind`: call, new (JavaScript new, Go composite literal with type as callee), decorator,
    raise (raise/throw/panic of this value).
    `keywords`: Python keyword arguments; for Go composite literals the fields. `**kwargs`/spread appears as "**".
    """

    callee: str
    written: str
    line: int
    end_line: int
    args: tuple[Expression, ...] = ()
    keywords: tuple[tuple[str, Expression], ...] = ()
    receiver: Expression | None = None
    function: int = -1
    bound: str = ""
    guards: tuple[str, ...] = ()
    kind: str = "call"

    def keyword(self, name: str) -> Expression | None:
        """The keyword argument `name`, or the entry of that name in an object literal among the arguments, or None."""
        for key, value in self.keywords:
            if key == name:
                return value
        for arg in self.args:
            if isinstance(arg, Mapping) and (found := arg.get(name)) is not None:
                return found
        return None


class Assignment(Struct, frozen=True, gc=False, array_like=True):
    """`target = value` (also declarations, augmented assignments, exports); `target` as written ("settings.X", "MIDDLEWARE").

    JavaScript: `export default x` has target "default"; `module.exports = x` has target "module.exports".
    """

    target: str
    value: Expression
    line: int
    function: int = -1
    guards: tuple[str, ...] = ()
    annotation: str = ""


class Return(Struct, frozen=True, gc=False, array_like=True):
    """A return statement's value; a Go or Python tuple is a Sequence."""

    function: int
    value: Expression | None
    line: int
    guards: tuple[str, ...] = ()


class EnvRead(Struct, frozen=True, gc=False, array_like=True):
    """A read of an environment variable. `default` is what is used when it is unset (also `x || d`), None if none.

    `required` is true where an unset variable raises at once (os.environ["X"]).
    """

    name: str
    line: int
    function: int = -1
    default: Expression | None = None
    required: bool = False


class Module(Struct, frozen=True, gc=False, array_like=True):
    """One source file. `language` is python, javascript (with TypeScript) or go; `package` the Go package name."""

    path: str
    language: str
    package: str = ""
    imports: tuple[Import, ...] = ()
    functions: tuple[Function, ...] = ()
    classes: tuple[Class, ...] = ()
    calls: tuple[Call, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    returns: tuple[Return, ...] = ()
    env_reads: tuple[EnvRead, ...] = ()
    lines: int = 0
    has_errors: bool = False
    is_main: bool = False

    def calls_in(self, function: int) -> Iterator[Call]:
        """The calls made in `functions[function]` and in the functions nested in it."""
        inside = {function}
        for index, candidate in enumerate(self.functions):
            if candidate.parent in inside:
                inside.add(index)
        return (call for call in self.calls if call.function in inside)

    def call_of(self, value: Expression | None) -> Call | None:
        """The call that `value` refers to; None where it is something else."""
        return self.calls[value.index] if isinstance(value, CallRef) else None

    def around(self, function: int) -> Iterator[int]:
        """`function` and the functions around it, from the inside out; nothing at module level."""
        while function >= 0:
            yield function
            function = self.functions[function].parent

    def scopes(self, function: int) -> Iterator[int]:
        """As `around`, and the module (-1) at the end: where a name seen in `function` may be bound."""
        yield from self.around(function)
        yield -1

    def owner_of(self, function: int) -> str:
        """The class that a function, or one around it, is a method of; "" if none."""
        return next((owner for index in self.around(function) if (owner := self.functions[index].owner)), "")

    def takes(self, name: str, function: int) -> bool:
        """Whether `name` is a parameter of `function` or of one around it."""
        functions = (self.functions[index] for index in self.around(function))
        return any(name == parameter.name for function_ in functions for parameter in function_.parameters)

    def function_named(self, name: str, owner: str = "") -> int:
        """The index of the function `name` (of class `owner`, if given), or -1."""
        for index, function in enumerate(self.functions):
            if function.name == name and (not owner or function.owner == owner):
                return index
        return -1


def literal(expression: Expression | None) -> str | None:
    """The text of a string literal, or of a join whose parts are all literals; else None."""
    if isinstance(expression, Text):
        return expression.value
    if isinstance(expression, Joined):
        parts = [literal(part) for part in expression.parts]
        if all(part is not None for part in parts):
            return "".join(part for part in parts if part is not None)
    return None


def is_off(value: Expression) -> bool:
    """Whether a setting of this value switches off what it names: false, null or 0."""
    return value in (Constant("false"), Constant("null"), Number(0))


def walk(expression: Expression) -> Iterator[Expression]:
    """`expression` and its parts, not entering calls and inline functions."""
    yield expression
    match expression:
        case Sequence(items=parts) | Choice(options=parts) | Joined(parts=parts):
            for part in parts:
                yield from walk(part)
        case Mapping(entries=entries):
            for _, value in entries:
                yield from walk(value)
        case _:
            return
