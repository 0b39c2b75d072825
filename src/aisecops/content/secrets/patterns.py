"""Regular expressions, compiled on first use: a text without anything to judge needs few of them."""

from __future__ import annotations

import re
from functools import cache


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return ``pattern`` compiled."""
    return re.compile(pattern)
