"""Reads Go statements and declarations: assignments, returns, branches and their conditions, scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest

from tree_sitter import Node

from readiness.languages.go_expressions import Expressions
from readiness.languages.go_names import text
from readiness.languages.go_records import Records, first_line
from readiness.source import Constant, Expression, Return, Sequence

_BINDABLE = {
    "call_expression", "composite_literal", "func_literal", "identifier", "index_expression", "parenthesized_expression",
    "selector_expression", "type_assertion_expression", "type_conversion_expression", "unary_expression",
}  # fmt: skip


class Statements:
    """Reads blocks into `records`."""

    def __init__(self, records: Records) -> None:
        """Make the reader of expressions that goes with it."""
        self.records = records
        self.names = records.names
        self.expressions = Expressions(records, self.block)
        self._by_type: dict[str, Callable[[Node], None]] = {
            "short_var_declaration": self._short_declaration,
            "assignment_statement": self._assignment,
            "var_spec": self.declared,
            "const_spec": self.declared,
            "return_statement": self._return,
            "if_statement": self._if,
            "for_statement": self._for,
            "block": self.block,
            "expression_switch_statement": self._switch,
            "type_switch_statement": self._switch,
            "communication_case": self._communication,
            "type_declaration": lambda _: None,
        }

    def block(self, node: Node | None) -> None:
        """The statements of a block, in a scope of their own."""
        if node is not None:
            with self.names.scope():
                self.all(node.named_children)

    def all(self, nodes: Iterable[Node]) -> None:
        """Each statement in turn."""
        for node in nodes:
            self.read(node)

    def read(self, node: Node) -> None:
        """One statement, or whatever else stands there."""
        kind = node.type
        if kind == "comment":
            return
        with self.records.deeper() as allowed:
            if not allowed:
                return
            if (reader := self._by_type.get(kind)) is not None:
                reader(node)
            elif kind.endswith(("_statement", "_list", "_case", "_declaration")) or kind in ("ERROR", "range_clause"):
                self.all(node.named_children)
            else:
                self.expressions.read(node)

    def _short_declaration(self, node: Node) -> None:
        targets = _items(node.child_by_field_name("left"))
        sources = _items(node.child_by_field_name("right"))
        symbols = [self.names.symbol(source) for source in sources]
        self._assign(targets, sources, first_line(node))
        if len(targets) > 1 and len(sources) == 1:
            symbols += [""] * (len(targets) - 1)
        for target, symbol, source in zip_longest(targets, symbols, sources):
            if target is not None:
                self.names.bind(text(target), symbol if source is None or is_bindable(source) else "")

    def _assignment(self, node: Node) -> None:
        targets = _items(node.child_by_field_name("left"))
        for target in targets:
            if target.type != "identifier":
                self.expressions.read(target)
        self._assign(targets, _items(node.child_by_field_name("right")), first_line(node))

    def declared(self, node: Node) -> None:
        """A var or const specification."""
        targets = node.children_by_field_name("name")
        sources = _items(node.child_by_field_name("value"))
        kind = self.names.type_symbol(node.child_by_field_name("type"))
        symbols = [kind or self.names.symbol(source) for source in sources]
        self._assign(targets, sources, first_line(node), kind)
        if not sources and kind:
            for target in targets:
                self.records.assign(text(target), Constant("null"), first_line(node), kind)
        for position, target in enumerate(targets):
            source = sources[position] if position < len(sources) else None
            bindable = kind or (source is not None and is_bindable(source))
            self.names.bind(text(target), (kind or symbols[position]) if bindable else "")

    def _assign(self, targets: list[Node], sources: list[Node], line: int, annotation: str = "") -> None:
        """Record `targets = sources`; where one call gives several values, the first target gets the call."""
        for position, source in enumerate(sources):
            target = text(targets[position])[:200] if position < len(targets) else ""
            self.records.assign(target, self.expressions.read(source, target), line, annotation)

    def _return(self, node: Node) -> None:
        values = [self.expressions.read(item) for child in node.named_children for item in _items(child)]
        value: Expression | None = values[0] if len(values) == 1 else Sequence(tuple(values)) if values else None
        self.records.returns.append(Return(self.records.function, value, first_line(node), self.records.guards))

    def _if(self, node: Node) -> None:
        with self.names.scope():
            if (initializer := node.child_by_field_name("initializer")) is not None:
                self.read(initializer)
            condition = node.child_by_field_name("condition")
            if condition is not None:
                self.expressions.read(condition)
            written = text(condition)
            with self.records.guarded(written):
                self.block(node.child_by_field_name("consequence"))
            if (alternative := node.child_by_field_name("alternative")) is not None:
                with self.records.guarded(f"not {written}"):
                    self.read(alternative)

    def _for(self, node: Node) -> None:
        with self.names.scope():
            for child in node.named_children:
                if child.type == "range_clause":
                    self._range(child)
                else:
                    self.read(child)

    def _range(self, node: Node) -> None:
        source = node.child_by_field_name("right")
        if source is not None:
            self.expressions.read(source)
        targets = _items(node.child_by_field_name("left"))
        element = self.names.element(self.names.symbol(source))
        for position, target in enumerate(targets):
            self.names.bind(text(target), element if position == 1 else "")

    def _switch(self, node: Node) -> None:
        with self.names.scope():
            if (initializer := node.child_by_field_name("initializer")) is not None:
                self.read(initializer)
            value = node.child_by_field_name("value")
            if value is not None:
                self.expressions.read(value)
            alias = text(node.child_by_field_name("alias"))
            for case in node.named_children:
                if case.type in ("expression_case", "type_case", "default_case"):
                    self._case(case, text(value), alias)

    def _case(self, node: Node, subject: str, alias: str) -> None:
        expected = node.child_by_field_name("value") or node.child_by_field_name("type")
        types = node.children_by_field_name("type") if node.type == "type_case" else []
        if node.type == "default_case":
            guard = f"not any case of {subject}" if subject else "not any case"
        else:
            guard = f"{subject} == {text(expected)}" if subject else text(expected)
        if node.type == "expression_case" and expected is not None:
            for item in _items(expected):
                self.expressions.read(item)
        with self.names.scope(), self.records.guarded(guard):
            if alias and len(types) == 1:
                self.names.bind(alias, self.names.type_symbol(types[0]))
            skipped = {child.id for child in (expected, *types) if child is not None}
            self.all(child for child in node.named_children if child.id not in skipped)

    def _communication(self, node: Node) -> None:
        """A case of a select; `case v, ok := <-ch` declares its variables in the case's scope."""
        with self.names.scope():
            for child in node.named_children:
                if child.type != "receive_statement":
                    self.read(child)
                    continue
                for name in _items(child.child_by_field_name("left")):
                    self.names.bind(text(name), "")
                if (right := child.child_by_field_name("right")) is not None:
                    self.expressions.read(right)


def _items(node: Node | None) -> list[Node]:
    """The members of an expression list; a single expression is a list of one."""
    if node is None:
        return []
    if node.type == "expression_list":
        return [child for child in node.named_children if child.type != "comment"]
    return [node]


def is_bindable(node: Node) -> bool:
    """Whether an expression has a symbol worth carrying by the variable that it is assigned to."""
    return node.type in _BINDABLE
