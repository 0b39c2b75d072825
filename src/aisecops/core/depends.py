"""The words of ``AssetFacts.depends``: what a parsed form rests on beside its own content.

A module of a large project asks for a thousand names, each of which a file added later may give another meaning. Sums of four bytes stand for them: two names of one
sum (one pair in four billion) only make a result to be found anew without need.
"""

from __future__ import annotations

import struct
from binascii import a2b_base64, b2a_base64, crc32
from functools import lru_cache

CONTENT, SHAPE, NAMES = "=", "~", "?"
"""How the words begin for the content of an asset, for what others can see of it (``AssetFacts.shape``), and for names."""


@lru_cache(maxsize=100_000)
def name_sum(name: str) -> int:
    """Return the sum that stands for ``name``."""
    return crc32(name.encode("utf-8", "backslashreplace"))


def names_word(sums: set[int]) -> str:
    """Return the word that says: it rests on which source files are called ``name.py``, or lie in a package ``name``, for any name with one of these ``sums``."""
    ascending = sorted(sums)
    return NAMES + b2a_base64(struct.pack(f"<{len(ascending)}I", *ascending), newline=False).decode()


def sums_of_names(word: str) -> tuple[int, ...]:
    """Return the sums of the names that ``word`` speaks of, in ascending order."""
    data = a2b_base64(word.removeprefix(NAMES))
    return struct.unpack(f"<{len(data) // 4}I", data)
