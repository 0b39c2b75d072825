"""Pictures as checks compare them: of folders, and those that a table lists by their paths."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aisecops.checks.data_set.others import paths_of_role
from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Context
from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import agreeing, count

if TYPE_CHECKING:
    from aisecops.datasets.pictures import Pictures

_TRIED = 50
"""Paths of a table that are tried to see which folder they are meant from."""


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
        first = f"; the first is {name}: {why}" if len(pictures.unread) > 1 else f": {name}, {why}"
        reason = f"{count(len(pictures.unread), 'picture')} cannot be read{first}"
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="mend them, or take them out")
    if pictures.more:
        reason = f"{count(len(pictures.names), 'picture', 'was/were')} compared, {pictures.more:,} {agreeing(pictures.more, 'was/were').strip()} not"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="compare parts of the folder")


def listed_files(data: DataSet, ctx: Context, frame: Any = None) -> list[str]:
    """Return where the pictures lie that a table names, one for each row of ``frame`` (all rows), empty for those that are not there.

    Paths are taken from the folder of the table, or from one of the folders of pictures below it, whichever has most of them; none leads out of the folder of the table.
    An empty list: the table names no pictures, or hardly any of them is here.
    """
    if not data.roles.image or data.asset.path not in ctx.paths(AssetKind.DATA_SET) or not os.path.isfile(data.location):
        return []
    base = os.path.dirname(os.path.realpath(data.location))
    cells = data.collect((data.frame if frame is None else frame).select(data.roles.image)).to_series().cast(str).fill_null("").to_list()
    folders = [base, *(place for place in _folders_of_pictures(ctx) if place.startswith(base + os.sep))]
    some = cells[:: max(1, len(cells) // _TRIED)]
    folder = max(folders, key=lambda place: sum(bool(_inside(base, place, cell)) for cell in some))
    found = [_inside(base, folder, cell) for cell in cells]
    return found if 2 * sum(map(bool, found)) > len(found) else []


def _inside(base: str, folder: str, name: str) -> str:
    """The picture ``name`` below ``folder``; empty if there is none, or it lies elsewhere than below ``base``, by a link or by dots."""
    path = os.path.realpath(os.path.join(folder, name)) if name and "\0" not in name else ""
    return path if path.startswith(base + os.sep) and os.path.isfile(path) else ""


def _folders_of_pictures(ctx: Context) -> Iterator[str]:
    for path in sorted(ctx.paths(AssetKind.DATA_SET)):
        location = ctx.location(Asset(id=Asset.id_of(AssetKind.DATA_SET, path), kind=AssetKind.DATA_SET, path=path))
        if os.path.isdir(location):
            yield os.path.realpath(location)


def of_role(data: DataSet, role: str, ctx: Context) -> Iterator[tuple[str, str]]:
    """Yield path and location of the run's folders of pictures that have ``role``."""
    for path in paths_of_role(data, role, ctx):
        location = ctx.location(Asset(id=Asset.id_of(AssetKind.DATA_SET, path), kind=AssetKind.DATA_SET, path=path))
        if os.path.isdir(location):
            yield path, location
