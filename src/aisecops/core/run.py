"""The run record: the one document that every surface reads."""

from __future__ import annotations

from typing import Any

import msgspec

from aisecops.core.asset import Asset
from aisecops.core.digest import canonical_json, digest
from aisecops.core.examination import LeftOut, NotExamined
from aisecops.core.finding import Finding
from aisecops.core.measurement import Attachment, Measurement
from aisecops.core.taxonomy import Reference, Stage, Threat
from aisecops.core.verdict import Verdict

SCHEMA = "aisecops/run-1"


class Tool(msgspec.Struct, frozen=True):
    """The program that made the run."""

    name: str
    version: str


class Root(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A scanned root, with the commit that it stood at and whether the work tree differed from it.

    ``path`` is as the user gave it; ``name`` is what the folder is called where the path does not say it (``.``, ``..``).
    """

    path: str
    name: str = ""
    commit: str = ""
    dirty: bool | None = None

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.name or self.path


class RunInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """When, where and how: the only part of the record, with the verdict, that may differ between two runs on the same input."""

    id: str
    started: str
    finished: str
    tool: Tool
    command: tuple[str, ...]
    seed: int
    roots: tuple[Root, ...]
    incomplete: bool
    results_digest: str
    environment: dict[str, Any] = {}


class PlannedCheck(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A check as this run planned it: on how many assets, with which parameters, or why not at all."""

    id: str
    version: int
    title: str
    threat: Threat
    stage: Stage
    categories: tuple[str, ...]
    refs: tuple[Reference, ...]
    planned: int
    parameters: dict[str, Any] = {}
    skipped: str = ""


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """What was examined and what came of it: a function of the input, the seed and our version alone, in stable order."""

    checks: tuple[PlannedCheck, ...] = ()
    assets: tuple[Asset, ...] = ()
    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    not_examined: tuple[NotExamined, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def digest(self) -> str:
        """The digest that verdicts refer to: over the canonical JSON of exactly these fields."""
        return digest(canonical_json(self))


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One execution: the record, schema ``aisecops/run-1``."""

    schema: str
    run: RunInfo
    checks: tuple[PlannedCheck, ...]
    assets: tuple[Asset, ...]
    findings: tuple[Finding, ...]
    measurements: tuple[Measurement, ...]
    not_examined: tuple[NotExamined, ...]
    attachments: tuple[Attachment, ...]
    left_out: tuple[LeftOut, ...]
    verdict: Verdict

    @property
    def results(self) -> Results:
        """The part that the digest covers."""
        return Results(**{name: getattr(self, name) for name in Results.__struct_fields__})

    @staticmethod
    def of(info: RunInfo, results: Results, verdict: Verdict) -> Run:
        """Put the record together."""
        return Run(schema=SCHEMA, run=info, verdict=verdict, **{name: getattr(results, name) for name in Results.__struct_fields__})
