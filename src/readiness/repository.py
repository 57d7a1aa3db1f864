"""The audited repository as data: its files, each classified, read within bounds. Runs nothing of it, follows no link out."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from enum import StrEnum
from fnmatch import translate
from functools import cached_property
from pathlib import Path, PurePosixPath

import rignore
from msgspec import Struct, structs

from readiness.model import Unread

MAX_BYTES = 1_500_000
"""Larger files are listed as unread; lock files and reports that a fact wants pass their own bound."""

MAX_FILES = 200_000


class TargetError(Exception):
    """The target cannot be audited at all; the message is one sentence for the user."""


class Role(StrEnum):
    """What a file is there for. Only `source` and `config` are evidence of run-time behaviour."""

    SOURCE = "source"
    TEST = "test"
    EXAMPLE = "example"
    DOCS = "docs"
    VENDORED = "vendored"
    GENERATED = "generated"
    CONFIG = "config"


LANGUAGES = {
    ".py": "python", ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".ts": "javascript", ".tsx": "javascript", ".mts": "javascript", ".cts": "javascript", ".go": "go",
}  # fmt: skip
_DIRECTORY_ROLES = (
    (Role.VENDORED, {"vendor", "node_modules", "third_party", "thirdparty", "bower_components", "site-packages", ".yarn",
                     "external_libs", "_vendor", ".venv", "venv"}),
    (Role.TEST, {"test", "tests", "__tests__", "testing", "spec", "specs", "e2e", "testdata", "test_data", "fixtures",
                 "__fixtures__", "__mocks__", "mocks", "cypress", "playwright", "integration_tests", "it", "unit",
                 "test-utils", "testutil", "testutils", "test-helpers"}),
    (Role.EXAMPLE, {"example", "examples", "sample", "samples", "demo", "demos", "_examples", "cookbook", "contrib",
                    "quickstart"}),
    (Role.DOCS, {"docs", "doc", "documentation", "website", "handbook", "wiki"}),
)  # fmt: skip
_TEST_FOLDER = re.compile(
    r"^(unit|func|functional|integration|acceptance|e2e|smoke|system|api|load|perf|performance)[-_]?tests?$"
)
_BUILT_FOLDERS = {"dist", ".next", ".nuxt", "coverage", "htmlcov", "__pycache__", "out-tsc"}
_TEST_FILE = re.compile(
    r"(^|/)(test_[^/]*|[^/]*_test|[^/]*[._-](test|spec|e2e-spec|e2e|cy|stories|mock)|conftest|tests?|testhelpers?|"
    r"([^/]*[._-])?mock[._-]?(api[._-]?)?server|"
    r"(jest|vitest|mocha|playwright)[^/]*[._-](setup|teardown)[^/]*|setup-?tests?|global-?(setup|teardown))\.[a-z]+$"
)
_GENERATED_FILE = re.compile(
    r"(\.pb\.go|_pb2(_grpc)?\.pyi?|\.pb\.gw\.go|\.gen\.(go|ts)|\.generated\.[jt]sx?|_generated\.go|\.min\.(js|css)|\.d\.ts|"
    r"_grpc_pb\.js|_pb\.js|\.bundle\.js|-bundle\.js|_mock\.go|mock_[^/]*\.go|wire_gen\.go|zz_generated[^/]*\.go)$"
)
_MEDIA = {
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".avif", ".mp4", ".webm", ".mov", ".mp3"),
    *(".woff", ".woff2", ".ttf", ".eot", ".otf", ".pdf", ".zip", ".gz"),
}
_DOC_SUFFIXES = {".md", ".mdx", ".rst", ".adoc", ".txt"}


class File(Struct, frozen=True, order=True):
    """A regular file of the target. `path` is POSIX and relative to the audited folder; `size` in bytes."""

    path: str
    size: int
    role: Role
    language: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The folder's path, "" at the root."""
        return self.path.rpartition("/")[0]


def classify(path: str) -> Role:
    """The role that a path's folders and name give it."""
    parts = PurePosixPath(path).parts
    folders = {part.lower() for part in parts[:-1]}
    for role, names in _DIRECTORY_ROLES[:2]:
        if folders & names and not _in_source_tree(parts, names):
            return role
    if any(_TEST_FOLDER.match(folder) for folder in folders):
        return Role.TEST
    lowered = path.lower()
    suffix = PurePosixPath(lowered).suffix
    if suffix in LANGUAGES and folders & _BUILT_FOLDERS:
        return Role.GENERATED
    if suffix in LANGUAGES and _TEST_FILE.search(lowered):
        return Role.TEST
    if _GENERATED_FILE.search(lowered):
        return Role.GENERATED
    for role, names in _DIRECTORY_ROLES[2:]:
        if folders & names:
            return role
    if suffix in LANGUAGES:
        return Role.SOURCE
    return Role.DOCS if suffix in _DOC_SUFFIXES else Role.CONFIG


def _in_source_tree(parts: tuple[str, ...], names: set[str]) -> bool:
    """Whether the folder that names a role is a plain package inside application code (app/testing/api.py is a feature)."""
    hits = [part.lower() for part in parts[:-1] if part.lower() in names]
    ambiguous = {"testing", "it", "unit", "fixtures", "mocks", "spec"}
    return bool(hits) and set(hits) <= {"it", "unit"} & ambiguous and parts[0].lower() not in names


def _examples_as_source(files: list[File]) -> tuple[File, ...]:
    """Where all the code lies under examples or demos, that is what the repository is: it is read as source."""
    roles = {file.role for file in files if file.language}
    if Role.SOURCE in roles or Role.EXAMPLE not in roles:
        return tuple(files)
    return tuple(
        structs.replace(file, role=Role.SOURCE if file.language else Role.CONFIG) if file.role is Role.EXAMPLE else file
        for file in files
    )


class Repository:
    """A folder under audit. Immutable but for `unread`, where readers note what they could not take in."""

    def __init__(self, root: Path, exclude: Iterable[str] = ()) -> None:
        """List `root`. `exclude` are glob patterns of paths to leave out. Raises TargetError where nothing can be audited."""
        self.root = root.resolve()
        self.unread: list[Unread] = []
        self._exclude = [re.compile(translate(p.rstrip("/") + ("/*" if p.endswith("/") else ""))) for p in exclude]
        self._check_root(root)
        self.files: tuple[File, ...] = _examples_as_source(sorted(self._list()))
        if not self.files:
            raise TargetError(f"{root} holds no files to audit")
        self._by_path = {file.path: file for file in self.files}

    @staticmethod
    def _check_root(root: Path) -> None:
        if not root.exists():
            raise TargetError(f"{root} does not exist")
        if not root.is_dir():
            raise TargetError(f"{root} is a file; give the folder of a repository")
        try:
            with os.scandir(root) as entries:
                next(entries, None)
        except OSError as error:
            raise TargetError(f"{root} cannot be read: {error.strerror}") from None

    def _list(self) -> Iterator[File]:
        for count, path in enumerate(self._git_paths() or self._walked_paths()):
            if count >= MAX_FILES:
                self.unread.append(Unread(path, "files", f"the target holds more than {MAX_FILES:,} files"))
                return
            if any(pattern.match(path) for pattern in self._exclude):
                continue
            if (shown := _shown(path)) != path:
                self.note_unread(shown, "files", "its name is not UTF-8")
                continue
            full = self.root / path
            try:
                status = full.lstat()
            except OSError:
                continue  # listed in the index, deleted in the working tree
            if full.is_symlink():
                if not self._inside(full):
                    self.unread.append(Unread(path, "files", "a link that leads outside the target"))
                continue
            if not os.path.isfile(full):  # noqa: PTH113 - a FIFO or device must not be opened
                continue
            if not self._inside(full.parent):
                self.unread.append(Unread(path, "files", "lies behind a link that leads outside the target"))
                continue
            role = classify(path)
            yield File(path, status.st_size, role, LANGUAGES.get(PurePosixPath(path).suffix.lower(), ""))

    def _inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):  # a loop of links
            return False

    def _git(self, *arguments: str) -> str | None:
        """What git prints, or None where there is no git or no repository. The target's own settings run nothing."""
        command = ["git", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "safe.directory=*",
                   "-c", "core.untrackedCache=false", "-c", "core.quotePath=false", "-C", str(self.root), *arguments]  # fmt: skip
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_OPTIONAL_LOCKS": "0",
                        "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=120, env=environment, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return os.fsdecode(done.stdout) if done.returncode == 0 else None

    def _git_paths(self) -> list[str]:
        listed = self._git("ls-files", "-zco", "--exclude-standard")
        return sorted({path for path in listed.split("\0") if path}) if listed else []

    def _walked_paths(self) -> list[str]:
        """The paths below `root` that no .gitignore leaves out, for a target that is no git repository."""
        entries = rignore.walk(self.root, ignore_hidden=False, follow_links=False, require_git=False)
        walked, unnamed = _entries(iter(entries))
        folders = [path for path in walked if path.is_dir() and not path.is_symlink()]
        paths = set(walked) - set(folders)
        if unnamed:  # the walker does not say which entries these are
            paths |= {path for folder in folders for path in folder.iterdir() if _shown(str(path)) != str(path)}
        relative = (path.relative_to(self.root).as_posix() for path in paths)
        return sorted(path for path in relative if not path.startswith(".git/"))

    @cached_property
    def commit(self) -> str:
        """The commit that is checked out, "" where that cannot be said."""
        return (self._git("rev-parse", "HEAD") or "").strip()

    @cached_property
    def content_digest(self) -> str:
        """A digest over the path and content of every file; of pictures, fonts and media only the size counts."""
        state = hashlib.blake2b(digest_size=16)
        for file in self.files:
            state.update(f"{file.path}\0{file.size}\0{file.role}\0".encode("utf-8", "surrogateescape"))
            if file.size > MAX_BYTES or PurePosixPath(file.path).suffix.lower() in _MEDIA:
                continue
            try:
                state.update(hashlib.blake2b((self.root / file.path).read_bytes(), digest_size=16).digest())
            except OSError as error:
                state.update(f"unreadable {error.errno}".encode())
        return state.hexdigest()

    def get(self, path: str) -> File | None:
        """The file at exactly `path`."""
        return self._by_path.get(path)

    def select(
        self, *names: str, suffixes: tuple[str, ...] = (), language: str = "", roles: Iterable[Role] = ()
    ) -> list[File]:
        """The files that match any of the glob `names` (on the last part of the path, case-insensitively), one of
        `suffixes`, `language` and `roles`, each where given, in order of their paths."""
        patterns = [re.compile(translate(name.lower())) for name in names]
        wanted = set(roles)
        return [
            file
            for file in self.files
            if (not wanted or file.role in wanted)
            and (not language or file.language == language)
            and (not suffixes or file.path.lower().endswith(suffixes))
            and (not patterns or any(p.match(file.name.lower()) for p in patterns))
        ]

    def read_bytes(self, path: str, limit: int = MAX_BYTES) -> bytes | None:
        """The content, or None (and an `unread` note) where it is larger than `limit` bytes or cannot be read."""
        file = self._by_path.get(path)
        if file is None:
            return None
        if file.size > limit:
            self.note_unread(path, "files", f"{file.size:,} bytes is over the bound of {limit:,}")
            return None
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            self.note_unread(path, "files", f"cannot be read: {error.strerror}")
            return None

    def read_text(self, path: str, limit: int = MAX_BYTES) -> str | None:
        """The content as text (UTF-8, a BOM dropped; what is not UTF-8 is replaced), None as for `read_bytes` and for
        binary files."""
        content = self.read_bytes(path, limit)
        if content is None:
            return None
        if b"\0" in content[:8192]:
            self.note_unread(path, "files", "is binary")
            return None
        return content.decode("utf-8-sig", "replace")

    def note_unread(self, path: str, reader: str, reason: str) -> None:
        """Record that `reader` could not take `path` in."""
        entry = Unread(path, reader, reason)
        if entry not in self.unread:
            self.unread.append(entry)


def _entries(walker: Iterator[Path]) -> tuple[list[Path], bool]:
    """What `walker` yields, and whether it met names that are not UTF-8, on which it raises ValueError and goes on."""
    found: list[Path] = []
    unnamed = False
    while True:
        try:
            found.append(next(walker))
        except StopIteration:
            return found, unnamed
        except ValueError:
            unnamed = True


def _shown(path: str) -> str:
    """`path` itself, or with escapes where the bytes of the name are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
