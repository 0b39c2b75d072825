"""Reading the file of an asset, for the parsers of text."""

from __future__ import annotations

import os

from aisecops.core.asset import Asset
from aisecops.core.check import Context

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""A file that has turned into a pipe since it was found must not make us wait."""

_PIECE = 1 << 20


def read(asset: Asset, ctx: Context, most: int) -> bytes:
    """Return the first ``most`` bytes of the asset's file. Raises ``OSError``."""
    number = os.open(ctx.location(asset), _FLAGS)
    try:
        return read_open(number, most)
    finally:
        os.close(number)


def read_open(number: int, most: int) -> bytes:
    """Return the first ``most`` bytes of the open file ``number``, in a buffer of its size: one for ``most`` bytes costs more than reading a source file."""
    data = os.read(number, min(most, os.fstat(number).st_size + 1))
    more = data
    while more and (left := most - len(data)) and (more := os.read(number, min(left, _PIECE))):
        data += more
    return data
