"""GitHub annotations: workflow commands that put findings beside the lines of a pull request, without code scanning and without a token.

The runner shows ten errors, ten warnings and ten notices of a step and drops the rest in silence, so the gravest come first, what is beyond is told in plain
lines, and the last place among the warnings is kept for what was not examined. Where the escapes come from: ``actions/toolkit``, ``command.ts``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from aisecops.core.finding import Finding
from aisecops.core.run import Run
from aisecops.core.taxonomy import Severity
from aisecops.core.verdict import Outcome
from aisecops.report import inert
from aisecops.report.grouping import open_findings, weight
from aisecops.report.interface import Lessons, Report
from aisecops.report.places import base as base_of
from aisecops.report.places import first, line_of, spoken

_COMMAND = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice", Severity.INFO: "notice"}
_SHOWN = 10
_PLAIN = 200
_MESSAGE = 2000


def render(run: Run, lessons: Lessons | None = None) -> bytes:  # noqa: ARG001 an annotation has no help
    """Return the lines for the log of a step: annotations, then what did not fit among them, then the verdict."""
    return "".join(f"{line}\n" for line in _lines(run)).encode()


def _lines(run: Run) -> Iterator[str]:
    base, given = base_of(run), Counter[str]()
    room = {"error": _SHOWN, "warning": _SHOWN - bool(run.not_examined), "notice": _SHOWN}
    beyond: list[Finding] = []
    for finding in sorted(open_findings(run), key=weight):
        command = _COMMAND[finding.severity]
        given[command] += 1
        if given[command] <= room[command]:
            yield _annotation(command, finding, base)
        else:
            beyond.append(finding)
    if run.not_examined:
        yield _command("warning", _gaps(run), {"title": f"{len(run.not_examined):,} not examined"})
    for finding in beyond[:_PLAIN]:
        yield _plain(f"  {finding.severity.value:<8}  {base}{spoken(first(finding))}  {finding.title}")
    if len(beyond) > _PLAIN:
        yield _plain(f"  and {len(beyond) - _PLAIN:,} more")
    yield from _verdict(run)


def _annotation(command: str, finding: Finding, base: str) -> str:
    place = first(finding)
    line = line_of(place)
    properties = {"file": base + place.path}
    if line is not None:
        properties["line"] = str(line)
        properties |= {"endLine": str(place.end_line)} if place.end_line and place.end_line >= line else {}
        properties |= {"col": str(place.column)} if place.column else {}
    properties["title"] = f"{finding.severity.value}: {finding.title}"
    where = "" if line is not None else f" ({spoken(place)})"
    fix = f" Fix: {finding.fix.summary}" if finding.fix else ""
    return _command(command, f"{finding.message}{where}{fix} [aisecops explain {finding.check}]", properties)


def _gaps(run: Run) -> str:
    counted = Counter(f"{gap.reason} ({gap.code.value})" for gap in run.not_examined)
    return "; ".join(f"{n:,} x {why}" for why, n in counted.most_common(5))


def _verdict(run: Run) -> Iterator[str]:
    yield _plain(f"aisecops: {run.verdict.outcome.value}, policy {run.verdict.policy}")
    for rule in run.verdict.rules:
        if rule.outcome is not Outcome.PASS:
            yield _plain(f"  {rule.outcome.value}: {rule.id}: {rule.reason}")


def _command(name: str, message: str, properties: dict[str, str]) -> str:
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {said}::{_data(_cut(message))}"


def _cut(text: str) -> str:
    return text if len(text) <= _MESSAGE else text[: _MESSAGE - 1] + "…"


def _data(text: str) -> str:
    return inert.terminal(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(_cut(text)).replace(":", "%3A").replace(",", "%2C")


def _plain(text: str) -> str:
    return inert.line_start(inert.terminal(text))


REPORT = Report(name="github", media_type="text/plain; charset=utf-8", render=render)
