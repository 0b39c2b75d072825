"""Tables in a zip: which there are. Nothing is unpacked here, and names mean nothing: they may be absolute, or lead out of a folder."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

from aisecops.core.text import inert_path
from aisecops.datasets.delimited import TABLES, ending_of

if TYPE_CHECKING:
    from zipfile import ZipInfo

_LONGEST_DIRECTORY = 4 << 20
"""A list of forty thousand files: a reader holds all of it."""
_END = b"PK\x05\x06"
_TAIL = (1 << 16) + 22


def tables_in(path: str) -> tuple[str, ...]:
    """Return the names of the tables in the zip at ``path``, in its order; none where it is no whole zip, or it lists far more files than anybody keeps tables in."""
    try:
        with open(path, "rb") as file:
            return tables(file)
    except (OSError, ValueError):
        return ()


def tables(file: IO[bytes]) -> tuple[str, ...]:
    """Return the names of the tables in a zip. Raises ``ValueError`` as ``members`` does."""
    return tuple(dict.fromkeys(item.filename for item in members(file) if _is_table(item.filename)))


def members(file: IO[bytes]) -> list[ZipInfo]:
    """Return what a zip lists. Raises ``ValueError``: it is none, or it lists too much."""
    from zipfile import BadZipFile, ZipFile

    if _directory_size(file) > _LONGEST_DIRECTORY:
        raise ValueError(f"a zip whose list of files is longer than {_LONGEST_DIRECTORY >> 20} MiB")
    try:
        with ZipFile(file) as archive:
            return archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, EOFError):
        raise ValueError("not a whole zip file") from None


def packed_in(path: str) -> tuple[str, ...]:
    """Return the names of what is packed once more in the zip at ``path``, and may be or hold a table: ``a.csv.gz``, ``b.zip``."""
    try:
        with open(path, "rb") as file:
            names = dict.fromkeys(item.filename for item in members(file) if not _is_aside(item.filename))
    except (OSError, ValueError):
        return ()
    return tuple(name for name in names if name.lower().endswith(".zip") or (ending_of(name) in TABLES and not _is_table(name)))


def place_of(name: str) -> str:
    """Return where a member is said to be: its name, inert, and without a way out of the archive."""
    return inert_path("/".join("_" if part in ("", ".", "..") else part for part in name.split("/")))


def _is_table(name: str) -> bool:
    return os.path.splitext(name.lower())[1] in TABLES and not _is_aside(name)


def _is_aside(name: str) -> bool:
    """Whether a file holds what macOS knows of another."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


def _directory_size(file: IO[bytes]) -> int:
    """Return how long the list of files in a zip says that it is."""
    size = os.fstat(file.fileno()).st_size
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = tail.rfind(_END)
    file.seek(0)
    return min(size, int.from_bytes(tail[at + 12 : at + 16], "little")) if at >= 0 else 0
