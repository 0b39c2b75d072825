"""A run as a notebook shows it: a fragment of HTML without scripts, whose colours follow the notebook's own.

What came from examined files is quoted; nothing is fetched, and nothing can run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aisecops.core.measurement import Measurement
from aisecops.core.run import Run
from aisecops.core.text import count
from aisecops.report.grouping import Cause, Place, causes, open_findings
from aisecops.report.inert import html
from aisecops.report.terminal import positions

_ROWS = 25
_PLACES = 3
_COLOURS = {
    "critical": "#b3123f", "high": "#c8402a", "medium": "#a86400", "low": "#2a6f97", "info": "#5c6670", "pass": "#1f7a3f", "fail": "#b3123f", "incomplete": "#a86400",
}  # fmt: skip
_CELL = "padding:.35em .9em .35em 0;text-align:left;vertical-align:top;white-space:normal;border-top:1px solid rgba(128,128,128,.3)"


def page(run: Run) -> str:
    """Return ``run`` as HTML: the verdict and why, the open findings by what one change would mend, measurements, and what was not examined."""
    return f'<div class="aisecops" style="line-height:1.45;max-width:70em">{"".join(_parts(run))}</div>'


def _parts(run: Run) -> Iterator[str]:
    verdict = run.verdict
    examined = count(len(run.assets), "asset")
    yield f'<div style="font-size:1.15em">{_badge(verdict.outcome.value)} policy <b>{html(verdict.policy)}</b>, {examined} examined</div>'
    yield "".join(
        f"<div>{_badge(rule.outcome.value)} <code>{html(rule.id)}</code> {html(rule.reason)}</div>"
        for rule in verdict.rules
        if rule.outcome != "pass"
    )
    found = causes(open_findings(run))
    yield _table("Findings", ("severity", "what", "where", "what to do"), [_cause(cause) for cause in found]) if found else "<p>No open finding.</p>"
    if run.measurements:
        yield _table("Measurements", ("name", "subject", "value", "interval", "from 0 to 1", "n"), [_measurement(m) for m in run.measurements])
    if run.not_examined:
        yield _table("Not examined", ("where", "why", "remedy"), [[html(gap.path), html(gap.reason), html(gap.remedy)] for gap in run.not_examined])


def _badge(word: str) -> str:
    colour = _COLOURS.get(word, _COLOURS["info"])
    return f'<span style="background:{colour};color:#fff;border-radius:.3em;padding:.1em .5em;font-size:.85em">{html(word)}</span>'


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in names)
    body = "".join("<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in row) + "</tr>" for row in rows[:_ROWS])
    more = f"<p>and {len(rows) - _ROWS:,} more</p>" if len(rows) > _ROWS else ""
    caption = f'<caption style="text-align:left;font-weight:bold;padding-top:.8em">{title} ({len(rows):,})</caption>'
    return f'<table style="border-collapse:collapse">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}'


def _cause(cause: Cause) -> list[str]:
    lead = cause.lead
    what = f"<b>{html(lead.title)}</b><br>{html(lead.message)}<br><code>{html(lead.check)}</code>"
    return [_badge(lead.severity.value), what, _places(cause.places), html(lead.fix.summary) if lead.fix else ""]


def _places(places: Sequence[Place]) -> str:
    told = [f"<code>{html(_name(place) + positions(place.positions[:_PLACES]))}</code>" for place in places[:_PLACES]]
    return "<br>".join([*told, *([f"and {count(len(places) - _PLACES, 'more file')}"] if len(places) > _PLACES else [])])


def _name(place: Place) -> str:
    return f"{place.path}!{place.member}" if place.member else place.path


def _measurement(measurement: Measurement) -> list[str]:
    value = f"not usable: {measurement.blocked}" if measurement.blocked else "no value" if measurement.value is None else f"{measurement.value:.4g}"
    known = measurement.low is not None and measurement.high is not None
    interval = f"{measurement.low:.4g} to {measurement.high:.4g}" if known else ""
    unit = "" if measurement.unit in ("", "1", "fraction", "ratio", "probability") else f" {measurement.unit}"
    n = f"{measurement.n:,}" if measurement.n is not None else ""
    return [html(measurement.name), html(measurement.subject), html(value + unit), interval, _bar(measurement), n]


def _bar(measurement: Measurement) -> str:
    """Return the interval of a share as a band, and the value as a mark in it; nothing for what is no share, or must not be used."""
    value, low, high = measurement.value, measurement.low, measurement.high
    if measurement.blocked or value is None or low is None or high is None or not 0 <= low <= value <= high <= 1:
        return ""
    band = f'<div style="position:absolute;left:{low:.2%};width:{high - low:.2%};height:100%;background:{_COLOURS["low"]}"></div>'
    mark = f'<div style="position:absolute;left:calc({value:.2%} - 1px);width:2px;height:100%;background:currentColor"></div>'
    return f'<div style="position:relative;width:9em;height:.8em;margin-top:.3em;background:rgba(128,128,128,.2)">{band}{mark}</div>'
