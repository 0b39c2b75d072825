"""Everything that a text hides from the eye, in one pass over what kinds of characters it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from aisecops.content.unicode.bidirectional import directional_controls
from aisecops.content.unicode.characters import BIDI_CONTROLS, PRIVATE_USE, TAGS, VARIATION_SELECTORS, ZERO_WIDTH
from aisecops.content.unicode.controls import CONTROLS, control_characters, private_use, terminal_escapes
from aisecops.content.unicode.homoglyphs import homoglyphs
from aisecops.content.unicode.invisible import tags, variation_selectors, zero_width
from aisecops.content.unicode.kinds import Hidden

_Detector = Callable[[str], Iterator[Hidden]]
_LETTERS_THAT_LOOK_LATIN = (
    "\u0370-\u058f\u10a0-\u10ff\u13a0-\u13ff\u1c80-\u1c8f\u1f00-\u1fff\u2c80-\u2cff\ua4d0-\ua4ff\uab70-\uabbf\U00010280-\U000118ff"
)


@cache
def _detectors() -> tuple[tuple[re.Pattern[str], _Detector], ...]:
    return (
        (re.compile(f"[{TAGS}]"), tags),
        (re.compile(f"[{VARIATION_SELECTORS}]"), variation_selectors),
        (re.compile(f"[{ZERO_WIDTH}]"), zero_width),
        (re.compile(f"[{BIDI_CONTROLS}]"), directional_controls),
        (re.compile(f"[{_LETTERS_THAT_LOOK_LATIN}]"), homoglyphs),
        (re.compile(f"[{PRIVATE_USE}]"), private_use),
        (re.compile("[\x1b\x90\x98\x9b\x9d-\x9f]"), terminal_escapes),
        (re.compile(f"[{CONTROLS}]"), control_characters),
    )


def hidden(text: str) -> list[Hidden]:
    """Return what ``text`` hides from whoever looks at it, in the order of its places.

    Orthography is no hiding: joiners in emoji and in the scripts that need them, selectors behind emoji, soft hyphens, byte order marks, right-to-left text with
    its marks, isolates that are closed, icon fonts and coloured output yield nothing.

    Parameters
    ----------
    text : str
        Any text, of any length; time is linear in it.
    """
    if text.isascii() and text.isprintable():
        return []
    characters = "".join(set(text))
    if characters.isascii() and not re.search(f"[{CONTROLS}]", characters):
        return []
    found = [item for pattern, detector in _detectors() if pattern.search(characters) for item in detector(text)]
    return sorted(found, key=lambda item: (item.start, item.end, item.kind))
