"""Walks the statements of a Python file in order: definitions, conditions, returns. Values and names are read elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from readiness.languages.python_annotations import declared, parameters
from readiness.languages.python_assignments import Assignments
from readiness.languages.python_environment import SettingsClasses
from readiness.languages.python_expressions import Expressions
from readiness.languages.python_imports import Imports
from readiness.languages.python_names import Scopes
from readiness.languages.python_prebinding import bind_attributes
from readiness.source import Call, CallRef, Class, Expression, Function, Return

_DEEPEST = 60
"""Statements nested deeper are left out."""


class Statements:
    """Walks the statements of one file in order."""

    def __init__(self, path: str, source: bytes) -> None:
        """For the file at `path`."""
        self.scopes = Scopes()
        self.expressions = Expressions(source, self.scopes)
        self.imports = Imports(path, self.expressions)
        self.assignments = Assignments(self.expressions)
        self.classes: list[Class] = []
        self.returns: list[Return] = []
        self.is_main = path.rpartition("/")[2] in ("manage.py", "__main__.py")
        self.catching: set[int] = set()
        self._settings = SettingsClasses()
        self._depth = 0
        self._readers: dict[str, Callable[[Node], None]] = {
            "import_statement": self.imports.plain,
            "import_from_statement": self.imports.from_module,
            "future_import_statement": lambda _: None,
            "expression_statement": self._expression_statement,
            "function_definition": self._function,
            "class_definition": self._class,
            "decorated_definition": self._decorated,
            "if_statement": self._if,
            "with_statement": self._with,
            "for_statement": self._for,
            "return_statement": self._return,
            "raise_statement": self._raise,
            "match_statement": self._match,
            "global_statement": self._global,
            "except_clause": self._except,
            "except_group_clause": self._except,
            "delete_statement": lambda _: None,
            "comment": lambda _: None,
            "type_alias_statement": lambda _: None,
        }
        self._containers = frozenset(
            {"block", "try_statement", "finally_clause", "else_clause", "while_statement", "ERROR"}
        )

    def block(self, node: Node) -> None:
        """Read the statements directly in `node`."""
        if self._depth >= _DEEPEST:
            return
        self._depth += 1
        for child in node.named_children:
            self._statement(child)
        self._depth -= 1

    def _statement(self, node: Node) -> None:
        reader = self._readers.get(node.type)
        if reader is not None:
            reader(node)
        elif node.type in self._containers:
            self.block(node)
        else:
            self.expressions.of(node)

    def _expression_statement(self, node: Node) -> None:
        for child in node.named_children:
            if child.type in ("assignment", "augmented_assignment"):
                self.assignments.read(child)
            elif child.type != "comment" and child.type != "string":
                self.expressions.of(child)

    def _decorated(self, node: Node) -> None:
        decorators = tuple(
            self.expressions.bound_to(child.named_children[0], "", "decorator")
            for child in node.named_children
            if child.type == "decorator" and child.named_children
        )
        definition = node.child_by_field_name("definition")
        if definition is None:
            return
        if definition.type == "class_definition":
            self._class(definition, decorators)
        else:
            self._function(definition, decorators)

    def _function(self, node: Node, decorators: tuple[Expression, ...] = ()) -> None:
        found = self.expressions
        name_node = node.child_by_field_name("name")
        name = found.text(name_node) if name_node else ""
        given = parameters(found, node.child_by_field_name("parameters"))
        returns, _ = declared(found, node.child_by_field_name("return_type"))
        owner = self.assignments.owner if self.assignments.in_class_body else ""
        self.scopes.bind(name, name)
        index = len(found.functions)
        is_async = bool(node.children) and node.children[0].type == "async"
        found.functions.append(
            Function(name, owner, node.start_point.row + 1, node.end_point.row + 1, found.function, tuple(given),
                     returns, decorators, is_async)
        )  # fmt: skip
        found.enter_function(index, given)
        if (body := node.child_by_field_name("body")) is not None:
            self.block(body)
        found.leave_function(index)

    def _class(self, node: Node, decorators: tuple[Expression, ...] = ()) -> None:
        found = self.expressions
        name_node, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        name = found.text(name_node) if name_node else ""
        bases = self._bases(node.child_by_field_name("superclasses"))
        self.scopes.bind(name, name)
        inside, place = self.assignments, len(self.classes)
        outer_fields, outer_owner = inside.fields, inside.owner
        inside.fields, inside.owner = [], f"{outer_owner}.{name}" if inside.in_class_body else name
        line, end_line = node.start_point.row + 1, node.end_point.row + 1
        self.classes.append(Class(inside.owner, line, end_line))
        self.scopes.enter(is_class=True)
        if body is not None:
            bind_attributes(body, found)
            self.block(body)
        self.scopes.leave()
        class_ = Class(inside.owner, line, end_line, bases, tuple(inside.fields), decorators)
        self.classes[place] = class_
        found.env_reads.extend(self._settings.reads(class_, self.classes[place + 1 :], found.calls))
        inside.fields, inside.owner = outer_fields, outer_owner

    def _bases(self, node: Node | None) -> tuple[str, ...]:
        bases: list[str] = []
        for child in node.named_children if node else ():
            if child.type == "keyword_argument":
                self.expressions.of(child.child_by_field_name("value"))
            elif child.type == "subscript" and child.named_children:
                bases.append(self.expressions.symbol_of(self.expressions.of(child), child))
                owner = child.named_children[0]
                bases[-1] = self.expressions.symbol_of(self.expressions.of(owner), owner)
            elif child.type != "comment":
                bases.append(self.expressions.symbol_of(self.expressions.of(child), child))
        return tuple(bases)

    def _if(self, node: Node) -> None:
        found = self.expressions
        condition = node.child_by_field_name("condition")
        text = found.text(condition) if condition else ""
        found.of(condition)
        if "__name__" in text and "__main__" in text and found.function < 0:
            self.is_main = True
        before = self.imports.typing_only
        self.imports.typing_only = before or text in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        self._guarded(node.child_by_field_name("consequence"), text)
        self.imports.typing_only = before
        negated = [f"not {text}"]
        for alternative in node.children_by_field_name("alternative"):
            if alternative.type == "elif_clause":
                condition = alternative.child_by_field_name("condition")
                text = found.text(condition) if condition else ""
                found.of(condition)
                self._guarded(alternative.child_by_field_name("consequence"), *negated, text)
                negated.append(f"not {text}")
            else:
                self._guarded(alternative.child_by_field_name("body"), *negated)

    def _guarded(self, block: Node | None, *conditions: str) -> None:
        if block is not None:
            with self.expressions.guarded(*conditions[-8:]):
                self.block(block)

    def _match(self, node: Node) -> None:
        found = self.expressions
        for subject in node.children_by_field_name("subject"):
            found.of(subject)
        subject_text = " ".join(found.text(s) for s in node.children_by_field_name("subject"))
        body = node.child_by_field_name("body")
        for case in body.named_children if body else ():
            pattern = " ".join(found.text(c) for c in case.named_children if c.type == "case_pattern")
            found.of(case.child_by_field_name("guard"))
            self._guarded(case.child_by_field_name("consequence"), f"{subject_text} case {pattern}")

    def _with(self, node: Node) -> None:
        for clause in node.named_children:
            for item in clause.named_children if clause.type == "with_clause" else ():
                self._with_item(item.child_by_field_name("value"))
        if (body := node.child_by_field_name("body")) is not None:
            self.block(body)

    def _with_item(self, value: Node | None) -> None:
        if value is None or value.type != "as_pattern":
            self.expressions.of(value)
            return
        alias = value.child_by_field_name("alias")
        name = self.expressions.text(alias) if alias else ""
        bound = self.expressions.bound_to(value.named_children[0], name)
        if name.replace(".", "").isidentifier():
            self.scopes.bind(name, self.expressions.carried(bound) or name)

    def _for(self, node: Node) -> None:
        self.expressions.of(node.child_by_field_name("right"))
        left = node.child_by_field_name("left")
        if left is not None and left.type == "identifier":
            self.scopes.bind(self.expressions.text(left), self.expressions.text(left))
        for name in ("body", "alternative"):
            if (part := node.child_by_field_name(name)) is not None:
                self.block(part)

    def _return(self, node: Node) -> None:
        found = self.expressions
        value = found.of(node.named_children[0]) if node.named_children else None
        self.returns.append(Return(found.function, value, node.start_point.row + 1, found.guards))

    def _raise(self, node: Node) -> None:
        found = self.expressions
        if not node.named_children:  # hands the caught error on
            lines = node.start_point.row + 1, node.end_point.row + 1
            found.calls.append(Call("", "raise", *lines, function=found.function, guards=found.guards, kind="raise"))
        for position, child in enumerate(node.named_children):
            value = found.bound_to(child, "", "raise" if position == 0 else "call")
            if position == 0 and not isinstance(value, CallRef):
                symbol = found.symbol_of(value, child)
                lines = node.start_point.row + 1, node.end_point.row + 1
                found.calls.append(
                    Call(symbol, found.text(child), *lines, function=found.function, guards=found.guards, kind="raise")
                )

    def _except(self, node: Node) -> None:
        self.catching.add(self.expressions.function)
        self.block(node)

    def _global(self, node: Node) -> None:
        self.scopes.frame.globals.update(self.expressions.text(child) for child in node.named_children)
