"""Findings and measurements as rows with fixed columns, for data frames and tables."""

from __future__ import annotations

from typing import Any

from aisecops.core.finding import Finding, Location
from aisecops.core.measurement import Measurement
from aisecops.core.run import Run
from aisecops.report.grouping import statuses

FINDING_COLUMNS: dict[str, type] = {
    "id": str, "status": str, "severity": str, "confidence": str, "check": str, "category": str, "title": str, "message": str, "path": str, "member": str,
    "line": int, "cell": int, "places": int, "threat": str, "stage": str, "fix": str, "fingerprint": str,
}  # fmt: skip
"""The columns of findings, and what is in them; numbers may be missing."""

MEASUREMENT_COLUMNS: dict[str, type] = {
    "id": str, "name": str, "subject": str, "value": float, "low": float, "high": float, "level": float, "unit": str, "n": int, "better": str, "blocked": str,
    "check": str, "assets": str,
}  # fmt: skip
"""The columns of measurements; numbers may be missing."""


def finding_rows(run: Run) -> list[dict[str, Any]]:
    """Return a row for each finding, in the order of the record."""
    known, paths = statuses(run), {asset.id: asset.path for asset in run.assets}
    return [
        _finding(finding, known[finding.id].status.value if finding.id in known else "open", paths.get(finding.asset, "")) for finding in run.findings
    ]


def _finding(finding: Finding, status: str, path: str) -> dict[str, Any]:
    first = finding.locations[0] if finding.locations else Location(path=path)
    plain = {name: str(getattr(finding, name)) for name in ("id", "check", "category", "title", "message", "fingerprint")}
    graded = {name: getattr(finding, name).value for name in ("severity", "confidence", "threat", "stage")}
    place = {"path": first.path, "member": first.member, "line": first.line, "cell": first.cell, "places": len(finding.locations)}
    row = {**plain, **graded, **place, "status": status, "fix": finding.fix.summary if finding.fix else ""}
    return {name: row[name] for name in FINDING_COLUMNS}


def measurement_rows(run: Run) -> list[dict[str, Any]]:
    """Return a row for each measurement, in the order of the record."""
    paths = {asset.id: asset.path for asset in run.assets}
    return [_measurement(measurement, paths) for measurement in run.measurements]


def _measurement(measurement: Measurement, paths: dict[str, str]) -> dict[str, Any]:
    row = {name: getattr(measurement, name) for name in MEASUREMENT_COLUMNS}
    row["better"] = measurement.better.value if measurement.better else ""
    row["assets"] = ", ".join(paths.get(asset, asset) for asset in measurement.assets)
    return row
