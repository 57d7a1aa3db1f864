"""Where images are scanned for known vulnerabilities: steps of CI, registries that scan on push, and reports handed in.

Tells scans of an image apart from linters and scans of files; creating a list of components (SBOM) is no scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from readiness.deployment.hcl import Block
from readiness.deployment.reports import read_report
from readiness.facts.ci import ActionRun, Pipelines, ToolRun
from readiness.facts.terraform import Terraform
from readiness.model import Evidence
from readiness.repository import Repository, Role
from readiness.wiring import fact, known
from readiness.yamldoc import as_text

__all__ = ["ImageScan", "ImageScans", "image_scans"]


class ImageScan(Struct, frozen=True):
    """A scan. `kind`: ci (of an image, in CI), registry (on push), report (handed in) or files (a linter or a scan of
    files alone). `target` is the image as written, or the registry's host. `severe` counts the critical and high findings
    of a report, -1 where it is none."""

    tool: str
    kind: str
    chain: tuple[Evidence, ...]
    target: str = ""
    severe: int = -1
    triggers: frozenset[str] = frozenset()


class ImageScans:
    """All of them; `pushed_to` are the registries' hosts that CI names."""

    def __init__(self, scans: Iterable[ImageScan] = (), pushed_to: Iterable[str] = ()) -> None:
        """Keep them in the order found."""
        self.all = tuple({(s.tool, s.kind, s.chain, s.target): s for s in scans}.values())
        self.pushed_to = tuple(dict.fromkeys(pushed_to))

    def of(self, *kinds: str) -> list[ImageScan]:
        """The scans of any of `kinds`."""
        return [scan for scan in self.all if scan.kind in kinds]


@fact
def image_scans(repository: Repository, pipelines: Pipelines, terraform: Terraform) -> ImageScans:
    """Look through CI, Terraform and the reports checked in."""
    found = [scan for run in pipelines.runs if (scan := _of_run(run)) is not None]
    found += [scan for action in pipelines.actions if (scan := _of_action(action)) is not None]
    found += _of_registries(terraform)
    found += _of_reports(repository)
    return ImageScans(found, _hosts(pipelines))


def _known() -> dict[str, Any]:
    return known(__file__, "image_scans.yaml")


def _of_run(run: ToolRun) -> ImageScan | None:
    words = _inside_docker_run(run.argv)
    for kind, entries in (("ci", _known()["commands"]), ("files", _known()["weak_commands"])):
        for entry in entries:
            if _is(entry, words):
                return ImageScan(words[0], kind, run.chain, _target(words), triggers=run.triggers)
    return None


def _is(entry: dict[str, Any], words: tuple[str, ...]) -> bool:
    wanted, rest = entry["words"], iter(words[1:])
    if words[0].rpartition("/")[2] != wanted[0] or not all(word in rest for word in wanted[1:]):
        return False
    if len(words) == 1 or {"--version", "version", "--help"} & set(words[1:2]):
        return False
    if entry.get("next") and words[1] != wanted[1]:
        return False
    refused = entry.get("not", ())
    return not any(word == bad or (bad.endswith(":") and word.startswith(bad)) for word in words[1:] for bad in refused)


def _inside_docker_run(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command that `docker run <scanner's image> ...` comes to; other commands as they are."""
    if argv[:2] in (("docker", "run"), ("podman", "run")):
        for index, word in enumerate(argv[2:], 2):
            tool = _known()["program_images"].get(re.split(r"[:@](?!/)", word)[0].removeprefix("docker.io/"))
            if tool:
                return (tool, *argv[index + 1 :])
    return argv


def _target(words: tuple[str, ...]) -> str:
    """The last word that is no option: the image."""
    return next((word for word in reversed(words[1:]) if not word.startswith("-")), "")


def _of_action(action: ActionRun) -> ImageScan | None:
    name = action.name.lower()
    for sign, needs in _known()["actions"].items():
        if _names(name, sign.lower()) and _fits(action, needs):
            inputs = ("image-ref", "image", "image-reference", "image-name", "image-tag", "docker-image-name")
            target = next((action.inputs[key] for key in inputs if action.inputs.get(key)), "")
            return ImageScan(action.name, "ci", action.chain, target, triggers=action.triggers)
    if re.search(_known()["own_actions"], name.rpartition("/")[2]):
        return ImageScan(action.name, "ci", action.chain, triggers=action.triggers)
    if any(_names(name, sign.lower()) for sign in _known()["weak_actions"]):
        return ImageScan(action.name, "files", action.chain, triggers=action.triggers)
    return None


def _names(name: str, sign: str) -> bool:
    return name == sign or name.endswith("/" + sign) or ("/" in sign and name.startswith(sign + "/"))


def _fits(action: ActionRun, needs: dict[str, Any]) -> bool:
    inputs = {key.lower(): value.strip() for key, value in action.inputs.items()}
    wanted = needs.get("image")
    if wanted and not any(inputs.get(key) for key in wanted):
        return False
    return all(inputs.get(key.lower(), "") in values for key, values in needs.get("when", {}).items())


def _of_registries(terraform: Terraform) -> Iterator[ImageScan]:
    for type_, sign in _known()["registries"].items():
        for block in terraform.resources(type_):
            if _is_on(block, sign, terraform):
                place = Evidence(block.path, block.line_of(sign["attribute"]))
                used = _module_use(block, terraform)
                yield ImageScan(type_, "registry", (place, *used), sign["host"])


def _is_on(block: Block, sign: dict[str, Any], terraform: Terraform) -> bool:
    """Whether the attribute is on: literally, or by a variable of the module that no caller sets otherwise."""
    for value in block.values(sign["attribute"]):
        text = as_text(value)
        variable = re.fullmatch(r"\$\{var\.(\w+)\}", text)
        if text in sign["values"]:
            return True
        if variable:
            return _variable_is_on(block, variable[1], sign["values"], terraform)
    return False


def _variable_is_on(block: Block, name: str, on: list[str], terraform: Terraform) -> bool:
    callers = _callers(block, terraform)
    given = [as_text(caller.attributes[name]) for caller in callers if name in caller.attributes]
    default = terraform.variable(block.path.rpartition("/")[0], name)
    values = given if len(given) == len(callers) and given else [*given, as_text(default)]
    return any(value in on for value in values)


def _callers(block: Block, terraform: Terraform) -> list[Block]:
    folder = block.path.rpartition("/")[0].rpartition("/")[2]
    return [
        m for m in terraform.modules() if as_text(m.attributes.get("source")).rstrip("/").rpartition("/")[2] == folder
    ]


def _module_use(block: Block, terraform: Terraform) -> tuple[Evidence, ...]:
    return tuple(Evidence(caller.path, caller.line) for caller in _callers(block, terraform)[:2])


def _of_reports(repository: Repository) -> Iterator[ImageScan]:
    settings = _known()["reports"]
    for file in repository.select(*settings["names"], roles=(Role.CONFIG, Role.SOURCE, Role.DOCS)):
        words = {word for part in file.folder.lower().split("/") for word in re.split(r"[-_]", part)}
        if not words <= set(settings["folders"]):
            continue
        text = repository.read_text(file.path, 10_000_000)
        try:
            report = read_report(text) if text else None
        except (ValueError, RecursionError) as error:
            repository.note_unread(file.path, "scan report", str(error)[:200])
            continue
        if report is not None:
            yield ImageScan(report.tool, "report", (Evidence(file.path),), report.target, report.severe)


def _hosts(pipelines: Pipelines) -> Iterator[str]:
    """The hosts in the names of images that CI builds or pushes."""
    texts = [run.text for run in pipelines.running("docker", "podman", "buildah", "skopeo", "crane")]
    texts += [value for action in pipelines.actions for value in action.inputs.values()]
    for text in texts:
        yield from (host for host in _known()["hosts"] if host in text)
