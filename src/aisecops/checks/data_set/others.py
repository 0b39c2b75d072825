"""Other data sets of the run: those that a model learns from, an earlier version."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Context
from aisecops.core.errors import UserError
from aisecops.project.data_sets import DataSetSettings, DeclaredData, guessed_role


def paths_of_role(data: DataSet, role: str, ctx: Context) -> Iterator[str]:
    """Yield the paths of the run's other data sets that have ``role``; those in its own folder come first."""
    folder = data.asset.path.rpartition("/")[0]
    declared = ctx.settings(DataSetSettings).declared
    for path in sorted(ctx.paths(AssetKind.DATA_SET), key=lambda path: (path.rpartition("/")[0] != folder, path)):
        said = declared.get(Asset.id_of(AssetKind.DATA_SET, path), DeclaredData())
        if path != data.asset.path and (said.role or guessed_role(path)) == role:
            yield path


def of_role(data: DataSet, role: str, ctx: Context) -> Iterator[DataSet]:
    """Yield the readable tables of the run that have ``role`` and at least half of the columns of ``data``; those in its own folder come first."""
    for path in paths_of_role(data, role, ctx):
        other = opened(path, ctx)
        if other is not None and len(set(other.names) & set(data.names)) >= len(data.names) / 2:
            yield other


def opened(path: str, ctx: Context) -> DataSet | None:
    """Return the data set of the run at ``path``; None if there is none, or it cannot be read: its own examination says why."""
    if path not in ctx.paths(AssetKind.DATA_SET):
        return None
    asset = Asset(id=Asset.id_of(AssetKind.DATA_SET, path), kind=AssetKind.DATA_SET, path=path, size=1 << 62)
    try:
        other = DataSet(asset, ctx.location(asset), ctx.settings(DataSetSettings).declared.get(asset.id, DeclaredData()))
    except (UserError, ModuleNotFoundError, OSError):
        return None
    return other if other.kind == "table" else None
