"""The report for people: what was looked at, what is wrong grouped by what would mend it, what nobody looked at, and the verdict.

It fits one screen for a small project and stays calm on a large one: the gravest causes first, the rest counted. This module only says what is on which
line (``document``); colours and width are the terminal's business (``aisecops.report.layout``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from aisecops.core.asset import Asset, FileVerdict
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Finding, Location
from aisecops.core.run import Run
from aisecops.core.taxonomy import Confidence
from aisecops.core.text import count
from aisecops.core.verdict import Outcome, RuleOutcome, Status
from aisecops.report.grouping import Cause, Place, causes, open_findings, statuses
from aisecops.report.interface import Lessons, Report
from aisecops.report.layout import Line, clip, line, plain
from aisecops.report.measured import measured

_TOLD = 5
"""Causes told in full; the next ``_NAMED`` get a line each, the rest is counted."""
_NAMED = 7
_PLACES = 3
_POSITIONS = 3
_GAPS = 5
_MESSAGE = 400
_PATH = 160
_ALL = 1 << 30

_SIGN = {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.INCOMPLETE: "?"}
_GAP_TITLES = {
    "no-parser": "no parser for this format yet",
    "missing-extra": "an extra is not installed",
    "timeout": "the time limit was reached",
    "crash": "the examination crashed",
    "truncated": "the data end too early",
    "too-large": "larger than the limits allow",
    "unreadable": "could not be read",
    "weak-isolation": "isolation is weaker than asked",
    "not-trusted": "not trusted to be loaded",
    "no-power": "too few samples to tell",
    "bad-input": "the input is broken",
}


def render(run: Run, lessons: Lessons | None = None) -> bytes:  # noqa: ARG001 the lessons are what `aisecops explain` shows
    """Return the report as UTF-8 text of 100 columns without colours, for a file or a log."""
    return plain(document(run), 100).encode()


def document(run: Run, *, verbose: bool = False) -> list[Line]:
    """Return the report on ``run``; ``verbose`` leaves nothing out."""
    sections = [
        _header(run),
        _findings(run, verbose),
        measured(run, verbose=verbose),
        _gaps(run, verbose),
        _evidence(run, verbose),
        _verdict(run, verbose),
    ]
    lines: list[Line] = []
    for section in sections:
        rows = list(section)
        if rows:
            lines += [*rows, line()]
    return lines[:-1]


def verdict(run: Run) -> list[Line]:
    """Return the last section of the report alone."""
    return list(_verdict(run, verbose=False))


# ---------------------------------------------------------------- what was looked at


def _header(run: Run) -> Iterator[Line]:
    roots = ", ".join(root.shown for root in run.run.roots) or "."
    yield line(("aisecops", "title"), "  ", (clip(roots, _PATH), "path"), hang=2)
    kinds = Counter(asset.kind.value for asset in run.assets)
    counted = [count(n, kind.replace("-", " ")) for kind, n in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))]
    planned = sum(1 for check in run.checks if not check.skipped)
    parts = [*(counted or ["nothing to examine"]), count(planned, "check"), _duration(run.run.started, run.run.finished)]
    yield line(("  " + " · ".join(part for part in parts if part), "dim"), hang=2)
    if run.run.incomplete:
        yield line(("  Interrupted: what follows is what was done until then.", "incomplete"), hang=2)


def _duration(started: str, finished: str) -> str:
    """The time between two ISO 8601 times of one zone, less than a day apart; empty where they do not parse or do not differ."""
    try:
        seconds = (_of_day(finished) - _of_day(started)) % 86400
    except (ValueError, IndexError):
        return ""
    if not seconds:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _of_day(moment: str) -> float:
    clock = moment.split("T")[1].rstrip("Z").split("+")[0]
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


# ---------------------------------------------------------------- what is wrong


def _findings(run: Run, verbose: bool) -> Iterator[Line]:
    found = causes(open_findings(run))
    told = found[: _ALL if verbose else _TOLD]
    named = found[len(told) : len(told) + _NAMED]
    counted = found[len(told) + len(named) :]
    for index, cause in enumerate(told):
        if index:
            yield line()
        yield from _cause(cause, verbose)
    if named:
        yield line()
        yield from map(_title, named)
    if counted:
        severities = Counter(cause.lead.severity for cause in counted)
        words = ", ".join(f"{n:,} {severity.value}" for severity, n in sorted(severities.items(), key=lambda item: -item[0].rank))
        yield line((f"and {count(len(counted), 'more cause')}: {words} (--verbose or --format json shows all)", "dim"))
    yield from _settled(run, verbose)


def _title(cause: Cause) -> Line:
    lead = cause.lead
    times = f"  ×{len(cause.findings):,}" if len(cause.findings) > 1 else ""
    badge = (f"{lead.severity.value.upper():<8}", lead.severity.value)
    doubt = "" if lead.confidence is Confidence.HIGH else f", {lead.confidence.value} confidence"
    return line(badge, "  ", (lead.title, "title"), (f"{times}  {lead.check}{doubt}", "dim"), hang=2)


def _cause(cause: Cause, verbose: bool) -> Iterator[Line]:
    lead = cause.lead
    yield _title(cause)
    yield line(f"  {clip(lead.message, _ALL if verbose else _MESSAGE)}", hang=2)
    yield from _places(cause.places, verbose)
    for step in lead.flow if verbose else ():
        yield line("  via    ", (f"{clip(step.path, _PATH)}:{step.line}", "path"), f"  {step.message}", hang=9)
    if lead.fix is not None:
        yield line(("  fix    ", "dim"), clip(lead.fix.summary, _ALL if verbose else _MESSAGE), hang=9)
    if verbose:
        yield line((f"  id     {lead.id}", "dim"))


def _places(places: tuple[Place, ...], verbose: bool) -> Iterator[Line]:
    shown = places[: _ALL if verbose else _PLACES]
    for index, place in enumerate(shown):
        yield line(("  where  " if index == 0 else "         ", "dim"), *_place(place, verbose), hang=9)
    if len(places) > len(shown):
        yield line((f"         and {count(len(places) - len(shown), 'more file')}", "dim"))


def _place(place: Place, verbose: bool) -> list[tuple[str, str]]:
    shown = place.positions[: _ALL if verbose else _POSITIONS]
    more = f" and {len(place.positions) - len(shown):,} more" if len(place.positions) > len(shown) else ""
    return [(_name(place.path, place.member), "path"), (positions(shown) + more, "dim")]


def _name(path: str, member: str) -> str:
    return clip(path, _PATH) + (f"!{clip(member, _PATH)}" if member else "")


def positions(places: tuple[Location, ...]) -> str:
    """Say where in one file: ``:12:5, 14``, which editors follow, or ``  bytes 31, 77``, or ``  cell 3 line 2``; empty for the file as a whole."""
    offsets = [str(place.offset) for place in places if place.offset is not None]
    if offsets:
        return f"  byte{'s' if len(offsets) > 1 else ''} {', '.join(offsets)}"
    if any(place.cell for place in places):
        return "  " + ", ".join(f"cell {place.cell}" + (f" line {place.line}" if place.line else "") for place in places)
    lines = [f"{place.line}" + (f":{place.column}" if place.column else "") for place in places if place.line]
    return f":{', '.join(lines)}" if lines else ""


def _settled(run: Run, verbose: bool) -> Iterator[Line]:
    """The findings that somebody answers for: counted, and named when asked for more."""
    known = statuses(run)
    settled = [(known[f.id].status, f) for f in run.findings if f.id in known and known[f.id].status is not Status.OPEN]
    if not settled:
        return
    counted = Counter(status for status, _ in settled)
    words = {Status.WAIVED: "waived", Status.BASELINE: "in the baseline", Status.SUPPRESSED: "suppressed in the source"}
    yield line()
    yield line((f"Not counted: {', '.join(f'{counted[s]:,} {words[s]}' for s in words if s in counted)}", "dim"), hang=2)
    for status, finding in settled if verbose else ():
        yield line(
            (f"  {words[status]}  ", "dim"),
            finding.title,
            "  ",
            (clip(finding.locations[0].path, _PATH) if finding.locations else "", "path"),
            hang=4,
        )


# ---------------------------------------------------------------- what nobody looked at


def _gaps(run: Run, verbose: bool) -> Iterator[Line]:
    groups: dict[tuple[str, str], list[NotExamined]] = {}
    for gap in run.not_examined:
        groups.setdefault((gap.code.value, gap.remedy), []).append(gap)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    shown = ordered[: _ALL if verbose else _GAPS]
    if shown:
        yield line(("Not examined", "incomplete"))
    for (code, remedy), gaps in shown:
        yield from _gap(code, remedy, gaps, verbose)
    if len(ordered) > len(shown):
        yield line((f"  and {sum(len(gaps) for _, gaps in ordered[len(shown) :]):,} more: --verbose", "dim"))
    yield from _left_out(run)


def _gap(code: str, remedy: str, gaps: list[NotExamined], verbose: bool) -> Iterator[Line]:
    reasons = list(dict.fromkeys(gap.reason for gap in gaps))
    reason = reasons[0] if len(reasons) == 1 else _GAP_TITLES.get(code, code)
    places = dict.fromkeys(_name(gap.path or gap.asset, gap.member) for gap in gaps)  # a file may be told by several checks
    yield line(f"  {count(len(places), 'part' if any(gap.member for gap in gaps) else 'file')}  ", clip(reason, _MESSAGE), hang=4)
    shown = list(places)[: _ALL if verbose else _PLACES]
    names = [name for name in shown if name]
    more = f" and {len(places) - len(shown):,} more" if len(places) > len(shown) else ""
    advice = f"{'  ' if names else ''}→ {clip(remedy, _MESSAGE)}" if remedy else ""
    if names or advice:
        yield line("    ", (", ".join(names), "path"), (more, "dim"), advice, hang=4)


def _left_out(run: Run) -> Iterator[Line]:
    counted: Counter[str] = Counter()
    for left in run.left_out:
        counted[left.reason] += left.count
    words = ", ".join(f"{clip(reason, _PATH)} ({n:,})" for reason, n in sorted(counted.items(), key=lambda item: -item[1])[:_GAPS])
    more = f", and {len(counted) - _GAPS:,} other reasons" if len(counted) > _GAPS else ""
    if words:
        yield line((f"Outside the scope: {words}{more}", "dim"), hang=2)


# ---------------------------------------------------------------- what is right, and why


def _evidence(run: Run, verbose: bool) -> Iterator[Line]:
    files = [asset for asset in run.assets if asset.verdict is not None]
    clean = [asset for asset in files if asset.verdict is FileVerdict.CLEAN]
    others = Counter(asset.verdict.value for asset in files if asset.verdict not in {None, FileVerdict.CLEAN} if asset.verdict)
    if not files:
        return
    rest = ", ".join(f"{others[v.value]:,} {v.value}" for v in reversed(FileVerdict) if v.value in others)
    of = f"{len(clean):,} of {count(len(files), 'model file')}" if rest else count(len(clean), "model file")
    if clean:
        yield line(("✓ ", "pass"), f"{of} clean", (f"  {_allowed(clean)}", "dim"), (f"; the others: {rest}" if rest else "", "dim"), hang=2)
    else:
        yield line(f"None of {count(len(files), 'model file')} is clean: {rest}", hang=2)
    for asset in files if verbose else ():
        yield from _file(asset)


def _allowed(clean: list[Asset]) -> str:
    names = {entry.get("callable") for asset in clean for entry in _entries(asset)}
    calls = len(names) or sum(asset.facts.get("callables", 0) for asset in clean if isinstance(asset.facts.get("callables", 0), int))
    return f"{count(calls, 'distinct callable')}, all allowed" if calls else "no callables: data alone"


def _entries(asset: Asset) -> Iterable[dict[str, object]]:
    entries = asset.facts.get("allowed", ())
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, (list, tuple)) else []


def _file(asset: Asset) -> Iterator[Line]:
    assert asset.verdict is not None
    loaders = ", ".join(f"{loader.name} {loader.verdict.value}" for loader in asset.loaders)
    yield line(f"  {asset.verdict.value:<10}  ", (clip(asset.path, _PATH), "path"), (f"  {loaders}" if loaders else "", "dim"), hang=14)


# ---------------------------------------------------------------- the verdict


def _verdict(run: Run, verbose: bool) -> Iterator[Line]:
    judged = run.verdict
    policy = f"  policy {judged.policy}" if judged.policy else ""
    yield line((judged.outcome.value.upper(), judged.outcome.value), f"{policy}, {_tally(judged.rules)}", hang=2)
    for rule in judged.rules:
        if verbose or rule.outcome is not Outcome.PASS:
            yield line((f"  {_SIGN[rule.outcome]} ", rule.outcome.value), (rule.id, "title"), f"  {clip(rule.reason, _MESSAGE)}", hang=4)
    for waiver in judged.waivers:
        if waiver.expired or not waiver.used:
            problem = f"expired on {waiver.expires}" if waiver.expired else "covers nothing: remove it"
            yield line(("  ! ", "incomplete"), f"waiver {waiver.id} of {waiver.owner} {problem}", hang=4)
    hint = _next_step(open_findings(run))
    if hint:
        yield line(("  next   ", "dim"), (hint, "code"), hang=9)
    mendable = sum(bool(finding.fix and finding.fix.edits and finding.fix.safe) for finding in open_findings(run))
    if mendable:
        yield line(("  next   ", "dim"), ("aisecops fix", "code"), f" can mend {count(mendable, 'finding')} of these", hang=9)


def _tally(rules: tuple[RuleOutcome, ...]) -> str:
    passed = sum(rule.outcome is Outcome.PASS for rule in rules)
    return f"{passed:,} of {count(len(rules), 'rule')} passed"


def _next_step(findings: list[Finding]) -> str:
    found = causes(findings)
    return f"aisecops explain {found[0].lead.check}" if found else ""


REPORT = Report(name="terminal", media_type="text/plain; charset=utf-8", render=render)
