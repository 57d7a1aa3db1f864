"""Which programs a repository runs in production, of which kind, and which files are theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readiness.facts.services import Services

Gather = Callable[[type, str], Services]
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.get('/items')\ndef items():\n    return []\n"
EXPRESS = "const express = require('express');\nconst app = express();\napp.get('/x', (q, r) => r.json([]));\napp.listen(3000);\n"
GO_SERVER = """package main

import "net/http"

func main() {
	http.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	_ = http.ListenAndServe(":8080", nil)
}
"""


def test_an_application_is_a_service_named_for_its_package(gather: Gather) -> None:
    found = gather(
        Services,
        f"-- pyproject.toml --\n[project]\nname = 'orders'\ndependencies = ['fastapi']\n-- app.py --\n{FASTAPI}",
    )
    assert [(s.name, s.folder, s.language, s.kinds) for s in found.all] == [("orders", "", "python", {"http"})]
    assert found.all[0].evidence[0].path == "app.py"
    assert found.serving("http")
    assert not found.serving("grpc")


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (
            "library",
            "-- pyproject.toml --\n[project]\nname = 'slug'\n-- slug/__init__.py --\ndef slug(x):\n    return x\n",
        ),
        (
            "command line",
            "-- pyproject.toml --\n[project]\nname = 'x'\n[project.scripts]\nx = 'x:main'\n-- x.py --\ndef main():\n    print(1)\n",
        ),
        (
            "command line",
            '-- go.mod --\nmodule example.com/x\n-- main.go --\npackage main\n\nfunc main() { println("x") }\n',
        ),
        (
            "front end",
            '-- package.json --\n{"private": true, "dependencies": {"react": "19.0.0"}}\n'
            "-- src/app.jsx --\nimport React from 'react';\nexport default function App() { return <p>x</p>; }\n",
        ),
        ("infrastructure", '-- main.tf --\nresource "aws_s3_bucket" "x" {}\n'),
    ],
)
def test_what_is_no_service_is_called_what_it_is(gather: Gather, target: str, text: str) -> None:
    found = gather(Services, text)
    assert not found.all
    assert found.target == target
    assert found.reason in found.why_none()


def test_programs_of_a_monorepo_are_apart_and_own_their_packages(gather: Gather) -> None:
    found = gather(
        Services,
        '-- package.json --\n{"private": true, "workspaces": ["apps/*", "packages/*"]}\n'
        '-- apps/shop/package.json --\n{"name": "shop", "dependencies": {"express": "4", "@x/db": "*"}}\n'
        f"-- apps/shop/index.js --\n{EXPRESS}"
        '-- apps/admin/package.json --\n{"name": "admin", "dependencies": {"express": "4"}}\n'
        f"-- apps/admin/index.js --\n{EXPRESS}"
        '-- packages/db/package.json --\n{"name": "@x/db", "main": "index.js"}\n'
        "-- packages/db/index.js --\nmodule.exports = {};\n",
    )
    assert [service.name for service in found.all] == ["admin", "shop"]
    assert "packages/db/index.js" in found.all[1].paths
    assert "packages/db/index.js" not in found.all[0].paths
    owner = found.owner("apps/admin/index.js")
    assert owner
    assert owner.name == "admin"


def test_a_package_that_starts_nothing_is_part_of_what_starts_it(gather: Gather) -> None:
    worker = (
        "import { Worker } from 'bullmq';\nexport const start = () => new Worker('mail', async (job) => job.data);\n"
    )
    found = gather(
        Services,
        '-- package.json --\n{"private": true, "workspaces": ["apps/*", "packages/*"]}\n'
        '-- apps/api/package.json --\n{"name": "api", "scripts": {"start": "node index.js"}, '
        '"dependencies": {"express": "5.1.0", "@shop/jobs": "workspace:*"}}\n'
        f"-- apps/api/index.js --\n{EXPRESS}require('@shop/jobs').start();\n"
        '-- packages/jobs/package.json --\n{"name": "@shop/jobs", "dependencies": {"bullmq": "5.61.0"}}\n'
        f"-- packages/jobs/src/index.ts --\n{worker}"
        '-- apps/mailer/package.json --\n{"name": "mailer", "scripts": {"start": "node main.js"}, '
        '"dependencies": {"bullmq": "5.61.0"}}\n'
        f"-- apps/mailer/main.ts --\n{worker}",
    )
    assert [(s.name, s.kinds) for s in found.all] == [("api", {"http", "worker"}), ("mailer", {"worker"})]
    assert "packages/jobs/src/index.ts" in found.all[0].paths


def test_services_of_the_same_name_are_told_apart(gather: Gather) -> None:
    found = gather(
        Services,
        f"-- eu/api/requirements.txt --\nfastapi\n-- eu/api/app.py --\n{FASTAPI}"
        f"-- us/api/requirements.txt --\nfastapi\n-- us/api/app.py --\n{FASTAPI}",
    )
    assert [service.name for service in found.all] == ["eu/api", "us/api"]


def test_each_go_program_that_serves_is_one_and_a_tool_is_none(gather: Gather) -> None:
    found = gather(
        Services,
        f"-- go.mod --\nmodule example.com/x\n-- cmd/api/main.go --\n{GO_SERVER}"
        f"-- cmd/admin/main.go --\n{GO_SERVER}"
        "-- cmd/migrate/main.go --\npackage main\n\nfunc main() { println(1) }\n"
        f"-- tools/mock/main.go --\n{GO_SERVER}",
    )
    assert [(s.name, s.language) for s in found.all] == [("admin", "go"), ("api", "go")]


def test_packages_that_a_go_program_reaches_are_its_own(gather: Gather) -> None:
    found = gather(
        Services,
        "-- go.mod --\nmodule example.com/x\n"
        '-- main.go --\npackage main\n\nimport "example.com/x/server"\n\nfunc main() { server.Run() }\n'
        + "-- server/server.go --\n" + GO_SERVER.replace("package main", "package server").replace("main()", "Run()")
        + "-- unused/unused.go --\npackage unused\n\nfunc X() {}\n",
    )  # fmt: skip
    assert [service.paths for service in found.all] == [{"main.go", "server/server.go"}]


def test_a_worker_consumes_and_serves_nothing(gather: Gather) -> None:
    found = gather(
        Services,
        "-- requirements.txt --\ncelery\n-- tasks.py --\nfrom celery import Celery\n\napp = Celery('tasks', broker='redis://')\n\n\n"
        "@app.task\ndef mail(to):\n    return to\n",
    )
    assert [service.kinds for service in found.all] == [{"worker"}]
    assert not found.serving("http", "grpc")
    assert len(found.serving()) == 1


def test_server_rendered_pages_are_a_web_service_which_serves_http(gather: Gather) -> None:
    found = gather(
        Services,
        "-- requirements.txt --\nflask\n-- app.py --\nfrom flask import Flask, render_template\n\napp = Flask(__name__)\n\n\n"
        "@app.get('/')\ndef home():\n    return render_template('home.html')\n",
    )
    assert "web" in found.all[0].kinds
    assert found.serving("http")


def test_an_application_in_tests_examples_or_scripts_is_no_service(gather: Gather) -> None:
    found = gather(
        Services,
        "-- pyproject.toml --\n[project]\nname = 'plugin'\ndependencies = ['fastapi']\n"
        "-- plugin/__init__.py --\ndef add(app):\n    pass\n"
        f"-- tests/test_app.py --\n{FASTAPI}-- examples/app.py --\n{FASTAPI}-- scripts/app.py --\n{FASTAPI}",
    )
    assert not found.all
    assert found.target == "library"


def test_pages_beside_a_worker_are_a_service_that_serves(gather: Gather) -> None:
    text = """-- package.json --
{"private": true, "workspaces": ["apps/*", "packages/*"]}
-- apps/web/package.json --
{"name": "web", "dependencies": {"next": "15", "react": "19"}}
-- apps/web/app/api/orders/route.ts --
export async function GET() {
  return Response.json([]);
}
-- packages/jobs/package.json --
{"name": "jobs", "dependencies": {"bullmq": "5"}}
-- packages/jobs/src/worker.ts --
import { Worker } from "bullmq";
export const worker = new Worker("mail", async (job) => job.data);
"""
    found = gather(Services, text)
    assert {s.name for s in found.all} == {"web", "jobs"}
    assert {s.name for s in found.serving("http")} == {"web"}
    assert {s.name for s in found.backends()} == {"web", "jobs"}


LIBRARY = """[project]
name = 'mounted-admin'
dependencies = ['fastapi']
classifiers = ['Topic :: Software Development :: Libraries :: Python Modules']
"""


def test_what_a_library_makes_for_others_to_mount_is_no_service(gather: Gather) -> None:
    text = f"-- pyproject.toml --\n{LIBRARY}-- mounted_admin/base.py --\n{FASTAPI}"
    found = gather(Services, text)
    assert (found.all, found.target) == ((), "library")
    assert "describes a library" in found.reason


def test_a_library_by_its_classifier_that_an_image_starts_is_a_service(gather: Gather) -> None:
    text = f"-- pyproject.toml --\n{LIBRARY}-- mounted_admin/base.py --\n{FASTAPI}-- Dockerfile --\nFROM python:3.12\n"
    assert [s.name for s in gather(Services, text).all] == ["mounted-admin"]
