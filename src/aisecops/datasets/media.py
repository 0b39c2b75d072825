"""Recordings, and pictures or recordings in archives: counted by their names, so that the record can say that nobody looked at them."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator

from aisecops.datasets.zipped import members

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
"""Endings of pictures that can be opened, in small letters."""
_RECORDINGS = (
    ".wav",
    ".flac",
    ".mp3",
    ".ogg",
    ".opus",
    ".m4a",
    ".aac",
    ".aiff",
    ".wma",
    ".mp4",
    ".m4v",
    ".mov",
    ".avi",
    ".mkv",
    ".webm",
    ".mpg",
    ".mpeg",
)
_MOST_NAMES = 10_000
"""Names that are looked at: the count is then of these."""
ARCHIVES = (".zip", ".tar")


def recordings_in(folder: str) -> int:
    """Return how many recordings of sound or film lie in a folder and below it; 0 where pictures do, too: it is a folder of these then."""
    count = 0
    for seen, name in enumerate(name for _, _, names in os.walk(folder) for name in names):
        if name.lower().endswith(PICTURES):
            return 0
        count += name.lower().endswith(_RECORDINGS)
        if seen == _MOST_NAMES:
            break
    return count


def media_in_archive(path: str) -> int:
    """Return how many of the first 10,000 files in a zip or tar are pictures or recordings; 0 for what is no whole archive. Nothing is unpacked."""
    try:
        return sum(name.lower().endswith((*PICTURES, *_RECORDINGS)) for name in _names(path))
    except (OSError, ValueError, tarfile.TarError, EOFError):
        return 0


def _names(path: str) -> Iterator[str]:
    if path.lower().endswith(".zip"):
        with open(path, "rb") as file:
            yield from [item.filename for item in members(file)][:_MOST_NAMES]
        return
    with tarfile.open(path, "r:") as archive:
        for _ in range(_MOST_NAMES):
            if (member := archive.next()) is None:
                return
            yield member.name
