"""Which paths wrappers around an application answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.facts.modules import Modules
from readiness.facts.own_metrics import OwnMetrics
from readiness.facts.path_wrappers import answered_paths
from readiness.facts.services import Services

_ANSWER = "        return Response(status_code=200)\n"
_REST = "    return await call_next(request)\n"


def _answered(modules: Modules) -> list[str]:
    return [found.path for found in answered_paths(modules.by_path, modules)]


@pytest.mark.parametrize(
    ("before", "condition", "body"),
    [
        ("", "request.url.path == '/healthz'", _ANSWER),
        ("PROBE = '/healthz'\n", "request.url.path == PROBE", _ANSWER),
        ("class Settings:\n    probe = '/healthz'\n", "request.url.path in ('/healthz', '/livez')", _ANSWER),
        ("PROBE = '/healthz'\n", "request.scope['path'] == PROBE", "        await send({'status': 200})\n"),
    ],
)
def test_a_compared_path_is_answered(gather: Callable[..., Any], before: str, condition: str, body: str) -> None:
    text = f"-- app.py --\n{before}async def probe(request, call_next):\n    if {condition}:\n{body}{_REST}"
    assert _answered(gather(Modules, text)) == ["/healthz"]


@pytest.mark.parametrize(
    "body",
    [
        "        return await call_next(request)\n",
        "        return\n",
        "        log.debug('probe')\n",
        "        return False\n",
    ],
)
def test_a_path_that_is_passed_on_or_logged_is_not_answered(gather: Callable[..., Any], body: str) -> None:
    text = f"-- app.py --\nasync def probe(request, call_next):\n    if request.url.path == '/healthz':\n{body}{_REST}"
    assert _answered(gather(Modules, text)) == []


def test_a_class_is_told_its_path_where_it_is_added(gather: Callable[..., Any]) -> None:
    text = """-- probe.py --
class Probe:
    def __init__(self, app, path):
        self.app = app
        self.path = path

    async def __call__(self, scope, receive, send):
        if scope["path"] != self.path:
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200})
-- main.py --
from fastapi import FastAPI

from probe import Probe

app = FastAPI()
app.add_middleware(Probe, path="/alive")
"""
    assert _answered(gather(Modules, text)) == ["/alive"]


def test_constants_that_name_each_other_end(gather: Callable[..., Any]) -> None:
    text = f"-- app.py --\nA = B\nB = A\nasync def probe(request, call_next):\n    if request.url.path == A:\n{_ANSWER}{_REST}"
    assert _answered(gather(Modules, text)) == []


def test_one_method_alone_is_no_interface_for_metrics(gather: Callable[..., Any]) -> None:
    text = """-- clock.py --
class Clock:
    def timer(self, name):
        return name


clock = Clock()
-- main.py --
from fastapi import FastAPI

from clock import clock

app = FastAPI()
clock.timer("start")
"""
    assert [gather(OwnMetrics, text).of(service) for service in gather(Services, text).all] == [[]]
