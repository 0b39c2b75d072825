"""PDF as a viewer paints it: the text of each page with whether the eye meets it, annotations and properties. Nothing in the file is executed.

``pypdf`` parses the objects; what the operators of a page mean for what is seen is computed here (``pdf_page``).

References
----------
ISO 32000-2, sections 8.4 (graphics state), 8.11 (optional content), 9.4 (text objects), 12.5 (annotations).
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert
from aisecops.formats.document.spans import Concealment, Document, Purpose, Span

_MOST_PAGES = 3_000
_MOST_SPANS = 300_000
_NO_READER = NotExamined(
    code=Code.MISSING_EXTRA, reason="reading PDF needs pypdf, which is not installed", remedy="pip install 'aisecops[documents]'"
)


def read_pdf(data: bytes) -> Document:
    """Return what a PDF says and shows; lines count pages. A page that is broken is among the gaps, the others are read."""
    try:
        import pypdf
    except ModuleNotFoundError:
        return Document("pdf", (), (_NO_READER,), unit="page")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each flaw of a file on the terminal: ours are in the record
    spans: list[Span] = []
    gaps: list[NotExamined] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return Document("pdf", (), (NotExamined(code=Code.UNREADABLE, reason="it is encrypted", remedy="remove its password"),), unit="page")
        _read(reader, spans, gaps)
    except (Exception, RecursionError) as wrong:  # a parser of hostile files raises whatever comes to its mind
        gaps.append(_bad(wrong))
    return Document("pdf", tuple(spans), tuple(gaps), unit="page")


def _read(reader: Any, spans: list[Span], gaps: list[NotExamined]) -> None:
    from aisecops.formats.document.pdf_aside import read_aside
    from aisecops.formats.document.pdf_page import read_page

    on_pages: set[int] = set()
    hidden = _hidden_layers(reader)
    broken: list[tuple[int, BaseException]] = []
    for number, page in enumerate(reader.pages, 1):
        if number > _MOST_PAGES or len(spans) > _MOST_SPANS:
            gaps.append(NotExamined(code=Code.TRUNCATED, reason=f"only the first {number - 1:,} pages were read", remedy="split it"))
            break
        try:
            spans += read_page(page, reader, number, hidden)
            spans += _annotations(page, number, on_pages)
        except (Exception, RecursionError) as wrong:
            broken.append((number, wrong))
    if broken:
        gaps.append(_bad(broken[0][1], f"page {broken[0][0]}" + (f" and {len(broken) - 1} more pages" if len(broken) > 1 else "")))
    spans += read_aside(reader, on_pages, gaps)


def _bad(wrong: BaseException, where: str = "it") -> NotExamined:
    said = inert(str(wrong).splitlines()[0] if str(wrong) else type(wrong).__name__, 100)
    code = Code.TOO_LARGE if type(wrong).__name__ == "LimitReachedError" else Code.BAD_INPUT
    return NotExamined(code=code, reason=f"{where} cannot be read ({said})", remedy="print it to a new PDF and keep that")


def _hidden_layers(reader: Any) -> frozenset[int]:
    """Return the object numbers of the layers that are off when the document is opened."""
    try:
        settings = reader.root_object["/OCProperties"].get_object()
        default = settings["/D"].get_object()
        off = {item.idnum for item in default.get("/OFF", ()) if hasattr(item, "idnum")}
        if default.get("/BaseState") == "/OFF":
            on = {item.idnum for item in default.get("/ON", ()) if hasattr(item, "idnum")}
            off |= {item.idnum for item in settings["/OCGs"] if hasattr(item, "idnum")} - on
        return frozenset(off)
    except (KeyError, TypeError, AttributeError, ValueError):
        return frozenset()


def _annotations(page: Any, number: int, on_pages: set[int]) -> Iterator[Span]:
    """Yield what notes, form fields and links of a page say: shown in a window of their own, or not at all; their objects' numbers go to ``on_pages``."""
    for item in list(page.get("/Annots") or ())[:5_000]:
        on_pages.add(getattr(item, "idnum", -1))
        note = item.get_object()
        said = note.get("/Contents") or note.get("/V") or note.get("/TU")
        if not isinstance(said, str) or not said.strip():
            continue
        flags = note.get("/F", 0)
        unseen = isinstance(flags, int) and flags & 0b100010  # hidden, no view
        box = [float(side) for side in note.get("/Rect", ())]
        flat = len(box) == 4 and (abs(box[2] - box[0]) < 1 or abs(box[3] - box[1]) < 1)
        if note.get("/Subtype") == "/FreeText" and not unseen and not flat:
            yield Span(said, number)
        else:
            how = "a hidden annotation" if unseen or flat else "an annotation"
            yield Span(
                said,
                number,
                Concealment.NOT_RENDERED if unseen or flat else Concealment.METADATA,
                Purpose.NONE if unseen or flat else Purpose.EDITORIAL,
                how,
            )
