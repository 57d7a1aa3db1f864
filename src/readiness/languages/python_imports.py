"""Python import statements as imports with absolute symbols. Looks into no other file."""

from __future__ import annotations

from tree_sitter import Node

from readiness.languages.python_expressions import Expressions
from readiness.languages.python_names import absolute
from readiness.source import Import


class Imports:
    """The imports of one file; each binds its name where it stands. `typing_only` says that no code is brought now."""

    def __init__(self, path: str, expressions: Expressions) -> None:
        """For the file at `path`."""
        self.path = path
        self.expressions = expressions
        self.found: list[Import] = []
        self.typing_only = False

    def source_module(self, node: Node) -> str:
        """The absolute name of the module that a from-import names."""
        module = node.child_by_field_name("module_name")
        text = self.expressions.text(module).replace(" ", "") if module else ""
        name = text.lstrip(".")
        return absolute(self.path, len(text) - len(name), name)

    def _add(self, local: str, symbol: str, line: int) -> None:
        self.found.append(Import(local, symbol, line, self.typing_only))
        self.expressions.scopes.bind(local, symbol)

    def plain(self, node: Node) -> None:
        """`import a.b`, `import a as b`."""
        line = node.start_point.row + 1
        for child in node.children_by_field_name("name"):
            alias = child.child_by_field_name("alias")
            name = child.child_by_field_name("name") if alias else child
            symbol = self.expressions.text(name) if name else ""
            if alias is not None:
                self._add(self.expressions.text(alias), symbol, line)
            else:
                self.found.append(Import(symbol, symbol, line, self.typing_only))
                head = symbol.partition(".")[0]
                self.expressions.scopes.bind(head, head)

    def from_module(self, node: Node) -> None:
        """`from a import b as c`, `from a import *`."""
        source = self.source_module(node)
        dot = "." if source else ""
        for child in node.children_by_field_name("name"):
            line = child.start_point.row + 1
            alias = child.child_by_field_name("alias")
            name = child.child_by_field_name("name") if alias else child
            written = self.expressions.text(name) if name else ""
            self._add(self.expressions.text(alias) if alias else written, f"{source}{dot}{written}", line)
        if any(child.type == "wildcard_import" for child in node.named_children):
            self.found.append(Import("*", f"{source}.*", node.start_point.row + 1, self.typing_only))
