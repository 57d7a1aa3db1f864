"""Knows which reader finds what a command leads to. Reads no file itself but scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from readiness.ci import images, justfiles, makefiles, noxfiles, nps, packages, precommit, pyscripts, taskfiles, tox
from readiness.ci.piece import Call, Piece
from readiness.ci.shell import join
from readiness.repository import Repository

Follower = Callable[[Repository, Call], "list[Piece] | None"]

_BY_TOOL: dict[str, Follower] = {
    "make": makefiles.follow,
    "npm": packages.follow,
    "yarn": packages.follow,
    "pnpm": packages.follow,
    "bun": packages.follow,
    "node": packages.follow,
    "run-s": packages.follow_group,
    "run-p": packages.follow_group,
    "npm-run-all": packages.follow_group,
    "npm-run-all2": packages.follow_group,
    "concurrently": packages.follow_group,
    "nps": nps.follow,
    "turbo": packages.follow_workspaces,
    "nx": packages.follow_workspaces,
    "lerna": packages.follow_workspaces,
    "tox": tox.follow,
    "nox": noxfiles.follow,
    "just": justfiles.follow,
    "task": taskfiles.follow,
    "go-task": taskfiles.follow,
    "poe": pyscripts.follow,
    "hatch": pyscripts.follow,
    "pdm": pyscripts.follow,
    "rye": pyscripts.follow,
    "pixi": pyscripts.follow,
    "mise": pyscripts.follow,
    "docker": images.follow,
    "pre-commit": precommit.follow,
    "prek": precommit.follow,
}
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ash", "source", "."})
_SHEBANG_SHELLS = ("bash", "/sh", " sh", "zsh", "dash")


def follow(
    repository: Repository, argv: tuple[str, ...], folder: str, environment: Mapping[str, str]
) -> list[Piece] | None:
    """The pieces of shell text that the command runs; None where it is no command that leads elsewhere, an empty list
    where it is one and its target was not found."""
    call = Call(argv, folder, dict(environment))
    tool = argv[0].rpartition("/")[2]
    if tool in _SHELLS:
        script = next(iter(call.words), "")
        after = argv[argv.index(script) + 1 :] if script else ()
        return _script(repository, script, folder, _positional(after, environment))
    if argv[0] != tool or tool.endswith((".sh", ".bash")):
        found = _script(repository, argv[0], folder, _positional(argv[1:], environment))
        if found is not None:
            return found
    follower = _BY_TOOL.get(tool)
    if tool == "task" and not taskfiles.exists(repository, folder):
        follower = pyscripts.follow
    return follower(repository, call) if follower is not None else None


def _positional(words: Sequence[str], outer: Mapping[str, str]) -> dict[str, str]:
    """The arguments of a script as `$1` to `$9`; those of the script that calls it do not reach into it."""
    given = {str(number): word for number, word in enumerate(words[:9], 1)}
    return {str(number): "" for number in range(1, 10) if str(number) in outer} | given


def _script(repository: Repository, name: str, folder: str, arguments: dict[str, str]) -> list[Piece] | None:
    """A shell script of the repository, found from the working folder or, failing that, from the root."""
    candidates = list(dict.fromkeys((join(folder, name), join("", name)))) if name else []
    if "/" in name and not any(
        repository.get(path) for path in candidates
    ):  # run where the folder is another, as in a container
        same = [file.path for file in repository.files if file.path.endswith("/" + name.removeprefix("./").lstrip("/"))]
        candidates = same if len(same) == 1 else []
    for path in candidates:
        if repository.get(path) is None:
            continue
        text = repository.read_text(path) or ""
        first = text.partition("\n")[0]
        shell = (
            any(mark in first for mark in _SHEBANG_SHELLS)
            if first.startswith("#!")
            else path.endswith((".sh", ".bash"))
        )
        return [Piece(path, 1, text, folder, arguments)] if shell else None
    return [] if name.endswith((".sh", ".bash")) else None
