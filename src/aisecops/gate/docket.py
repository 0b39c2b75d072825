"""What the rules look at: the results, indexed, and where every finding stands."""

from __future__ import annotations

import msgspec

from aisecops.core.asset import AssetKind
from aisecops.core.finding import Finding
from aisecops.core.run import Results
from aisecops.core.verdict import Status
from aisecops.gate.patterns import path_matches


class Places(msgspec.Struct, frozen=True):
    """Where the assets of a run lie and what they are, by asset id.

    ``declared`` are those that the manifest names, and ``silent`` those of them of which nothing was found or measured.
    """

    paths: dict[str, str]
    kinds: dict[str, AssetKind]
    declared: frozenset[str]
    silent: frozenset[str]

    @staticmethod
    def of(results: Results) -> Places:
        """Index the assets of ``results``."""
        assets = results.assets
        declared = frozenset(asset.id for asset in assets if asset.facts.get("declared"))
        told = {finding.asset for finding in results.findings}.union(*(measurement.assets for measurement in results.measurements))
        return Places({asset.id: asset.path for asset in assets}, {asset.id: asset.kind for asset in assets}, declared, declared - told)

    def of_finding(self, finding: Finding) -> str:
        """The path that a finding is about: its asset's, or that of its first location where the record does not hold the asset."""
        path = self.paths.get(finding.asset)
        return path if path is not None else next((at.path for at in finding.locations), "")

    def spots(self, finding: Finding) -> tuple[str, ...]:
        """The path of the asset, then those of the locations."""
        return (self.of_finding(finding), *(at.path for at in finding.locations))


def touches(patterns: tuple[str, ...], spots: tuple[str, ...]) -> bool:
    """Whether the asset or any location matches: a rule must not miss what stands partly elsewhere."""
    return any(path_matches(patterns, spot) for spot in spots)


def contains(patterns: tuple[str, ...], spots: tuple[str, ...]) -> bool:
    """Whether the asset, or else *every* location matches: a waiver covers no more than the places that it names."""
    asset, *locations = spots
    return path_matches(patterns, asset) or (bool(locations) and all(path_matches(patterns, spot) for spot in locations))


class Standing(msgspec.Struct, frozen=True):
    """A finding, where it stands, and the id of the waiver that put it there."""

    finding: Finding
    status: Status
    waiver: str = ""


class Docket(msgspec.Struct, frozen=True):
    """Results, where their assets lie, and the standing of every finding, in the order of the record.

    ``compared``: there is a baseline, so what is new is known. ``age``: days from the start of the run to the judgement.
    """

    results: Results
    places: Places
    standings: tuple[Standing, ...]
    compared: bool = False
    age: float = 0.0
