"""What Terraform files say: blocks with type, name, attributes and lines."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.deployment import hcl
from readiness.facts.terraform import Terraform, terraform
from readiness.repository import Repository
from readiness.workshop import Workshop

Make = Callable[[str], Repository]
TEXT = """
-- infra/main.tf --
# resource "commented" "out" {}
resource "aws_ecr_repository" "api" {
  name = "api-${var.stage}"
  image_scanning_configuration {
    scan_on_push = true
  }
}

module "worker" {
  source       = "./ecr"
  scan_on_push = var.scan
}
-- infra/variables.tf --
variable "stage" {}
-- examples/main.tf --
resource "aws_ecr_repository" "sample" {}
"""


def find(repository: Make, text: str) -> Terraform:
    return terraform(repository(text), Workshop(jobs=1))


def test_resources_and_modules(repository: Make) -> None:
    found = find(repository, TEXT)
    (registry,) = found.resources("aws_ecr_repository")
    assert (registry.name, registry.path, registry.line) == ("api", "infra/main.tf", 2)
    assert registry.attributes["name"] == "api-${var.stage}"
    assert registry.values("scan_on_push") == [True] and registry.line_of("scan_on_push") == 5
    (module,) = found.modules()
    assert module.attributes["source"] == "./ecr" and module.values("scan_on_push") == ["${var.scan}"]


def test_what_is_no_hcl_is_noted(repository: Make) -> None:
    target = repository('-- main.tf --\nresource "a" {{{\n')
    assert not terraform(target, Workshop(jobs=1)).all
    assert target.unread[0].path == "main.tf"


def test_deep_nesting_is_refused(repository: Make) -> None:
    target = repository('-- main.tf --\nresource "a" "b" {\n x = ' + "[" * 500 + "]" * 500 + "\n}\n")
    assert not terraform(target, Workshop(jobs=1)).all
    assert "deeper" in target.unread[0].reason


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet='resource "ab"{}=\n[]<EOT', max_size=80))
def test_never_crashes(text: str) -> None:
    try:
        hcl.read("x.tf", ('resource "a" "b" {\n' + text + "\n}\n").encode("utf-8", "replace"))
    except ValueError:
        return
