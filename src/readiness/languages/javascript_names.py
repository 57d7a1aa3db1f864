"""Names in JavaScript source: which symbol an import, a relative path or a variable stands for. Reads no syntax."""

from __future__ import annotations

import posixpath
import re

_EXTENSION = re.compile(r"\.(?:d\.ts|[cm]?[jt]sx?)$")
LONGEST_SYMBOL = 200


def module_key(path: str) -> str:
    """The symbol of the target's file at `path`: "./src/app" of src/app.ts, "./src/routes" of src/routes/index.js."""
    bare = _EXTENSION.sub("", path)
    if bare.endswith("/index"):
        bare = bare[: -len("/index")]
    return "./" + bare


def imported_module(path: str, specifier: str) -> str:
    """The symbol of the module that `specifier` names in the file at `path`.

    "node:" is dropped; a relative specifier becomes "./" and its path from the root. One out of the root stays.
    """
    if not specifier.startswith("."):
        return specifier.removeprefix("node:")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))
    if joined.startswith("../") or joined == "..":
        return specifier
    return "./index" if joined == "." else module_key(joined)


def is_own(symbol: str) -> bool:
    """Whether a module symbol is a file of the target for certain (a path alias is not: it looks like a package)."""
    return symbol.startswith(".")


class Scope:
    """The variables of one function (or of the module), by what they stand for, and the fields of `this` in it."""

    __slots__ = ("fields", "function", "names", "owner", "parent")

    def __init__(
        self, parent: Scope | None, function: int, owner: str = "", fields: dict[str, str] | None = None
    ) -> None:
        """`owner` is the class (or constructor function) that `this` belongs to; `fields` are shared by its methods."""
        self.parent = parent
        self.function = function
        self.names: dict[str, str] = {}
        self.owner = owner
        self.fields: dict[str, str] = fields if fields is not None else (parent.fields if parent else {})

    def lookup(self, name: str) -> str:
        """The symbol of `name`; `name` itself where nothing is known of it."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return name

    def declare(self, name: str, symbol: str) -> None:
        """Let `name` stand for `symbol` here; a symbol that grew too long is not followed further."""
        self.names[name] = symbol if len(symbol) <= LONGEST_SYMBOL else name

    def assign(self, name: str, symbol: str) -> None:
        """`name = ...` after its declaration: it counts where the declaration said nothing."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                if scope.names[name] == name:
                    scope.declare(name, symbol)
                return
            scope = scope.parent
