"""Comments that say to pass over a finding: ``# aisecops: ignore[unsafe-deserialization] our own file, written two lines above``.

In brackets stand categories or ids of checks; behind them the reason, without which the comment does not count. It holds for the statement that it stands in, or,
on a line of its own, for the one below. Suppressed findings stay in the record, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aisecops.codebase.text import Text
from aisecops.core.finding import Location, Weakness
from aisecops.core.text import inert

_FORM = r"#\s*aisecops:\s*ignore\[([\w\s,/-]{1,400})\][\s:,-]*(.{0,300})"
_MOST_LINES = 200
"""Lines of a statement that are looked at for a comment."""


class Suppressions:
    """The comments of one file, by line."""

    def __init__(self, comments: Mapping[int, str], text: Text | None = None) -> None:
        self._known: dict[tuple[int | None, int], tuple[frozenset[str], str]] = {}
        for line, comment in comments.items():
            match = re.search(_FORM, comment)
            if match and text is not None and len(reason := match[2].strip()) >= 3:
                names = frozenset(name.strip() for name in match[1].split(","))
                alone = text.line(line).lstrip().startswith("#")
                place = text.at_line(line + 1 if alone else line)
                self._known[place.cell, place.line] = names, reason

    def reason(self, weakness: Weakness, check: str) -> str:
        """Return the reason that a comment gives for passing over ``weakness`` at each of its places in the file; empty if one of them has none."""
        if not self._known or not weakness.locations:
            return ""
        found = [self._at(place, {weakness.category, check}) for place in weakness.locations if place.path == weakness.locations[0].path]
        return inert(found[0], 300) if all(found) else ""

    def _at(self, place: Location, names: set[str]) -> str:
        first = place.line or 1
        last = min(place.end_line or first, first + _MOST_LINES)
        for line in range(first, last + 1):
            said = self._known.get((place.cell, line))
            if said and said[0] & names:
                return said[1]
        return ""
