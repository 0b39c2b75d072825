"""Pictures that are nearly the same: scaled, recompressed, brightened.

Each picture becomes a grey thumbnail of 32 x 32, and what is left of it once its 4 x 4 blocks are averaged: its detail. All pairs are compared, first in 16 x 16. A
pair is told if the thumbnails correlate by 0.99 and the details by 0.9 at least: two skies have nearly the same thumbnail, but not the same detail. Pictures with hardly
any detail are compared by their bytes alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.text import inert_path
from aisecops.datasets.extra import MissingExtraError
from aisecops.datasets.images import opened_picture, said_of

Floats = npt.NDArray[np.float32]
MOST_PICTURES = 20_000
_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
_SIDE, _BLOCK = 32, 4
_COARSE, _ALIKE, _DETAIL = 0.97, 0.99, 0.9
_FLAT = 1.0
"""Grey values by which a picture's detail differs, below which it has none: noise of compression alone."""
_AT_A_TIME = 2_000


class Pictures(msgspec.Struct, frozen=True):
    """Pictures as they are compared, and what could not be read.

    ``names``: paths below the folder; ``coarse`` (n, 256), ``fine`` (n, 1024) and ``detail`` (n, 1024): thumbnails with mean 0 and length 1, zero where there is nothing
    to compare; ``digests``: SHA-256 of the files; ``unread``: path and reason.
    """

    names: tuple[str, ...]
    coarse: Floats
    fine: Floats
    detail: Floats
    digests: tuple[bytes, ...]
    unread: tuple[tuple[str, str], ...]
    more: int = 0


def read_pictures(folder: str, *, most: int = MOST_PICTURES) -> Pictures:
    """Return the first ``most`` pictures in ``folder`` and below it, by name; ``more`` counts the others. Raises ``MissingExtraError`` without Pillow."""
    return read_files(((os.path.relpath(path, folder).replace(os.sep, "/"), path) for path in _files(folder)), most=most)


def read_files(files: Iterable[tuple[str, str]], *, most: int = MOST_PICTURES) -> Pictures:
    """Return the first ``most`` pictures that can be read of names and paths; ``more`` counts the others. Raises ``MissingExtraError`` without Pillow."""
    names: list[str] = []
    thumbnails: list[Floats] = []
    digests: list[bytes] = []
    unread: list[tuple[str, str]] = []
    more = 0
    for name, path in files:
        if len(names) == most:
            more += 1
            continue
        try:
            thumbnails.append(_thumbnail(path))
        except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as wrong:
            unread.append((inert_path(name), said_of(wrong, path)))
            continue
        names.append(name)
        with open(path, "rb") as file:
            digests.append(sha256(file.read()).digest())
    fine = np.stack(thumbnails) if thumbnails else np.zeros((0, _SIDE, _SIDE), np.float32)
    detail = fine - np.repeat(np.repeat(_pooled(fine, _BLOCK), _BLOCK, axis=1), _BLOCK, axis=2)
    detail[detail.std(axis=(1, 2)) < _FLAT] = 0
    return Pictures(tuple(names), _unit(_pooled(fine, 2)), _unit(fine), _unit(detail), tuple(digests), tuple(unread), more)


def near_pictures(ours: Pictures, theirs: Pictures | None = None) -> list[tuple[int, int, float]]:
    """Return the pairs of pictures that are nearly the same, with their correlation (1: the same bytes): within ``ours`` (left < right), or with ``theirs``."""
    other = theirs or ours
    found = dict.fromkeys(_equal(ours, other, within=theirs is None), 1.0)
    for start in range(0, len(ours.names), _AT_A_TIME):
        likely = np.argwhere(ours.coarse[start : start + _AT_A_TIME] @ other.coarse.T >= _COARSE)
        left, right = likely[:, 0] + start, likely[:, 1]
        kept = left < right if theirs is None else np.ones(len(left), np.bool_)
        for one in range(0, int(kept.sum()), 50_000):
            i, j = left[kept][one : one + 50_000], right[kept][one : one + 50_000]
            alike = (ours.fine[i] * other.fine[j]).sum(axis=1)
            told = (alike >= _ALIKE) & ((ours.detail[i] * other.detail[j]).sum(axis=1) >= _DETAIL)
            found |= {(int(a), int(b)): found.get((int(a), int(b)), float(c)) for a, b, c in zip(i[told], j[told], alike[told], strict=True)}
    return [(left, right, min(alike, 1.0)) for (left, right), alike in sorted(found.items())]


def _equal(ours: Pictures, other: Pictures, *, within: bool) -> Iterator[tuple[int, int]]:
    """Pairs of the same bytes; each picture with the first that has them."""
    first: dict[bytes, int] = {}
    for number, digest in enumerate(other.digests):
        first.setdefault(digest, number)
    for left, digest in enumerate(ours.digests):
        if digest in first and not (within and first[digest] == left):
            yield (first[digest], left) if within else (left, first[digest])


def _files(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(place, name)
            if name.lower().endswith(_ENDINGS) and os.path.isfile(path) and not os.path.islink(path):
                yield path


def _thumbnail(path: str) -> Floats:
    """The grey thumbnail of a picture, shape (32, 32), 0 to 255."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise MissingExtraError("reading pictures needs Pillow, which is not installed", "data") from None
    with opened_picture(path, _FORMATS) as picture:
        picture.draft("L", (4 * _SIDE, 4 * _SIDE))
        grey: Any = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    return np.asarray(grey, dtype=np.float32)


def _pooled(images: Floats, side: int) -> Floats:
    count = images.shape[1] // side
    pooled: Floats = images.reshape(len(images), count, side, count, side).mean(axis=(2, 4))
    return pooled


def _unit(images: Floats) -> Floats:
    flat = images.reshape(len(images), images.shape[1] * images.shape[2])
    flat = flat - flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.where(length > 1e-3, flat / np.maximum(length, 1e-3), 0).astype(np.float32)
