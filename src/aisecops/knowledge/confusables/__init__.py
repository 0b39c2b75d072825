"""Letters that look like ASCII letters and digits: a part of Unicode's UTS #39 as data, made by ``tools/build_confusables.py``."""

from __future__ import annotations

import os
from functools import cache

_LETTERS = os.path.join(os.path.dirname(__file__), "data", "letters.txt")


@cache
def confusables() -> dict[str, str]:
    """Return what each letter outside ASCII looks like: one or two ASCII letters or digits. Case is kept (Cyrillic capital I is ``I``, not ``l``)."""
    with open(_LETTERS, encoding="ascii") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    return {chr(int(code, 16)): prototype for code, prototype in rows}
