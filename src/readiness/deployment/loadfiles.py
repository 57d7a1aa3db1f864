"""Recognises load tests that are documents (Artillery, Taurus, JMeter, Gatling, wrk) and results of load tests by their shape."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from readiness.deployment.tree import Tree, tree
from readiness.yamldoc import load

_WRK = re.compile(r"^\s*(wrk\.\w+\s*=|function\s+(request|response|setup|init|done|delay)\s*\()", re.MULTILINE)


class LoadFile(msgspec.Struct, frozen=True):
    """`line` is where the test begins, `threshold` the line of a target that can fail, 0 without one."""

    tool: str
    line: int
    threshold: int = 0


def read_document(text: str) -> LoadFile | None:
    """An Artillery or Taurus test in YAML or JSON, None where the text is neither. Raises ValueError."""
    document = tree(load(text))
    config = document.mapping("config")
    if ("target" in config or "phases" in config) and ("phases" in config or document.items("scenarios")):
        return LoadFile("artillery", document.line("config"), _artillery_target(document))
    execution = document.at("execution")
    if execution and ("scenarios" in document.mapping() or "reporting" in document.mapping()):
        passfail = [i for i, module in enumerate(document.items("reporting")) if _module(module) == "passfail"]
        return LoadFile(
            "taurus", document.line("execution"), document.line("reporting", passfail[0]) if passfail else 0
        )
    return None


def _module(value: Any) -> str:
    return str(value.get("module", "")) if isinstance(value, dict) else str(value)


def _artillery_target(document: Tree) -> int:
    for keys in (("config", "ensure"), ("config", "plugins", "ensure")):
        if document.mapping(*keys):
            return document.line(*keys)
    return 0


def read_script(path: str, text: str) -> LoadFile | None:
    """A JMeter plan, a wrk script or a Gatling simulation for the JVM, None where the text is none of them."""
    if path.endswith(".jmx"):
        return LoadFile("jmeter", 1, _line_of(text, "<DurationAssertion")) if "<jmeterTestPlan" in text else None
    if path.endswith(".lua"):
        match = _WRK.search(text)
        return LoadFile("wrk", _line_at(text, match.start(1))) if match else None
    match = re.search(r"^\s*import\s+(static\s+)?io\.gatling\.", text, re.MULTILINE)
    return LoadFile("gatling", _line_at(text, match.start()), _line_of(text, ".assertions(")) if match else None


def _line_of(text: str, word: str) -> int:
    place = text.find(word)
    return _line_at(text, place) if place >= 0 else 0


def _line_at(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def read_result(path: str, text: str) -> tuple[str, bool] | None:
    """The tool whose result the text is, and whether its targets were met; None where it is no result.

    k6's summary states each threshold; of the others a result without failed requests counts as met. Raises ValueError.
    """
    if path.endswith(".csv"):
        header = text.split("\n", 1)[0]
        return (
            ("locust", _locust_met(text))
            if header.replace('"', "").startswith("Type,Name,Request Count,Failure Count")
            else None
        )
    if path.endswith(".jtl"):
        return ("jmeter", ",false," not in text) if text.startswith("timeStamp,elapsed,") else None
    data = msgspec.json.decode(text)
    if not isinstance(data, dict):
        return None
    metrics = data.get("metrics")
    if isinstance(metrics, dict) and "http_req_duration" in metrics:
        return "k6", _k6_met(metrics)
    aggregate = data.get("aggregate")
    if isinstance(aggregate, dict) and ("counters" in aggregate or "scenariosCreated" in aggregate):
        counters = aggregate.get("counters")
        return "artillery", not (isinstance(counters, dict) and any(k.startswith("errors.") for k in counters))
    if "latency" in data and "requests" in data and "throughput" in data:
        return "autocannon", not data.get("errors") and not data.get("non2xx")
    return None


def _k6_met(metrics: dict[str, Any]) -> bool:
    thresholds = [
        m.get("thresholds") for m in metrics.values() if isinstance(m, dict) and isinstance(m.get("thresholds"), dict)
    ]
    rows = [row for found in thresholds if isinstance(found, dict) for row in found.values()]
    return bool(rows) and all((row.get("ok") is True) if isinstance(row, dict) else row is False for row in rows)


def _locust_met(text: str) -> bool:
    total = next((line.split(",") for line in reversed(text.splitlines()) if "Aggregated" in line), [])
    return len(total) > 3 and total[3].strip() == "0"
