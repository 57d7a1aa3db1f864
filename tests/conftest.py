"""Shared fixtures: a repository from text, and the facts or verdicts found in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from txtar import unpack

from readiness.engine import built_in_facts, run
from readiness.model import Verdict
from readiness.repository import Repository
from readiness.wiring import data_folder, load_rules, plan
from readiness.workshop import Workshop


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[str], Repository]:
    """Makes a repository from txtar text."""

    def make(text: str) -> Repository:
        unpack(text, tmp_path / "target")
        return Repository(tmp_path / "target")

    return make


@pytest.fixture
def gather(repository: Callable[[str], Repository]) -> Callable[..., Any]:
    """`gather(Routes, text)`: the fact of that type found in the repository that the text describes; crashes surface."""

    def find(kind: type, text: str) -> Any:
        values: dict[type, Any] = {Repository: repository(text), Workshop: Workshop(jobs=1)}
        for step in plan([kind], built_in_facts(), values):
            values[step.provides] = step.function(*(values[needed] for needed in step.needs))
        return values[kind]

    return find


def judge(item: str, folder: Path) -> Verdict:
    """The verdict on `item` for the repository in `folder`."""
    rules = [rule for rule in load_rules(data_folder("rules")) if rule.item.id == item]
    return run(Repository(folder), rules, Workshop(jobs=1)).verdicts[item]
