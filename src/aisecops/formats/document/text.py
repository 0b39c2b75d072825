"""Plain text: every line is seen."""

from __future__ import annotations

import re

from aisecops.formats.document.spans import Concealment, Document, Purpose, Span


def read_text(text: str) -> Document:
    """Return ``text`` as one span; what its characters hide is for ``aisecops.content.unicode`` to say."""
    return Document("text", (Span(text, 1),) if text.strip() else ())


_REMARK = re.compile(r"(?<!\\)%[ \t]?([^\n]*)")


def read_tex(text: str) -> Document:
    """Return what TeX says: its remarks are for those who write it, and what it paints white or not at all is for nobody."""
    from aisecops.formats.document.markdown import unpainted

    remarks: list[Span] = []
    held: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("%"):
            start = start if held else number
            held.append(line.lstrip().lstrip("% "))
            continue
        if held:
            remarks.append(Span("\n".join(held), start, Concealment.COMMENT, Purpose.EDITORIAL, "a remark"))
            held = []
        if (found := _REMARK.search(line)) and found[1].count(" ") > 1:
            remarks.append(Span(found[1], number, Concealment.COMMENT, Purpose.EDITORIAL, "a remark"))
    if held:
        remarks.append(Span("\n".join(held), start, Concealment.COMMENT, Purpose.EDITORIAL, "a remark"))
    plain = _REMARK.sub("", text)
    return Document("text", (*((Span(plain, 1),) if plain.strip() else ()), *remarks, *unpainted(plain, 1)))
