"""What checks of data sets are told beside the data: what the manifest declares, and what a Croissant document says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from aisecops.content.personal.entities import installed
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.errors import ManifestError
from aisecops.core.text import inert_path
from aisecops.core.yaml_text import MAX_BYTES
from aisecops.datasets.pandera_schema import Schema, parse_schema
from aisecops.datasets.population_groups import shares
from aisecops.project.croissant import descriptions
from aisecops.project.data_sets import TIME, DataSetSettings, DeclaredData, Governance
from aisecops.project.found import Found
from aisecops.project.manifest import DeclaredAsset
from aisecops.project.origins import origins
from aisecops.workflows.standing import Standing

_SHA_256 = re.compile("[0-9a-f]{64}")
_HASHES = "write 64 hexadecimal digits a line: sha256(salt + id)"
_LONGEST_LIST = 64 << 20
"""A million persons."""


def data_set_settings(project: Standing, found: Sequence[Found], today: str) -> DataSetSettings:
    """Return what is known of the data sets among ``found``; of those that a model is tested on or was made from, what the manifest says of the model's.

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
    known: dict[str, DeclaredData] = {}
    for name, said in (pair for model in (project.manifest.models if project.manifest else ()) for pair in model.data_sets()):
        if (path := here.get(project.at(name))) is not None:
            known[path] = said
    for asset in declared(project):
        if (path := here.get(project.at(asset.path))) is not None:
            known[path] = _declared(project, asset, known.get(path, DeclaredData()), here, today)
    for path, described in descriptions(found).items():
        known[path] = msgspec.structs.replace(known.get(path, DeclaredData()), described=described)
    asked = {path for path, said in known.items() if (rules := said.governance) and (rules.license or rules.provenance or rules.use)}
    for path, told in origins(found, asked).items():
        known[path] = msgspec.structs.replace(known[path], origins=told)
    return DataSetSettings(declared={Asset.id_of(AssetKind.DATA_SET, path): said for path, said in known.items()}, taggers=installed())


def declared(project: Standing) -> list[DeclaredAsset]:
    """Return the data sets that the manifest of ``project`` names."""
    return [asset for asset in (project.manifest.assets if project.manifest else ()) if asset.kind is AssetKind.DATA_SET]


def _declared(project: Standing, asset: DeclaredAsset, known: DeclaredData, here: dict[str, str], today: str) -> DeclaredData:
    return DeclaredData(
        role=asset.role or known.role,
        columns=msgspec.structs.replace(known.columns, **asset.columns().named(), personal=asset.personal),
        domain=asset.domain or known.domain,
        previous=here.get(project.at(asset.previous), inert_path(asset.previous)) if asset.previous else "",
        erased=_erased(project.at(asset.erased)) if asset.erased else (),
        erased_by=tuple((key,) if isinstance(key, str) else key for key in asset.erased_by),
        salt=asset.salt,
        governance=_governance(asset, today),
        schema=_schema(project.at(asset.schema)) if asset.schema else None,
    )


def _governance(asset: DeclaredAsset, today: str) -> Governance | None:
    if not (asset.license or asset.provenance or asset.use or asset.population or asset.retention):
        return None
    kept = asset.retention
    return Governance(
        license=asset.license,
        provenance=asset.provenance,
        use=tuple(use.value for use in asset.use),
        population={column: shares(groups) for column, groups in asset.population.items()},
        retention=kept.column or TIME if kept and kept.days else "",
        since=str(date.fromisoformat(today) - timedelta(days=min(kept.days, 36_500))) if kept and kept.days else "",
        until=kept.until if kept else "",
        today=today if kept and kept.until else "",
    )


def _erased(path: str) -> tuple[str, ...]:
    try:
        text = _read("erasure list", path, _LONGEST_LIST).decode()
    except UnicodeDecodeError:
        raise ManifestError("the erasure list is not UTF-8 text", where=inert_path(path), fix=_HASHES) from None
    if len(text) > _LONGEST_LIST:  # a part of it would leave out persons, and nobody would know
        raise ManifestError(
            f"the erasure list is larger than {_LONGEST_LIST >> 20} MiB", where=inert_path(path), fix="leave out who is gone from all copies"
        )
    hashes = tuple(line.strip().lower() for line in text.splitlines() if line.strip())
    for number, line in enumerate(hashes, 1):
        if not _SHA_256.fullmatch(line):  # it would match nobody, and nobody would know
            raise ManifestError(f"entry {number} is no SHA-256 in hexadecimal", where=inert_path(path), fix=_HASHES)
    return hashes


def _schema(path: str) -> Schema:
    return parse_schema(_read("schema", path, MAX_BYTES), path)


def _read(what: str, path: str, most: int) -> bytes:
    """Return what a file says; of one that is too large one byte more than ``most``."""
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except OSError as wrong:
        raise ManifestError(
            f"the {what} cannot be read ({wrong.strerror})", where=inert_path(path), fix="check the name; it is relative to aisecops.yaml"
        ) from None
