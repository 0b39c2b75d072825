"""The texts among a notebook's outputs; what holds no words is only counted."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from aisecops.codebase.notebook.document import array, fields, size, text_of, value
from aisecops.codebase.notebook.source import Part, Skipped
from aisecops.codebase.notebook.words import words
from aisecops.codebase.syntax import Gap
from aisecops.codebase.text import CellStart, Text
from aisecops.core.text import inert

LONGEST = 1_000_000
"""Characters of a cell's outputs that are read."""
LONGEST_OF_ALL = 20_000_000
"""Characters of all outputs that are read."""
_MOST_BYTES = 6 * LONGEST
_MOST_OUTPUTS = 2_000
_NULL = msgspec.Raw(b"null")
_TEXTS = ("application/json", "application/javascript", "application/xml", "application/x-latex")
_STATES = ("plotly", "vega", "bokeh", "widget", "holoviews", "vnd.")
_FORMAT_3 = {
    "text": "text/plain",
    "html": "text/html",
    "latex": "text/latex",
    "json": "application/json",
    "javascript": "application/javascript",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}


class _Output(msgspec.Struct):
    output_type: msgspec.Raw = _NULL
    name: msgspec.Raw = _NULL
    stream: msgspec.Raw = _NULL
    text: msgspec.Raw = _NULL
    data: msgspec.Raw = _NULL
    ename: msgspec.Raw = _NULL
    evalue: msgspec.Raw = _NULL
    traceback: msgspec.Raw = _NULL


class Outputs:
    """Reads the outputs of one notebook's cells, one after the other."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.skipped: list[Skipped] = []
        self.gaps: list[Gap] = []
        self._cell = 0
        self._left = 0
        self._left_of_all = LONGEST_OF_ALL
        self._told = False

    def read(self, raw: msgspec.Raw, cell: int) -> None:
        """Read the outputs of cell number ``cell``."""
        self._cell = cell
        self._left = min(LONGEST, self._left_of_all)
        self._told = False
        raws = array(raw)
        if len(raws) > _MOST_OUTPUTS:
            self._gap("truncated", f"has {len(raws):,} outputs; those behind the first {_MOST_OUTPUTS:,} were not read")
        for piece in raws[:_MOST_OUTPUTS]:
            for label, content in self._texts(piece):
                self._keep(label, content)

    def _gap(self, code: str, reason: str) -> None:
        self.gaps.append(msgspec.convert({"code": code, "reason": reason, "cell": self._cell}, Gap))

    def _skip(self, label: str, length: int) -> None:
        self.skipped.append(Skipped(inert(label, 80), self._cell, length))

    def _texts(self, piece: msgspec.Raw) -> Iterator[tuple[str, msgspec.Raw]]:
        """Yield what one output says, with what it is."""
        try:
            output = msgspec.json.decode(piece, type=_Output)
        except (ValueError, RecursionError):
            self._gap("bad-input", "has an output that is malformed")
            return
        kind = value(output.output_type)
        if kind == "stream":
            yield str(value(output.name) or value(output.stream) or "stdout"), output.text
        elif kind in ("error", "pyerr"):
            yield "error", _encoded(f"{value(output.ename)}: {value(output.evalue)}")
            yield "traceback", _lines(output.traceback)
        else:
            yield from self._shown(fields(output.data) if size(output.data) > 4 else fields(piece))

    def _shown(self, forms: dict[str, msgspec.Raw]) -> Iterator[tuple[str, msgspec.Raw]]:
        """Yield the forms of something shown that are text; every other is counted."""
        for name, content in forms.items():
            label = _FORMAT_3.get(name, name)
            if "/" not in label:
                continue
            if _has_words(label.lower()):
                yield label, content
            else:
                self._skip(label, size(content))

    def _keep(self, label: str, raw: msgspec.Raw) -> None:
        if self._left <= 0:
            self._cut(label, size(raw))
            return
        content = _json_text(raw) if label == "application/json" else text_of(raw, _MOST_BYTES)
        if content is None:
            self._gap("bad-input", f"has an output ({inert(label, 80)}) that is not text")
            return
        content, programs = words(content, page=label == "text/html")
        if programs:
            self._skip(f"{label} script", programs)
        kept = content[: self._left]
        self._left -= len(kept)
        self._left_of_all -= len(kept)
        if len(kept) < len(content) or size(raw) > _MOST_BYTES:
            self._cut(label, max(size(raw) - len(kept), 0))
        content = kept
        if content.strip():
            self.parts.append(Part("output", inert(label, 80), self._cell, Text(content, (CellStart(1, self._cell),))))

    def _cut(self, label: str, length: int) -> None:
        """Leave out the rest of the cell's outputs."""
        self._left = 0
        self._skip(label, length)
        if not self._told:
            self._told = True
            self._gap(
                "truncated", f"has outputs of more than {LONGEST:,} characters, or all cells of more than {LONGEST_OF_ALL:,}; the rest was not read"
            )


def _encoded(text: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(text))


def _lines(raw: msgspec.Raw) -> msgspec.Raw:
    """A traceback is a list of lines, or of several at once, without line ends."""
    found = value(raw)
    return _encoded("\n".join(line for line in found if isinstance(line, str))) if isinstance(found, list) else raw


def _has_words(label: str) -> bool:
    return (label.startswith("text/") or label in _TEXTS) and not any(word in label for word in _STATES)


def _json_text(raw: msgspec.Raw) -> str | None:
    """Return JSON that was shown as such, one value a line; text in it as text."""
    found = value(raw) if size(raw) <= LONGEST else None
    if found is None:
        return None
    return found if isinstance(found, str) else msgspec.json.format(msgspec.json.encode(found)).decode()
