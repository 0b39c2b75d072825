"""Control characters, escape codes of terminals, and characters of the private-use areas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.content.unicode.characters import PRIVATE_USE
from aisecops.content.unicode.kinds import Hidden, HiddenKind
from aisecops.content.unicode.messages import readable
from aisecops.core.taxonomy import Confidence

CONTROLS = "\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f"
_CONTROL = re.compile(f"[{CONTROLS}]+")
ESCAPE = (
    "(?:\x1b\\[|\x9b)(?P<parameters>[0-?]{0,64})[ -/]{0,8}(?P<final>[@-~])"
    "|(?:\x1b[\\]P^_X]|[\x9d\x90\x9e\x9f\x98])(?P<string>[^\x07\x1b\x9c]{0,4096})(?:\x07|\x1b\\\\|\x9c)?"
    "|\x1b[ -/]{0,8}[0-~]"
)
"""ECMA-48: control sequences, control strings (titles, links, clipboard), other escapes."""
_ESCAPE = re.compile(ESCAPE)
_PRIVATE = re.compile(f"[{PRIVATE_USE}]{{8,}}")
_CONCEALED = re.compile(r"(?:^|;)0*8(?:;|$)")
_COLOUR = re.compile(r"(?:38|48|58)[;:](?:5[;:]\d+|2(?:[;:]\d*){3,4})")


def terminal_escapes(text: str) -> Iterator[Hidden]:
    """Yield escape codes that conceal text, write to the clipboard, hide a link's target or move over what was shown. Colours are fine."""
    for match in _ESCAPE.finditer(text):
        if sure := _told(match):
            yield Hidden(HiddenKind.TERMINAL_ESCAPE, match.start(), match.end(), "", sure)


def _told(escape: re.Match[str]) -> Confidence | None:
    if escape["final"] == "m":
        return Confidence.HIGH if _CONCEALED.search(_COLOUR.sub("", escape["parameters"])) else None
    if escape["string"] is not None:
        return Confidence.HIGH if escape["string"].startswith("52;") else Confidence.MEDIUM
    return Confidence.LOW


def control_characters(text: str) -> Iterator[Hidden]:
    """Yield runs of control characters that belong to no escape code."""
    plain = _ESCAPE.sub(lambda escape: " " * len(escape[0]), text)
    for match in _CONTROL.finditer(plain):
        yield Hidden(HiddenKind.CONTROL, match.start(), match.end(), "", Confidence.LOW)


def private_use(text: str) -> Iterator[Hidden]:
    """Yield long runs of private-use characters; icon fonts use one or a few at a time."""
    for match in _PRIVATE.finditer(text):
        base = min(map(ord, match[0])) & ~0xFF
        decoded = readable(bytes(ord(character) - base for character in match[0])) if ord(max(match[0])) - base < 256 else ""
        yield Hidden(HiddenKind.PRIVATE_USE, match.start(), match.end(), decoded, Confidence.HIGH if decoded else Confidence.LOW)
