"""What changed between two runs, told: for the terminal, for a pull request (Markdown), and as JSON for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from aisecops.core.finding import Finding
from aisecops.core.measurement import Measurement
from aisecops.core.verdict import Outcome, Status
from aisecops.gate.difference import Difference, FindingChange, Kind, counted
from aisecops.gate.readings import Change, ReadingChange
from aisecops.report.figures import figure
from aisecops.report.inert import json_text
from aisecops.report.layout import Line, clip, line
from aisecops.report.markdown import MOST, SIGN, code, prose
from aisecops.report.places import first, spoken

_SHOWN = 10
_PATH = 160
_TEXT = 300
_ALL = 1 << 30
_TITLES = {
    Kind.NEW: "New",
    Kind.GRAVER: "Graver than before",
    Kind.MOVED: "Moved",
    Kind.MILDER: "Milder than before",
    Kind.UNEXAMINED: "Not looked at again",
    Kind.REMOVED: "Gone with what they stood in",
    Kind.FIXED: "Fixed",
}
_STYLES = {Kind.NEW: "fail", Kind.GRAVER: "fail", Kind.UNEXAMINED: "incomplete", Kind.FIXED: "pass"}
_QUIET = (Change.NOISE, Change.SAME)
_EMOJI = {Kind.NEW: "🆕", Kind.GRAVER: "⬆️", Kind.MOVED: "➡️", Kind.MILDER: "⬇️", Kind.UNEXAMINED: "❔", Kind.REMOVED: "🗑️", Kind.FIXED: "✅"}
_ARROWS = {Change.WORSE: "❌", Change.BETTER: "✅", Change.CHANGED: "🔁", Change.UNCLEAR: "❔", Change.INCOMPARABLE: "❔"}


def as_json(difference: Difference) -> bytes:
    """Encode it: schema ``aisecops/diff-1``, findings and measurements as the run record has them."""
    return json_text(msgspec.json.format(msgspec.json.encode(difference), indent=2)) + b"\n"


def headline(difference: Difference) -> str:
    """``2 new, 1 moved, 3 fixed, 40 unchanged``: the counts in words."""
    counts = [f"{n:,} {kind.value}" for kind, n in counted(difference).items() if n]
    return ", ".join([*counts, f"{difference.unchanged:,} unchanged"])


# ---------------------------------------------------------------- for the terminal


def document(difference: Difference, *, verbose: bool = False) -> list[Line]:
    """Return it as styled lines; ``verbose`` leaves nothing out."""
    lines = list(_head(difference))
    for kind in Kind:
        if changes := difference.of(kind):
            lines += [line(), line((f"{_TITLES[kind]}: {len(changes):,}", _STYLES.get(kind, "title")))]
            lines += _listed([row for change in changes for row in _change(change)], _ALL if verbose else _SHOWN * 2)
    readings = [change for change in difference.measurements if verbose or change.change not in _QUIET]
    if difference.measurements:
        lines += [line(), line((f"Measured: {_tally(difference)}", "title"))]
        lines += _listed([row for change in readings for row in _reading(change)], _ALL if verbose else _SHOWN * 4)
    return lines


def _head(difference: Difference) -> Iterator[Line]:
    before, after = difference.before, difference.after
    yield line(("aisecops diff", "title"), f"  {before.id} ({before.outcome.value}) → {after.id} ({after.outcome.value})", hang=2)
    yield line(f"  {headline(difference)}", hang=2)
    for caveat in difference.caveats:
        yield line(("  ! ", "incomplete"), caveat, hang=4)


def _listed(rows: list[Line], most: int) -> Iterator[Line]:
    yield from rows[:most]
    if len(rows) > most:
        yield line((f"  and {len(rows) - most:,} more lines: --verbose", "dim"))


def _change(change: FindingChange) -> Iterator[Line]:
    found = change.finding
    stands = "" if change.status is Status.OPEN else f", {change.status.value}"
    yield line(f"  {found.severity.value:<8}  ", (clip(found.title, _TEXT), "title"), (f"  {found.check}{stands}", "dim"), hang=12)
    yield line(
        ("            ", "dim"), (clip(_where(change), 2 * _PATH), "path"), (f"  {clip(change.cause, _TEXT)}" if change.cause else "", "dim"), hang=12
    )


def _where(change: FindingChange) -> str:
    """Where it stands; for one that moved, from where."""
    here = spoken(first(change.finding))
    if change.kind is Kind.MOVED and change.before is not None:
        return f"{spoken(first(change.before))} → {here}"
    return here


def _tally(difference: Difference) -> str:
    kinds = [change.change for change in difference.measurements]
    return ", ".join(f"{kinds.count(kind):,} {kind.value}" for kind in Change if kind in kinds)


def _reading(change: ReadingChange) -> Iterator[Line]:
    m = change.measurement
    style = {Change.WORSE: "fail", Change.BETTER: "pass"}.get(change.change, "dim")
    yield line(
        (f"  {change.change.value:<12}  ", style),
        (clip(_name(m), _TEXT), "title"),
        f"  {_number(change.before)} → {_number(change.after)}{_by(change)}",
        hang=16,
    )
    yield line((f"                {clip(', '.join(m.assets), _PATH)}; {clip(change.why, _TEXT)}", "dim"), hang=16)


def _name(m: Measurement) -> str:
    return f"{m.name.replace('-', ' ')} {m.subject}".rstrip()


def _number(m: Measurement | None) -> str:
    if m is None or m.value is None:
        return "-"
    return figure(m.value) + (f" [{figure(m.low)}, {figure(m.high)}]" if m.low is not None and m.high is not None else "")


def _by(change: ReadingChange) -> str:
    """The difference, with its interval where there is one."""
    if change.difference is None or change.change is Change.SAME:
        return ""
    interval = f" [{change.low:+.3g}, {change.high:+.3g}]" if change.low is not None and change.high is not None else ""
    return f"  ({change.difference:+.3g}{interval})"


# ---------------------------------------------------------------- for a pull request


def as_markdown(difference: Difference) -> bytes:
    """Return it as Markdown of at most ``MOST`` bytes, the most urgent first; what does not fit is counted."""
    before, after = difference.before, difference.after
    sign = "🆕" if difference.worse else "❔" if difference.of(Kind.UNEXAMINED) or difference.caveats else SIGN[Outcome.PASS]
    parts = [
        f"## {sign} aisecops diff: {headline(difference)}",
        f"{code(before.id, 60)} ({before.outcome.value}) → {code(after.id, 60)} ({after.outcome.value})",
        *(f"> ⚠️ {prose(caveat)}" for caveat in difference.caveats),
    ]
    blocks = [*(_section(difference, kind) for kind in Kind), *_measured(difference)]
    room = MOST - sum(len(part.encode()) + 2 for part in parts) - 200
    for number, block in enumerate(filter(None, blocks)):
        room -= len(block.encode()) + 2
        if room < 0:
            parts.append(f"*{len(list(filter(None, blocks))) - number:,} more sections: see the JSON*")
            break
        parts.append(block)
    return ("\n\n".join(parts) + "\n").encode()


def _section(difference: Difference, kind: Kind) -> str:
    changes = difference.of(kind)
    rows = [_item(change) for change in changes]
    return _folded(f"{_EMOJI[kind]} <b>{_TITLES[kind]}</b>: {len(changes):,}", rows, opened=kind in (Kind.NEW, Kind.GRAVER)) if rows else ""


def _item(change: FindingChange) -> str:
    found: Finding = change.finding
    stands = "" if change.status is Status.OPEN else f" ({change.status.value})"
    cause = f" · {prose(change.cause)}" if change.cause else ""
    return f"- **{found.severity.value}**{stands} {prose(found.title, _PATH)} · {code(_where(change), _PATH)} · {code(found.check, 80)}{cause}"


def _measured(difference: Difference) -> Iterator[str]:
    told = [change for change in difference.measurements if change.change not in _QUIET]
    if difference.measurements:
        rows = [_measured_item(change) for change in told]
        yield _folded(
            f"📏 <b>Measured</b>: {_tally(difference)}", rows or ["- nothing beyond noise"], opened=any(c.change is Change.WORSE for c in told)
        )


def _measured_item(change: ReadingChange) -> str:
    m = change.measurement
    numbers = f"{_number(change.before)} → {_number(change.after)}{_by(change)}"
    said = f"**{change.change.value}** {prose(_name(m), 100)} {code(numbers)}"
    return f"- {_ARROWS.get(change.change, '•')} {said} · {code(', '.join(m.assets), _PATH)} · {prose(change.why)}"


def _folded(title: str, rows: Iterable[str], *, opened: bool) -> str:
    """A list under a title that unfolds, within a third of the whole."""
    told: list[str] = []
    used = left = 0
    for row in rows:
        used += len(row.encode()) + 1
        if left or used > MOST // 4:
            left += 1
        else:
            told.append(row)
    told += [f"- and {left:,} more"] if left else []
    return "\n".join([f"<details{' open' if opened else ''}><summary>{title}</summary>", "", *told, "", "</details>"])
