"""Binds the names that a Python module or class binds anywhere, before it is read in order. Records nothing."""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from readiness.languages.python_expressions import Expressions
from readiness.languages.python_imports import Imports


def bind_module(root: Node, expressions: Expressions, path: str) -> None:
    """Bind what the module's top level binds, since functions see what comes after them as well."""
    scopes, imports = expressions.scopes, Imports(path, expressions)
    for child in root.named_children:
        node = _definition(child)
        if node is not None and (name := node.child_by_field_name("name")) is not None:
            scopes.bind(expressions.text(name), expressions.text(name))
    stars: list[str] = []
    for child in _simple_statements(root):
        if child.type == "import_statement":
            imports.plain(child)
        elif child.type == "import_from_statement" and any(n.type == "wildcard_import" for n in child.named_children):
            stars.append(imports.source_module(child))
        elif child.type == "import_from_statement":
            imports.from_module(child)
        else:
            _bind_assignment(child, expressions)
    scopes.star = stars[0] if len(stars) == 1 else ""


def bind_attributes(body: Node, expressions: Expressions) -> None:
    """Bind `self.x = X(...)` of all methods of a class, since a method may come before the one that sets it."""
    for child in body.named_children:
        definition = _definition(child)
        if definition is None or definition.type != "function_definition":
            continue
        method = definition.child_by_field_name("body")
        for statement in _simple_statements(method) if method else ():
            assignment = statement.named_children[0] if statement.named_children else None
            left = assignment.child_by_field_name("left") if assignment else None
            if left is not None and left.type == "attribute" and expressions.text(left).startswith("self."):
                _bind_assignment(statement, expressions)


def _bind_assignment(statement: Node, expressions: Expressions) -> None:
    """Bind `x = Something(...)` without recording the call."""
    assignment = statement.named_children[0] if statement.named_children else None
    if statement.type != "expression_statement" or assignment is None or assignment.type != "assignment":
        return
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if left is None or right is None or left.type not in ("identifier", "attribute"):
        return
    function = right.child_by_field_name("function") if right.type == "call" else None
    target = expressions.text(left)
    if function is not None and function.type in ("identifier", "attribute"):
        symbol = _dotted(function, expressions)
        if symbol:
            expressions.scopes.bind(target, symbol + "()")
    elif left.type == "identifier":
        expressions.scopes.bind(target, target)


def _dotted(node: Node, expressions: Expressions) -> str:
    head, dot, rest = expressions.text(node).partition(".")
    if not head.isidentifier() or not all(part.isidentifier() for part in rest.split(".") if dot):
        return ""
    return expressions.scopes.resolve(head) + dot + rest


def _definition(node: Node) -> Node | None:
    if node.type == "decorated_definition":
        return node.child_by_field_name("definition")
    return node if node.type in ("function_definition", "class_definition") else None


def _simple_statements(root: Node) -> Iterable[Node]:
    """The simple statements of `root`, also those inside its if, try and with blocks."""
    stack = list(reversed(root.named_children))
    compound = {"if_statement", "else_clause", "elif_clause", "try_statement", "except_clause", "finally_clause",
                "block", "with_statement"}  # fmt: skip
    while stack:
        node = stack.pop()
        if node.type in compound:
            stack.extend(reversed(node.named_children))
        else:
            yield node
