"""What the code uses of a library, under whatever name it was imported; words in comments and strings are no uses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readiness.facts.uses import Uses, matches

Gather = Callable[[type, str], Uses]


@pytest.mark.parametrize(
    "source",
    [
        "from prometheus_client import start_http_server\nstart_http_server(9000)\n",
        "import prometheus_client\nprometheus_client.start_http_server(9000)\n",
        "import prometheus_client as prom\nprom.start_http_server(9000)\n",
        "from prometheus_client import start_http_server as serve\nserve(9000)\n",
    ],
)
def test_python_names_are_resolved(gather: Gather, source: str) -> None:
    found = gather(Uses, f"-- app.py --\n{source}").of(["prometheus_client.start_http_server"])
    assert [(use.how, use.where.line) for use in found] == [("call", 2)]


@pytest.mark.parametrize(
    "source",
    [
        "const helmet = require('helmet');\napp.use(helmet());\n",
        "import helmet from 'helmet';\napp.use(helmet());\n",
        "import shield from 'helmet';\napp.use(shield());\n",
    ],
)
def test_javascript_names_are_resolved(gather: Gather, source: str) -> None:
    found = gather(Uses, f"-- app.js --\n{source}").of(["helmet", "helmet.default"], how=("call",))
    assert [use.where.line for use in found] == [2]


def test_go_names_are_resolved_through_an_alias(gather: Gather) -> None:
    source = 'package main\n\nimport prom "github.com/prometheus/client_golang/prometheus/promhttp"\n\nvar h = prom.Handler()\n'
    found = gather(Uses, f"-- go.mod --\nmodule example.com/x\n-- main.go --\n{source}")
    assert [use.where.line for use in found.of(["github.com/prometheus/client_golang/prometheus/promhttp.*"])] == [5]


def test_what_only_speaks_of_a_library_does_not_use_it(gather: Gather) -> None:
    source = "# start_http_server(9000)\nNOTE = 'call prometheus_client start_http_server'\nimport prometheus_client\n"
    text = f"-- app.py --\n{source}-- tests/test_x.py --\nimport prometheus_client\nprometheus_client.start_http_server(1)\n"
    found = gather(Uses, text)
    assert found.of(["prometheus_client.*"]) == []
    assert [use.where.line for use in found.of(["prometheus_client*"], how=("import",))] == [3]


def test_django_s_dotted_names_are_uses(gather: Gather) -> None:
    text = "-- settings.py --\nMIDDLEWARE = [\n    'django.middleware.security.SecurityMiddleware',\n]\n"
    found = gather(Uses, text).of(["django.middleware.security.SecurityMiddleware"])
    assert [use.how for use in found] == ["text"]


def test_bases_decorators_and_references_are_uses_each_of_its_kind(gather: Gather) -> None:
    source = "import lib\n\n\nclass User(lib.Base):\n    pass\n\n\n@lib.task\ndef run():\n    pass\n\n\nHANDLER = lib.handler\n"
    found = gather(Uses, f"-- app.py --\n{source}").of(["lib.*"])
    assert {use.symbol: use.how for use in found} == {
        "lib.Base": "base",
        "lib.task": "decorator",
        "lib.handler": "reference",
    }


def test_uses_can_be_kept_to_some_files(gather: Gather) -> None:
    text = "-- a.py --\nimport lib\nlib.x()\n-- b.py --\nimport lib\nlib.x()\n"
    assert [use.where.path for use in gather(Uses, text).of(["lib.x"], ["b.py"])] == ["b.py"]


def test_a_star_stands_for_anything_and_case_matters() -> None:
    assert matches("a.b.c", ["a.*"])
    assert matches("a", ["a"])
    assert not matches("a.B", ["a.b"])
    assert not matches("xa.b", ["a.*"])
