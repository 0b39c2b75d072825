"""What checks of data sets are told beside the data: what the manifest declares, and what a Croissant document says."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.errors import ManifestError
from aisecops.core.text import inert_path
from aisecops.core.yaml_text import MAX_BYTES
from aisecops.datasets.pandera_schema import Schema, parse_schema
from aisecops.project.croissant import descriptions
from aisecops.project.data_sets import TIME, DataSetSettings, DeclaredData, Governance
from aisecops.project.found import Found
from aisecops.project.manifest import DeclaredAsset
from aisecops.workflows.standing import Standing


def data_set_settings(project: Standing, found: Sequence[Found], today: str) -> DataSetSettings:
    """Return what is known of the data sets among ``found``.

    Parameters
    ----------
    project
        Whose manifest declares them; nothing is declared of somebody else's tree.
    today
        The day that retention is counted from, YYYY-MM-DD.

    Raises
    ------
    ManifestError
        A file that the manifest names for a data set cannot be read, or does not say what it should.
    """
    here = {item.location: item.path for item in found if item.kind is AssetKind.DATA_SET}
    if not here:
        return DataSetSettings()
    known = dict(project.data_sets(found).declared)
    for path, described in descriptions(found).items():
        identity = Asset.id_of(AssetKind.DATA_SET, path)
        known[identity] = msgspec.structs.replace(known.get(identity, DeclaredData()), described=described)
    for asset in declared(project):
        if (named := here.get(location_of(project, asset.path))) is not None:
            identity = Asset.id_of(AssetKind.DATA_SET, named)
            known[identity] = _governed(asset, known.get(identity, DeclaredData()), today)
            if asset.schema:
                known[identity] = msgspec.structs.replace(known[identity], schema=_schema(project, asset.schema))
    return DataSetSettings(declared=known)


def declared(project: Standing) -> list[DeclaredAsset]:
    """Return the data sets that the manifest of ``project`` names."""
    return [asset for asset in (project.manifest.assets if project.manifest else ()) if asset.kind is AssetKind.DATA_SET]


def location_of(project: Standing, path: str) -> str:
    """Return where a path of the manifest lies."""
    return os.path.realpath(os.path.join(project.folder, *path.split("/")))


def _schema(project: Standing, path: str) -> Schema:
    where = location_of(project, path)
    try:
        with open(where, "rb") as file:
            return parse_schema(file.read(MAX_BYTES + 1), where)
    except OSError as wrong:
        raise ManifestError(
            f"the schema cannot be read ({wrong.strerror})", where=inert_path(where), fix="check the name; it is relative to aisecops.yaml"
        ) from None


def _governed(asset: DeclaredAsset, known: DeclaredData, today: str) -> DeclaredData:
    for number, line in enumerate(known.erased, 1):
        if not re.fullmatch("[0-9a-f]{64}", line):  # it would match nobody, and nobody would know
            what = f"entry {number} is no SHA-256 in hexadecimal"
            raise ManifestError(what, where=inert_path(asset.erased), fix="write 64 hexadecimal digits a line: sha256(salt + id)")
    if not (asset.license or asset.provenance or asset.use or asset.population or asset.retention):
        return known
    said = Governance(
        license=asset.license,
        provenance=asset.provenance,
        use=tuple(use.value for use in asset.use),
        population=asset.population,
        retention=asset.retention.column or TIME if asset.retention else "",
        since=str(date.fromisoformat(today) - timedelta(days=min(asset.retention.days, 36_500))) if asset.retention else "",
    )
    return msgspec.structs.replace(known, governance=said)
