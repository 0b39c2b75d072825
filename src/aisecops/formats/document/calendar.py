"""Calendars and cards of persons (RFC 5545, RFC 6350): what an event or a card says in words, its lines put together again."""

from __future__ import annotations

import re

from aisecops.formats.document.spans import Document, Span

_SAID = re.compile(
    r"(?i)^(?:SUMMARY|DESCRIPTION|COMMENT|LOCATION|CONTACT|NOTE|TITLE|ROLE|ORG|CATEGORIES|X-[A-Z-]*(?:DESC|NOTE|COMMENT)[A-Z-]*)(?:;[^:\n]{0,400})?:(.*)$"
)
_ESCAPED = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


def read_calendar(text: str) -> Document:
    """Return the words of each property of ``text`` that holds some."""
    spans: list[Span] = []
    for number, line in _unfolded(text):
        if (said := _SAID.match(line)) and said[1].strip():
            spans.append(Span(re.sub(r"\\[nN,;\\]", lambda mark: _ESCAPED[mark[0]], said[1]), number))
    return Document("calendar", tuple(spans))


def _unfolded(text: str) -> list[tuple[int, str]]:
    """Lines with the number at which each begins; one that begins with a blank belongs to the line before."""
    lines: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line[:1] in (" ", "\t") and lines:
            lines[-1][1].append(line[1:])
        else:
            lines.append((number, [line]))
    return [(number, "".join(pieces)) for number, pieces in lines]
