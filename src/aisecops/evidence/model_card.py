"""What a model card says: taken from the record of a run alone, so that every number on it has its interval, its n and the run that it comes from."""

from __future__ import annotations

from typing import Any

import msgspec

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.errors import RecordError
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Finding
from aisecops.core.measurement import Measurement
from aisecops.core.run import Run
from aisecops.core.taxonomy import Severity, Threat
from aisecops.core.text import inert
from aisecops.core.verdict import Status

_KINDS = (AssetKind.MODEL, AssetKind.ENDPOINT)
_FACTS = ("name", "task", "framework", "classes", "samples", "trusted", "isolation", "capabilities")


class CardFinding(msgspec.Struct, frozen=True):
    """A weakness of the model or its file, and where it stands (open, waived, ...)."""

    finding: Finding
    status: Status


class CardSection(msgspec.Struct, frozen=True):
    """All measurements against one threat."""

    threat: Threat
    measurements: tuple[Measurement, ...]


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """One model of one run.

    Parameters
    ----------
    name, model, file
        What the manifest calls it, its asset, and the asset of its file, if it has one that was scanned.
    facts
        What the run established about it.
    sections
        Its measurements by threat, in the order of threats; all of them, the blocked ones with the reason.
    findings
        Of the model and its file, the most severe first.
    not_examined
        What nobody could say about either, and why.
    """

    run: Run
    name: str
    model: Asset
    file: Asset | None
    facts: dict[str, Any]
    sections: tuple[CardSection, ...]
    findings: tuple[CardFinding, ...]
    not_examined: tuple[NotExamined, ...]


def model_card(run: Run, name: str = "") -> ModelCard:
    """Return the card of the model that the manifest calls ``name``; the only one, if it is left out.

    Raises
    ------
    RecordError
        The run asked no such model.
    """
    model = _chosen(run, name)
    own = {model.id, model.parent} - {""}
    statuses = {entry.finding: entry.status for entry in run.verdict.statuses}
    findings = [CardFinding(finding, statuses.get(finding.id, Status.OPEN)) for finding in run.findings if finding.asset in own]
    order = list(Severity)
    return ModelCard(
        run=run,
        name=str(model.facts.get("name", model.path)),
        model=model,
        file=next((asset for asset in run.assets if asset.id == model.parent), None),
        facts={key: model.facts[key] for key in _FACTS if key in model.facts},
        sections=_sections(run, model),
        findings=tuple(sorted(findings, key=lambda entry: (order.index(entry.finding.severity), entry.finding.id))),
        not_examined=tuple(gap for gap in run.not_examined if gap.asset in own),
    )


def _chosen(run: Run, name: str) -> Asset:
    models = [asset for asset in run.assets if asset.kind in _KINDS]
    if not models:
        raise RecordError("this run asked no model", where=f"run {inert(run.run.id)}", fix="declare one in aisecops.yaml, and use `aisecops run`")
    chosen = [asset for asset in models if asset.facts.get("name") == name] if name else models
    if len(chosen) != 1:
        names = ", ".join(inert(str(asset.facts.get("name", asset.path)), 60) for asset in models[:10])
        what = f"no model is called {inert(name, 60)!r}" if name else f"this run asked {len(models)} models"
        raise RecordError(what, where=f"run {inert(run.run.id)}", fix=f"name one of them with --model: {names}")
    return chosen[0]


def _sections(run: Run, model: Asset) -> tuple[CardSection, ...]:
    threats = {check.id: check.threat for check in run.checks}
    own = [taken for taken in run.measurements if model.id in taken.assets]
    grouped = {threat: tuple(taken for taken in own if threats.get(taken.check) is threat) for threat in Threat}
    return tuple(CardSection(threat, taken) for threat, taken in grouped.items() if taken)
