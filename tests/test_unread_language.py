"""What is said of a service in a language that is not read: nothing of its code, and all that needs no code."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import judge
from txtar import unpack

from readiness.model import Outcome

RUBY = "".join(f"-- app/models/account_{n}.rb --\nclass Account{n} < ApplicationRecord\nend\n" for n in range(6))
REPOSITORY = f"""-- Gemfile --
source "https://rubygems.org"
gem "rails"
{RUBY}-- app/javascript/application.js --
import "@hotwired/turbo-rails"
-- Dockerfile --
FROM ruby:3.4-slim
COPY . .
CMD ["./bin/rails", "server"]
-- .github/workflows/publish.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t app .
"""


@pytest.mark.parametrize(
    ("item", "outcome"),
    [
        ("observability-liveness", Outcome.UNKNOWN),
        ("config-externalized", Outcome.UNKNOWN),
        ("data-migrations", Outcome.UNKNOWN),
        ("testing-coverage", Outcome.UNKNOWN),
        ("container-image", Outcome.PASS),
        ("container-scan", Outcome.FAIL),
        ("operations-runbook", Outcome.FAIL),
    ],
)
def test_only_what_needs_no_source_is_judged(tmp_path: Path, item: str, outcome: Outcome) -> None:
    unpack(REPOSITORY, tmp_path / "target")
    verdict = judge(item, tmp_path / "target")
    assert verdict.outcome is outcome
    assert outcome is not Outcome.UNKNOWN or "written in Ruby, which is not read" in verdict.message


def test_a_native_shell_around_a_front_end_is_no_unread_service(tmp_path: Path) -> None:
    shell = "".join(f"-- android/app/src/Main{n}.kt --\nclass Main{n}\n" for n in range(8))
    page = '-- package.json --\n{"dependencies": {"react": "19"}}\n-- src/App.jsx --\nexport const App = () => <p>hi</p>;\n'
    unpack(shell + page, tmp_path / "target")
    assert judge("observability-liveness", tmp_path / "target").outcome is Outcome.NOT_APPLICABLE
