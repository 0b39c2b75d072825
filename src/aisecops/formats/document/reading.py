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
    "docx": "docx", "docm": "docx", "txt": "text", "text": "text", "rst": "text", "adoc": "text", "org": "text", "tex": "tex", "asc": "text",
    "svg": "svg", "xml": "xml", "rss": "xml", "atom": "xml", "json": "json", "jsonl": "json", "ndjson": "json", "yaml": "yaml", "yml": "yaml", "rtf": "rtf",
    "pptx": "slides", "pptm": "slides", "ppsx": "slides", "xlsx": "workbook", "xlsm": "workbook", "odt": "opendocument", "odp": "opendocument", "ods": "opendocument",
    "epub": "e-book", "png": "picture", "jpg": "picture", "jpeg": "picture", "gif": "picture", "webp": "picture", "tif": "picture", "tiff": "picture",
    "eml": "mail", "ics": "calendar", "ical": "calendar", "vcf": "calendar",
}  # fmt: skip
"""Endings of documents, and how they are read."""
_OFFICE = frozenset(("slides", "workbook", "opendocument", "e-book"))
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")


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
    if kind in _OFFICE:
        from aisecops.formats.document.office import read_office

        return read_office(data, kind)
    if kind == "picture":
        from aisecops.formats.document.pictures import read_picture

        return read_picture(data)
    text, gaps = _decoded(data)
    read = _read_text(text, kind)
    return Document(read.format, read.spans, (*gaps, *read.gaps), read.unit)


def _read_text(text: str, kind: str) -> Document:
    if kind == "html":
        from aisecops.formats.document.html import read_html

        return read_html(text)
    if kind == "markdown":
        from aisecops.formats.document.markdown import read_markdown

        return read_markdown(text)
    if kind == "calendar":
        from aisecops.formats.document.calendar import read_calendar

        return read_calendar(text)
    if kind in ("svg", "xml"):
        from aisecops.formats.document.markup import read_markup

        return read_markup(text, drawing=kind == "svg")
    if kind in ("json", "yaml"):
        from aisecops.formats.document.structured import read_json, read_yaml

        return read_json(text) if kind == "json" else read_yaml(text)
    if kind == "rtf":
        from aisecops.formats.document.rtf import read_rtf

        return read_rtf(text)
    if kind == "tex":
        from aisecops.formats.document.text import read_tex

        return read_tex(text)
    from aisecops.formats.document.text import read_text

    return read_text(text)


def format_of(head: bytes, name: str) -> str:
    """Return ``pdf``, ``docx``, ``html``, ``text``, ... (the values of ``ENDINGS``)."""
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "picture"
    if b"%PDF-" in head:
        return "pdf"
    kind = ENDINGS.get(name.rpartition(".")[2].lower(), "text") if "." in name else "text"
    if head.startswith(b"PK\x03\x04"):
        return kind if kind in _OFFICE else "docx"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if begins.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "text" if kind in ("pdf", "docx", "picture") or kind in _OFFICE else kind


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
