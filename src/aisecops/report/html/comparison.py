"""The comparison of two runs for the browser: one file in the look of the report, under the same rules (``aisecops.report.html.page``)."""

from __future__ import annotations

from typing import Any

import msgspec

from aisecops.core.taxonomy import Reference
from aisecops.core.verdict import Outcome
from aisecops.gate.difference import Difference, Kind, counted
from aisecops.gate.readings import Change
from aisecops.knowledge.taxonomies import entry, known
from aisecops.report.html.content import lesson, lines_of_edits
from aisecops.report.html.page import Head, page
from aisecops.report.interface import Lessons

_STYLES = ("colours.css", "page.css", "findings.css", "measurements.css", "comparison.css")
_SCRIPTS = ("document.js", "navigation.js", "finding.js", "charts.js", "comparison.js")
_NO_RECORD = {"checks": [], "assets": [], "findings": [], "measurements": [], "attachments": [], "verdict": {"statuses": []}}
"""The page shows changes; what its scripts share with those of the report asks for a record."""


def render(difference: Difference, lessons: Lessons | None = None) -> bytes:
    """Return ``difference`` as one HTML file in UTF-8; ``lessons`` are shown with the findings of their checks."""
    before, after = difference.before, difference.after
    counts = [f"{n:,} {kind.value}" for kind, n in counted(difference).items() if n]
    head = Head(
        title=f"{_said(difference)}: {before.id} → {after.id}",
        outcome=_outcome(difference),
        said=_said(difference),
        above=f"{before.id} → {after.id}",
        reasons=(*counts, f"{difference.unchanged:,} unchanged", *difference.caveats),
    )
    return page(head, _content(difference, lessons or {}), _SCRIPTS, _STYLES)


def _outcome(difference: Difference) -> Outcome:
    if difference.worse or any(change.change is Change.WORSE for change in difference.measurements):
        return Outcome.FAIL
    return Outcome.INCOMPLETE if difference.of(Kind.UNEXAMINED) or difference.caveats else Outcome.PASS


def _said(difference: Difference) -> str:
    return {Outcome.FAIL: "Worse", Outcome.INCOMPLETE: "Look closer", Outcome.PASS: "No worse"}[_outcome(difference)]


def _content(difference: Difference, lessons: Lessons) -> dict[str, Any]:
    changes = msgspec.to_builtins(difference)
    for change in changes["findings"]:
        for side in ("before", "after"):
            lines_of_edits(change.get(side, {}).get("fix", {}).get("edits", ()))
    found = [change.finding for change in difference.findings]
    refs: dict[Reference, None] = dict.fromkeys(ref for finding in found for ref in finding.refs)
    return {
        "record": _NO_RECORD,
        "difference": changes,
        "lessons": {check: lesson(lessons[check]) for check in dict.fromkeys(finding.check for finding in found) if lessons.get(check)},
        "references": {f"{ref.framework} {ref.version} {ref.id}": entry(ref).title for ref in refs if known(ref)},
    }
