"""Shows what an audit is doing, on a terminal only. Prints nothing in a pipe."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function to tell each step to; shown on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading the repository") as status:
        yield lambda step: status.update(f"reading {_words(step)}")


def _words(fact: str) -> str:
    """ "BanditFindings" as "bandit findings"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", fact).lower()
