"""Tables that are folders: parts of one table (``part-00000.csv``), in folders that say what their rows have in common (``year=2024/month=01``).

So Spark, Hive, Dask, DuckDB and Polars write what is large. Names alone decide here; that the parts fit together is seen when they are opened. Shards of several tables
in one folder, as hubs hold them (``train-00000-of-00004.parquet`` beside ``test-00000-of-00001.parquet``), go by a path with a star: ``train-*-of-00004.parquet``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from urllib.parse import unquote

import msgspec

from aisecops.core.text import inert_path
from aisecops.datasets.delimited import PACKERS, TABLES, ending_of

_PART = (
    r"(?:part|chunk|shard|slice|batch|piece|split|block)[-_. ]?r?[-_. ]?[0-9]+\b.*|0[0-9]*(?:_[0-9]+)*"
    r"|.+[-_.][0-9]{5}-of-[0-9]{5}|[0-9a-f]{32}-[0-9]+|[0-9]+\.part"
)
_HEX = r"[0-9a-f]{32}-"
_PARTITION = r"([^=/]{1,200})=([^/]*)"
_MISSING = "__HIVE_DEFAULT_PARTITION__"
_ASIDE = ("_", ".")
"""What names begin with of files that say something of a table, and are no part of it."""
_MOST_PARTS = 20_000
_MOST_PACKED = 200
"""Packed parts that are one table: each is a file without a name while it is examined, of which a process may have so many."""
_DEEPEST = 16


_SHARD = r"(.{1,200}[-_.])[0-9]{5}(-of-[0-9]{5}(?:\.[a-z0-9]{1,10})?\.[a-z0-9]{1,10})"


class Part(msgspec.Struct, frozen=True):
    """A file of a table that is a folder: its path in it, and the values of the columns that its folders name (None: missing)."""

    path: str
    values: tuple[str | None, ...]


class Parts(msgspec.Struct, frozen=True):
    """A table that is a folder: its parts in the order of their names, the columns that folders name, and the ending of all parts.

    ``packed``: the parts are, all of them (``part-0.csv.gz``), and have to be unpacked before anybody reads them; ``unpacked`` are the files of those that were.
    """

    folder: str
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    ending: str
    packed: bool = False
    unpacked: tuple[str, ...] = ()

    @property
    def paths(self) -> list[str]:
        """Where the parts are."""
        return list(self.unpacked) or [os.path.join(self.folder, part.path) for part in self.parts]

    def name_of(self, path: str) -> str:
        """What messages call the part at ``path``."""
        return inert_path(self.parts[self.paths.index(path)].path)


unpacked_parts: dict[str, Parts] = {}
"""The tables of packed parts that were unpacked, by the name that they go by."""


def may_be_part(name: str) -> bool:
    """Tell whether a folder with something of this name in it may be a table: asked of every name of a tree, so that few have to be looked at closer."""
    return "=" in name or (_may_be_table(name) and re.fullmatch(_PART, _stem(name)) is not None)


def parts_of(folder: str) -> Parts | None:
    """Return the table that ``folder`` is, or that shards with a star in their path are.

    None if it is none: files of another kind or of no number are in it, or its folders name different columns.
    """
    if (known := unpacked_parts.get(folder)) is not None:
        return known
    if is_sharded(folder):
        return _shards(folder)
    found: list[tuple[tuple[tuple[str, str], ...], str]] = []
    try:
        if not _walk(folder, (), "", found):
            return None
    except OSError:
        return None
    columns = {tuple(name for name, _ in keys) for keys, _ in found}
    endings = {(ending_of(path), _is_packed(path)) for _, path in found}
    if (len(found) < 2 and columns <= {()}) or len(columns) != 1 or len(endings) != 1:
        return None
    ending, packed = endings.pop()
    if packed and len(found) > _MOST_PACKED:
        return None
    names = columns.pop()
    if len(set(names)) < len(names):
        return None
    parts = tuple(Part(path, tuple(None if value == _MISSING else unquote(value) for _, value in keys)) for keys, path in sorted(found, key=_order))
    return Parts(folder, parts, tuple(unquote(name) for name in names), ending, packed)


def shards_among(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the tables of several shards among the files of one folder: the name with a star for all, and the names in their order."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        if _may_be_table(name) and (told := re.fullmatch(_SHARD, name, re.IGNORECASE)):
            found.setdefault(f"{told[1]}*{told[2]}", []).append(name)
    return {pattern: shards for pattern, shards in found.items() if 1 < len(shards) <= (_MOST_PACKED if _is_packed(pattern) else _MOST_PARTS)}


def is_sharded(path: str) -> bool:
    """Tell whether a path stands for the shards of a table."""
    return "*-of-" in os.path.basename(path) and not os.path.exists(path)


def is_of_parts(path: str) -> bool:
    """Tell whether a path stands for a folder, for shards in one, or for such that were unpacked."""
    return os.path.isdir(path) or path in unpacked_parts or is_sharded(path)


def _shards(path: str) -> Parts | None:
    folder, pattern = os.path.split(path)
    try:
        names = shards_among(entry.name for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)).get(pattern)
    except OSError:
        return None
    return Parts(folder, tuple(Part(name, ()) for name in names), (), ending_of(pattern), _is_packed(pattern)) if names else None


def files_of(path: str) -> list[str]:
    """Return the files that the table at ``path`` is made of: the parts of a folder, or the file itself."""
    parts = parts_of(path) if is_of_parts(path) else None
    return parts.paths if parts else [path]


def _order(item: tuple[object, str]) -> list[tuple[int, str]]:
    """Return what sorts ``part.10`` behind ``part.9``."""
    return [(int(piece), "") if piece.isdecimal() and piece.isascii() else (-1, piece) for piece in re.split(r"([0-9]+)", item[1])]


def _walk(folder: str, keys: tuple[tuple[str, str], ...], prefix: str, found: list[tuple[tuple[tuple[str, str], ...], str]]) -> bool:
    """Collect the parts below ``folder``; tell whether nothing else is there."""
    files: list[str] = []
    inner: list[tuple[str, str, str]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_ASIDE):
                continue
            if entry.is_file(follow_symlinks=False):
                files.append(entry.name)
            elif entry.is_dir(follow_symlinks=False) and (said := re.fullmatch(_PARTITION, entry.name)):
                inner.append((entry.path, said[1], said[2]))
            else:
                return False
    if (files and inner) or len(keys) > _DEEPEST or len(found) + len(files) > _MOST_PARTS or len({name for _, name, _ in inner}) > 1:
        return False
    if not all(_may_be_table(name) and (keys or re.fullmatch(_PART, _stem(name))) for name in files):
        return False
    if not keys and len({re.match("[^0-9]*", name)[0] for name in files if not re.match(_HEX, name)}) > 1:  # type: ignore[index]
        return False  # the shards of train and test in one folder
    found += [(keys, prefix + name) for name in files]
    return all(_walk(path, (*keys, (name, value)), f"{prefix}{os.path.basename(path)}/", found) for path, name, value in inner)


def _stem(name: str) -> str:
    """Return a file's name without its ending, and without what names the compression within Parquet (``.snappy``)."""
    name = os.path.splitext(name)[0] if _is_packed(name) else name
    return re.sub(r"\.(?:snappy|zstd|gz|gzip|lz4|brotli)$", "", os.path.splitext(name.lower())[0])


def _may_be_table(name: str) -> bool:
    """Whether a file goes by the name of a table, or of a packed one; a zip may hold several."""
    return ending_of(name) in TABLES and not name.lower().endswith(".zip")


def _is_packed(name: str) -> bool:
    return name.lower().endswith(PACKERS)
