"""A file as a document: the format told by its first bytes, by its name where they leave it open."""

from __future__ import annotations

from aisecops.core.examination import Code, NotExamined
from aisecops.formats.document.spans import Document

LARGEST = 64 << 20
"""Bytes of a document that is opened."""
_LONGEST = 16 << 20
"""Characters of a text that are read."""
ENDINGS = {
    "html": "html", "htm": "html", "xhtml": "html", "md": "markdown", "markdown": "markdown", "mdown": "markdown", "mkd": "markdown", "pdf": "pdf",
    "docx": "docx", "docm": "docx", "txt": "text", "text": "text", "rst": "text", "adoc": "text", "org": "text", "tex": "text", "asc": "text",
    "eml": "mail", "ics": "calendar", "ical": "calendar", "vcf": "calendar",
}  # fmt: skip
"""Endings of documents, and how they are read."""


def read_document(data: bytes, name: str) -> Document:
    """Return what the file ``name`` with the content ``data`` says and shows. Whatever it holds, this returns: what cannot be read is among the gaps."""
    kind = format_of(data[:1024], name)
    if kind == "pdf":
        from aisecops.formats.document.pdf import read_pdf

        return read_pdf(data)
    if kind == "docx":
        from aisecops.formats.document.docx import read_docx

        return read_docx(data)
    if kind == "mail":
        from aisecops.formats.document.mail import read_mail

        return read_mail(data[:_LONGEST])
    text, gaps = _decoded(data)
    if kind == "html":
        from aisecops.formats.document.html import read_html

        read = read_html(text)
    elif kind == "markdown":
        from aisecops.formats.document.markdown import read_markdown

        read = read_markdown(text)
    elif kind == "calendar":
        from aisecops.formats.document.calendar import read_calendar

        read = read_calendar(text)
    else:
        from aisecops.formats.document.text import read_text

        read = read_text(text)
    return Document(read.format, read.spans, (*gaps, *read.gaps), read.unit)


def format_of(head: bytes, name: str) -> str:
    """Return ``pdf``, ``docx``, ``html``, ``markdown``, ``mail``, ``calendar`` or ``text``."""
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx"
    kind = ENDINGS.get(name.rpartition(".")[2].lower(), "text") if "." in name else "text"
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if begins.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "text" if kind in ("pdf", "docx") else kind


def _decoded(data: bytes) -> tuple[str, tuple[NotExamined, ...]]:
    gaps = []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        if b"\0" in data[:4096]:
            gaps.append(NotExamined(code=Code.BAD_INPUT, reason="binary content where a text is promised", remedy="give the file its right name"))
        try:
            text = data.removeprefix(b"\xef\xbb\xbf").decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if len(text) > _LONGEST:
        gaps.append(NotExamined(code=Code.TRUNCATED, reason=f"only the first {_LONGEST:,} characters were read", remedy="split it"))
    return text[:_LONGEST].replace("\r\n", "\n"), tuple(gaps)
