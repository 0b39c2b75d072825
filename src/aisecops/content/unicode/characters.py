"""Classes of characters, as parts of regular expressions, and the scripts that letters belong to.

Python ships no script property; the first word of a letter's name is one (``CYRILLIC SMALL LETTER A``).
"""

from __future__ import annotations

import re
from functools import cache
from unicodedata import category, name

TAGS = "\U000e0000-\U000e007f"
VARIATION_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"
BIDI_MARKS = "\u061c\u200e\u200f"
ZERO_WIDTH = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a"
)
"""Soft hyphen, joiners, spaces without width, fillers, invisible operators, deprecated and Mongolian format controls."""
INVISIBLE = TAGS + VARIATION_SELECTORS + BIDI_CONTROLS + BIDI_MARKS + ZERO_WIDTH
PRIVATE_USE = "\ue000-\uf8ff\U000f0000-\U0010fffd"

COMPLEX_SCRIPT = re.compile(
    "[\u0590-\u10ff\u1700-\u18af\u1900-\u1cff\u2d30-\u2d7f\ua4d0-\ua4ff\ua800-\uabff\ufb1d-\ufdff\ufe70-\ufefe"
    "\U00010800-\U00010fff\U00011000-\U00011fff\U0001e800-\U0001eeff]"
)
"""Scripts that are written with joiners, non-joiners and breaks without width: Arabic, Hebrew, Indic, south-east Asian, Mongolian, African ones."""
EMOJI = re.compile("[\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff\U000e007f\u20e3]")
"""What stands beside a joiner in an emoji sequence, roughly: symbols, skin tones, the emoji selector."""


@cache
def script(letter: str) -> str:
    """Return the script of a letter as its name has it (``LATIN``, ``CYRILLIC``, ``CJK`` ...); empty for what is no letter."""
    return name(letter, "").partition(" ")[0] if category(letter)[0] == "L" else ""
