"""Directional controls that show a text in another order than it is read by a machine (Trojan Source, CVE-2021-42574)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import bidirectional

from aisecops.content.unicode.characters import BIDI_CONTROLS
from aisecops.content.unicode.kinds import Hidden, HiddenKind
from aisecops.core.taxonomy import Confidence

_REST_OF_LINE = re.compile("[^\n\r\u2028\u2029]*")
_CONTROL = re.compile(f"[{BIDI_CONTROLS}]")
_STRONG_RTL = frozenset({"R", "AL"})
_OVERRIDES = "\u202d\u202e"
_OPENS_ISOLATE, _CLOSES_ISOLATE = "\u2066\u2067\u2068", "\u2069"
_OPENS_EMBEDDING, _CLOSES_EMBEDDING = "\u202a\u202b\u202d\u202e", "\u202c"
_TURNS_RIGHT_TO_LEFT = "\u202b\u202e\u2067"


def directional_controls(text: str) -> Iterator[Hidden]:
    """Yield lines whose directional controls serve no right-to-left text, or stay open to the line's end (where they swallow what a reader sees as code)."""
    position = 0
    while found := _CONTROL.search(text, position):
        start = max(text.rfind(end, 0, found.start()) for end in "\n\r\u2028\u2029") + 1
        line = _REST_OF_LINE.match(text, start)
        position = line.end() if line else len(text)
        controls = list(_CONTROL.finditer(text, start, position))
        if sure := _judged(text[start:position], "".join(match[0] for match in controls)):
            yield Hidden(HiddenKind.BIDI, controls[0].start(), controls[-1].end(), "", sure)


def _judged(line: str, controls: str) -> Confidence | None:
    right_to_left = any(bidirectional(character) in _STRONG_RTL for character in set(line))
    overrides = any(control in _OVERRIDES for control in controls)
    if right_to_left:
        return Confidence.LOW if overrides or not _balanced(controls) else None
    if overrides or not _balanced(controls):
        return Confidence.HIGH
    return Confidence.MEDIUM if any(control in _TURNS_RIGHT_TO_LEFT for control in controls) else None


def _balanced(controls: str) -> bool:
    """Whether every control that opens is closed by its own kind of closing, in order, before the line ends."""
    opened: list[str] = []
    for control in controls:
        if control in _OPENS_ISOLATE:
            opened.append(_CLOSES_ISOLATE)
        elif control in _OPENS_EMBEDDING:
            opened.append(_CLOSES_EMBEDDING)
        elif not opened or opened.pop() != control:
            return False
    return not opened
