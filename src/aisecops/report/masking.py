"""What masking did, and what risk is left, as lines for a terminal. No value of the original is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from aisecops.report.layout import Line, line

if TYPE_CHECKING:
    from aisecops.defences.anonymisation.plan import ColumnPlan
    from aisecops.defences.anonymisation.report import MaskedColumn, MaskReport
    from aisecops.defences.anonymisation.risk import Risk

_WIDEST_NAME = 28


def plan_lines(plans: Sequence[ColumnPlan]) -> list[Line]:
    """Return the plan, a line for each column."""
    wide = _width([plan.name for plan in plans])
    return [line(f"  {plan.name[:wide]:<{wide}}  ", (f"{plan.method.value:<10}", "code"), f"  {plan.why}", hang=wide + 16) for plan in plans]


def report_lines(report: MaskReport) -> list[Line]:
    """Return what was done to each column, the risk before and after, and what to look at."""
    domain = f", domain {report.domain}" if report.domain else ""
    lines = [line((report.output, "path"), f"  {report.rows:,} rows, key {report.key_id}{domain}", hang=2), line()]
    wide = _width([column.name for column in report.columns])
    lines += [_column(column, wide) for column in report.columns]
    if report.before is not None and report.after is not None:
        lines += [line(), *_risks(report, report.before, report.after)]
    lines += [line(), *(line(("  look:", "medium"), f" {warning}", hang=8) for warning in report.warnings)]
    lines.append(
        line(("  Pseudonymised data is still personal data (GDPR Art. 4(5)): whoever has the key, or knows enough, can undo it.", "dim"), hang=2)
    )
    return lines


def _width(names: Sequence[str]) -> int:
    return min(_WIDEST_NAME, max(map(len, names), default=0))


def _column(column: MaskedColumn, wide: int) -> Line:
    said = [f"{column.changed:,} changed" if column.changed else "as it was"]
    if column.lost is not None and column.changed:
        said.append(f"{column.lost:.0%} lost")
    if column.replaced:
        said.append(", ".join(f"{count:,} {kind}" for kind, count in column.replaced.items()))
    if column.samples:
        said.append(f"now {column.samples[0]}")
    return line(f"  {column.name[:wide]:<{wide}}  ", (f"{column.method.value:<10}", "code"), f"  {' · '.join(said)}", hang=wide + 16)


def _risks(report: MaskReport, before: Risk, after: Risk) -> Iterator[Line]:
    whose = f", persons by {report.subject}" if report.subject else ""
    yield line(("  Risk by ", "title"), ", ".join(report.quasi_identifiers), whose, hang=4)
    yield line((f"  {'':<44}{'before':>10}{'after':>10}", "dim"))
    for words, value in _rows(before):
        yield line(f"  {words:<44}{value(before):>10}{value(after):>10}")


def _rows(risk: Risk) -> Iterator[tuple[str, Callable[[Risk], str]]]:
    yield "persons in the smallest class (k)", lambda one: f"{one.k:,}"
    yield "rows of a class of one person", lambda one: f"{one.unique:.1%}"
    yield "chance to pick the right person, average", lambda one: f"{one.average:.1%}"
    for number, told in enumerate(risk.singled_out):
        yield f"singled out by {told.known} of them, worst choice", lambda one, at=number: f"{one.singled_out[at].worst:.1%}"  # type: ignore[misc]
    for name in risk.l:
        yield f"fewest values of {name[:20]} in a class (l)", lambda one, of=name: f"{one.l[of]:,}"  # type: ignore[misc]
        yield f"farthest {name[:20]} in a class (t)", lambda one, of=name: f"{one.t[of]:.2f}"  # type: ignore[misc]
    if risk.population_match is not None:
        yield "right match of a unique row (estimate)", lambda one: f"{one.population_match or 0:.1%}"
