"""Reads JavaScript expressions into `readiness.source` expressions, recording the calls in them. No statements."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from readiness.languages import javascript_functions as functions
from readiness.languages import javascript_operators as operators
from readiness.languages.javascript_draft import DEEPEST, Draft, line, short, text
from readiness.languages.javascript_literals import number, string
from readiness.languages.javascript_names import imported_module, is_own
from readiness.source import (
    Call,
    CallRef,
    Constant,
    Expression,
    FunctionRef,
    Joined,
    Mapping,
    Name,
    Opaque,
    Sequence,
    Text,
)

MOST_ITEMS = 400
"""Literals with more items are data, not set-up: the rest is left out."""


def expression(draft: Draft, node: Node) -> Expression:
    """What `node` says; its calls, functions and environment reads are recorded in `draft`."""
    if draft.depth >= DEEPEST:
        return Opaque(short(node))
    draft.depth += 1
    found = _READERS.get(node.type, other)(draft, node)
    draft.depth -= 1
    return found


def unbound(draft: Draft, node: Node) -> Expression:
    """Read an expression whose value is not what the statement assigns."""
    draft.bound = ""
    return expression(draft, node)


def other(draft: Draft, node: Node) -> Expression:
    """What has no reader of its own: its parts are read for the calls in them."""
    for child in node.named_children:
        unbound(draft, child)
    return Opaque(short(node))


def _opaque(draft: Draft, node: Node) -> Expression:
    return Opaque(short(node))


def _markup(draft: Draft, node: Node) -> Expression:
    return Opaque("<jsx>")


def _nothing(draft: Draft, node: Node) -> Expression:
    return Opaque("")


def _identifier(draft: Draft, node: Node) -> Expression:
    name = text(node)
    return Name(draft.scope.lookup(name), name)


def _this(draft: Draft, node: Node) -> Expression:
    return Name("this", "this")


def _constant(draft: Draft, node: Node) -> Expression:
    return Constant({"true": "true", "false": "false"}.get(node.type, "null"))


def _string(draft: Draft, node: Node) -> Expression:
    return Text(string(node))


def _number(draft: Draft, node: Node) -> Expression:
    return number(text(node))


def _template(draft: Draft, node: Node) -> Expression:
    parts: list[Expression] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            parts += [unbound(draft, inner) for inner in child.named_children[:1]]
        else:
            parts.append(Text(string(child, quoted=False)))
    if all(isinstance(part, Text) for part in parts):
        return Text("".join(part.value for part in parts if isinstance(part, Text)))
    return Joined(tuple(parts))


def _inner(draft: Draft, node: Node) -> Expression:
    """await, parentheses, `as`, `!`, `satisfies`: the value inside. Only in `<T>x` the type comes first."""
    children = [child for child in node.named_children if child.type != "comment"]
    if not children:
        return Opaque(short(node))
    return expression(draft, children[-1 if node.type == "type_assertion" else 0])


def _sequence_of_expressions(draft: Draft, node: Node) -> Expression:
    found: Expression = Opaque("")
    for child in node.named_children:
        found = expression(draft, child)
    return found


def _array(draft: Draft, node: Node) -> Expression:
    children = node.named_children[:MOST_ITEMS]
    return Sequence(tuple(unbound(draft, child) for child in children if child.type != "comment"))


def _spread(draft: Draft, node: Node) -> Expression:
    for child in node.named_children:
        unbound(draft, child)
    return Opaque(short(node))


def _key(node: Node) -> str:
    if node.type == "string":
        return string(node)
    return text(node)


def _object(draft: Draft, node: Node) -> Expression:
    draft.bound = ""
    entries: list[tuple[str, Expression]] = []
    for child in node.named_children[:MOST_ITEMS]:
        kind = child.type
        if kind == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None:
                entries.append((_key(key), expression(draft, value)))
        elif kind == "shorthand_property_identifier":
            entries.append((text(child), _identifier(draft, child)))
        elif kind == "method_definition":
            name = child.child_by_field_name("name")
            key_text = _key(name) if name is not None else ""
            entries.append((key_text, FunctionRef(functions.add(draft, child, key_text))))
        elif kind == "spread_element":
            entries += [("**", expression(draft, inner)) for inner in child.named_children[:1]]
    return Mapping(tuple(entries))


def _function(draft: Draft, node: Node) -> Expression:
    name = node.child_by_field_name("name")
    return FunctionRef(functions.add(draft, node, text(name) if name is not None else ""))


def _class(draft: Draft, node: Node) -> Expression:
    """A class expression; the target it is assigned to is its name."""
    named = node.child_by_field_name("name")
    name = text(named) if named is not None else draft.bound.rpartition(".")[2]
    functions.add_class(draft, node, name)
    return Name(name, name)


def _member(draft: Draft, node: Node) -> Expression:
    target, prop = node.child_by_field_name("object"), node.child_by_field_name("property")
    if target is None or prop is None:
        return Opaque(short(node))
    return draft.member(node, unbound(draft, target), text(prop))


def _subscript(draft: Draft, node: Node) -> Expression:
    target, index = node.child_by_field_name("object"), node.child_by_field_name("index")
    if target is None or index is None:
        return Opaque(short(node))
    base, key = unbound(draft, target), unbound(draft, index)
    return draft.member(node, base, key.value) if isinstance(key, Text) else Opaque(short(node))


def _assignment(draft: Draft, node: Node) -> Expression:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return other(draft, node)
    if left.type in ("member_expression", "identifier"):
        target = "".join(short(left).split())
        draft.bound = target
        value = functions.assigned(draft, target, right) or expression(draft, right)
        draft.bound = ""
        draft.assign(target, value, line(node))
        symbol = draft.symbol(value)
        if symbol and left.type == "identifier":
            draft.scope.assign(target, symbol)
        elif symbol and target.startswith("this.") and target.count(".") == 1:
            draft.scope.fields.setdefault(target[5:], symbol)
        return value
    value = unbound(draft, right)
    if left.type == "subscript_expression":
        draft.assign(short(left), value, line(node))
        for child in left.named_children:
            expression(draft, child)
    return value


def _augmented(draft: Draft, node: Node) -> Expression:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return other(draft, node)
    value = unbound(draft, right)
    draft.assign(short(left), value, line(node))
    return value


def arguments(draft: Draft, node: Node | None) -> tuple[tuple[Expression, ...], tuple[tuple[str, Expression], ...]]:
    """Positional arguments and spread ones (as "**")."""
    if node is None:
        return (), ()
    if node.type == "template_string":
        return (_template(draft, node),), ()
    positional: list[Expression] = []
    spread: list[tuple[str, Expression]] = []
    for child in node.named_children[:MOST_ITEMS]:
        if child.type == "spread_element":
            spread += [("**", expression(draft, inner)) for inner in child.named_children[:1]]
        elif child.type != "comment":
            positional.append(expression(draft, child))
    return tuple(positional), tuple(spread)


def _imported(draft: Draft, node: Node, callee: Node) -> Expression | None:
    """`require("x")` and `import("x")` of a literal: the module itself."""
    if callee.type != "import" and (text(callee) != "require" or draft.scope.lookup("require") != "require"):
        return None
    given = node.child_by_field_name("arguments")
    first = given.named_children[0] if given is not None and given.named_children else None
    if first is None or first.type not in ("string", "template_string"):
        return None
    value = expression(draft, first)
    if not isinstance(value, Text):
        return None
    symbol = imported_module(draft.path, value.value)
    if not is_own(symbol):
        draft.packages.add(symbol)
    draft.add_import("", symbol, line(node))
    return Name(symbol, short(node))


def _call(draft: Draft, node: Node) -> Expression:
    callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    if callee is None:
        return other(draft, node)
    bound, draft.bound = draft.bound, ""
    if callee.type in ("identifier", "import") and (module := _imported(draft, node, callee)) is not None:
        return module
    receiver, symbol, written, at = _callee(draft, callee)
    args, keywords = arguments(draft, node.child_by_field_name("arguments"))
    if symbol.endswith(".catch"):
        draft.catching.add(draft.scope.function)
    return draft.add_call(
        Call(
            symbol,
            written,
            at,
            node.end_point[0] + 1,
            args,
            keywords,
            receiver,
            draft.scope.function,
            bound,
            draft.guards,
            "new" if node.type == "new_expression" else "call",
        )
    )


def _callee(draft: Draft, node: Node) -> tuple[Expression | None, str, str, int]:
    """Receiver, symbol, text as written, and line (of the method's name, so that links of a chain are told apart)."""
    while node.type in ("parenthesized_expression", "non_null_expression") and node.named_children:
        node = node.named_children[0]
    if node.type == "member_expression":
        target, prop = node.child_by_field_name("object"), node.child_by_field_name("property")
        if target is not None and prop is not None:
            receiver = expression(draft, target)
            found = draft.member(node, receiver, text(prop))
            if isinstance(found, Name):
                return receiver, found.symbol, found.written, line(prop)
            stem = "[]" if isinstance(receiver, Sequence) else ""
            name = f"{stem}.{text(prop)}" if stem else short(node)
            return receiver, name, name, line(prop)
    value = expression(draft, node)
    own = value if isinstance(value, CallRef | FunctionRef) else None
    symbol = draft.symbol(value)
    return own, symbol or short(node), draft.written(value) or short(node), line(node)


def _super(draft: Draft, node: Node) -> Expression:
    return Name("super", "super")


_READERS: dict[str, Callable[[Draft, Node], Expression]] = {
    "identifier": _identifier,
    "this": _this,
    "super": _super,
    "member_expression": _member,
    "subscript_expression": _subscript,
    "call_expression": _call,
    "new_expression": _call,
    "string": _string,
    "template_string": _template,
    "number": _number,
    "array": _array,
    "object": _object,
    "arrow_function": _function,
    "function_expression": _function,
    "function": _function,
    "generator_function": _function,
    "class": _class,
    "binary_expression": operators.binary,
    "ternary_expression": operators.ternary,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
    "sequence_expression": _sequence_of_expressions,
    "spread_element": _spread,
    "regex": _opaque,
    "comment": _nothing,
    "type_arguments": _nothing,
    "type_annotation": _nothing,
}
_READERS |= dict.fromkeys(
    ("await_expression", "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression",
     "type_assertion"),
    _inner,
)  # fmt: skip
_READERS |= dict.fromkeys(("true", "false", "null", "undefined"), _constant)
_READERS |= dict.fromkeys(("jsx_element", "jsx_self_closing_element", "jsx_fragment"), _markup)
