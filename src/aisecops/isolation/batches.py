"""Arrays across the border: small ones inside the message, large ones by a piece of shared memory.

The reader always gets a copy, which the other side cannot alter after it was checked. Where the kernel can promise that the memory is never cut short (Linux: a sealed
memfd), it is mapped; elsewhere it is written and read as a file, for touching a map that was cut short is a signal that ends the process.
"""

from __future__ import annotations

import math
import mmap
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


class SharedMemory:
    """A piece of memory that two processes share by its descriptor; it grows as needed."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._sealed = _is_sealed(descriptor)
        self._map: npt.NDArray[np.uint8] = np.empty(0, dtype=np.uint8)

    @property
    def size(self) -> int:
        """Its size now: the other side may have made it grow."""
        return os.fstat(self.descriptor).st_size

    def reserve(self, size: int) -> None:
        """Make it at least ``size`` bytes long.

        Raises
        ------
        OSError
            It may not grow that far.
        """
        if size > self.size:
            os.ftruncate(self.descriptor, size)

    def write(self, part: npt.NDArray[np.uint8], offset: int) -> None:
        """Put ``part`` at ``offset``, within the size."""
        if self._sealed:
            self._mapped(offset + len(part))[offset : offset + len(part)] = part
        else:
            _write(self.descriptor, part, offset)

    def read(self, part: npt.NDArray[np.uint8], offset: int) -> None:
        """Fill ``part`` with what lies at ``offset``, within the size."""
        if self._sealed:
            part[:] = self._mapped(offset + len(part))[offset : offset + len(part)]
        else:
            _read(self.descriptor, part, offset)

    def _mapped(self, size: int) -> npt.NDArray[np.uint8]:
        if size > len(self._map):
            self._map = np.frombuffer(mmap.mmap(self.descriptor, self.size), dtype=np.uint8)
        return self._map


def _is_sealed(descriptor: int) -> bool:
    """Whether nobody can make it shorter."""
    if not hasattr(os, "memfd_create"):
        return False
    import fcntl

    try:
        return bool(fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK)
    except OSError:
        return False


def pack(arrays: Mapping[str, object], memory: SharedMemory) -> tuple[tuple[ArrayHeader, ...], bytes]:
    """Return headers and, if they are small, the arrays themselves; if not, write them to ``memory``.

    Raises
    ------
    TypeError
        An array holds something else than numbers or truth values.
    OSError
        The memory may not grow that far.
    """
    parts = [_ordered(name, array) for name, array in arrays.items()]
    headers = tuple(ArrayHeader(name, part.dtype.str, part.shape) for name, part in zip(arrays, parts, strict=True))
    total = sum(_padded(part.nbytes) for part in parts)
    if total <= INLINE:
        return headers, b"".join(part.tobytes().ljust(_padded(part.nbytes), b"\0") for part in parts)
    memory.reserve(total)
    offset = 0
    for part in parts:
        memory.write(part.reshape(-1).view(np.uint8), offset)
        offset += _padded(part.nbytes)
    return headers, b""


def unpack(headers: Sequence[ArrayHeader], inline: bytes, memory: SharedMemory, most_bytes: int) -> dict[str, Array]:
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
    if len(inline) != (total if small else 0) or (not small and memory.size < total):
        raise MalformedError("its arrays are not as long as it says")
    arrays: dict[str, Array] = {}
    offset = 0
    for header, size in zip(headers, sizes, strict=True):
        array = np.empty(header.shape, dtype=_DTYPES[header.dtype])
        flat = array.reshape(-1).view(np.uint8)
        if small:
            flat[:] = np.frombuffer(inline, np.uint8, size, offset)
        else:
            memory.read(flat, offset)
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


def _write(descriptor: int, part: npt.NDArray[np.uint8], offset: int) -> None:
    left = part.data
    while len(left):
        written = os.pwrite(descriptor, left, offset)
        left, offset = left[written:], offset + written


def _read(descriptor: int, part: npt.NDArray[np.uint8], offset: int) -> None:
    left = part.data
    while len(left):
        read = os.preadv(descriptor, [left], offset)
        if not read:
            raise MalformedError("its arrays are cut short")
        left, offset = left[read:], offset + read
