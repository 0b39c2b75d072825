"""The texts among a notebook's outputs; what holds no words is only counted."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from aisecops.codebase.notebook.document import TooMany, array, fields, size, struct, text_of, value
from aisecops.codebase.notebook.source import Part, Skipped
from aisecops.codebase.notebook.words import words
from aisecops.codebase.syntax import Gap, GapCode
from aisecops.codebase.text import CellStart, Text
from aisecops.core.text import inert

LONGEST = 1_000_000
"""Characters of a cell's outputs that are read."""
LONGEST_OF_ALL = 20_000_000
"""Characters of all outputs that are read."""
_MOST_BYTES = 6 * LONGEST
_MOST_OUTPUTS = 2_000
_MOST_OF_ALL = 50_000
_NULL = msgspec.Raw(b"null")
_STREAMS = ("stdout", "stderr")
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
        self.gaps: list[Gap] = []
        self._skipped: dict[tuple[str, int], int] = {}
        self._cell = 0
        self._left = 0
        self._left_of_all = LONGEST_OF_ALL
        self._outputs = 0
        self._stream: list[str] = []
        self._stream_label = ""

    def skipped(self) -> list[Skipped]:
        """What was not read: one for each kind and cell."""
        return [Skipped(label, cell, length) for (label, cell), length in self._skipped.items()]

    def read(self, raw: msgspec.Raw, cell: int) -> None:
        """Read the outputs of cell number ``cell``."""
        self._cell = cell
        self._left = min(LONGEST, self._left_of_all)
        try:
            raws = array(raw)
            self._outputs += len(raws)
            most = _MOST_OUTPUTS if self._outputs < _MOST_OF_ALL else 0
            if len(raws) > most:
                self._gap("truncated", f"has {len(raws):,} outputs; those behind the first {most:,} were not read")
            for piece in raws[:most]:
                if self._left <= 0:
                    break
                for label, content in self._texts(piece):
                    self._keep(label, content)
        except TooMany:
            self._gap("too-large", "has outputs of more values than are read")
        self._flush()

    def _gap(self, code: GapCode, reason: str) -> None:
        self.gaps.append(Gap(code, reason, cell=self._cell))

    def _skip(self, label: str, length: int) -> None:
        key = (inert(label, 80), self._cell)
        self._skipped[key] = self._skipped.get(key, 0) + length

    def _texts(self, piece: msgspec.Raw) -> Iterator[tuple[str, msgspec.Raw]]:
        """Yield what one output says, with what it is."""
        output = struct(piece, _Output)
        if output is None:
            self._gap("bad-input", "has an output that is malformed")
            return
        kind = value(output.output_type)
        if kind == "stream":
            yield str(value(output.name) or value(output.stream) or "stdout"), output.text
        elif kind in ("error", "pyerr"):
            yield "error", _encoded(f"{value(output.ename)}: {value(output.evalue)}")
            yield "traceback", _lines(output.traceback)
        else:
            yield from self._shown(fields(output.data) if size(output.data) > len(_NULL) else fields(piece))

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
        self._add(label, kept)
        if len(kept) < len(content) or size(raw) > _MOST_BYTES:
            self._left = 0
            self._skip(label, max(size(raw) - len(kept), 0))
            self._gap(
                "truncated", f"has outputs of more than {LONGEST:,} characters, or all cells of more than {LONGEST_OF_ALL:,}; the rest was not read"
            )

    def _add(self, label: str, content: str) -> None:
        """Add a text; what a stream wrote piece by piece is one."""
        if label != self._stream_label or label not in _STREAMS:
            self._flush()
        self._stream_label = label
        self._stream.append(content)

    def _flush(self) -> None:
        content = "".join(self._stream)
        if content.strip():
            self.parts.append(Part("output", inert(self._stream_label, 80), self._cell, Text(content, (CellStart(1, self._cell),))))
        self._stream, self._stream_label = [], ""


def _encoded(text: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(text))


def _lines(raw: msgspec.Raw) -> msgspec.Raw:
    """A traceback is a list of lines, or of several at once, without line ends."""
    found = value(raw, LONGEST)
    return _encoded("\n".join(line for line in found if isinstance(line, str))) if isinstance(found, list) else raw


def _has_words(label: str) -> bool:
    return (label.startswith("text/") or label in _TEXTS) and not any(word in label for word in _STATES)


def _json_text(raw: msgspec.Raw) -> str | None:
    """Return JSON that was shown as such, one value a line; text in it as text."""
    found = value(raw, LONGEST)
    if found is None:
        return None
    return found if isinstance(found, str) else msgspec.json.format(msgspec.json.encode(found)).decode()
