"""Reads the profile: readiness.toml or [tool.readiness] of pyproject.toml. Validates; applies nothing.

Every mistake is refused with one sentence that names the file, the key and, where it can be told, the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

MAX_BYTES = 1_000_000


class ProfileError(Exception):
    """The profile cannot be used; the message is one sentence for the user."""


class WaiverEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `[[waiver]]` table as written."""

    item: str
    reason: str
    owner: str
    expires: Any
    path: str = ""
    service: str = ""
    ticket: str = ""


class DeclaredEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `[[declared]]` table as written."""

    item: str
    where: str
    reason: str
    owner: str = ""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The settings of an audit. `source` is the file that they come from, "" for the built-in ones."""

    off: tuple[str, ...] = ()
    weights: dict[str, int] = {}
    must_have: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    waiver: tuple[WaiverEntry, ...] = ()
    declared: tuple[DeclaredEntry, ...] = ()
    source: str = ""


def load(target: Path, config: Path | None = None, waivers: bool = True) -> Profile:
    """The profile in `config`, else in the target's readiness.toml, else in [tool.readiness] of its pyproject.toml.

    Without `waivers` the [[waiver]] and [[declared]] tables are left aside unread. Raises ProfileError.
    """
    if config is not None:
        return _parse(config, _read(config, config.name), config.name == "pyproject.toml", waivers)
    own, pyproject = target / "readiness.toml", target / "pyproject.toml"
    if _present(own, target):
        return _parse(own, _read(own, own.name), False, waivers)
    if _present(pyproject, target) and "tool.readiness" in (text := _read(pyproject, pyproject.name)):
        return _parse(pyproject, text, True, waivers)
    return Profile()


def _present(path: Path, target: Path) -> bool:
    try:
        return path.is_file() and path.resolve().is_relative_to(target.resolve())
    except (OSError, RuntimeError):  # an unreadable target or a loop of links is the repository's to report
        return False


def _read(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ProfileError(f"{name} is larger than {MAX_BYTES:,} bytes")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{name} is not UTF-8 text") from None


def _parse(path: Path, text: str, in_pyproject: bool, waivers: bool) -> Profile:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileError(f"{path.name} is not valid TOML: {error or 'nested too deeply'}") from None
    table = _tool_table(document) if in_pyproject else document
    if "source" in table:
        raise ProfileError(f"{path.name}: unknown key 'source'{_at(text, 'source')}")
    if not waivers:
        table = {key: value for key, value in table.items() if key not in ("waiver", "declared")}
    try:
        profile = msgspec.convert(table, Profile)
    except msgspec.ValidationError as error:
        raise ProfileError(f"{path.name}: {_sentence(str(error), text)}") from None
    for item, weight in profile.weights.items():
        if not 0 <= weight <= 100:
            raise ProfileError(f"{path.name}: the weight of {item} must be 0 to 100, not {weight}{_at(text, item)}")
    return msgspec.structs.replace(profile, source=path.name)


def _tool_table(document: dict[str, Any]) -> dict[str, Any]:
    tool = document.get("tool")
    table = tool.get("readiness", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ProfileError("pyproject.toml: tool.readiness must be a table")
    return table


_KINDS = {"array": "a list", "object": "a table", "str": "text", "int": "a whole number", "bool": "true or false"}
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_PLACE = re.compile(r" - at `(.*)`$")


def _sentence(error: str, text: str) -> str:
    """msgspec's message in a user's words: "unknown key 'x' (line 3)", "waiver 2: 'owner' is missing (line 9)"."""
    place = _PLACE.search(error)
    message = _PLACE.sub("", error)
    where = place[1].lstrip("$.") if place else ""
    table, line = _table_place(where, text)
    if unknown := _UNKNOWN.fullmatch(message):
        known = [name.replace("_", "-") for name in Profile.__struct_fields__ if name != "source"]
        near = [] if table else get_close_matches(unknown[1], known, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return f"{table}unknown key '{unknown[1]}'{_at(text, unknown[1])}{hint}"
    if missing := _MISSING.fullmatch(message):
        return f"{table}'{missing[1]}' is missing{line}"
    name = re.sub(r"\[\.*\d*\]$", "", where).rpartition(".")[2] or where
    name = name.replace("[...]", "")
    wanted = re.sub(r"`(\w+)`", lambda kind: _KINDS.get(kind[1], kind[1]), message[:1].lower() + message[1:])
    return f"{table}'{name}': {wanted}{line or _at(text, name)}"


def _table_place(where: str, text: str) -> tuple[str, str]:
    """("waiver 2: ", " (line 9)") for a place within a list of tables, else two empty strings."""
    found = re.match(r"(waiver|declared)\[(\d+)\]", where)
    if not found:
        return "", ""
    headers = [m.start() for m in re.finditer(rf"(?m)^\s*\[\[(tool\.readiness\.)?{found[1]}\]\]", text)]
    index = int(found[2])
    line = f" (line {text.count(chr(10), 0, headers[index]) + 1})" if index < len(headers) else ""
    return f"{found[1]} {index + 1}: ", line


def _at(text: str, key: str) -> str:
    found = re.search(rf"(?m)^\s*(\[+[\w.]*)?[\"']?{re.escape(key)}[\"']?\s*[=\]]", text)
    return f" (line {text.count(chr(10), 0, found.end()) + 1})" if found else ""


def check_items(profile: Profile, known: Collection[str]) -> None:
    """Refuse a profile that names an item that the catalogue does not hold. Raises ProfileError."""
    named = [("off", item) for item in profile.off]
    named += [("weights", item) for item in profile.weights]
    named += [("must-have", item) for item in profile.must_have]
    named += [(f"waiver {n}", entry.item) for n, entry in enumerate(profile.waiver, 1)]
    named += [(f"declared {n}", entry.item) for n, entry in enumerate(profile.declared, 1)]
    for key, item in named:
        if item not in known:
            raise ProfileError(f"{profile.source}: {key}: {no_such('item', item, known)}")
    for item in profile.must_have:
        if item in profile.off:
            raise ProfileError(f"{profile.source}: {item} is both in off and in must-have")


def no_such(what: str, name: str, known: Collection[str]) -> str:
    """ "there is no item 'x'; did you mean 'y'?" """
    near = get_close_matches(name, sorted(known), 1, cutoff=0.5)
    return f"there is no {what} '{name}'" + (f"; did you mean '{near[0]}'?" if near else "")
