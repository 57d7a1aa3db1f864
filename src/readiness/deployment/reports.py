"""Reads reports of image scanners (Trivy and Grype JSON, SARIF): what was scanned, and how many findings are severe."""

from __future__ import annotations

from typing import Any

import msgspec

_SEVERE = ("critical", "high")
_IMAGE_TOOLS = ("trivy", "grype", "snyk container", "docker scout", "anchore", "clair")


class ScanReport(msgspec.Struct, frozen=True):
    """`target` is the image as the report names it; `severe` counts its critical and high findings."""

    tool: str
    target: str
    severe: int


def read_report(text: str) -> ScanReport | None:
    """The report, None where it is of no image. Raises ValueError where the text is not JSON."""
    data = msgspec.json.decode(text)
    if not isinstance(data, dict):
        return None
    if data.get("ArtifactType") == "container_image":
        found = [v for result in _dicts(data.get("Results")) for v in _dicts(result.get("Vulnerabilities"))]
        return ScanReport("trivy", str(data.get("ArtifactName", "")), _severe(v.get("Severity") for v in found))
    source = data.get("source")
    if isinstance(data.get("matches"), list) and isinstance(source, dict) and source.get("type") == "image":
        rows = [match.get("vulnerability") for match in _dicts(data["matches"])]
        target = source.get("target")
        name = str(target.get("userInput", "")) if isinstance(target, dict) else ""
        return ScanReport("grype", name, _severe(row.get("severity") for row in rows if isinstance(row, dict)))
    return _sarif(data)


def _sarif(data: dict[str, Any]) -> ScanReport | None:
    for run in _dicts(data.get("runs")):
        tool = run.get("tool")
        driver = tool.get("driver") if isinstance(tool, dict) else None
        name = str(driver.get("name", "")).lower() if isinstance(driver, dict) else ""
        properties = run.get("properties")
        image = str(properties.get("imageName", "")) if isinstance(properties, dict) else ""
        if name.startswith(_IMAGE_TOOLS) and (image or not name.startswith("trivy")):
            return ScanReport(name, image, sum(1 for row in _dicts(run.get("results")) if row.get("level") == "error"))
    return None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _severe(severities: Any) -> int:
    return sum(1 for severity in severities if str(severity).lower() in _SEVERE)
