"""Health endpoints: which routes are one, what they test, and whether they can say that something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.facts.health import Health, HealthEndpoint, is_health_path
from readiness.facts.services import Services

Gather = Callable[[type, str], Any]


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/healthz",
        "/livez",
        "/readyz",
        "/ping",
        "/api/v1/health",
        "/_status",
        "/__heartbeat__",
        "/health/db",
        "/up",
    ],
)
def test_names_of_health_routes(path: str) -> None:
    assert is_health_path(path)


@pytest.mark.parametrize(
    "path", ["/", "", "/orders", "/orders/{id}/status", "/users/{id}/health", "/shipments/status", "/healthy-recipes"]
)
def test_names_that_only_look_like_it(path: str) -> None:
    assert not is_health_path(path)


@given(st.text(max_size=80))
def test_any_path_can_be_asked(path: str) -> None:
    assert is_health_path(path) in (True, False)


@pytest.fixture
def endpoints(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[HealthEndpoint, ...]]:
    def find(text: str) -> tuple[HealthEndpoint, ...]:
        health = gather(Health, text)
        return tuple(health.of(gather(Services, text).all[0]))

    return find


FASTAPI = "-- app.py --\nfrom fastapi import FastAPI, HTTPException\nfrom db import engine\n\napp = FastAPI()\n\n\n"
DB = "-- db.py --\nfrom sqlalchemy import create_engine\nimport os\n\nengine = create_engine(os.environ['URL'])\n"


def test_a_route_that_answers_ok_tests_nothing(endpoints: Callable[..., tuple[HealthEndpoint, ...]]) -> None:
    (found,) = endpoints(f"{FASTAPI}@app.get('/healthz')\ndef healthz():\n    return 'ok'\n{DB}")
    assert (found.path, found.promises, found.checks, found.can_fail) == ("/healthz", "liveness", (), False)


def test_a_query_that_may_raise_can_fail(endpoints: Callable[..., tuple[HealthEndpoint, ...]]) -> None:
    body = "    with engine.connect() as connection:\n        connection.execute('SELECT 1')\n    return 'ok'\n"
    (found,) = endpoints(f"{FASTAPI}@app.get('/readyz')\ndef readyz():\n{body}{DB}")
    assert found.promises == "readiness"
    assert found.checks
    assert found.can_fail


def test_a_query_whose_failure_is_swallowed_cannot(endpoints: Callable[..., tuple[HealthEndpoint, ...]]) -> None:
    body = (
        "    try:\n        engine.connect().execute('SELECT 1')\n        up = True\n    except Exception:\n        up = False\n"
        "    return {'database': up}\n"
    )
    (found,) = endpoints(f"{FASTAPI}@app.get('/readyz')\ndef readyz():\n{body}{DB}")
    assert found.checks
    assert not found.can_fail


def test_the_check_is_followed_into_a_function_of_another_module(
    endpoints: Callable[..., tuple[HealthEndpoint, ...]],
) -> None:
    (found,) = endpoints(
        "-- go.mod --\nmodule example.com/x\n"
        '-- main.go --\npackage main\n\nimport (\n\t"net/http"\n\n\t"example.com/x/store"\n)\n\n'
        "func ready(w http.ResponseWriter, r *http.Request) {\n\tif store.Check(r.Context()) != nil {\n"
        "\t\tw.WriteHeader(http.StatusServiceUnavailable)\n\t}\n}\n\n"
        'func main() {\n\thttp.HandleFunc("/readyz", ready)\n\t_ = http.ListenAndServe(":80", nil)\n}\n'
        '-- store/store.go --\npackage store\n\nimport (\n\t"context"\n\t"database/sql"\n)\n\nvar db *sql.DB\n\n'
        "func Check(ctx context.Context) error {\n\treturn db.PingContext(ctx)\n}\n"
    )
    assert [check.path for check in found.checks] == ["store/store.go"]
    assert found.can_fail


def test_a_tagged_template_is_a_query(endpoints: Callable[..., tuple[HealthEndpoint, ...]]) -> None:
    (found,) = endpoints(
        '-- package.json --\n{"name": "x", "dependencies": {"express": "4", "postgres": "3"}}\n'
        "-- app.js --\nconst express = require('express');\nconst sql = require('postgres')(process.env.URL);\n"
        "const app = express();\napp.get('/readyz', async (req, res) => {\n  try {\n    await sql`SELECT 1`;\n    res.end();\n"
        "  } catch {\n    res.status(503).end();\n  }\n});\napp.listen(3000);\n"
    )
    assert found.checks
    assert found.can_fail


def test_a_library_s_route_counts_by_what_the_library_does(
    endpoints: Callable[..., tuple[HealthEndpoint, ...]],
) -> None:
    (found,) = endpoints(
        "-- requirements.txt --\ndjango\ndjango-health-check\n-- manage.py --\nimport django\n"
        "-- site/settings.py --\nROOT_URLCONF = 'site.urls'\nINSTALLED_APPS = ['health_check']\n"
        "-- site/wsgi.py --\nfrom django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n"
        "-- site/urls.py --\nfrom django.urls import include, path\n\nurlpatterns = [path('ht/', include('health_check.urls'))]\n"
    )
    assert found.path == "django-health-check"
    assert found.can_fail


@pytest.mark.parametrize(("body", "checked"), [("return nil", False), ("return db.PingContext(ctx)", True)])
def test_a_library_checks_what_it_is_handed(
    endpoints: Callable[..., tuple[HealthEndpoint, ...]], body: str, checked: bool
) -> None:
    (found,) = endpoints(
        "-- go.mod --\nmodule example.com/x\n-- main.go --\npackage main\n\nimport (\n"
        '\t"context"\n\t"database/sql"\n\t"net/http"\n\n\t"github.com/heptiolabs/healthcheck"\n)\n\nvar db *sql.DB\n\n'
        "func main() {\n\tctx := context.Background()\n\thealth := healthcheck.NewHandler()\n"
        f'\thealth.AddReadinessCheck("db", healthcheck.AsyncWithContext(ctx, func() error {{\n\t\t{body}\n\t}}, 9))\n'
        '\t_ = http.ListenAndServe(":80", health)\n}\n'
    )
    assert bool(found.checks) is checked
    assert found.has_route
