"""Texts as arrays: one UTF-8 buffer and the offsets at which they part, so that they cross by shared memory as numbers do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from aisecops.isolation.errors import GarbageError

Arrays = dict[str, npt.NDArray[np.generic]]


def encode_texts(texts: Sequence[str], name: str = "texts") -> Arrays:
    """Return ``{name}.utf8`` (uint8) and ``{name}.offsets`` (int64, one more than there are texts).

    Lone surrogates, which attacks on text may write, survive.
    """
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    return {f"{name}.utf8": np.frombuffer(b"".join(parts), dtype=np.uint8), f"{name}.offsets": offsets}


def decode_texts(arrays: Mapping[str, npt.NDArray[np.generic]], name: str = "texts") -> list[str]:
    """Return the texts of ``encode_texts``.

    Raises
    ------
    GarbageError
        The arrays are missing, do not fit together, or are not UTF-8: they may come from a hostile process.
    """
    utf8, offsets = arrays.get(f"{name}.utf8"), arrays.get(f"{name}.offsets")
    if utf8 is None or offsets is None or utf8.dtype != np.uint8 or offsets.dtype != np.int64 or utf8.ndim != 1 or offsets.ndim != 1:
        raise GarbageError("the texts are not two arrays of bytes and offsets", where=name)
    bounds: list[int] = offsets.tolist()
    if not bounds or bounds[0] != 0 or bounds[-1] != len(utf8) or bool(np.any(np.diff(offsets) < 0)):
        raise GarbageError("the offsets of the texts do not part their bytes", where=name)
    data = utf8.tobytes()
    try:
        return [data[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(bounds)]
    except UnicodeDecodeError:
        raise GarbageError("the texts are not UTF-8", where=name) from None
