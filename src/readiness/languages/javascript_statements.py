"""Reads JavaScript statements and declarations: imports, exports, variables, control flow, returns and throws."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from readiness.languages import javascript_functions as functions
from readiness.languages.javascript_draft import DEEPEST, Draft, line, short, text
from readiness.languages.javascript_expressions import expression
from readiness.languages.javascript_literals import string
from readiness.languages.javascript_names import imported_module, is_own
from readiness.languages.javascript_types import type_symbol
from readiness.source import Call, CallRef, Expression, FunctionRef, Name, Opaque, Return


def block(draft: Draft, node: Node) -> None:
    """Read each statement of a block."""
    for child in node.named_children:
        statement(draft, child)


def statement(draft: Draft, node: Node) -> None:
    """Read one statement, or an expression where one stands for it."""
    if draft.depth >= DEEPEST:
        return
    draft.depth += 1
    draft.bound = ""
    reader = _READERS.get(node.type)
    if reader is not None:
        reader(draft, node)
    else:
        expression(draft, node)
    draft.depth -= 1


def _nothing(draft: Draft, node: Node) -> None:
    """Types and comments do nothing at run time."""


def _guarded(draft: Draft, guard: str, node: Node | None) -> None:
    if node is None:
        return
    before = draft.guards
    draft.guards = (*before, guard)
    statement(draft, node)
    draft.guards = before


def _if(draft: Draft, node: Node) -> None:
    condition = node.child_by_field_name("condition")
    if condition is None:
        return
    expression(draft, condition)
    guard = short(condition).removeprefix("(").removesuffix(")")
    _guarded(draft, guard, node.child_by_field_name("consequence"))
    _guarded(draft, f"not {guard}", node.child_by_field_name("alternative"))


def _switch(draft: Draft, node: Node) -> None:
    value, body = node.child_by_field_name("value"), node.child_by_field_name("body")
    if value is None or body is None:
        return
    expression(draft, value)
    before = draft.guards
    for case in body.named_children:
        if case.type not in ("switch_case", "switch_default"):
            continue
        label = case.child_by_field_name("value")
        draft.guards = (*before, f"{short(value)[1:-1]} === {short(label) if label is not None else 'default'}")
        for child in case.children_by_field_name("body"):
            statement(draft, child)
    draft.guards = before


def _for_in(draft: Draft, node: Node) -> None:
    """`for (const x of xs)`: x is assigned an element, written `xs[]`."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and right is not None:
        value = expression(draft, right)
        for name in functions.pattern_names(left):
            draft.scope.declare(name, name)
        of = any(child.type == "of" for child in node.children)
        if of and left.type == "identifier" and isinstance(value, Name):
            draft.assign(text(left), Name(f"{value.symbol}[]", f"{value.written}[]"), line(node))
        elif of and left.type == "identifier":
            draft.assign(text(left), value, line(node), "[]")
    body = node.child_by_field_name("body")
    if body is not None:
        statement(draft, body)


def _return(draft: Draft, node: Node) -> None:
    children = [child for child in node.named_children if child.type != "comment"]
    value = expression(draft, children[0]) if children else None
    draft.returns.append(Return(draft.scope.function, value, line(node), draft.guards))


def _throw(draft: Draft, node: Node) -> None:
    for child in node.named_children[:1]:
        value = expression(draft, child)
        symbol = draft.calls[value.index].callee if isinstance(value, CallRef) else draft.symbol(value)
        draft.add_call(
            Call(symbol or short(child), short(child), line(node), node.end_point[0] + 1, (value,), (), None,
                 draft.scope.function, "", draft.guards, "raise")
        )  # fmt: skip


def _variables(draft: Draft, node: Node) -> None:
    for child in node.named_children:
        if child.type == "variable_declarator":
            draft.bound = ""
            _variable(draft, child)


def _variable(draft: Draft, node: Node) -> None:
    named, value_node = node.child_by_field_name("name"), node.child_by_field_name("value")
    if named is None:
        return
    annotation = type_symbol(draft, node.child_by_field_name("type"))
    name = text(named) if named.type == "identifier" else short(named)
    if value_node is None:
        draft.scope.declare(name, annotation if annotation and not annotation.endswith("]") else name)
        return
    draft.bound = name
    value = functions.assigned(draft, name, value_node, annotation) or expression(draft, value_node)
    draft.bound = ""
    if named.type == "identifier":
        draft.scope.declare(name, _stands_for(draft, name, value, annotation))
        draft.assign(name, value, line(node), annotation)
    else:
        destructure(draft, named, value)


def _stands_for(draft: Draft, name: str, value: Expression, annotation: str) -> str:
    """A call of the target's own function says less of the variable than a type imported from a package does."""
    symbol = draft.symbol(value)
    if isinstance(value, FunctionRef):
        return name
    if annotation and "." in annotation and not is_own(annotation) and not annotation.endswith("]"):
        package = symbol.partition(".")[0] in {found.partition(".")[0] for found in draft.packages}
        return symbol if symbol and package else annotation
    return symbol or name


def destructure(draft: Draft, pattern: Node, value: Expression) -> None:
    """Declare the variables of a pattern as members of the value."""
    if pattern.type != "object_pattern":
        for name in functions.pattern_names(pattern):
            draft.scope.declare(name, name)
            draft.assign(name, Opaque(short(pattern)), line(pattern))
        return
    for child in pattern.named_children:
        _destructured(draft, child, value)


def _destructured(draft: Draft, child: Node, value: Expression) -> None:
    default = child.child_by_field_name("right") if child.type == "object_assignment_pattern" else None
    target = child.child_by_field_name("left") if default is not None else child
    key = target
    if child.type == "pair_pattern":
        key, target = child.child_by_field_name("key"), child.child_by_field_name("value")
        if target is not None and target.type == "assignment_pattern":
            default, target = target.child_by_field_name("right"), target.child_by_field_name("left")
    if key is None or target is None or child.type == "rest_pattern":
        for name in functions.pattern_names(child):
            draft.scope.declare(name, name)
        return
    since = len(draft.env_reads)
    found = draft.member(child, value, string(key) if key.type == "string" else text(key))
    if default is not None:
        draft.default_env(since, expression(draft, default))
    if target.type in ("object_pattern", "array_pattern"):
        if draft.depth < DEEPEST:
            draft.depth += 1
            destructure(draft, target, found)
            draft.depth -= 1
        return
    name = text(target)
    draft.scope.declare(name, draft.symbol(found) or name)
    draft.assign(name, found, line(child))


def _function(draft: Draft, node: Node) -> None:
    named = node.child_by_field_name("name")
    name = text(named) if named is not None else ""
    if name:
        draft.scope.declare(name, name)
    functions.add(draft, node, name)


def _class(draft: Draft, node: Node, outer: tuple[Expression, ...] = ()) -> None:
    named = node.child_by_field_name("name")
    functions.add_class(draft, node, text(named) if named is not None else "default", outer)


def _specifier(draft: Draft, node: Node) -> str | None:
    source = node.child_by_field_name("source")
    return imported_module(draft.path, string(source)) if source is not None else None


def _member_of(module: str, name: str) -> str:
    """`name` exported by `module`; the default export of a package is called by the package's name."""
    return module if name == "default" and not is_own(module) else f"{module}.{name}"


def _import(draft: Draft, node: Node) -> None:
    typing_only = any(child.type == "type" for child in node.children[:2])
    clause = next((child for child in node.named_children if child.type.endswith("_clause")), None)
    module = _specifier(draft, node)
    if clause is not None and clause.type == "import_require_clause":
        module = _specifier(draft, clause)
    if module is None:
        return
    if not is_own(module):
        draft.packages.add(module)
    at = line(node)
    if clause is None:
        draft.add_import("", module, at)
        return
    for child in clause.named_children:
        if child.type == "identifier":
            symbol = module if clause.type == "import_require_clause" else _member_of(module, "default")
            draft.add_import(text(child), symbol, at, typing_only)
        elif child.type == "namespace_import" and child.named_children:
            draft.add_import(text(child.named_children[0]), module, at, typing_only)
        elif child.type == "named_imports":
            _named_imports(draft, child, module, typing_only)


def _named_imports(draft: Draft, node: Node, module: str, typing_only: bool) -> None:
    for child in node.named_children:
        name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
        if name is None:
            continue
        local = text(alias if alias is not None else name)
        typed = typing_only or any(part.type == "type" for part in child.children[:1])
        symbol = _member_of(module, text(name))
        if symbol.startswith(("process.env", "bun.env")):
            symbol = "process.env"
        draft.add_import(local, symbol, line(child), typed)


def _export(draft: Draft, node: Node) -> None:
    declaration = node.child_by_field_name("declaration")
    default = any(child.type == "default" for child in node.children[:4])
    if declaration is not None:
        _exported_declaration(draft, node, declaration, default)
        return
    module = _specifier(draft, node)
    value = node.child_by_field_name("value")
    for child in node.named_children:
        if child.type == "export_clause":
            _export_clause(draft, child, module)
        elif child.type == "namespace_export" and module and child.named_children:
            draft.assign(text(child.named_children[0]), Name(module, module), line(node))
        elif value is None and child.type not in ("string", "comment", "decorator"):
            _export_value(draft, child, "module.exports")
    if value is not None:
        _export_value(draft, value, "default")
    elif module and not any(child.type.startswith(("export_", "namespace")) for child in node.named_children):
        draft.assign("*", Name(module, module), line(node))


def _export_value(draft: Draft, value: Node, target: str) -> None:
    found = functions.assigned(draft, target, value) or expression(draft, value)
    draft.assign(target, found, line(value))


def _exported_declaration(draft: Draft, node: Node, declaration: Node, default: bool) -> None:
    if declaration.type in ("class_declaration", "abstract_class_declaration"):
        _class(draft, declaration, functions.decorators(draft, node))
    else:
        statement(draft, declaration)
    if not default:
        return
    named = declaration.child_by_field_name("name")
    name = text(named) if named is not None else "default"
    if named is None and declaration.type != "class_declaration" and draft.functions:
        draft.assign("default", Name("default", "default"), line(node))
        return
    draft.assign("default", Name(name, name), line(node))


def _export_clause(draft: Draft, node: Node, module: str | None) -> None:
    for child in node.named_children:
        name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
        if name is None:
            continue
        exported = string(alias) if alias is not None and alias.type == "string" else text(alias or name)
        own = text(name)
        symbol = _member_of(module, own) if module else draft.scope.lookup(own)
        if module or exported != own:
            draft.assign(exported, Name(symbol, own), line(child))


def _declaration(draft: Draft, node: Node) -> None:
    """interface, enum, and a type alias of an object."""
    value = node.child_by_field_name("value")
    if value is None or value.type == "object_type":
        _class(draft, node)


def _catch(draft: Draft, node: Node) -> None:
    draft.catching.add(draft.scope.function)
    parameter = node.child_by_field_name("parameter")
    for name in functions.pattern_names(parameter) if parameter is not None else []:
        draft.scope.declare(name, name)
    body = node.child_by_field_name("body")
    if body is not None:
        block(draft, body)


def _expression_statement(draft: Draft, node: Node) -> None:
    for child in node.named_children:
        expression(draft, child)


_READERS: dict[str, Callable[[Draft, Node], None]] = {
    "import_statement": _import,
    "export_statement": _export,
    "lexical_declaration": _variables,
    "variable_declaration": _variables,
    "function_declaration": _function,
    "generator_function_declaration": _function,
    "class_declaration": _class,
    "abstract_class_declaration": _class,
    "interface_declaration": _declaration,
    "enum_declaration": _declaration,
    "type_alias_declaration": _declaration,
    "if_statement": _if,
    "switch_statement": _switch,
    "for_in_statement": _for_in,
    "return_statement": _return,
    "throw_statement": _throw,
    "expression_statement": _expression_statement,
    "catch_clause": _catch,
}
_READERS |= dict.fromkeys(
    ("statement_block", "else_clause", "try_statement", "finally_clause", "for_statement", "while_statement",
     "do_statement", "labeled_statement", "internal_module", "module", "ambient_declaration", "ERROR"),
    block,
)  # fmt: skip
_READERS |= dict.fromkeys(
    ("comment", "function_signature", "empty_statement", "statement_identifier", "hash_bang_line"), _nothing
)
