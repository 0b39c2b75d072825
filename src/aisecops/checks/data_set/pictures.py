"""Folders of pictures as checks compare them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aisecops.checks.data_set.others import paths_of_role
from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Context
from aisecops.core.examination import Code, NotExamined

if TYPE_CHECKING:
    from aisecops.datasets.pictures import Pictures


def pictures_of(data: DataSet) -> Pictures | None:
    """Return the pictures of a folder; None for arrays."""
    from aisecops.datasets.pictures import read_pictures

    return read_pictures(data.location) if os.path.isdir(data.location) else None


def compared(ours: Pictures, theirs: Pictures | None = None) -> list[tuple[int, int, float]]:
    """Return pairs of pictures that are nearly the same, with their likeness."""
    from aisecops.datasets.pictures import near_pictures

    return near_pictures(ours, theirs)


def named(pictures: Pictures) -> Iterator[NotExamined]:
    """Yield what could not be read, and what was too much."""
    if pictures.unread:
        name, why = pictures.unread[0]
        reason = f"{len(pictures.unread):,} pictures cannot be read; the first is {name}: {why}"
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="mend them, or take them out")
    if pictures.more:
        reason = f"{len(pictures.names):,} pictures were compared, {pictures.more:,} were not"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="compare parts of the folder")


def of_role(data: DataSet, role: str, ctx: Context) -> Iterator[tuple[str, str]]:
    """Yield path and location of the run's folders of pictures that have ``role``."""
    for path in paths_of_role(data, role, ctx):
        location = ctx.location(Asset(id=Asset.id_of(AssetKind.DATA_SET, path), kind=AssetKind.DATA_SET, path=path))
        if os.path.isdir(location):
            yield path, location
