"""Findings: weaknesses at a place."""

from __future__ import annotations

from typing import Any

import msgspec

from aisecops.core.taxonomy import Confidence, Reference, Severity, Stage, Threat


class Location(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A place. Lines, columns and cells count from 1; ``offset`` is a byte offset from 0 within ``member`` (or the file, without a member)."""

    path: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    cell: int | None = None
    member: str = ""
    offset: int | None = None


class FlowStep(msgspec.Struct, frozen=True):
    """One step of how something gets to where it hurts."""

    path: str
    line: int
    message: str


class Edit(msgspec.Struct, frozen=True):
    """Replace the text from (line, column) up to, not including, (end_line, end_column), all counted from 1."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    replacement: str


class Fix(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to do. ``safe`` edits keep the meaning of the program; others need a person's eye."""

    summary: str
    safe: bool = False
    edits: tuple[Edit, ...] = ()


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A weakness at a place.

    A check yields a ``Weakness`` (below); the pipeline completes it with what is known about the check. ``fingerprint`` names the weakness wherever it
    stands, ``id`` this occurrence of it, ``root_cause`` groups findings that one change would mend.
    """

    id: str
    fingerprint: str
    check: str
    category: str
    asset: str
    title: str
    message: str
    severity: Severity
    confidence: Confidence
    threat: Threat
    stage: Stage
    locations: tuple[Location, ...]
    root_cause: str = ""
    suppressed: str = ""
    flow: tuple[FlowStep, ...] = ()
    evidence: dict[str, Any] = {}
    fix: Fix | None = None
    refs: tuple[Reference, ...] = ()


class Weakness(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a check says of a weakness, before the pipeline adds identity.

    ``identity`` holds the fields that name the weakness by content and scope (never a path, a line number or an offset): two occurrences with the same
    check, category and identity share a fingerprint. ``locations`` default to the asset's own path.
    """

    category: str
    identity: tuple[str, ...]
    title: str
    message: str
    severity: Severity
    confidence: Confidence
    locations: tuple[Location, ...] = ()
    root_cause: str = ""
    suppressed: str = ""
    flow: tuple[FlowStep, ...] = ()
    evidence: dict[str, Any] = {}
    fix: Fix | None = None
    refs: tuple[Reference, ...] = ()
