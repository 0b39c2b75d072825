"""What the page is about, as plain data: the record, and what Python knows better than a script (groups, posture, lessons, names of references)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from aisecops.core.run import Run
from aisecops.core.taxonomy import Reference, Stage, Threat
from aisecops.core.verdict import Status
from aisecops.knowledge.taxonomies import entry, known
from aisecops.report.grouping import causes, statuses
from aisecops.report.html.excerpts import excerpts
from aisecops.report.html.exhibits import exhibits
from aisecops.report.interface import Lessons
from aisecops.report.lesson import parse
from aisecops.report.pivot import by_assets, pivots
from aisecops.report.posture import posture


def content(run: Run, lessons: Lessons) -> dict[str, Any]:
    """Return the data of the page for ``run``."""
    record = msgspec.to_builtins(run)
    for finding in record["findings"]:
        lines_of_edits(finding.get("fix", {}).get("edits", ()))
    matrix = posture(run)
    groups = _causes(run)
    return {
        "record": record,
        "causes": groups,
        "threats": [threat.value for threat in Threat],
        "stages": [stage.value for stage in Stage],
        "cells": msgspec.to_builtins(matrix.cells),
        "unplaced": list(matrix.unplaced),
        "pivots": _pivots(run),
        "lessons": _lessons(run, lessons),
        "references": _references(run),
        "exhibits": exhibits(run),
        "excerpts": excerpts(run, (run.findings[number] for group in groups for number in group)),
    }


def lines_of_edits(edits: Iterable[dict[str, Any]]) -> None:
    """Make each line of an edit a text of its own: a line feed would be spelled out in a single one."""
    for edit in edits:
        edit["replacement"] = edit["replacement"].splitlines()


def _causes(run: Run) -> list[list[int]]:
    """The findings by cause, as positions in the record: first those that count, then those that somebody answers for."""
    status = statuses(run)
    position = {id(finding): number for number, finding in enumerate(run.findings)}
    is_open = [f.id not in status or status[f.id].status is Status.OPEN for f in run.findings]
    groups = [
        *causes(f for f, counts in zip(run.findings, is_open, strict=True) if counts),
        *causes(f for f, counts in zip(run.findings, is_open, strict=True) if not counts),
    ]
    return [[position[id(finding)] for finding in group.findings] for group in groups]


def _pivots(run: Run) -> list[dict[str, Any]]:
    """Tables of measurements, which are named by their ids."""
    return [
        {
            "assets": list(assets),
            "title": table.title,
            "columns": list(table.columns),
            "rows": [
                {"subject": subject, "chosen": subject in table.chosen, "cells": [one and one.id for one in cells]} for subject, cells in table.rows
            ],
        }
        for assets, group in by_assets(run.measurements).items()
        for table in pivots(group)
    ]


def _lessons(run: Run, lessons: Lessons) -> dict[str, Any]:
    """The lessons of checks that found something; a paragraph of code is a list of its lines."""
    wanted = dict.fromkeys(finding.check for finding in run.findings)
    return {check: lesson(lessons[check]) for check in wanted if lessons.get(check)}


def lesson(docstring: str) -> dict[str, Any]:
    """What a check teaches, paragraph by paragraph."""
    parsed = parse(docstring)
    sections = [{"heading": part.heading, "paragraphs": [_paragraph(p) for p in part.paragraphs]} for part in parsed.sections]
    return {"summary": parsed.summary.split("\n\n"), "sections": sections}


def _paragraph(text: str) -> str | list[str]:
    return text.splitlines() if text.startswith((" ", "- ", "* ")) else text


def _references(run: Run) -> dict[str, str]:
    """The titles of all references, by ``framework version id``."""
    named: dict[Reference, None] = {}
    for refs in (*(check.refs for check in run.checks), *(finding.refs for finding in run.findings)):
        named.update(dict.fromkeys(refs))
    return {f"{ref.framework} {ref.version} {ref.id}": entry(ref).title for ref in named if known(ref)}
