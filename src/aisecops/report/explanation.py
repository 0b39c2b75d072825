"""A lesson on the terminal: what a check finds and teaches, and the findings that somebody asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from aisecops.core.check import Check
from aisecops.core.finding import Finding
from aisecops.core.taxonomy import Reference
from aisecops.knowledge.taxonomies import entry, known
from aisecops.report.layout import Line, Span, line
from aisecops.report.lesson import parse
from aisecops.report.terminal import positions

_EVIDENCE = 20


def document(checks: Sequence[Check], findings: Iterable[Finding] = ()) -> list[Line]:
    """Return the findings in full, and then the lesson of each check."""
    lines: list[Line] = []
    for finding in findings:
        lines += [*_finding(finding), line()]
    for check in checks:
        lines += [*_lesson(check), line()]
    return lines[:-1]


def listing(checks: Sequence[Check]) -> list[Line]:
    """Return a line for each check."""
    width = max((len(check.id) for check in checks), default=0)
    return [line((f"{check.id:<{width}}", "code"), f"  {check.title}", hang=width + 2) for check in checks]


def _finding(finding: Finding) -> Iterator[Line]:
    yield line((finding.severity.value.upper(), finding.severity.value), "  ", (finding.title, "title"), hang=2)
    yield line(f"  {finding.message}", hang=2)
    for index, place in enumerate(finding.locations):
        name = f"{place.path}!{place.member}" if place.member else place.path
        yield line(("  where  " if index == 0 else "         ", "dim"), (name, "path"), (positions((place,)), "dim"), hang=9)
    for step in finding.flow:
        yield line(("  via    ", "dim"), (f"{step.path}:{step.line}", "path"), f"  {step.message}", hang=9)
    for name, value in list(finding.evidence.items())[:_EVIDENCE]:
        yield line((f"  {name.replace('_', ' ')}  ", "dim"), _said(value), hang=9)
    if finding.fix is not None:
        yield line(("  fix    ", "dim"), finding.fix.summary, hang=9)
    yield line((f"  confidence {finding.confidence.value} · id {finding.id} · fingerprint {finding.fingerprint}", "dim"), hang=2)


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _lesson(check: Check) -> Iterator[Line]:
    lesson = parse(check.lesson)
    yield line((check.title, "title"))
    yield line((f"{check.id} · {check.threat.value} · stage {check.stage.value} · {', '.join(check.categories)}", "dim"), hang=2)
    yield line()
    yield from _paragraph(lesson.summary, "")
    for section in lesson.sections:
        yield line()
        yield line((section.heading, "title"))
        for number, paragraph in enumerate(section.paragraphs):
            if number:
                yield line()
            yield from _paragraph(paragraph, "  ")
    if check.refs:
        yield line()
        yield line(("Taxonomies", "title"))
        yield from map(_reference, check.refs)


def _reference(reference: Reference) -> Line:
    title = f"  {entry(reference).title}" if known(reference) else ""
    return line("  ", (reference.id, "code"), title, (f"  ({reference.framework} {reference.version})", "dim"), hang=4)


def _paragraph(text: str, indent: str) -> Iterator[Line]:
    if text.startswith((" ", "- ", "* ")):
        for row in text.splitlines():
            hang = len(indent) + len(row) - len(row.lstrip(" -*"))
            yield line((f"{indent}{row}", "code" if row.startswith(" ") else ""), hang=hang)
    else:
        yield line(*_spans(f"{indent}{text}"), hang=len(indent))


def _spans(text: str) -> Iterator[Span]:
    """``code`` in double back quotes gets a style of its own; without colours the quotes are single."""
    for index, part in enumerate(text.split("``")):
        yield (f"`{part}`", "code") if index % 2 else (part, "")
