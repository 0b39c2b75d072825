"""Invisible characters that carry a message: tags, runs of variation selectors, characters without width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.content.unicode.characters import COMPLEX_SCRIPT, EMOJI, TAGS, VARIATION_SELECTORS, ZERO_WIDTH, script
from aisecops.content.unicode.kinds import Hidden, HiddenKind
from aisecops.content.unicode.messages import from_selectors, from_symbols, from_tags
from aisecops.core.taxonomy import Confidence

_TAGS = re.compile(f"[{TAGS}]+")
_FLAG = re.compile("[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f")
"""The tags of a region's flag (England, Scotland, Texas), behind a black flag."""
_SELECTORS = re.compile(f"[{VARIATION_SELECTORS}]+")
_ZERO_WIDTH = re.compile(f"[{ZERO_WIDTH}]+")
_LONG_RUN = 4
_FEWEST_BITS = 24


def tags(text: str) -> Iterator[Hidden]:
    """Yield the runs of tag characters that are not a region's flag."""
    for match in _TAGS.finditer(text):
        if not (text[match.start() - 1 : match.start()] == "\U0001f3f4" and _FLAG.fullmatch(match[0])):
            yield Hidden(HiddenKind.TAGS, match.start(), match.end(), from_tags(match[0]), Confidence.HIGH)


def variation_selectors(text: str) -> Iterator[Hidden]:
    """Yield runs of variation selectors (honest text has one behind a character), and selectors spread behind Latin letters."""
    spread: list[re.Match[str]] = []
    for match in _SELECTORS.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if len(match[0]) > 1 and not (len(match[0]) <= 3 and set(match[0]) <= {"\ufe0e", "\ufe0f"}):
            decoded = from_selectors(match[0])
            sure = Confidence.HIGH if decoded else Confidence.MEDIUM if len(match[0]) >= _LONG_RUN else Confidence.LOW
            yield Hidden(HiddenKind.VARIATION_SELECTORS, match.start(), match.end(), decoded, sure)
        elif before.isascii() and (before.isalpha() or before.isspace()):
            spread.append(match)
    if len(spread) >= _LONG_RUN:
        decoded = from_selectors("".join(match[0] for match in spread))
        sure = Confidence.HIGH if decoded else Confidence.LOW
        yield Hidden(HiddenKind.VARIATION_SELECTORS, spread[0].start(), spread[-1].end(), decoded, sure)


def zero_width(text: str) -> Iterator[Hidden]:
    """Yield runs of characters without width, single ones that are bits of one message, and those that split a Latin word."""
    single: list[re.Match[str]] = []
    for match in _ZERO_WIDTH.finditer(text):
        if len(match[0]) >= _LONG_RUN:
            decoded = from_symbols(match[0])
            if decoded or not _belongs(text, match):
                sure = Confidence.HIGH if decoded else Confidence.MEDIUM if len(set(match[0])) > 1 else Confidence.LOW
                yield Hidden(HiddenKind.ZERO_WIDTH, match.start(), match.end(), decoded, sure)
        elif match[0].strip("\u00ad") and not _belongs(text, match):
            single.append(match)
    symbols = "".join(match[0] for match in single)
    if len(symbols) >= _FEWEST_BITS and (decoded := from_symbols(symbols)):
        yield Hidden(HiddenKind.ZERO_WIDTH, single[0].start(), single[-1].end(), decoded, Confidence.HIGH)
    else:
        yield from _split_words(text, single)


def _belongs(text: str, run: re.Match[str]) -> bool:
    """Whether a run stands where orthography puts such characters: in complex scripts, in emoji, at the beginning of a text or line (byte order mark)."""
    before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
    if COMPLEX_SCRIPT.match(before) or COMPLEX_SCRIPT.match(after):
        return True
    if set(run[0]) <= {"\u200d"} and EMOJI.match(before):
        return True
    if set(run[0]) <= {"\u3164", "\u115f", "\u1160", "\uffa0"} and "HANGUL" in (before and script(before), after and script(after)):
        return True
    return run[0] == "\ufeff" and before in ("", "\n", "\r")


def _split_words(text: str, single: list[re.Match[str]]) -> Iterator[Hidden]:
    inside = [match for match in single if _latin(text[match.start() - 1 : match.start()]) and _latin(text[match.end() : match.end() + 1])]
    sure = Confidence.MEDIUM if len(inside) >= 3 else Confidence.LOW
    for match in inside:
        yield Hidden(HiddenKind.SPLIT_WORD, match.start(), match.end(), "", sure)


def _latin(letter: str) -> bool:
    return bool(letter) and script(letter) == "LATIN"
