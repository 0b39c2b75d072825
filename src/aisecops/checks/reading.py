"""Reading the file of an asset, for the parsers of text."""

from __future__ import annotations

import os

from aisecops.core.asset import Asset
from aisecops.core.check import Context

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""A file that has turned into a pipe since it was found must not make us wait."""


def read(asset: Asset, ctx: Context, most: int) -> bytes:
    """Return the first ``most`` bytes of the asset's file. Raises ``OSError``."""
    with open(os.open(ctx.location(asset), _FLAGS), "rb") as file:
        return file.read(most)
