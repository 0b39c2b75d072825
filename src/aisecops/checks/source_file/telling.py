"""From what the engine has found to findings: one for each root cause, with all its places and how the danger gets there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from aisecops.checks.source_file.mending import mended
from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.dataflow.program import Hit, Span
from aisecops.codebase.dataflow.values import Step
from aisecops.core.finding import FlowStep, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert

_MOST_PLACES = 100
_LONGEST_SUBJECT = 120
_LOWER = {Confidence.HIGH: Confidence.MEDIUM, Confidence.MEDIUM: Confidence.LOW, Confidence.LOW: Confidence.LOW}


class Cause(msgspec.Struct, frozen=True):
    """What several places have in common: what is known of the call (``entry``), the function or class around, what flows in, and the constant that is passed first.

    ``through`` is where the dangerous call itself stands, if the places only lead there.
    """

    entry: str
    scope: str
    label: str
    subject: str
    through: str = ""


def weaknesses(file: SourceFile, category: str, graded: Callable[[Hit], Severity | None] | None = None) -> Iterator[Weakness]:
    """Yield what the engine has found of ``category`` in ``file``.

    ``graded`` says how grave a hit is, where what stands around it tells more than the knowledge of its library; None: not at all.
    """
    if file.module is None:
        return
    found = [hit for hit in file.module.hits if hit.entry.sink == category]
    grades = [(hit, hit.entry.severity if graded is None else graded(hit)) for hit in found]
    groups: dict[tuple[Cause, Severity], list[Hit]] = {}
    for hit, severity in _gravest(file, [(hit, severity) for hit, severity in grades if severity is not None]):
        groups.setdefault((_cause(file, hit), severity), []).append(hit)
    for (cause, severity), hits in groups.items():
        yield msgspec.structs.replace(_weakness(file, category, cause, hits), severity=severity)


def _gravest(file: SourceFile, grades: list[tuple[Hit, Severity]]) -> list[tuple[Hit, Severity]]:
    """Where several entries speak of one call, or one call leads to several dangers in another file, what the gravest says; of equally grave ones, the first."""
    worst: dict[tuple[str, int, int], tuple[Severity, str, str]] = {}
    for hit, severity in grades:
        place = _place(file, hit)
        if place not in worst or severity.rank > worst[place][0].rank:
            worst[place] = severity, hit.entry.id, hit.span.scope
    return [(hit, severity) for hit, severity in grades if worst[_place(file, hit)] == (severity, hit.entry.id, hit.span.scope)]


def _place(file: SourceFile, hit: Hit) -> tuple[str, int, int]:
    span = hit.sites[0] if hit.sites and hit.span.path != file.asset.path else hit.span
    return span.path, span.line, span.column


def _cause(file: SourceFile, hit: Hit) -> Cause:
    site = hit.sites[0] if hit.sites else None
    through = ""
    if site is not None and (hit.span.path, hit.span.line) != (site.path, site.line):
        through = f"{'' if hit.span.path == file.asset.path else hit.span.path}:{hit.span.scope}"
    return Cause(hit.entry.id, hit.span.scope if site is None else site.scope, hit.label, subject_of(hit), through)


def subject_of(hit: Hit) -> str:
    """The constant text that the call is about: that of an argument on which it depends (a model's id), or else of the first; empty if none is known."""
    decisive = [name for group in hit.entry.needs for name in group.arguments]
    for name in (*decisive, *hit.entry.arguments):
        value = hit.arguments.get(name)
        if value is not None:
            return (value.text or "")[:_LONGEST_SUBJECT]
    return ""


def _weakness(file: SourceFile, category: str, cause: Cause, hits: list[Hit]) -> Weakness:
    hit = hits[0]
    entry = hit.entry
    lowered = all(h.confidence_lowered for h in hits)
    evidence = {"call": readable(hit.path), "knowledge": entry.id}
    if cause.subject:
        evidence["subject"] = inert(cause.subject, _LONGEST_SUBJECT)
    if declared := file.versions.where(entry.distribution or entry.library):
        evidence["version"] = declared
    return Weakness(
        category=category,
        identity=(entry.id, cause.scope, cause.label, cause.subject, cause.through),
        title=entry.title,
        message=_message(file, cause, hit),
        severity=entry.severity,
        confidence=_LOWER[entry.confidence] if lowered else entry.confidence,
        locations=_places(file, hits),
        root_cause=f"{category}: {entry.id}",
        flow=_flow(file, hit),
        evidence=evidence,
        fix=mended(file, hits),
        refs=entry.refs,
    )


def _message(file: SourceFile, cause: Cause, hit: Hit) -> str:
    about = f" of {inert(repr(cause.subject), _LONGEST_SUBJECT)}" if cause.subject else ""
    through = ""
    if cause.through:
        path, _, scope = cause.through.partition(":")
        through = f", through {inert(scope, 80) or 'the module'}{'()' if scope else ''}{' in ' + path if path else ''}"
    return f"{readable(hit.path)}{about}{through}: {hit.entry.message}."


def _places(file: SourceFile, hits: list[Hit]) -> tuple[Location, ...]:
    """Where the call is made that leads to the danger, and the danger itself: which of the two is wrong, people have to say.

    Where it stands in another file it comes last, and only if something flows into it: of a setting that is handed on, the one who sets it is to blame.
    """
    spans: dict[tuple[int, int], Span] = {}
    for hit in hits:
        for span in (*hit.sites, hit.span):
            if span.path == file.asset.path:
                spans.setdefault((span.line, span.column), span)
    beyond = {(hit.span.path, hit.span.line, hit.span.column): hit.span for hit in hits if hit.label and hit.span.path != file.asset.path}
    return tuple(file.place(span) for span in [*(spans[key] for key in sorted(spans)), *(beyond[key] for key in sorted(beyond))][:_MOST_PLACES])


def _flow(file: SourceFile, hit: Hit) -> tuple[FlowStep, ...]:
    if not hit.trail and not hit.sites:
        return ()
    end = Step(hit.span.path, hit.span.line, f"reaches {readable(hit.path)}")
    return file.flow((*hit.trail, end))


def readable(path: str) -> str:
    """Return an access path as people write it."""
    return inert(path.removeprefix("builtins.").replace("()", "").lstrip("?"), 120)
