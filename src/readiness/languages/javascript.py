"""Reads JavaScript and TypeScript source into a `readiness.source.Module`.

Exports are assignments: `export default x` to "default", `module.exports = x`, `exports.y = x`, `export { a as b }` to
"b", `export * from "./m"` to "*". The variable of `for (const x of xs)` is assigned the name `xs[]`. A `require` of a
literal is an import, not a call. Markup (JSX) is not entered, and of browser components (see `_is_component`) only what
runs at import is read: their functions are known by name, without their bodies.
"""

from __future__ import annotations

import re

import tree_sitter_javascript
import tree_sitter_typescript
from msgspec.structs import replace
from tree_sitter import Language, Node, Parser

from readiness.languages import javascript_statements as statements
from readiness.languages.javascript_draft import Draft
from readiness.languages.javascript_env import require_checked, schema_reads
from readiness.source import Module
from readiness.wiring import known

VERSION = "3"
_JAVASCRIPT = Language(tree_sitter_javascript.language())
_TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())
_TSX = Language(tree_sitter_typescript.language_tsx())
_BROWSER = known(__file__, "javascript_browser.yaml")
_CLIENT = re.compile(rb"""^\s*['"]use client['"]""", re.MULTILINE)
_IMPORTED = re.compile(rb"""(?:from|import|require\()\s*['"]([^'"\n]+)['"]""")
_UI = {name.encode() for name in _BROWSER["ui_libraries"]}
_SERVER = tuple(name.encode() for name in _BROWSER["server_libraries"])
_NOTABLE_ERROR = 200
"""Bytes of syntax that the grammar could not take in, from which on the file counts as not fully read: the grammars lag
behind the language, and a few tokens lost say nothing."""


def read(path: str, content: bytes) -> Module:
    """The module at `path` (relative to the target's root). Takes any bytes; what is not JavaScript is skipped."""
    root = _parse(path, content)
    draft = Draft(path)
    statements.block(draft, root)
    component = _is_component(path, content)
    if component:
        draft.pending.clear()
    draft.drain()
    return Module(
        path,
        "javascript",
        "",
        tuple(draft.imports),
        tuple(
            replace(function, catches=True) if index in draft.catching else function
            for index, function in enumerate(draft.functions)
        ),
        tuple(draft.classes),
        tuple(draft.calls),
        tuple(draft.assignments),
        tuple(draft.returns),
        require_checked(draft, (*draft.env_reads, *schema_reads(draft))),
        content.count(b"\n") + (not content.endswith(b"\n") and bool(content)),
        not component and _unread(root) > min(_NOTABLE_ERROR, len(content) // 10),
    )


def _parse(path: str, content: bytes) -> Node:
    lowered = path.lower()
    if lowered.endswith((".ts", ".mts", ".cts")):
        return Parser(_TYPESCRIPT).parse(content).root_node
    if lowered.endswith(".tsx"):
        return Parser(_TSX).parse(content).root_node
    root = Parser(_JAVASCRIPT).parse(content).root_node
    if root.has_error:  # Flow's annotations are close to TypeScript's
        typed = Parser(_TSX).parse(content).root_node
        return typed if _unread(typed) < _unread(root) else root
    return root


def _unread(root: Node) -> int:
    """The bytes inside ERROR nodes."""
    lost = 0
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR":
            lost += node.end_byte - node.start_byte
        else:
            waiting += [child for child in node.children if child.has_error]
    return lost


def _is_component(path: str, content: bytes) -> bool:
    """Whether the file is a component for the browser: marked "use client", or markup (.jsx, .tsx) that imports a UI
    library and nothing that only runs on a server."""
    if _CLIENT.search(content[:2000]):
        return True
    if not path.lower().endswith((".tsx", ".jsx")):
        return False
    imported = {name.removeprefix(b"node:") for name in _IMPORTED.findall(content)}
    return bool(imported & _UI) and not any(name.startswith(_SERVER) for name in imported)
