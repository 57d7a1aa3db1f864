"""Reads one checked-in API description into its operations, with the first faults found. Follows no reference out of the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from readiness import yamldoc

VERSION = "2"
MAX_BYTES = 4_000_000
_VALIDATED = 250_000
"""Larger documents are only looked at structurally: validating takes seconds per megabyte."""

_HEAD = re.compile(
    r"""(?m)^[\s{]*["']?(openapi|swagger)["']?\s*:\s*["']?[23]\.\d|"openapi"\s*:\s*"3\.|"swagger"\s*:\s*"2\."""
)
_COLLECTION = re.compile(
    r"schema\.getpostman\.com|\"_postman_id\"|\"__export_format\"|insomnia\.rest/|\"client\":\s*\"Thunder Client\""
)
_BRUNO = re.compile(r'"type"\s*:\s*"collection"')
METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "trace"}


class ApiDocument(Struct, frozen=True, array_like=True):
    """A description. `kind`: openapi, swagger, collection (Postman, Insomnia, Bruno, Thunder Client) or "" for a file that is none.

    `operations` are (METHOD, path) with the base path in front; METHOD is "*" where a path's operations are elsewhere.
    `errors` are the first faults, each one line; `checked` is whether the whole was validated.
    """

    path: str
    kind: str
    title: str = ""
    version: str = ""
    operations: tuple[tuple[str, str], ...] = ()
    errors: tuple[str, ...] = ()
    checked: bool = False


def read(path: str, content: bytes) -> ApiDocument:
    """The description at `path`. Raises ValueError where a file that says it is one cannot be parsed."""
    text = content.decode("utf-8-sig", "replace")
    bruno = path.rpartition("/")[2] == "bruno.json" and _BRUNO.search(text[:2_000])
    if path.endswith(".json") and (bruno or _COLLECTION.search(text[:20_000])):
        return ApiDocument(path, "collection", errors=())
    if not _HEAD.search(text[:400_000]):
        return ApiDocument(path, "")
    document = _load(path, text)
    if not isinstance(document, Mapping) or not ({"openapi", "swagger"} & set(document)):
        return ApiDocument(path, "")
    if "paths" not in document and "webhooks" not in document:
        return ApiDocument(path, "")
    kind = "openapi" if "openapi" in document else "swagger"
    info = document.get("info")
    about = info if isinstance(info, Mapping) else {}
    return ApiDocument(
        path,
        kind,
        str(about.get("title", ""))[:200],
        str(document[kind])[:20],
        tuple(dict.fromkeys(_operations(document))),
        *_faults(document, len(content)),
    )


def _load(path: str, text: str) -> Any:
    if path.endswith(".json"):
        try:
            return json.loads(text)
        except RecursionError:
            raise ValueError("is nested too deeply") from None
    return yamldoc.load(text)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    paths = document.get("paths")
    if not isinstance(paths, Mapping):
        return
    base = _base(document)
    for path, item in islice(paths.items(), 5_000):
        if not isinstance(path, str) or not path.startswith("/") or not isinstance(item, Mapping):
            continue
        methods = [m for m in item if isinstance(m, str) and m.lower() in METHODS]
        for method in methods or (["*"] if "$ref" in item else []):
            yield method.upper(), base + path


def _base(document: Mapping[str, Any]) -> str:
    """The path that Swagger's basePath or the first server puts before each path."""
    servers = document.get("servers")
    if isinstance(document.get("basePath"), str):
        base = document["basePath"]
    elif isinstance(servers, list) and servers and isinstance(servers[0], Mapping):
        url = str(servers[0].get("url", ""))
        try:
            base = urlsplit(url).path if "{" not in url else ""
        except ValueError:
            base = ""
    else:
        base = ""
    return "/" + base.strip("/") if base.strip("/") else ""


def _faults(document: Mapping[str, Any], size: int) -> tuple[tuple[str, ...], bool]:
    """The first faults, and whether the document was validated as a whole."""
    missing = [key for key in ("info", "paths") if not isinstance(document.get(key), Mapping)]
    if missing and not ("webhooks" in document and missing == ["paths"]):
        return tuple(f"has no {key}" for key in missing), False
    if size > _VALIDATED or _has_outside_reference(document):
        return (), False
    from jsonschema.exceptions import ValidationError
    from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    version = str(document.get("openapi", ""))
    validator = (
        OpenAPIV2SpecValidator
        if not version
        else OpenAPIV31SpecValidator
        if version.startswith("3.1")
        else OpenAPIV30SpecValidator
    )
    if version and not version.startswith(("3.0", "3.1")):
        return (), False
    try:
        errors = list(islice(validator(_plain(document)).iter_errors(), 3))
    except ValidationError as error:
        errors = [error]
    except Exception as error:  # noqa: BLE001 - the validator fails in many ways on what is no document at all
        return (f"cannot be validated: {type(error).__name__}: {str(error)[:100]}",), False
    return tuple(" ".join(str(error.message).split())[:160] for error in errors), True


def _has_outside_reference(value: Any, depth: int = 0) -> bool:
    if depth > 60:
        return True
    if isinstance(value, Mapping):
        reference = value.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            return True
        return any(_has_outside_reference(each, depth + 1) for each in value.values())
    return isinstance(value, list) and any(_has_outside_reference(each, depth + 1) for each in value)


def _plain(value: Any) -> Any:
    """The same in plain dictionaries with text keys, as the validator wants it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
