"""A summary in Markdown, for a comment on a pull request or the summary of a CI job: the verdict and why, the gravest causes first, details folded.

GitHub takes 65,536 characters in a comment and 1 MiB in a step summary, GitLab a million; ``MOST`` bytes fit all of them. Each section has its share, and says what it
had to leave out. Hostile text stands in code: there, links, pictures, HTML and @mentions stay text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from aisecops.core.finding import Finding
from aisecops.core.measurement import Measurement
from aisecops.core.run import Run
from aisecops.core.taxonomy import Severity
from aisecops.core.verdict import Outcome, Status
from aisecops.report import inert
from aisecops.report.figures import figure
from aisecops.report.grouping import Cause, causes, open_findings, statuses
from aisecops.report.interface import Lessons, Report
from aisecops.report.layout import clip
from aisecops.report.places import base as base_of
from aisecops.report.places import spoken

MOST = 60_000
"""Bytes of UTF-8."""
_WHY, _FINDINGS, _MEASURED, _GAPS = 6_000, 32_000, 12_000, 6_000
_TEXT = 400
_PATH = 160
_PLACES = 5
_STEPS = 8

SIGN = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.INCOMPLETE: "❔"}
_MARK = {Severity.CRITICAL: "🟥", Severity.HIGH: "🟧", Severity.MEDIUM: "🟨", Severity.LOW: "🟦", Severity.INFO: "⬜"}
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ,.()'/;%=+?!\"-]|: )*")
_LINKS = re.compile(r"www\.|GH-\d", re.IGNORECASE)
"""What GitHub makes a link of without any sign; addresses with ``://`` or ``@`` are not plain to begin with."""


def render(run: Run, lessons: Lessons | None = None) -> bytes:  # noqa: ARG001 the lessons are what `aisecops explain` shows
    """Return the summary of ``run`` as UTF-8, at most ``MOST`` bytes."""
    sections = (
        [_headline(run)],
        _within(_WHY, "", _why(run), "rules"),
        _within(_FINDINGS, "### Findings", _causes(run), "causes"),
        _within(_MEASURED, "", _measured(run), "assets with measurements"),
        _within(_GAPS, "### Not examined", _gaps(run), "reasons"),
        _footer(run),
    )
    return ("\n\n".join("\n".join(section) for section in sections if section) + "\n").encode()


# ---------------------------------------------------------------- quoting


def code(text: str, most: int = _TEXT) -> str:
    """Quote hostile text as a code span, cut to ``most`` characters; nothing in it starts a command of a CI runner either."""
    return inert.markdown(inert.terminal(clip(text, most)))


def prose(text: str, most: int = _TEXT) -> str:
    """Quote hostile text as plain words where it has no character that could mean anything, and as a code span else."""
    return text if len(text) <= most and _PLAIN.fullmatch(text) and not _LINKS.search(text) else code(text, most)


def html(text: str, most: int = _TEXT) -> str:
    """Quote hostile text for the inside of an HTML element, where Markdown is not read and GitHub still looks for mentions, but not in code."""
    cut = clip(text, most)
    return cut if _PLAIN.fullmatch(cut) and not _LINKS.search(cut) else f"<code>{inert.html(inert.terminal(cut))}</code>"


def _within(room: int, title: str, blocks: Iterable[str], noun: str) -> list[str]:
    """As many ``blocks`` as have ``room`` bytes, under ``title``, and how many did not; nothing where there are none."""
    told: list[str] = []
    used = left = 0
    for block in blocks:
        used += len(block.encode()) + 1
        if left or used > room:
            left += 1
        else:
            told.append(block)
    told += [f"\n*and {left:,} more {noun}: see the full report*"] if left else []
    return ([title, "", *told] if title else told) if told else []


# ---------------------------------------------------------------- the sections


def _headline(run: Run) -> str:
    judged, found = run.verdict, open_findings(run)
    severities = Counter(finding.severity for finding in found)
    counts = ", ".join(f"{severities[severity]:,} {severity.value}" for severity in Severity if severity in severities)
    parts = [f"**{len(found):,}** open findings" + (f" ({counts})" if counts else "")]
    parts += [f"**{len(run.measurements):,}** measured"] if run.measurements else []
    parts += [f"**{len(run.not_examined):,}** not examined"] if run.not_examined else []
    parts += [f"{len(run.assets):,} assets", f"{sum(not check.skipped for check in run.checks):,} checks"]
    policy = f" · policy {prose(judged.policy, 80)}" if judged.policy else ""
    cut = "\n\n⚠️ The run was interrupted: this is what was done until then." if run.run.incomplete else ""
    return f"## {SIGN[judged.outcome]} aisecops: {judged.outcome.value}{policy}\n\n{' · '.join(parts)}{cut}"


def _why(run: Run) -> Iterator[str]:
    """Each rule that did not pass, and each waiver that needs somebody."""
    for rule in run.verdict.rules:
        if rule.outcome is not Outcome.PASS:
            yield f"- {SIGN[rule.outcome]} **{prose(rule.id, 80)}**: {prose(rule.reason)}"
    for waiver in run.verdict.waivers:
        if waiver.expired:
            yield f"- ⏰ waiver {prose(waiver.id, 80)} of {prose(waiver.owner, 80)} expired on {prose(waiver.expires, 20)}"


def _causes(run: Run) -> Iterator[str]:
    base = base_of(run)
    return (_cause(cause, base) for cause in causes(open_findings(run)))


def _cause(cause: Cause, base: str) -> str:
    lead = cause.lead
    places = [place for finding in cause.findings for place in finding.locations]
    times = f" ×{len(cause.findings):,}" if len(cause.findings) > 1 else ""
    where = f" · {html(base + spoken(places[0]), _PATH)}" if places else ""
    head = f"<details><summary>{_MARK[lead.severity]} {lead.severity.value} · <b>{html(lead.title, _PATH)}</b>{times}{where}</summary>"
    body = [prose(lead.message)]
    body += [f"- where: {code(base + spoken(place), _PATH)}" for place in places[:_PLACES]]
    body += [f"- and {len(places) - _PLACES:,} more places"] if len(places) > _PLACES else []
    body += _told(lead, base)
    return "\n".join([head, "", body[0], "", *body[1:], "", "</details>"])


def _told(lead: Finding, base: str) -> Iterator[str]:
    for step in lead.flow[:_STEPS]:
        yield f"- via: {code(f'{base}{step.path}:{step.line}', _PATH)} {prose(step.message)}"
    if lead.fix is not None:
        yield f"- **fix**: {prose(lead.fix.summary)}"
    yield f"- learn: {code(f'aisecops explain {lead.check}', _PATH)} · confidence {lead.confidence.value}"


def _measured(run: Run) -> Iterator[str]:
    """A table for each asset, all of them folded; a row is HTML, because a ``|`` in a name would break a table of Markdown."""
    groups: dict[tuple[str, ...], list[Measurement]] = {}
    for measurement in run.measurements:
        groups.setdefault(measurement.assets, []).append(measurement)
    for assets, group in groups.items():
        rows = "\n".join(_row(m) for m in group[:40])
        more = f"\n<tr><td colspan=4>and {len(group) - 40:,} more</td></tr>" if len(group) > 40 else ""
        title = f"📏 <b>{len(group):,} measured</b> of {html(', '.join(assets), _PATH)}"
        head = "<tr><th>what</th><th>value</th><th>interval</th><th>n</th></tr>"
        yield f"<details><summary>{title}</summary>\n<table>\n{head}\n{rows}{more}\n</table>\n</details>\n"


def _row(m: Measurement) -> str:
    name = html(f"{m.name.replace('-', ' ')} {m.subject}".rstrip(), 100)
    value = f"not usable: {html(m.blocked, 100)}" if m.blocked else "no value" if m.value is None else figure(m.value)
    unit = (
        f" {html(m.unit, 20)}"
        if m.unit not in {"", "1", "fraction", "ratio", "probability", "share"} and m.value is not None and not m.blocked
        else ""
    )
    interval = f"[{figure(m.low)}, {figure(m.high)}] at {m.level or 0:.0%}" if m.low is not None and m.high is not None else ""
    return f"<tr><td>{name}</td><td>{value}{unit}</td><td>{interval}</td><td>{f'{m.n:,}' if m.n else ''}</td></tr>"


def _gaps(run: Run) -> Iterator[str]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for gap in run.not_examined:
        groups.setdefault((gap.code.value, gap.reason, gap.remedy), []).append(gap.path or gap.asset)
    for (kind, reason, remedy), paths in sorted(groups.items(), key=lambda item: -len(item[1])):
        names = [code(path, _PATH) for path in dict.fromkeys(paths) if path]
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
        yield f"- **{len(paths):,}** {kind}: {prose(reason)}" + (f": {listed}" if listed else "") + (f" → {prose(remedy)}" if remedy else "")


def _footer(run: Run) -> list[str]:
    known = Counter(status.status.value for status in statuses(run).values() if status.status is not Status.OPEN)
    settled = ", ".join(f"{known[status.value]:,} {status.value}" for status in Status if status.value in known)
    commits = ", ".join(dict.fromkeys(code(root.commit[:12], 20) for root in run.run.roots if root.commit))
    parts = [f"not counted: {settled}"] if settled else []
    parts += [f"commit {commits[:200]}"] if commits else []
    parts += [f"run {code(run.run.id, 80)}", f"aisecops {prose(run.run.tool.version, 40)}"]
    return [f"<sub>{' · '.join(parts)}</sub>"]


REPORT = Report(name="markdown", media_type="text/markdown; charset=utf-8", render=render)
