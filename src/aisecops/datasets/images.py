"""Labelled images: arrays in an ``.npz`` file, or a folder with one subfolder for each label."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.text import inert, inert_path
from aisecops.datasets.extra import MissingExtraError
from aisecops.datasets.media import PICTURES
from aisecops.datasets.packed import TooMuchError
from aisecops.datasets.table import TableError

Floats = npt.NDArray[np.float64]
MAX_BYTES = 4 << 30
"""The most that an archive may unpack to: a few kilobytes can hold petabytes of zeros."""
MOST_PIXELS = 64_000_000
"""The same for one picture."""
_MOST_LEFT_OUT = 0.1
"""The share of pictures that may be broken, or of another size: one that somebody has put there must not keep the others from being searched."""


class ListedImages(msgspec.Struct, frozen=True, kw_only=True):
    """Those of a list of pictures that can be read and are of one size.

    ``pixels``: shape (n, height, width) or with channels; ``rows``: their places in the list, shape (n,); ``left_out``: place in the list and reason of the others.
    """

    pixels: Floats
    rows: npt.NDArray[np.int64]
    left_out: tuple[tuple[int, str], ...]


def read_images(path: str, *, label: str = "", images: str = "") -> tuple[Floats, tuple[str, ...]]:
    """Read images of one size and their labels.

    Parameters
    ----------
    path
        An ``.npz`` archive (never unpickled), or a folder whose subfolders are named like the labels and hold ``.npy`` arrays or pictures (these need Pillow).
    label, images
        The arrays of the archive that hold labels, shape (n,), and images; ``images`` may be left out where only one array has three axes or more.

    Returns
    -------
    tuple
        Images, shape (n, height, width) or with channels, their values as stored; and the labels as text, empty if none were asked for.

    Raises
    ------
    TableError
        It is broken, or images and labels do not fit together.
    """
    if os.path.isdir(path):
        return _folder(path)
    where = inert_path(path)
    arrays = _archive(path)
    if not images:
        candidates = [name for name, array in arrays.items() if array.ndim >= 3]
        if len(candidates) != 1:
            raise TableError(
                f"{len(candidates)} arrays look like images (three axes or more)",
                where=where,
                fix=f"name one of {', '.join(inert(n, 40) for n in arrays)}",
            )
        images = candidates[0]
    pixels = _array(arrays, images, where)
    if pixels.dtype.kind not in "fiub" or not np.isfinite(pixels).all():
        raise TableError(f"`{inert(images, 40)}` holds something else than finite numbers", where=where, fix="store pixels as numbers")
    if not label:
        return pixels.astype(np.float64), ()
    names = _array(arrays, label, where)
    if names.shape != (len(pixels),):
        raise TableError(f"{len(pixels)} images, and labels of shape {names.shape}", where=where, fix="store one label for each image")
    return pixels.astype(np.float64), tuple(str(name) for name in names.tolist())


def _array(arrays: dict[str, Any], name: str, where: str) -> Any:
    if name not in arrays:
        raise TableError(f"there is no array `{inert(name, 40)}`", where=where, fix=f"it holds {', '.join(inert(known, 40) for known in arrays)}")
    return arrays[name]


def _archive(path: str) -> dict[str, Any]:
    import zipfile

    where = inert_path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_BYTES:
                raise TableError(f"it unpacks to more than {MAX_BYTES >> 30} GiB", where=where, fix="give a sample of the images")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except OSError as wrong:
        raise TableError(
            f"it cannot be read ({wrong.strerror or inert(str(wrong), 80)})", where=where, fix="give an .npz file or a folder of images"
        ) from None
    except (ValueError, zipfile.BadZipFile, EOFError, KeyError) as wrong:
        raise TableError(
            f"not a whole .npz archive of plain arrays ({inert(str(wrong), 80)})", where=where, fix="write it by numpy.savez, without objects"
        ) from None


def _folder(path: str) -> tuple[Floats, tuple[str, ...]]:
    pixels, labels, places = [], [], []
    for label, file in labelled_files(path):
        pixels.append(_picture(file))
        labels.append(label)
        places.append(file)
    if not pixels:
        raise TableError(
            "no images in subfolders named like the labels", where=inert_path(path), fix="put each image in a folder named like its label"
        )
    for array, file in zip(pixels, places, strict=True):
        if array.shape != pixels[0].shape:
            raise TableError(f"an image of shape {array.shape}, the first is {pixels[0].shape}", where=inert_path(file), fix="bring them to one size")
    return np.stack(pixels), tuple(labels)


def labelled_files(path: str) -> Iterator[tuple[str, str]]:
    """Yield label and path of each picture in the subfolders of a folder, which are named like the labels: by label, then by name."""
    for label in sorted(os.listdir(path)):
        folder = os.path.join(path, label)
        if os.path.isdir(folder):
            for name in sorted(os.listdir(folder)):
                if name.lower().endswith((".npy", *PICTURES)):
                    yield label, os.path.join(folder, name)


def read_listed(files: Sequence[str], *, most_bytes: int = MAX_BYTES) -> ListedImages:
    """Read pictures, and leave out a few that are broken or of another size than most.

    Parameters
    ----------
    files
        Their paths.
    most_bytes
        What their pixels may take in memory.

    Raises
    ------
    TableError
        None can be read, more than a tenth of them is broken or of another size, or they take too much memory.
    """
    read: dict[int, Floats] = {}
    wrong: dict[int, str] = {}
    size = 0
    for place, file in enumerate(files):
        try:
            read[place] = _picture(file)
        except TableError as error:
            wrong[place] = error.what
            continue
        size += read[place].nbytes
        if size > most_bytes:
            raise TooMuchError(f"the pictures unpack to more than {most_bytes >> 20:,} MiB", fix="allow more memory, or give smaller pictures")
    if not read:
        raise TableError("no picture can be read", fix="give pictures of a known format")
    shape, _ = Counter(one.shape for one in read.values()).most_common(1)[0]
    odd = {place: f"of shape {one.shape}, where most are {shape}" for place, one in read.items() if one.shape != shape}
    rows = [place for place in read if place not in odd]
    if len(wrong) + len(odd) > _MOST_LEFT_OUT * len(files):
        what = f"{len(wrong) + len(odd):,} of {len(files):,} pictures are broken ({len(wrong):,}) or not of shape {shape} ({len(odd):,})"
        raise TableError(what, fix="bring them to one size" if len(odd) >= len(wrong) else "mend them, or take them out")
    return ListedImages(pixels=np.stack([read.pop(row) for row in rows]), rows=np.array(rows), left_out=tuple(sorted({**wrong, **odd}.items())))


def _picture(file: str) -> Floats:
    try:
        if file.endswith(".npy"):
            return np.asarray(np.load(file, allow_pickle=False), dtype=np.float64)
        return _decoded(file)
    except (ValueError, OSError, EOFError, SyntaxError) as wrong:
        raise TableError(f"not an image ({said_of(wrong, file)})", where=inert_path(file), fix="mend it, or take it out") from None


def _decoded(file: str) -> Floats:
    with opened_picture(file) as picture:
        return np.asarray(picture.convert("L" if picture.mode in {"1", "L", "I", "F"} else "RGB"), dtype=np.float64)


def said_of(error: BaseException, file: str) -> str:
    """Return what a reader says of a picture, without the path of this machine that it repeats."""
    return inert(str(error).replace(repr(file), "").replace(file, "").strip(), 100)


@contextmanager
def opened_picture(file: str, formats: tuple[str, ...] | None = None) -> Iterator[Any]:
    """Open a picture by Pillow. Raises ``ValueError`` for one that unpacks to too much, ``OSError`` for what is none, ``MissingExtraError`` without Pillow."""
    import warnings

    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise MissingExtraError("reading pictures needs Pillow, which is not installed", "data") from None
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(file, formats=formats)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise ValueError(f"it unpacks to more than {MOST_PIXELS:,} pixels") from None
    with picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError(f"it unpacks to {picture.width:,} x {picture.height:,} pixels, more than {MOST_PIXELS:,}")
        yield picture
