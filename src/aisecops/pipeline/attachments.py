"""Files that belong to a run: kept in the project's state under their digest, written once, named in the record."""

from __future__ import annotations

import os

from aisecops.core.digest import digest

_ENDINGS = {
    "application/json": "json",
    "application/vnd.apache.parquet": "parquet",
    "application/x-npz": "npz",
    "image/png": "png",
    "image/svg+xml": "svg",
    "text/plain": "txt",
}


def attachment_name(data: bytes, media_type: str) -> str:
    """Return the name of the file that holds ``data``: its SHA-256, and the ending of its type."""
    return f"{digest(data).removeprefix('sha256:')}.{_ENDINGS[media_type]}"


def keep(path: str, data: bytes) -> bool:
    """Write ``data`` to ``path``, whole or not at all, readable by its owner alone; true if it is there."""
    beside = f"{path}.{os.getpid()}.new"
    try:
        if os.path.exists(path):
            return True
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except OSError:
        return False
    return True
