"""Declares facts and rules, loads rule folders, and plans which fact is computed when. Computes nothing itself."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

import yaml

from readiness.model import Item, Verdict

F = TypeVar("F", bound=Callable[..., Any])


class WiringError(Exception):
    """A rule or fact is put together wrongly; the message is one line that names the place."""


@dataclass(frozen=True)
class Fact:
    """A function that provides the type it returns from the types of its parameters.

    `background`: it mostly waits for another process, so it starts early and runs beside the others.
    """

    provides: type
    function: Callable[..., Any]
    needs: tuple[type, ...]
    background: bool


@dataclass(frozen=True)
class Rule:
    """A checklist item and the function that decides it from facts."""

    item: Item
    check: Callable[..., Verdict]
    needs: tuple[type, ...]
    languages: tuple[str, ...]
    always: bool
    folder: Path = field(compare=False)


def fact(function: F) -> F:
    """Mark a function as the provider of the type it returns."""
    function.__dict__["readiness_fact"] = {"background": False}
    return function


def background_fact(function: F) -> F:
    """Mark a provider that mostly waits for another process."""
    function.__dict__["readiness_fact"] = {"background": True}
    return function


def rule(
    *, weight: int, source: Iterable[str], phase3: bool = False, languages: Iterable[str] = (), always: bool = False
) -> Callable[[F], F]:
    """Mark a function as the check of its folder's item.

    `weight` is 1-5, `source` names the checklist lines that it answers as "Section: line", `phase3` puts it in the gate.
    `languages` are those it reads (python, javascript, go): each needs its fixtures; empty where it reads none.
    `always`: it applies to every repository, so it needs no not_applicable fixture.
    """

    def mark(function: F) -> F:
        function.__dict__["readiness_rule"] = {
            "weight": weight,
            "source": tuple(source),
            "phase3": phase3,
            "languages": tuple(languages),
            "always": always,
        }
        return function

    return mark


@cache
def known(rule_file: str, name: str = "known.yaml") -> dict[str, Any]:
    """The knowledge (YAML) that lies beside a rule or fact module; call with `__file__`."""
    path = Path(rule_file).with_name(name)
    try:
        knowledge = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise WiringError(f"{path} cannot be read: {error}") from None
    if not isinstance(knowledge, dict):
        raise WiringError(f"{path} must be a mapping")
    return knowledge


def data_folder(name: str) -> Path:
    """The folder `rules` or `templates`: in a wheel inside the package, in a checkout at its top level.

    Raises WiringError where neither exists.
    """
    package = Path(__file__).parent
    checkout = {"rules": "rules", "templates": "reports/templates"}[name]
    for candidate in (package / "_data" / name, package.parents[1] / checkout):
        if candidate.is_dir():
            return candidate
    raise WiringError(f"the {name} folder is missing from this installation")


def load_rules(folder: Path) -> list[Rule]:
    """Every rule below `folder` (group/rule/rule.py), sorted by id. Raises WiringError."""
    found = [_load_rule(path) for path in sorted(folder.glob("*/*/rule.py"))]
    if not found:
        raise WiringError(f"no rule (group/rule/rule.py) below {folder}")
    return sorted(found, key=lambda r: r.item.id)


def _load_rule(path: Path) -> Rule:
    group, name = path.parent.parent.name, path.parent.name
    module = _load_module(path, f"readiness_rule_{group}_{name}")
    checks = [f for f in vars(module).values() if inspect.isfunction(f) and "readiness_rule" in f.__dict__]
    if len(checks) != 1:
        raise WiringError(f"{path}: exactly one function must carry @rule, found {len(checks)}")
    settings = checks[0].__dict__["readiness_rule"]
    page = inspect.cleandoc(module.__doc__ or "")
    for heading in ("## Why", "## Fix"):
        if heading not in page:
            raise WiringError(f"{path}: the module docstring is the rule's page and lacks '{heading}'")
    item = Item(
        id=f"{group}-{name}".replace("_", "-"),
        title=page.splitlines()[0].rstrip("."),
        group=group,
        weight=settings["weight"],
        phase3=settings["phase3"],
        source=settings["source"],
        page=page,
        remediation=re.split(r"^## Fix\s*$", page, flags=re.MULTILINE)[1].split("\n## ")[0].strip(),
    )
    needs, returns = _signature(checks[0])
    if returns is not Verdict:
        raise WiringError(f"{path}: {checks[0].__name__} must be annotated to return Verdict")
    return Rule(item, checks[0], needs, settings["languages"], settings["always"], path.parent)


def _load_module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise WiringError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (ImportError, NameError, SyntaxError, TypeError) as error:
        raise WiringError(f"{path} cannot be loaded: {error}") from error
    return module


def _signature(function: Callable[..., Any]) -> tuple[tuple[type, ...], type]:
    try:
        hints = get_type_hints(function)
    except NameError as error:
        raise WiringError(
            f"{function.__module__}.{function.__qualname__}: {error}; import fact types at run time, not under TYPE_CHECKING"
        ) from None
    returns = hints.pop("return", None)
    parameters = inspect.signature(function).parameters
    missing = [name for name in parameters if name not in hints]
    if missing or returns is None:
        raise WiringError(
            f"{function.__module__}.{function.__qualname__}: {missing or 'return'} has no type annotation"
        )
    return tuple(hints[name] for name in parameters), returns


def facts_in(modules: Iterable[ModuleType]) -> dict[type, Fact]:
    """The facts that `modules` declare, by the type they provide. Raises WiringError for two providers of one type."""
    provided: dict[type, Fact] = {}
    for module in modules:
        for function in vars(module).values():
            if not inspect.isfunction(function) or "readiness_fact" not in function.__dict__:
                continue
            if function.__module__ != module.__name__:
                continue
            needs, returns = _signature(function)
            if returns in provided:
                raise WiringError(f"{returns.__name__} has two providers: {module.__name__} and "
                                  f"{provided[returns].function.__module__}")  # fmt: skip
            provided[returns] = Fact(returns, function, needs, function.__dict__["readiness_fact"]["background"])
    return provided


def plan(wanted: Iterable[type], facts: dict[type, Fact], given: Iterable[type]) -> list[Fact]:
    """The facts to compute for `wanted`, each after what it needs. Raises WiringError for what nobody provides, or a cycle."""
    order: list[Fact] = []
    done = set(given)
    open_: list[type] = []

    def visit(kind: type, asker: str) -> None:
        if kind in done:
            return
        if kind in open_:
            raise WiringError(f"facts need each other in a circle: {' -> '.join(t.__name__ for t in [*open_, kind])}")
        if kind not in facts:
            raise WiringError(f"{asker} asks for {getattr(kind, '__name__', kind)}, which no fact provides")
        open_.append(kind)
        for needed in facts[kind].needs:
            visit(needed, facts[kind].function.__qualname__)
        open_.pop()
        done.add(kind)
        order.append(facts[kind])

    for kind in wanted:
        visit(kind, "a rule")
    return order
