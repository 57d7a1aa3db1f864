"""Records JavaScript functions and classes with parameters, fields, bases and decorators; bodies are read later."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tree_sitter import Node

from readiness.languages import javascript_expressions as expressions
from readiness.languages.javascript_draft import Draft, line, short, text
from readiness.languages.javascript_literals import string
from readiness.languages.javascript_names import Scope
from readiness.languages.javascript_types import type_symbol
from readiness.source import Call, CallRef, Class, Expression, Field, Function, FunctionRef, Parameter, Return, Text
from readiness.wiring import known

_FUNCTIONS = {"arrow_function", "function_expression", "function", "generator_function"}
_FIELDS = {"public_field_definition", "field_definition", "property_signature"}
_CONTEXTUAL: dict[str, list[str]] = known(__file__, "javascript_types.yaml")["contextual"]
Body = Callable[[Draft, Node], None]


def add(
    draft: Draft,
    node: Node,
    name: str = "",
    owner: str = "",
    decorators: tuple[Expression, ...] = (),
    scope: Scope | None = None,
    contextual: str = "",
) -> int:
    """Record a function and let its body wait; `contextual` is the type of the variable that it is assigned to."""
    around = draft.scope
    index = len(draft.functions)
    scope = scope or Scope(around, index, owner)
    scope.function = index
    bound, draft.bound = draft.bound, ""
    placeholder = Function(name, owner, line(node), node.end_point[0] + 1, around.function)
    draft.functions.append(placeholder)
    parameters = tuple(_parameters(draft, node, scope, _CONTEXTUAL.get(contextual, ())))
    draft.bound = bound
    draft.functions[index] = Function(
        name,
        owner,
        placeholder.line,
        placeholder.end_line,
        around.function,
        parameters,
        type_symbol(draft, node.child_by_field_name("return_type")),
        decorators,
        any(child.type == "async" for child in node.children[:4]),
    )
    body = node.child_by_field_name("body")
    if body is not None:
        draft.later(scope, partial(_body, draft, body, index))
    return index


def _body(draft: Draft, body: Node, index: int) -> None:
    if body.type == "statement_block":
        from readiness.languages.javascript_statements import block  # each needs the other

        block(draft, body)
        return
    value = expressions.expression(draft, body)
    draft.returns.append(Return(index, value, line(body), draft.guards))


def _parameters(draft: Draft, node: Node, scope: Scope, contextual: tuple[str, ...] | list[str]) -> list[Parameter]:
    single = node.child_by_field_name("parameter")
    listed = node.child_by_field_name("parameters")
    nodes = [single] if single is not None else listed.named_children if listed is not None else []
    found: list[Parameter] = []
    for child in nodes:
        if child.type in ("comment", "ERROR") or text(child) == "this":
            continue
        given = contextual[len(found)] if len(found) < len(contextual) else ""
        found.append(_parameter(draft, child, scope, given))
    return found


def _parameter(draft: Draft, node: Node, scope: Scope, contextual: str) -> Parameter:
    pattern, default, declared = node, node.child_by_field_name("value"), contextual
    if node.type in ("required_parameter", "optional_parameter"):
        pattern = node.child_by_field_name("pattern") or node
        declared = type_symbol(draft, node.child_by_field_name("type")) or contextual
        decorators(draft, node)
    if pattern.type == "assignment_pattern":
        default = pattern.child_by_field_name("right")
        pattern = pattern.child_by_field_name("left") or pattern
    if pattern.type == "rest_pattern":
        pattern = pattern.named_children[0] if pattern.named_children else pattern
    name = text(pattern) if pattern.type == "identifier" else short(pattern)
    if pattern.type == "identifier":
        scope.declare(name, declared if declared and not declared.endswith("]") else name)
        if any(child.type in ("accessibility_modifier", "readonly") for child in node.children):
            scope.fields[name] = declared or f"this.{name}"
    else:
        for inner in pattern_names(pattern):
            scope.declare(inner, inner)
    return Parameter(name, declared, expressions.expression(draft, default) if default is not None else None)


def pattern_names(pattern: Node) -> list[str]:
    """The variables that a destructuring pattern declares."""
    found: list[str] = []
    waiting = [pattern]
    while waiting:
        node = waiting.pop()
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            found.append(text(node))
        elif node.type in ("object_assignment_pattern", "assignment_pattern"):
            waiting += [left for left in (node.child_by_field_name("left"),) if left is not None]
        elif node.type == "pair_pattern":
            waiting += [value for value in (node.child_by_field_name("value"),) if value is not None]
        else:
            waiting += node.named_children
    return found


def assigned(draft: Draft, target: str, value: Node, contextual: str = "") -> Expression | None:
    """A function that is assigned to `target` and so has its last part as name; None where `value` is no function.

    `this.x = function` belongs to the enclosing class or constructor function, `X.prototype.y = function` to X.
    """
    if value.type not in _FUNCTIONS:
        return None
    head, _, name = target.rpartition(".")
    if target in ("module.exports", "exports", "default"):
        name = ""
    named = value.child_by_field_name("name")
    own = text(named) if named is not None else ""
    owner = ""
    if head == "this":
        owner = draft.scope.owner or (draft.functions[draft.scope.function].name if draft.scope.function >= 0 else "")
    elif head.endswith(".prototype"):
        owner = head[: -len(".prototype")]
    return FunctionRef(add(draft, value, name or own, owner, contextual=contextual))


def decorators(draft: Draft, node: Node) -> tuple[Expression, ...]:
    """The decorators written on a node, recorded as calls of the kind decorator."""
    return tuple(
        read_decorator(draft, child) for child in node.children if child.type == "decorator" and child.named_children
    )


def read_decorator(draft: Draft, node: Node) -> Expression:
    """One decorator."""
    value = expressions.expression(draft, node.named_children[0])
    if isinstance(value, CallRef):
        call = draft.calls[value.index]
        draft.calls[value.index] = Call(
            call.callee, call.written, call.line, call.end_line, call.args, call.keywords, call.receiver,
            call.function, "", call.guards, "decorator",
        )  # fmt: skip
    return value


def add_class(draft: Draft, node: Node, name: str, outer: tuple[Expression, ...] = ()) -> None:
    """Record a class, interface or object type; its methods wait, the constructor's body first."""
    draft.bound = ""
    draft.scope.declare(name, name)
    own = Scope(draft.scope, draft.scope.function, name, {})
    before, draft.scope = draft.scope, own
    given = outer + decorators(draft, node)
    body = node.child_by_field_name("body") or node.child_by_field_name("value")
    fields = _members(draft, body, name, own) if body is not None else []
    draft.scope = before
    draft.classes.append(Class(name, line(node), node.end_point[0] + 1, _bases(draft, node), tuple(fields), given))


def _bases(draft: Draft, node: Node) -> tuple[str, ...]:
    found: list[str] = []
    for child in node.children:
        if child.type == "class_heritage":
            for part in child.named_children:
                if part.type == "extends_clause":
                    value = part.child_by_field_name("value")
                    found += [draft.symbol(expressions.expression(draft, value))] if value is not None else []
                elif part.type == "implements_clause":
                    found += [type_symbol(draft, base) for base in part.named_children]
                else:
                    found.append(draft.symbol(expressions.expression(draft, part)))
        elif child.type == "extends_type_clause":
            found += [type_symbol(draft, base) for base in child.named_children]
    return tuple(base for base in found if base)


def _members(draft: Draft, body: Node, owner: str, scope: Scope) -> list[Field]:
    fields: list[Field] = []
    waiting: list[Expression] = []
    methods: list[tuple[Node, tuple[Expression, ...]]] = []
    for child in body.named_children:
        kind = child.type
        if kind == "decorator":
            waiting += [read_decorator(draft, child)] if child.named_children else []
            continue
        if kind in _FIELDS:
            fields.append(_field(draft, child, owner, tuple(waiting)))
        elif kind == "method_definition":
            methods.append((child, tuple(waiting) + decorators(draft, child)))
        elif kind in ("enum_assignment", "property_identifier"):
            fields.append(_enum_member(draft, child))
        waiting = []
    # The constructor first: what it assigns to `this` and takes as parameter properties, the other methods see.
    methods.sort(key=lambda method: _method_name(method[0]) != "constructor")
    for method, given in methods:
        add(draft, method, _method_name(method), owner, given, Scope(scope, -1, owner, scope.fields))
    return fields


def _method_name(node: Node) -> str:
    name = node.child_by_field_name("name")
    if name is None:
        return ""
    return string(name) if name.type == "string" else text(name).lstrip("#")


def _enum_member(draft: Draft, node: Node) -> Field:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    key = short(name if name is not None else node)
    default: Expression = expressions.expression(draft, value) if value is not None else Text(key)
    return Field(key, line(node), "", default)


def _field(draft: Draft, node: Node, owner: str, given: tuple[Expression, ...]) -> Field:
    named = node.child_by_field_name("name") or node.child_by_field_name("property")
    name = text(named).lstrip("#") if named is not None else ""
    declared = type_symbol(draft, node.child_by_field_name("type"))
    given += decorators(draft, node)
    value = node.child_by_field_name("value")
    draft.bound = f"this.{name}"
    default: Expression | None = None
    if value is not None:
        if value.type in _FUNCTIONS:
            scope = Scope(draft.scope, -1, owner, draft.scope.fields)
            default = FunctionRef(add(draft, value, name, owner, given, scope, declared))
        else:
            default = expressions.expression(draft, value)
    draft.bound = ""
    symbol = draft.symbol(default) or (declared if not declared.endswith("]") else "")
    if symbol and name:
        draft.scope.fields.setdefault(name, symbol)
    return Field(name, line(node), declared, default, "", given)
