"""Which Go programs are services of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.facts.services import Services

Gather = Callable[..., Any]

SHARED = """\
-- internal/common/go.mod --
module example.com/shop/internal/common
go 1.23
-- internal/common/server/http.go --
package server

import "net/http"

func Run(handler http.Handler) { _ = http.ListenAndServe(":8080", handler) }
"""


def program(name: str) -> str:
    return f"""\
-- internal/{name}/go.mod --
module example.com/shop/internal/{name}
go 1.23
require example.com/shop/internal/common v0.0.0
-- internal/{name}/main.go --
package main

import (
	"net/http"

	"example.com/shop/internal/common/server"
)

func main() {{
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {{}})
	server.Run(mux)
}}
"""


def test_programs_that_share_their_server_code_are_services_each(gather: Gather) -> None:
    found = gather(Services, SHARED + program("orders") + program("payments"))
    assert [service.name for service in found.all] == ["orders", "payments"]


SERVER = """\
-- go.mod --
module example.com/ship
go 1.23
-- cmd/server/main.go --
package main

import "net/http"

func main() {
	http.HandleFunc("GET /parcels", func(w http.ResponseWriter, r *http.Request) {})
	_ = http.ListenAndServe(":8080", nil)
}
"""


def test_the_command_line_beside_a_server_is_no_service(gather: Gather) -> None:
    client = """\
-- cmd/shipctl/main.go --
package main

import "net/http"

func main() {
	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {})
	_ = http.ListenAndServe("localhost:9999", nil)
}
"""
    assert [service.name for service in gather(Services, SERVER + client).all] == ["server"]


def test_a_program_with_only_probes_serves_nobody_else(gather: Gather) -> None:
    agent = """\
-- cmd/agent/main.go --
package main

import "net/http"

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {})
	http.HandleFunc("/version", func(w http.ResponseWriter, r *http.Request) {})
	_ = http.ListenAndServe(":3000", nil)
}
"""
    found = gather(Services, SERVER + agent)
    assert [service.name for service in found.serving("http", "grpc")] == ["server"]
    assert [service.name for service in found.serving("probes")] == ["agent"]


def test_an_import_that_ends_like_a_program_s_folder_is_not_the_program(gather: Gather) -> None:
    """Generated clients are often named like the service that they call, and are left out of the modules."""
    text = SHARED + program("orders") + program("payments")
    for name, other in (("orders", "payments"), ("payments", "orders")):
        used = f'"example.com/shop/internal/common/genproto/{other}"'
        text = text.replace(
            f"internal/{name}/main.go --\npackage main\n\nimport (\n",
            f"internal/{name}/main.go --\npackage main\n\nimport (\n\t{used}\n",
        )
    services = {service.name: service for service in gather(Services, text).all}
    assert "internal/payments/main.go" not in services["orders"].paths
