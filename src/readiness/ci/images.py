"""Follows image builds and compose services into the commands that they run: RUN lines, a service's command."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository
from readiness.yamldoc import YamlList, YamlMap, load

_COMPOSE = ("compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml")
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
_VALUE_OPTIONS = frozenset({"-f", "--file", "--target", "-t", "--tag", "--build-arg", "--cache-from", "--cache-to", "--platform",
                            "--label", "-o", "--output", "--secret", "--ssh", "--network", "--progress", "--builder",
                            "--exit-code-from", "--profile", "-p", "--project-name", "--env-file", "--scale", "--attach",
                            "--wait-timeout", "--timeout", "--metadata-file", "--iidfile", "--provenance", "--sbom",
                            "--project-directory", "-c", "-m", "--memory", "--no-cache-filter", "--attest",
                            "--build-context"})  # fmt: skip


def follow(repository: Repository, call: Call) -> list[Piece] | None:
    """The RUN lines of `docker build`, and what the services of `docker compose up/run/build` run; None for the rest."""
    words = _words(call)
    if words[:1] == ["compose"]:
        return _compose(repository, call, words[1:]) or None
    if "build" in words[:3]:
        after = words[words.index("build") + 1 :]
        base = join(call.folder, after[-1] if after and "$" not in after[-1] else "")
        named = call.option("-f", "--file")
        return _dockerfile(
            repository, join(call.folder, named) if named else join(base, "Dockerfile"), call.option("--target")
        )
    return None


def _words(call: Call) -> list[str]:
    return [w for i, w in enumerate(call.argv) if i and w[:1] != "-" and call.argv[i - 1] not in _VALUE_OPTIONS]


def _dockerfile(repository: Repository, path: str, target: str = "", command: bool = False) -> list[Piece] | None:
    """The RUN lines up to the target stage; with `command` its CMD or ENTRYPOINT as well."""
    text = repository.read_text(path) if repository.get(path) else None
    if not text:
        return None
    found: list[Piece] = []
    starts: dict[str, Piece] = {}
    for line, name, rest in _instructions(text):
        if name == "FROM":
            if target and starts.get("stage") and starts["stage"].text == target:
                break
            alias = re.search(r"\sAS\s+(\S+)", rest, re.IGNORECASE)
            starts = {"stage": Piece(path, line, alias.group(1) if alias else "")}
        elif name == "RUN":
            body = re.sub(r"^(?:--\S+(?:\s|\\\n)+)+", "", rest)
            found.append(Piece(path, line, _exec_form(body), "", {}, "RUN"))
        elif name in ("CMD", "ENTRYPOINT"):
            starts[name] = Piece(path, line, _exec_form(rest), "", {}, name)
    return found + [piece for key, piece in starts.items() if command and key != "stage"]


def _instructions(text: str) -> list[tuple[int, str, str]]:
    """(line, NAME, rest) of each instruction. Continuations keep their line breaks, so that lines can be counted."""
    found: list[tuple[int, str, str]] = []
    lines = text.splitlines()
    position = 0
    while position < len(lines):
        start, line = position, lines[position]
        position += 1
        if line.lstrip().startswith("#") or not line.strip():
            continue
        while line.rstrip().endswith("\\") and position < len(lines):
            following = lines[position]
            line += "\n" + ("\\" if following.lstrip().startswith("#") else following)
            position += 1
        match = _INSTRUCTION.match(line)
        if match:
            found.append((start + 1, match.group(1).upper(), match.group(2)))
    return found


def _exec_form(text: str) -> str:
    if text.lstrip().startswith("["):
        try:
            words = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return shlex.join(word for word in words if isinstance(word, str)) if isinstance(words, list) else text
    return text


def _compose(repository: Repository, call: Call, words: list[str]) -> list[Piece]:
    verb = next((word for word in words if word in ("up", "run", "build", "exec")), "")
    if not verb or verb == "exec":
        return []
    chosen = words[words.index(verb) + 1 :]
    if verb == "run" and len(chosen) > 1:
        return []  # the command after the service's name is a run of its own
    named = [call.argv[i + 1] for i, word in enumerate(call.argv[:-1]) if word in ("-f", "--file")]
    paths = [join(call.folder, name) for name in named] or [join(call.folder, name) for name in _COMPOSE]
    found: list[Piece] = []
    for path in paths:
        for name, service, holder in _services(repository, path):
            if not chosen or name in chosen:
                found += _service(repository, path, name, service, holder, verb)
    return found


def _services(repository: Repository, path: str) -> list[tuple[str, YamlMap, YamlMap]]:
    try:
        document = load(repository.read_text(path) or "") if repository.get(path) else None
    except ValueError:
        return []  # the compose fact notes it
    listed = document.get("services") if isinstance(document, YamlMap) else None
    return [(k, v, listed) for k, v in listed.items() if isinstance(v, YamlMap)] if isinstance(listed, YamlMap) else []


def _service(repository: Repository, path: str, name: str, service: YamlMap, holder: YamlMap, verb: str) -> list[Piece]:
    """The image build of a service and, when it is started, what it runs."""
    build: Any = service.get("build")
    context = (
        build if isinstance(build, str) else str(build.get("context") or "") if isinstance(build, YamlMap) else None
    )
    own = service.get("command")
    found: list[Piece] = []
    if context is not None:
        base = join(path.rpartition("/")[0], context)
        file = str(build.get("dockerfile") or "Dockerfile") if isinstance(build, YamlMap) else "Dockerfile"
        target = str(build.get("target") or "") if isinstance(build, YamlMap) else ""
        found += _dockerfile(repository, join(base, file), target, verb != "build" and own is None) or []
    if own is not None and verb != "build":
        text = shlex.join(str(w) for w in own) if isinstance(own, YamlList) else str(own)
        found.append(Piece(path, service.text_line("command"), text, "", {}, f"service {name}"))
    return found
