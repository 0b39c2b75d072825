"""From what the steps said to the results of the run: complete, with identities, in an order that depends on nothing but the content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

import msgspec

from aisecops.core.asset import Asset, AssetFacts, AssetKind, FileVerdict
from aisecops.core.check import Check, Registry
from aisecops.core.digest import canonical_json, fingerprint
from aisecops.core.examination import LeftOut, NotExamined
from aisecops.core.finding import Finding, Location, Weakness
from aisecops.core.measurement import Measurement, Reading
from aisecops.core.run import Results
from aisecops.pipeline.engine import TaskResult
from aisecops.pipeline.plan import Plan

_ID_DIGITS = 16


def assemble(
    assets: Sequence[Asset],
    plan: Plan,
    registry: Registry,
    said: Iterable[TaskResult],
    *,
    not_examined: Sequence[NotExamined] = (),
    left_out: Sequence[LeftOut] = (),
) -> Results:
    """Put the results together. ``not_examined`` and ``left_out`` are what was known before any check ran."""
    by_id = {asset.id: asset for asset in assets}
    ordered = sorted((result for result in said if not result.silent), key=lambda result: (result.asset, result.check))
    gaps = [*not_examined, *(_gap(gap, result.check, by_id[result.asset]) for result in ordered for gap in result.not_examined)]
    facts = {result.asset: result.facts for result in ordered if result.facts}
    findings = _findings((by_id[r.asset], registry.checks[r.check], weakness) for r in ordered for weakness in r.weaknesses)
    measurements = _measurements((by_id[r.asset], registry.checks[r.check], reading) for r in ordered for reading in r.readings)
    return _in_order(
        Results(
            checks=plan.checks,
            assets=_judged(assets, facts, {gap.asset for gap in gaps}),
            findings=tuple(findings),
            measurements=tuple(measurements),
            not_examined=tuple(gaps),
            attachments=tuple(attachment for result in ordered for attachment in result.attachments),
            left_out=tuple(left_out),
        )
    )


def joined(first: Results, second: Results) -> Results:
    """Return the results of two plans as those of one. A check that only one of them planned is told as it did; what both say of an asset is put together."""
    planned = {check.id: check for check in second.checks}
    planned |= {check.id: check for check in first.checks if check.planned or check.id not in planned}
    return _in_order(
        Results(
            checks=tuple(planned.values()),
            assets=_merged(first.assets, second.assets),
            findings=(*first.findings, *second.findings),
            measurements=(*first.measurements, *second.measurements),
            not_examined=tuple(dict.fromkeys((*first.not_examined, *second.not_examined))),
            attachments=(*first.attachments, *second.attachments),
            left_out=(*first.left_out, *second.left_out),
        )
    )


def _in_order(results: Results) -> Results:
    """The parts in an order that depends on nothing but what they say. The same file in the same role is one attachment, whoever needs it."""
    return Results(
        checks=tuple(sorted(results.checks, key=lambda check: check.id)),
        assets=tuple(sorted(results.assets, key=lambda asset: (asset.path, asset.id))),
        findings=tuple(sorted(results.findings, key=_finding_order)),
        measurements=tuple(sorted(results.measurements, key=lambda m: (m.assets, m.check, m.name, m.subject, m.id))),
        not_examined=tuple(sorted(results.not_examined, key=lambda gap: (gap.path, gap.check, gap.member, gap.code, canonical_json(gap)))),
        attachments=tuple(sorted({kept.id: kept for kept in results.attachments}.values(), key=lambda kept: kept.id)),
        left_out=tuple(sorted(results.left_out, key=lambda left: (left.path, left.reason))),
    )


def _merged(first: Iterable[Asset], second: Iterable[Asset]) -> tuple[Asset, ...]:
    assets = {asset.id: asset for asset in first}
    for asset in second:
        before = assets.get(asset.id)
        assets[asset.id] = msgspec.structs.replace(before, facts=before.facts | asset.facts) if before else asset
    return tuple(assets.values())


def _gap(gap: NotExamined, check: str, asset: Asset) -> NotExamined:
    return msgspec.structs.replace(gap, check=check, asset=asset.id, path=asset.path)


def _judged(assets: Sequence[Asset], facts: Mapping[str, AssetFacts], gaps: set[str]) -> tuple[Asset, ...]:
    """Return the assets with what their examination established. A model file that was not read, or not in full, is never better than incomplete."""
    return tuple(_with_facts(asset, facts.get(asset.id), asset.id in gaps) for asset in assets)


def _with_facts(asset: Asset, facts: AssetFacts | None, gap: bool) -> Asset:
    verdict = facts.verdict if facts else asset.verdict
    if asset.kind is AssetKind.MODEL_FILE and (gap or facts is None):
        verdict = FileVerdict.worst(verdict or FileVerdict.CLEAN, FileVerdict.INCOMPLETE)
    if facts is None:
        return asset if verdict is asset.verdict else msgspec.structs.replace(asset, verdict=verdict)
    return msgspec.structs.replace(asset, verdict=verdict, loaders=facts.loaders, facts=asset.facts | facts.facts)


def _findings(found: Iterable[tuple[Asset, Check, Weakness]]) -> list[Finding]:
    """Complete weaknesses. Equal ones at several places of one member get their ids in the order of these places."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for asset, check, weakness in found:
        finding = _completed(asset, check, weakness)
        groups.setdefault((finding.fingerprint, asset.id, finding.locations[0].member), []).append(finding)
    return [
        msgspec.structs.replace(finding, id=fingerprint(*key, str(ordinal))[:_ID_DIGITS])
        for key, group in groups.items()
        for ordinal, finding in enumerate(sorted(group, key=lambda same: (_place(same), canonical_json(same))) if len(group) > 1 else group)
    ]


def _completed(asset: Asset, check: Check, weakness: Weakness) -> Finding:
    said = {name: getattr(weakness, name) for name in Weakness.__struct_fields__ if name != "identity"}
    said["locations"] = weakness.locations or (Location(path=asset.path),)
    said["refs"] = weakness.refs or check.refs
    said["evidence"] = _plain(weakness.evidence) if weakness.evidence else weakness.evidence
    name = fingerprint(check.id, weakness.category, *weakness.identity)
    return Finding(id="", fingerprint=name, check=check.id, asset=asset.id, threat=check.threat, stage=check.stage, **said)


def _place(finding: Finding) -> tuple[Any, ...]:
    at = finding.locations[0]
    return at.path, at.member, *(-1 if number is None else number for number in (at.cell, at.line, at.column, at.offset))


def _finding_order(finding: Finding) -> tuple[Any, ...]:
    return finding.asset, finding.check, finding.category, _place(finding), finding.id


def _finite(number: float | None) -> float | None:
    """JSON has no infinity: an open end of an interval is no end."""
    return number if number is not None and isfinite(number) else None


def _plain(value: Any) -> Any:
    """Evidence as JSON keeps it: what is not finite in words."""
    match value:
        case float():
            return value if isfinite(value) else str(value)
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value


def _measurements(taken: Iterable[tuple[Asset, Check, Reading]]) -> list[Measurement]:
    groups: dict[tuple[str, ...], list[Measurement]] = {}
    for asset, check, reading in taken:
        said = {name: getattr(reading, name) for name in Reading.__struct_fields__}
        said |= {name: _finite(said[name]) for name in ("value", "low", "high", "level")}
        said["curve"] = tuple(point for point in reading.curve if all(map(isfinite, point)))
        measurement = Measurement(id="", check=check.id, assets=(asset.id,), **said)
        groups.setdefault((check.id, asset.id, reading.name, reading.subject), []).append(measurement)
    return [
        msgspec.structs.replace(measurement, id=fingerprint("measurement", *key, str(ordinal))[:_ID_DIGITS])
        for key, group in groups.items()
        for ordinal, measurement in enumerate(sorted(group, key=canonical_json))
    ]
