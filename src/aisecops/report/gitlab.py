"""GitLab's code-quality report: findings beside the changed lines of a merge request.

GitLab takes a JSON list of a subset of the Code Climate format (``description``, ``check_name``, ``fingerprint``, ``severity``, ``location``) and compares the
fingerprints of two branches, so each must be unique, and stay when lines move: it is made of the weakness, the file and the count of equals before it, never of a
line. Only what is open is told; what nobody could examine is told with it, because a short list must not look like a clean one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from aisecops.core.digest import digest
from aisecops.core.finding import Finding
from aisecops.core.run import Run
from aisecops.core.taxonomy import Severity
from aisecops.report import inert
from aisecops.report.grouping import open_findings, weight
from aisecops.report.interface import Lessons, Report
from aisecops.report.places import base as base_of
from aisecops.report.places import first, line_of, spoken

_SEVERITY = {Severity.CRITICAL: "blocker", Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor", Severity.INFO: "info"}


def render(run: Run, lessons: Lessons | None = None) -> bytes:  # noqa: ARG001 GitLab shows no help
    """Encode the open findings of ``run``, the gravest first, and then what was not examined."""
    return inert.json_text(msgspec.json.format(msgspec.json.encode([*_findings(run), *_gaps(run)]), indent=1)) + b"\n"


def _findings(run: Run) -> Iterator[dict[str, Any]]:
    base, seen = base_of(run), Counter[tuple[str, str]]()
    for finding in sorted(open_findings(run), key=weight):
        place = first(finding)
        seen[finding.fingerprint, place.path] += 1
        mark = _mark(finding.fingerprint, base + place.path, str(seen[finding.fingerprint, place.path]))
        yield _issue(_said(finding), finding.check, mark, _SEVERITY[finding.severity], base + place.path, line_of(place))


def _said(finding: Finding) -> str:
    place = first(finding)
    where = f" ({spoken(place)})" if line_of(place) is None and (place.member or place.cell or place.offset is not None) else ""
    fix = f" Fix: {finding.fix.summary}" if finding.fix else ""
    return f"{finding.title}: {finding.message}{where}{fix}"


def _gaps(run: Run) -> Iterator[dict[str, Any]]:
    base = base_of(run)
    for path, code, reason in dict.fromkeys((gap.path or gap.asset or ".", gap.code.value, gap.reason) for gap in run.not_examined):
        said = f"Not examined ({code}): {reason}"
        yield _issue(said, f"not-examined/{code}", _mark("not-examined", code, reason, base + path), "info", base + path, None)


def _issue(said: str, check: str, mark: str, severity: str, path: str, line: int | None) -> dict[str, Any]:
    location = {"path": inert.terminal(path), "lines": {"begin": line or 1}}
    return {"description": inert.terminal(said), "check_name": inert.terminal(check), "fingerprint": mark, "severity": severity, "location": location}


def _mark(*parts: str) -> str:
    return digest("\0".join(parts).encode("utf-8", "backslashreplace")).removeprefix("sha256:")


REPORT = Report(name="gitlab", media_type="application/json", render=render)
