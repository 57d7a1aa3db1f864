"""Python assignments: their targets, the names they bind, the fields of classes. Reads no other statement."""

from __future__ import annotations

from tree_sitter import Node

from readiness.languages.python_annotations import declared
from readiness.languages.python_expressions import Expressions
from readiness.source import Assignment, Expression, Field, Sequence


class Assignments:
    """Reads the assignments of one file. `owner` is the class around, `fields` are those found in it so far."""

    def __init__(self, expressions: Expressions) -> None:
        """Values are read by `expressions`, which keeps the assignments."""
        self.expressions = expressions
        self.scopes = expressions.scopes
        self.owner = ""
        self.fields: list[Field] = []

    def read(self, node: Node) -> Expression | None:
        """Record an assignment; its value, None for a bare declaration."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        annotation, metadata = declared(self.expressions, node.child_by_field_name("type"))
        target = self._target(left)
        if left is None or right is None:
            self._declare(target, node, annotation, metadata)
            return None
        if right.type == "assignment":  # a = b = value
            value: Expression | None = self.read(right)
        else:
            value = self.expressions.bound_to(right, target)
        if value is None:
            return None
        self._bind_targets(left, value, annotation, node.type == "augmented_assignment")
        self._note_assignment(target, value, node, annotation)
        return value

    def _declare(self, target: str, node: Node, annotation: str, metadata: Expression | None) -> None:
        """`x: T` without a value."""
        name = target.rpartition(".")[2] if self.in_class_body else target
        if name.isidentifier() or name.startswith("self."):
            self.scopes.bind_type(name, annotation)
        if self.in_class_body:
            self.fields.append(Field(name, node.start_point.row + 1, annotation, metadata))
            self.scopes.bind_type(f"self.{name}", annotation)

    @property
    def in_class_body(self) -> bool:
        """Whether the reader stands directly in a class."""
        return self.scopes.frame.is_class

    def _target(self, node: Node | None) -> str:
        """The target as written; in a class body after the class's name."""
        if node is None:
            return ""
        text = self.expressions.text(node)
        if node.type == "subscript":
            self._count_index(node)
            text = text.replace("'", '"')
        return f"{self.owner}.{text}" if self.in_class_body and node.type == "identifier" else text

    def _count_index(self, node: Node) -> None:
        """Calls in a subscript that is assigned to count, the subscript itself is no read."""
        owner = node.child_by_field_name("value")
        for part in (owner, *node.children_by_field_name("subscript")):
            if part is not None and part.type not in ("identifier", "string"):
                self.expressions.of(part)

    def _note_assignment(self, target: str, value: Expression, node: Node, annotation: str) -> None:
        line, found = node.start_point.row + 1, self.expressions
        found.assignments.append(Assignment(target, value, line, found.function, found.guards, annotation))
        if self.in_class_body and node.type == "assignment" and target.startswith(f"{self.owner}."):
            self.fields.append(Field(target.removeprefix(f"{self.owner}."), line, annotation, value))

    def _bind_targets(self, left: Node, value: Expression, annotation: str, augmented: bool) -> None:
        if left.type in ("pattern_list", "tuple_pattern", "list_pattern"):
            parts = left.named_children
            values = value.items if isinstance(value, Sequence) and len(value.items) == len(parts) else None
            for position, part in enumerate(parts):
                name = self.expressions.text(part)
                carried = self.expressions.carried(values[position]) if values else ""
                if part.type in ("identifier", "attribute"):
                    self.scopes.bind(name, carried or name)
            return
        if augmented or left.type not in ("identifier", "attribute"):
            return
        name = self.expressions.text(left)
        carried = self.expressions.carried(value)
        if carried:
            self.scopes.bind(name, carried)
            if self.in_class_body:
                self.scopes.bind(f"self.{name}", carried)
        elif annotation:
            self.scopes.bind_type(name, annotation)
        else:
            self.scopes.bind(name, name)
