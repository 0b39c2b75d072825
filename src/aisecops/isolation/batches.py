"""Arrays across the border: small ones inside the message, large ones by a piece of shared memory.

The memory is written and read as a file, never mapped: the reader gets a copy that the other side cannot alter after it was checked, and a file cut short
by the other side is a short read, not a signal.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from aisecops.isolation.messages import ArrayHeader, MalformedError

Array = npt.NDArray[np.generic]
INLINE = 32 << 10
"""Up to here one message is faster than a message and a file."""
MOST_ARRAYS = 1024
_ALIGN = 64
_DTYPES = {np.dtype(code).str: np.dtype(code) for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")}


def pack(arrays: Mapping[str, object], memory: int) -> tuple[tuple[ArrayHeader, ...], bytes]:
    """Return headers and, if they are small, the arrays themselves; if not, write them to the descriptor ``memory``.

    Raises
    ------
    TypeError
        An array holds something else than numbers or truth values.
    OSError
        The memory may not grow that far.
    """
    parts = [_ordered(name, array) for name, array in arrays.items()]
    headers = tuple(ArrayHeader(name, part.dtype.str, part.shape) for name, part in zip(arrays, parts, strict=True))
    if sum(_padded(part.nbytes) for part in parts) <= INLINE:
        return headers, b"".join(part.tobytes().ljust(_padded(part.nbytes), b"\0") for part in parts)
    offset = 0
    for part in parts:
        _write(memory, part, offset)
        offset += _padded(part.nbytes)
    return headers, b""


def unpack(headers: Sequence[ArrayHeader], inline: bytes, memory: int, most_bytes: int) -> dict[str, Array]:
    """Return the arrays, copied and checked: what the headers claim is hostile input.

    Raises
    ------
    MalformedError
    """
    sizes = [_checked(header) for header in headers]
    total = sum(map(_padded, sizes))
    if len(headers) > MOST_ARRAYS or total > most_bytes:
        raise MalformedError(f"its arrays are larger than {most_bytes} bytes, or more than {MOST_ARRAYS}")
    small = total <= INLINE
    if len(inline) != (total if small else 0) or (not small and os.fstat(memory).st_size < total - _ALIGN):
        raise MalformedError("its arrays are not as long as it says")
    arrays: dict[str, Array] = {}
    offset = 0
    for header, size in zip(headers, sizes, strict=True):
        array = np.empty(header.shape, dtype=_DTYPES[header.dtype])
        flat = array.reshape(-1).view(np.uint8)
        if small:
            flat[:] = np.frombuffer(inline, np.uint8, size, offset)
        else:
            _read(memory, flat, offset)
        if array.dtype.kind == "b":  # any other byte in a truth value makes numpy contradict itself
            array = array.view(np.uint8) != 0
        arrays[header.name] = array
        offset += _padded(size)
    return arrays


def _ordered(name: str, array: object) -> Array:
    part = np.asarray(array)
    if part.dtype.kind not in "biuf" or part.dtype.itemsize > 8:
        raise TypeError(f"{name}: only arrays of numbers and truth values can cross, and this is one of {part.dtype}")
    return np.asarray(part, dtype=part.dtype.newbyteorder("<"), order="C")


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def _checked(header: ArrayHeader) -> int:
    dtype = _DTYPES.get(header.dtype)
    if dtype is None or len(header.shape) > 8 or any(side < 0 or side > 1 << 40 for side in header.shape) or len(header.name) > 256:
        raise MalformedError("one of its arrays is of a type or shape that there is not")
    return math.prod(header.shape) * dtype.itemsize


def _write(memory: int, part: Array, offset: int) -> None:
    left = part.reshape(-1).view(np.uint8).data
    while len(left):
        written = os.pwrite(memory, left, offset)
        left, offset = left[written:], offset + written


def _read(memory: int, flat: npt.NDArray[np.uint8], offset: int) -> None:
    left = flat.data
    while len(left):
        read = os.preadv(memory, [left], offset)
        if not read:
            raise MalformedError("its arrays are cut short")
        left, offset = left[read:], offset + read
