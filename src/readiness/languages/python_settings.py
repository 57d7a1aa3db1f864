"""Reads the settings in a Python settings module with LibCST, whose scopes give exact qualified names. Reads no other code.

Meant for the few files that hold settings: names cost a hundred times what the tree-sitter reader takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider, QualifiedNameProvider
from msgspec import Struct

from readiness.languages import python_environment as environment
from readiness.source import Call, Constant, EnvRead, Expression, Mapping, Name, Number, Opaque, Text
from readiness.source import Sequence as Items

VERSION = "2"
_CUT = 200
_DEEPEST = 12
_WORDS = {"True": "true", "False": "false", "None": "null"}
_OTHER_BASES = ("AppConfig", "Model", "TestCase", "Exception", "Enum", "Protocol")
_SETTINGS_CLASS = re.compile(r"\w*(Settings|Config|Configuration)")


class Setting(Struct, frozen=True, array_like=True):
    """A setting as one place assigns it. `owner` is the class around ("" in a Django settings module).

    `value` is None where it is computed or only declared; calls are Opaque. `variable` is the environment variable that it
    is read from ("" if none), `default` what it then is if unset. `guards` are the conditions around, as source text.
    """

    name: str
    path: str
    line: int
    owner: str = ""
    value: Expression | None = None
    variable: str = ""
    default: Expression | None = None
    guards: tuple[str, ...] = ()


class FileSettings(Struct, frozen=True, array_like=True):
    """The settings of one file."""

    settings: tuple[Setting, ...] = ()


def read(path: str, content: bytes) -> FileSettings:
    """The settings that the module at `path` assigns. Raises ValueError where LibCST cannot parse it."""
    try:
        wrapper = MetadataWrapper(cst.parse_module(content), unsafe_skip_copy=True)
    except (cst.ParserSyntaxError, UnicodeDecodeError) as error:
        raise ValueError(f"LibCST cannot parse it: {str(error).splitlines()[0]}") from None
    visitor = _Visitor(path, wrapper.module)
    wrapper.visit(visitor)
    return FileSettings(tuple(visitor.found))


class _Visitor(cst.CSTVisitor):
    """Gathers the assignments of upper-case names at the top level and of fields in settings classes."""

    METADATA_DEPENDENCIES = (PositionProvider, QualifiedNameProvider)

    def __init__(self, path: str, module: cst.Module) -> None:
        super().__init__()
        self.path = path
        self.module = module
        self.found: list[Setting] = []
        self._classes: list[cst.ClassDef] = []
        self._guards: list[str] = []
        self._pydantic: set[str] = set()
        self._schemes: dict[str, Expression] = {}

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: N802 - named by LibCST
        """Settings are not assigned in functions."""
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:  # noqa: N802
        """Enter settings classes only."""
        bases = [self._name(argument.value) for argument in node.bases]
        if environment.is_settings_class(bases, self._pydantic):
            self._pydantic.add(node.name.value)
        elif not _is_configuration(node.name.value, bases):
            return False
        self._classes.append(node)
        return True

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:  # noqa: N802
        """Leave a class that was entered."""
        if self._classes and self._classes[-1] is original_node:
            self._classes.pop()

    def visit_If(self, node: cst.If) -> bool:  # noqa: N802
        """Visit both branches by hand, each under its condition."""
        condition = self._code(node.test)
        self._guards.append(condition)
        node.body.visit(self)
        self._guards[-1] = f"not {condition}"
        if isinstance(node.orelse, cst.If | cst.Else):
            node.orelse.visit(self)
        self._guards.pop()
        return False

    def visit_Assign(self, node: cst.Assign) -> None:  # noqa: N802
        """`NAME = value`."""
        if isinstance(node.value, cst.Call):
            self._schemes.update(environment.scheme_of(self._as_call(node.value, 0)))
        for target in node.targets:
            if isinstance(target.target, cst.Name):
                self._add(target.target.value, node, node.value, bool(self._classes))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:  # noqa: N802
        """`name: type = value`."""
        if isinstance(node.target, cst.Name):
            self._add(node.target.value, node, node.value, bool(self._classes))

    def _add(self, name: str, node: cst.CSTNode, value: cst.BaseExpression | None, in_class: bool) -> None:
        if not (in_class or name.isupper()) or name.startswith("__"):
            return
        owner = ".".join(class_.name.value for class_ in self._classes)
        line = self._line(node)
        read = self._environment(name, value, line)
        shown = self._value(value, 0) if value is not None else None
        variable, default = (read.name, read.default) if read is not None else ("", None)
        self.found.append(Setting(name, self.path, line, owner, shown, variable, default, tuple(self._guards)))

    def _line(self, node: cst.CSTNode) -> int:
        position = self.get_metadata(PositionProvider, node)
        return int(position.start.line)

    def _environment(self, name: str, value: cst.BaseExpression | None, line: int) -> EnvRead | None:
        """The environment variable that `value` reads, directly or by its class."""
        fallback: Expression | None = None
        if isinstance(value, cst.BooleanOperation) and isinstance(value.operator, cst.Or):
            fallback = self._value(value.right, 0)
            value = value.left
        for call in self._calls(value):
            read = environment.read_by_call(self._as_call(call, line))
            if read is not None:
                default = read.default or fallback or self._schemes.get(read.name)
                return EnvRead(read.name, line, -1, default, read.required and default is None)
        if isinstance(value, cst.Subscript) and self._name(value.value) in environment.MAPPINGS:
            element = value.slice[0].slice
            key = self._value(element.value, 0) if isinstance(element, cst.Index) else None
            return EnvRead(key.value, line, -1, fallback, True) if isinstance(key, Text) else None
        if (
            self._classes
            and self._classes[-1].name.value in self._pydantic
            and not name.startswith(("_", "model_config"))
        ):
            return EnvRead(name.upper(), line, -1, self._value(value, 0) if value is not None else None)
        return None

    @staticmethod
    def _calls(value: cst.BaseExpression | None) -> Iterator[cst.Call]:
        """`value` and the call that it wraps: bool(env("X")), env("X").split(",")."""
        for _ in range(_DEEPEST):
            if not isinstance(value, cst.Call):
                return
            yield value
            if value.args and isinstance(value.args[0].value, cst.Call):
                value = value.args[0].value
            elif isinstance(value.func, cst.Attribute):
                value = value.func.value
            else:
                return

    def _as_call(self, node: cst.Call, line: int) -> Call:
        args = tuple(self._value(a.value, 0) for a in node.args if a.keyword is None and not a.star)
        keywords = tuple((a.keyword.value, self._value(a.value, 0)) for a in node.args if a.keyword is not None)
        return Call(self._name(node.func), self._code(node.func), line, line, args, keywords)

    def _name(self, node: cst.BaseExpression) -> str:
        """The qualified name of what `node` refers to, else its source."""
        names = self.get_metadata(QualifiedNameProvider, node, None) or ()
        return min((name.name for name in names), default=self._code(node))

    def _code(self, node: cst.CSTNode) -> str:
        return " ".join(self.module.code_for_node(node).split())[:_CUT]

    def _value(self, node: cst.BaseExpression, depth: int) -> Expression:
        match node:
            case cst.SimpleString() if isinstance(node.evaluated_value, str):
                return Text(node.evaluated_value)
            case cst.Integer() | cst.Float():
                return self._number(node)
            case cst.Name(value="True" | "False" | "None" as word):
                return Constant(_WORDS[word])
            case cst.Name() | cst.Attribute():
                return Name(self._name(node), self._code(node))
            case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements):
                return self._items(elements, depth)
            case cst.Dict() if depth < _DEEPEST:
                return self._mapping(node, depth)
        return Opaque(self._code(node))

    def _number(self, node: cst.Integer | cst.Float) -> Expression:
        try:
            return Number(float(node.evaluated_value))
        except OverflowError:
            return Opaque(node.value[:_CUT])

    def _items(self, elements: Sequence[cst.BaseElement], depth: int) -> Expression:
        if depth >= _DEEPEST:
            return Opaque("")
        return Items(tuple(self._value(element.value, depth + 1) for element in elements))

    def _mapping(self, node: cst.Dict, depth: int) -> Expression:
        entries: list[tuple[str, Expression]] = []
        for element in node.elements:
            value = self._value(element.value, depth + 1)
            if isinstance(element, cst.DictElement):
                key = self._value(element.key, depth + 1)
                entries.append((key.value if isinstance(key, Text) else self._code(element.key), value))
            else:
                entries.append(("**", value))
        return Mapping(tuple(entries))


def _is_configuration(name: str, bases: list[str]) -> bool:
    """Whether a class holds settings, by its name or its bases' and by what it does not derive from."""
    lasts = [base.rpartition(".")[2] for base in bases]
    if any(last.endswith(_OTHER_BASES) for last in lasts):
        return False
    return any(_SETTINGS_CLASS.fullmatch(last) for last in (name, *lasts))
