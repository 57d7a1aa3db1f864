"""What a Dockerfile is made of: instructions in stages."""

from __future__ import annotations

from msgspec import Struct

from readiness.repository import Role


class Instruction(Struct, frozen=True):
    """A Dockerfile instruction: `name` in upper case, `values` its words, `json` whether in exec form, `flags` --x=y.

    As BuildKit splits them: RUN, CMD and ENTRYPOINT in shell form hold one string (heredocs behind it), ENV and LABEL
    alternate name and value, HEALTHCHECK begins with CMD or NONE.
    """

    name: str
    values: tuple[str, ...]
    line: int
    json: bool = False
    flags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words as one line."""
        return " ".join(self.values)

    def flag(self, name: str) -> str:
        """The value of --name=value, "" where it is not given."""
        return next((flag.partition("=")[2] for flag in self.flags if flag.partition("=")[0] == f"--{name}"), "")


class Stage(Struct, frozen=True):
    """A build stage: `base` with ARG defaults filled in, `alias` its AS name, `instructions` without FROM."""

    base: str
    alias: str
    line: int
    instructions: tuple[Instruction, ...]
    flags: tuple[str, ...] = ()

    def named(self, *names: str) -> list[Instruction]:
        """The instructions of any of `names` (upper case)."""
        return [instruction for instruction in self.instructions if instruction.name in names]

    def last(self, name: str) -> Instruction | None:
        """The last instruction called `name`, the one that holds for USER, CMD, ENTRYPOINT and HEALTHCHECK."""
        return next((i for i in reversed(self.instructions) if i.name == name), None)


class Dockerfile(Struct, frozen=True):
    """One Dockerfile or Containerfile. `role` as of its file (a test image is no production image)."""

    path: str
    role: Role
    stages: tuple[Stage, ...]

    @property
    def folder(self) -> str:
        """Its directory, "" at the root."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def final(self) -> Stage | None:
        """The stage that is the image, unless a target is named."""
        return self.stages[-1] if self.stages else None

    def stage(self, target: str) -> Stage | None:
        """The stage that `target` names by alias or number; the final one for ""."""
        if not target:
            return self.final
        named = next((s for s in self.stages if s.alias.lower() == target.lower()), None)
        if named is None and target.isdigit() and int(target) < len(self.stages):
            return self.stages[int(target)]
        return named

    def lineage(self, stage: Stage | None = None) -> tuple[Stage, ...]:
        """`stage` (default: the final one) and the stages it builds on by FROM, nearest first."""
        chain: list[Stage] = []
        current = stage or self.final
        while current is not None and current not in chain:
            chain.append(current)
            earlier = self.stages[: self.stages.index(current)]
            current = next((s for s in reversed(earlier) if s.alias and s.alias.lower() == current.base.lower()), None)
        return tuple(chain)

    @property
    def base(self) -> str:
        """The external image that the final stage rests on, through stages; "" without stages."""
        chain = self.lineage()
        return chain[-1].base if chain else ""


class BuildPlan(Struct, frozen=True):
    """A file by which `tool` (compose, bake, skaffold, goreleaser) builds images from the Dockerfiles at the paths
    `dockerfiles`; `others` names the builders it uses without a Dockerfile (ko, buildpacks, jib, bazel)."""

    tool: str
    path: str
    line: int
    dockerfiles: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
