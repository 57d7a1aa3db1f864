"""Which symbol a Python name stands for at a place: imports, bindings to calls, declared types. Walks no syntax."""

from __future__ import annotations

import builtins
from pathlib import PurePosixPath

_BUILTIN = frozenset(dir(builtins))
_LONGEST = 300
"""A chain of calls is cut here, so that a thousand links do not take quadratic room."""


class Frame:
    """The names of one module, class body or function."""

    def __init__(self, parent: Frame | None, is_class: bool = False) -> None:
        """A frame inside `parent`; function frames do not see the names of the class around them."""
        self.names: dict[str, str] = {}
        self.is_class = is_class
        self.globals: set[str] = set()
        self.attributes: dict[str, str] = {} if is_class or parent is None else parent.attributes
        self.parent = parent
        around = parent
        while around is not None and around.is_class:
            around = around.parent
        self.chain: tuple[Frame, ...] = (self, *(around.chain if around else ()))


class Scopes:
    """The frames open at a place, innermost last."""

    def __init__(self) -> None:
        """Open the module's frame."""
        self.module = self.frame = Frame(None)
        self.star = ""

    def enter(self, is_class: bool = False) -> None:
        """Open a frame."""
        self.frame = Frame(self.frame, is_class)

    def leave(self) -> None:
        """Close the innermost frame."""
        if self.frame.parent is not None:
            self.frame = self.frame.parent

    def bind(self, name: str, symbol: str) -> None:
        """Let `name` stand for `symbol`; `self.x` binds an attribute of the class around."""
        owner, dot, attribute = name.partition(".")
        if dot:
            if owner in ("self", "cls") and "." not in attribute:
                self.frame.attributes[attribute] = symbol
        elif name in self.frame.globals:
            self.module.names[name] = symbol
        else:
            self.frame.names[name] = symbol

    def resolve(self, name: str) -> str:
        """What `name` stands for; itself where that is unknown."""
        for frame in self.frame.chain:
            found = frame.names.get(name)
            if found is not None:
                return found
        if self.star and name not in _BUILTIN:
            return f"{self.star}.{name}"
        return name

    def member(self, owner: str, attribute: str) -> str:
        """The symbol of `attribute` of what the symbol `owner` names."""
        if owner in ("self", "cls"):
            return self.frame.attributes.get(attribute) or f"{owner}.{attribute}"
        return f"{owner}.{attribute}" if len(owner) < _LONGEST else f"….{attribute}"

    def bind_type(self, name: str, declared: str) -> None:
        """Let `name` carry its declared type, unless that is a builtin or a union, which say nothing of its origin."""
        plain = declared.partition("[")[0]
        known = plain and " " not in plain and plain not in _BUILTIN and not plain.startswith("typing.")
        self.bind(name, plain if known else name)


def package_of(path: str) -> str:
    """The dotted package of the file at `path`, from the target's root.

    src/app/api/x.py and src/app/api/__init__.py are both in src.app.api.
    """
    return ".".join(PurePosixPath(path).parts[:-1])


def absolute(path: str, level: int, name: str) -> str:
    """The dotted name of `from <level dots><name> import` in the file at `path`."""
    if not level:
        return name
    package = package_of(path).split(".")
    kept = [part for part in package[: len(package) - level + 1] if part]
    return ".".join([*kept, *([name] if name else [])])
