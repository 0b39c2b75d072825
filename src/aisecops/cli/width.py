"""How wide a line may be."""

from __future__ import annotations

import os
from typing import TextIO

WIDEST = 100
"""Longer lines are hard to read, and a message is prose; also the width where there is no terminal."""


def columns(out: TextIO) -> int:
    """Return the width for ``out``: COLUMNS, or the terminal's, and never more than ``WIDEST``."""
    # Not shutil.get_terminal_size: that import brings three decompressors.
    try:
        known = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(out.fileno()).columns
    except (ValueError, OSError, AttributeError):
        known = 0
    return min(known, WIDEST) if known > 0 else WIDEST
