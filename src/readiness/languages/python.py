"""Reads Python source into a `readiness.source.Module`: the entry to the modules beside. Knows no framework.

Where `readiness.source` leaves a choice:
    a target that is a subscript is written with double quotes (`app.config["X"]`), a class attribute as `Class.NAME`;
    nested classes are `Outer.Inner`; `from x import *` is an Import of local name "*" and symbol "x.*", and a name that
    nothing else binds is taken to come from it; a call in Annotated[...] is the default of a parameter that has none;
    `*x` in a list is the item x; `raise X` without a call is a Call of X of kind raise without arguments.
"""

from __future__ import annotations

import tree_sitter_python
from msgspec.structs import replace
from tree_sitter import Language, Parser

from readiness.languages.python_prebinding import bind_module
from readiness.languages.python_statements import Statements
from readiness.source import Module

VERSION = "8"
_LANGUAGE = Language(tree_sitter_python.language())


def read(path: str, content: bytes) -> Module:
    """The module at `path` (relative to the target's root). Raises ValueError where it is no text."""
    if b"\0" in content:
        raise ValueError("is binary")
    root = Parser(_LANGUAGE).parse(content).root_node
    reader = Statements(path, content)
    bind_module(root, reader.expressions, path)
    reader.block(root)
    found = reader.expressions
    return Module(
        path,
        "python",
        imports=tuple(reader.imports.found),
        functions=tuple(
            replace(function, catches=True) if index in reader.catching else function
            for index, function in enumerate(found.functions)
        ),
        classes=tuple(reader.classes),
        calls=tuple(found.calls),
        assignments=tuple(found.assignments),
        returns=tuple(reader.returns),
        env_reads=tuple(found.env_reads),
        lines=content.count(b"\n") + (not content.endswith(b"\n") and bool(content)),
        has_errors=root.has_error,
        is_main=reader.is_main,
    )
