"""Plain text: every line is seen."""

from __future__ import annotations

from aisecops.formats.document.spans import Document, Span


def read_text(text: str) -> Document:
    """Return ``text`` as one span; what its characters hide is for ``aisecops.content.unicode`` to say."""
    return Document("text", (Span(text, 1),) if text.strip() else ())
