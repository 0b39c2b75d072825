"""What text can hide from the eye, by kind."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from aisecops.core.taxonomy import Confidence


class HiddenKind(StrEnum):
    """How something is hidden from whoever reads the text.

    ``tags``: characters of the tags block, an invisible copy of ASCII. ``variation-selectors``: selectors in a row, each a byte. ``zero-width``: invisible
    characters in a row, or spread as bits. ``split-word``: an invisible character inside a Latin word. ``bidi``: directional controls that show code or text in
    another order than it runs (Trojan Source). ``homoglyph``: a Latin-looking word with letters of another script. ``private-use``: characters without a meaning.
    ``terminal-escape``: escape codes that conceal, erase or do more than colour. ``control``: other control characters.
    """

    TAGS = "tags"
    VARIATION_SELECTORS = "variation-selectors"
    ZERO_WIDTH = "zero-width"
    SPLIT_WORD = "split-word"
    BIDI = "bidi"
    HOMOGLYPH = "homoglyph"
    PRIVATE_USE = "private-use"
    TERMINAL_ESCAPE = "terminal-escape"
    CONTROL = "control"


class Hidden(msgspec.Struct, frozen=True):
    """Something hidden in ``text[start:end]``.

    ``decoded`` is what it says where that can be read (hostile text: make it inert before showing it), else empty. ``confidence`` says how surely it is there on
    purpose: high where a message was decoded or no honest text needs the construction.
    """

    kind: HiddenKind
    start: int
    end: int
    decoded: str
    confidence: Confidence
