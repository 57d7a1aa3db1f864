"""Reads Python source into a `readiness.source.Module`: statements here, expressions beside. Knows no framework.

Where `readiness.source` leaves a choice:
    a target that is a subscript is written with double quotes (`app.config["X"]`), a class attribute as `Class.NAME`;
    nested classes are `Outer.Inner`; `from x import *` is an Import of local name "*" and symbol "x.*", and a name that
    nothing else binds is taken to come from it; a call in Annotated[...] is the default of a parameter that has none;
    `*x` in a list is the item x; `raise X` without a call is a Call of X of kind raise without arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import tree_sitter_python
from msgspec.structs import replace
from tree_sitter import Language, Node, Parser

from readiness.languages import python_environment as environment
from readiness.languages.python_expressions import Expressions
from readiness.languages.python_names import Scopes, absolute
from readiness.source import (
    Assignment,
    Call,
    CallRef,
    Class,
    Expression,
    Field,
    Function,
    Import,
    Module,
    Return,
    Sequence,
    Text,
)

VERSION = "4"
_LANGUAGE = Language(tree_sitter_python.language())
_DEEPEST = 60
"""Statements nested deeper are left out."""


def read(path: str, content: bytes) -> Module:
    """The module at `path` (relative to the target's root). Raises ValueError where it is no text."""
    if b"\0" in content:
        raise ValueError("is binary")
    root = Parser(_LANGUAGE).parse(content).root_node
    reader = _Statements(path, content)
    reader.prepare(root)
    reader.block(root)
    found = reader.expressions
    return Module(
        path,
        "python",
        imports=tuple(reader.imports),
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


class _Statements:
    """Walks the statements of one file in order."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.scopes = Scopes()
        self.expressions = Expressions(source, self.scopes)
        self.imports: list[Import] = []
        self.classes: list[Class] = []
        self.returns: list[Return] = []
        self.is_main = path.rpartition("/")[2] in ("manage.py", "__main__.py")
        self.catching: set[int] = set()
        self._fields: list[Field] = []
        self._owner = ""
        self._settings: dict[str, str] = {}
        self._depth = 0
        self._typing_only = False
        self._readers: dict[str, Callable[[Node], None]] = {
            "import_statement": self._import,
            "import_from_statement": self._import_from,
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

    def prepare(self, root: Node) -> None:
        """Bind what the module's top level binds, since functions see what comes after them as well."""
        defined = [_definition(child) for child in root.named_children]
        for node in defined:
            if node is not None and (name := node.child_by_field_name("name")) is not None:
                self.scopes.bind(self.expressions.text(name), self.expressions.text(name))
        stars: list[str] = []
        for child in _top_level(root):
            if child.type == "import_from_statement" and child.named_children[-1:] and (
                child.named_children[-1].type == "wildcard_import"
            ):
                stars.append(self._source_module(child))
            elif child.type in ("import_statement", "import_from_statement"):
                self._readers[child.type](child)
            else:
                self._prebind(child)
        self.imports.clear()
        self.scopes.star = stars[0] if len(stars) == 1 else ""

    def _prebind(self, statement: Node) -> None:
        """Bind `x = Something(...)` without recording the call."""
        assignment = statement.named_children[0] if statement.named_children else None
        if statement.type != "expression_statement" or assignment is None or assignment.type != "assignment":
            return
        left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        if left is None or right is None or left.type not in ("identifier", "attribute"):
            return
        function = right.child_by_field_name("function") if right.type == "call" else None
        target = self.expressions.text(left)
        if function is not None and function.type in ("identifier", "attribute"):
            symbol = self._dotted(function)
            if symbol:
                self.scopes.bind(target, symbol + "()")
        elif left.type == "identifier":
            self.scopes.bind(target, target)

    def _dotted(self, node: Node) -> str:
        head, dot, rest = self.expressions.text(node).partition(".")
        if not head.isidentifier() or not all(part.isidentifier() for part in rest.split(".") if dot):
            return ""
        return self.scopes.resolve(head) + dot + rest

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

    def _source_module(self, node: Node) -> str:
        module = node.child_by_field_name("module_name")
        text = self.expressions.text(module).replace(" ", "") if module else ""
        name = text.lstrip(".")
        return absolute(self.path, len(text) - len(name), name)

    def _add_import(self, local: str, symbol: str, line: int) -> None:
        self.imports.append(Import(local, symbol, line, self._typing_only))
        self.scopes.bind(local, symbol)

    def _import(self, node: Node) -> None:
        line = node.start_point.row + 1
        for child in node.children_by_field_name("name"):
            alias = child.child_by_field_name("alias")
            name = child.child_by_field_name("name") if alias else child
            symbol = self.expressions.text(name) if name else ""
            if alias is not None:
                self._add_import(self.expressions.text(alias), symbol, line)
            else:
                self.imports.append(Import(symbol, symbol, line, self._typing_only))
                head = symbol.partition(".")[0]
                self.scopes.bind(head, head)

    def _import_from(self, node: Node) -> None:
        source = self._source_module(node)
        dot = "." if source else ""
        for child in node.children_by_field_name("name"):
            line = child.start_point.row + 1
            alias = child.child_by_field_name("alias")
            name = child.child_by_field_name("name") if alias else child
            written = self.expressions.text(name) if name else ""
            self._add_import(self.expressions.text(alias) if alias else written, f"{source}{dot}{written}", line)
        if any(child.type == "wildcard_import" for child in node.named_children):
            self.imports.append(Import("*", f"{source}.*", node.start_point.row + 1, self._typing_only))

    def _expression_statement(self, node: Node) -> None:
        for child in node.named_children:
            if child.type in ("assignment", "augmented_assignment"):
                self._assignment(child)
            elif child.type != "comment" and child.type != "string":
                self.expressions.of(child)

    def _assignment(self, node: Node) -> Expression | None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        annotation, metadata = self.expressions.declared(node.child_by_field_name("type"))
        target = self._target(left)
        if left is None or right is None:
            self._declare(target, node, annotation, metadata)
            return None
        if right.type == "assignment":  # a = b = value
            value: Expression | None = self._assignment(right)
        else:
            value = self.expressions.bound_to(right, target)
        if value is None:
            return None
        self._bind_targets(left, value, annotation, node.type == "augmented_assignment")
        self._note_assignment(target, value, node, annotation)
        return value

    def _declare(self, target: str, node: Node, annotation: str, metadata: Expression | None) -> None:
        """`x: T` without a value."""
        name = target.rpartition(".")[2] if self._in_class_body else target
        if name.isidentifier() or name.startswith("self."):
            self.scopes.bind_type(name, annotation)
        if self._in_class_body:
            self._fields.append(Field(name, node.start_point.row + 1, annotation, metadata))
            self.scopes.bind_type(f"self.{name}", annotation)

    @property
    def _in_class_body(self) -> bool:
        return self.scopes.frame.is_class

    def _target(self, node: Node | None) -> str:
        """The target as written; in a class body after the class's name."""
        if node is None:
            return ""
        text = self.expressions.text(node)
        if node.type == "subscript":
            self._count_index(node)
            text = text.replace("'", '"')
        return f"{self._owner}.{text}" if self._in_class_body and node.type == "identifier" else text

    def _count_index(self, node: Node) -> None:
        """Calls in a subscript that is assigned to count, the subscript itself is no read."""
        owner = node.child_by_field_name("value")
        for part in (owner, *node.children_by_field_name("subscript")):
            if part is not None and part.type not in ("identifier", "string"):
                self.expressions.of(part)

    def _note_assignment(self, target: str, value: Expression, node: Node, annotation: str) -> None:
        line, found = node.start_point.row + 1, self.expressions
        found.assignments.append(Assignment(target, value, line, found.function, found.guards, annotation))
        if self._in_class_body and node.type == "assignment" and target.startswith(f"{self._owner}."):
            self._fields.append(Field(target.removeprefix(f"{self._owner}."), line, annotation, value))

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
            if self._in_class_body:
                self.scopes.bind(f"self.{name}", carried)
        elif annotation:
            self.scopes.bind_type(name, annotation)
        else:
            self.scopes.bind(name, name)

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
        parameters = found.parameters(node.child_by_field_name("parameters"))
        returns, _ = found.declared(node.child_by_field_name("return_type"))
        owner = self._owner if self._in_class_body else ""
        self.scopes.bind(name, name)
        index = len(found.functions)
        is_async = bool(node.children) and node.children[0].type == "async"
        found.functions.append(
            Function(name, owner, node.start_point.row + 1, node.end_point.row + 1, found.function, tuple(parameters),
                     returns, decorators, is_async)
        )  # fmt: skip
        found.enter_function(index, parameters)
        if (body := node.child_by_field_name("body")) is not None:
            self.block(body)
        found.leave_function(index)

    def _class(self, node: Node, decorators: tuple[Expression, ...] = ()) -> None:
        found = self.expressions
        name_node, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        name = found.text(name_node) if name_node else ""
        bases = self._bases(node.child_by_field_name("superclasses"))
        self.scopes.bind(name, name)
        outer_fields, outer_owner, place = self._fields, self._owner, len(self.classes)
        self._fields = []
        self._owner = f"{outer_owner}.{name}" if self._in_class_body else name
        line, end_line = node.start_point.row + 1, node.end_point.row + 1
        self.classes.append(Class(self._owner, line, end_line))
        self.scopes.enter(is_class=True)
        if body is not None:
            self._prebind_attributes(body)
            self.block(body)
        self.scopes.leave()
        self.classes[place] = Class(self._owner, line, end_line, bases, tuple(self._fields), decorators)
        self._settings_reads(self.classes[place], place)
        self._fields, self._owner = outer_fields, outer_owner

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

    def _prebind_attributes(self, body: Node) -> None:
        """Bind `self.x = X(...)` of all methods first, since a method may come before the one that sets it."""
        for child in body.named_children:
            definition = _definition(child)
            method = definition.child_by_field_name("body") if definition else None
            if definition is not None and definition.type == "function_definition" and method is not None:
                for statement in _top_level(method):
                    if statement.type == "expression_statement":
                        self._prebind_attribute(statement)

    def _prebind_attribute(self, statement: Node) -> None:
        assignment = statement.named_children[0] if statement.named_children else None
        left = assignment.child_by_field_name("left") if assignment else None
        if left is not None and left.type == "attribute" and self.expressions.text(left).startswith("self."):
            self._prebind(statement)

    def _settings_reads(self, class_: Class, place: int) -> None:
        found = self.expressions
        found.env_reads.extend(environment.read_by_values(class_, found.calls))
        if not environment.is_settings_class(class_.bases, set(self._settings)):
            return
        prefix = next((self._settings[base] for base in class_.bases if base in self._settings), "")
        inner = [c for c in self.classes[place + 1 :] if c.name == f"{class_.name}.Config"]
        for field in class_.fields:
            if field.name == "model_config":
                prefix = environment.environment_prefix(field.default, found.calls) or prefix
        for field in (f for c in inner for f in c.fields):
            if field.name == "env_prefix" and isinstance(field.default, Text):
                prefix = field.default.value
        self._settings[class_.name] = prefix
        found.env_reads.extend(environment.read_by_fields(class_, prefix, found.calls))

    def _if(self, node: Node) -> None:
        found = self.expressions
        condition = node.child_by_field_name("condition")
        text = found.text(condition) if condition else ""
        found.of(condition)
        if "__name__" in text and "__main__" in text and found.function < 0:
            self.is_main = True
        before = self._typing_only
        self._typing_only = before or text in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        self._guarded(node.child_by_field_name("consequence"), text)
        self._typing_only = before
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


def _definition(node: Node) -> Node | None:
    if node.type == "decorated_definition":
        return node.child_by_field_name("definition")
    return node if node.type in ("function_definition", "class_definition") else None


def _top_level(root: Node) -> Iterable[Node]:
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
