from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.facts.json_api import JsonApi
from readiness.facts.openapi import OpenApiDocuments
from readiness.model import Evidence
from readiness.openapi.coverage import counted, covered, normal
from readiness.openapi.reader import read
from readiness.routing import Route

SPEC = """
openapi: 3.0.3
info: {title: Orders, version: "1"}
servers: [{url: https://api.example.com/v1}]
paths:
  /orders:
    get:
      responses:
        200: {description: the orders}
"""


def route(method: str, path: str) -> Route:
    return Route(method, path, "express", Evidence("app.js", 1))


def test_operations_carry_the_server_s_path_and_number_keys_are_valid() -> None:
    document = read("openapi.yaml", SPEC.encode())
    assert (document.kind, document.title, document.operations) == ("openapi", "Orders", (("GET", "/v1/orders"),))
    assert document.checked
    assert document.errors == ()


def test_swagger_2_in_json() -> None:
    document = read("swagger.json", json.dumps({
        "swagger": "2.0", "info": {"title": "a", "version": "1"}, "basePath": "/api",
        "paths": {"/x": {"post": {"responses": {"200": {"description": "ok"}}}}},
    }).encode())  # fmt: skip
    assert (document.kind, document.operations, document.errors) == ("swagger", (("POST", "/api/x"),), ())


def test_the_first_faults_are_named() -> None:
    document = read("openapi.yaml", SPEC.replace('version: "1"', 'licence: "1"').encode())
    assert any("version" in error for error in document.errors)


def test_a_document_with_references_elsewhere_is_read_but_not_validated() -> None:
    document = read(
        "openapi.yaml", b"openapi: 3.0.0\ninfo: {title: a, version: '1'}\npaths:\n  /x: {$ref: 'paths/x.yaml'}\n"
    )
    assert document.operations == (("*", "/x"),)
    assert not document.checked


@pytest.mark.parametrize(
    "text", ["a: 1", "openapi-generator: 3.0", "openapi: yes", "- openapi: 3.0.0", "openapi: 3.0.0\n"]
)
def test_other_files_are_none(text: str) -> None:
    assert read("a.yaml", text.encode()).kind == ""


def test_a_file_that_cannot_be_parsed_is_listed_as_unread(gather: Callable[..., Any]) -> None:
    documents = gather(OpenApiDocuments, "-- openapi.yaml --\nopenapi: 3.0.0\npaths: {a: [}\n-- ok.yaml --" + SPEC)
    assert [d.path for d in documents.all] == ["ok.yaml"]


def test_collections_are_told_from_specifications(gather: Callable[..., Any]) -> None:
    documents = gather(
        OpenApiDocuments,
        '-- a.json --\n{"info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}}\n'
        "-- docs/openapi.yaml --" + SPEC + "-- tests/openapi.yaml --" + SPEC,
    )
    assert [d.path for d in documents.collections] == ["a.json"]
    assert [d.path for d in documents.specifications] == ["docs/openapi.yaml"]


def test_paths_are_compared_without_parameters_names_and_prefixes() -> None:
    assert normal("/Users/{id}/") == normal("/users/:userId") == normal("/users/<int:pk>")
    document = read("openapi.yaml", SPEC.encode())
    named, missing = covered(
        document, [route("GET", "/orders"), route("GET", "/api/v1/orders"), route("POST", "/orders")]
    )
    assert [r.path for r in named] == ["/orders", "/api/v1/orders"]
    assert [r.method for r in missing] == ["POST"]


def test_a_gateway_s_wildcard_is_named_by_the_paths_below_it() -> None:
    named, missing = covered(read("openapi.yaml", SPEC.encode()), [route("*", "/v1/*"), route("*", "/other/*")])
    assert ([r.path for r in named], [r.path for r in missing]) == (["/v1/*"], [])
    assert counted(read("openapi.yaml", SPEC.encode()), [route("*", "/v1/*"), route("GET", "/v1/status")]) == (1, 2)


def test_operational_routes_make_no_json_api(gather: Callable[..., Any]) -> None:
    text = (
        "-- package.json --\n"
        '{"name": "a", "main": "app.js", "scripts": {"start": "node app.js"}, "dependencies": {"express": "4"}}\n'
        "-- app.js --\nconst express = require('express');\nconst app = express();\n"
    )
    health = "".join(
        f"app.get('/{p}', (req, res) => res.json({{}}));\n" for p in ("health", "version", "metrics", "api/info")
    )
    orders = "".join(f"app.{m}('/orders', (req, res) => res.json({{}}));\n" for m in ("get", "post", "delete"))
    assert not gather(JsonApi, text + health + "app.listen(3000);\n")
    assert gather(JsonApi, text + health + orders + "app.listen(3000);\n")


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=200),
    st.sampled_from(["a.yaml", "a.json"]),
    st.sampled_from(["", "openapi: 3.0.0\n", '{"openapi": "3.0.0", ']),
)
def test_any_text_gives_a_document_or_a_reason(text: str, path: str, head: str) -> None:
    try:
        read(path, (head + text).encode("utf-8", "replace"))
    except ValueError as error:
        assert str(error)


def test_request_collections_of_other_clients() -> None:
    thunder = b'{"client": "Thunder Client", "collectionName": "Orders", "requests": []}'
    assert read("api/collection.json", thunder).kind == "collection"
    assert read("api/bruno.json", b'{"version": "1", "name": "Orders", "type": "collection"}').kind == "collection"
    assert read("api/shop.json", b'{"version": "1", "name": "Orders", "type": "collection"}').kind == ""
