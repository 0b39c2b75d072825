"""Given names of persons of some seventy countries: lists of Faker as data, made by ``tools/build_given_names.py``."""

from __future__ import annotations

import os
from functools import cache

_NAMES = os.path.join(os.path.dirname(__file__), "data", "names.txt")


@cache
def given_names() -> frozenset[str]:
    """Return the names, in lower case and without accents. They tell that a column holds names by the share that is known, never that one word is a name."""
    with open(_NAMES, encoding="utf-8") as file:
        return frozenset(line.rstrip("\n") for line in file if not line.startswith("#"))
