"""From the bytes of a notebook to one Python module and the texts around it."""

from __future__ import annotations

import ast
from typing import Any, Literal

import msgspec

from aisecops.codebase.notebook.document import Document, Metadata, RawCell, metadata, read_document, size, text_of, value
from aisecops.codebase.notebook.languages import is_python, language_of_cell, language_of_kernel
from aisecops.codebase.notebook.magics import Rewriter
from aisecops.codebase.notebook.module import Module
from aisecops.codebase.notebook.outputs import Outputs
from aisecops.codebase.notebook.source import Cell, Magic, NotebookSource, Part, PartKind, Skipped, WrittenFile
from aisecops.codebase.notebook.words import without_data
from aisecops.codebase.syntax import Gap, PythonSource
from aisecops.codebase.text import CellStart, Text
from aisecops.core.text import inert

LARGEST = 200_000_000
"""Bytes of a notebook that is still read."""
_NULL = b"null"
_MOST_SOURCE = 10_000_000
_FILES = ("writefile", "file", "python", "python2", "python3", "pypy")


def read_notebook(data: bytes, *, largest: int = LARGEST) -> NotebookSource:
    """Read a Jupyter notebook (formats 1 to 4, also as Colab and Databricks write them); nothing is run, and no bytes make it fail.

    Parameters
    ----------
    data : bytes
        A file's content.
    largest : int
        A file of more bytes is not read.

    Returns
    -------
    NotebookSource
        Its Python code as one module, its other texts, and what was left out.
    """
    if len(data) > largest:
        return _nothing(
            Gap("too-large", f"is {len(data):,} bytes long; notebooks of more than {largest:,} are not read", remedy="Clear its outputs.")
        )
    document = read_document(data)
    if document is None:
        gap = Gap(
            "bad-input",
            "is not valid JSON of a notebook; only searched as text",
            remedy="Repair the file, for instance a merge that was left half done.",
        )
        text = data[:_MOST_SOURCE].decode("utf-8", "replace")
        return _nothing(gap, (Part("raw", "malformed", 0, Text(text)),))
    return _Reader(document).read()


def _nothing(gap: Gap, parts: tuple[Part, ...] = ()) -> NotebookSource:
    return NotebookSource(PythonSource(ast.Module(body=[], type_ignores=[]), Text(""), (gap,)), parts=parts)


class _Reader:
    """Goes through the cells of one notebook."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.language = language_of_kernel(document)
        self.gaps = list(document.gaps)
        self.cells: list[Cell] = []
        self.magics: list[Magic] = []
        self.parts: list[Part] = []
        self.files: list[WrittenFile] = []
        self.skipped: list[Skipped] = []
        self.outputs = Outputs()
        self.module = Module()
        self.size = 0

    def read(self) -> NotebookSource:
        """Read all cells."""
        if (widgets := size(self.document.metadata.widgets)) > len(_NULL):
            self.skipped.append(Skipped("widgets", 0, widgets))
        for number, raw in enumerate(self.document.cells, 1):
            if raw is not None:
                self._cell(number, raw)
        if not is_python(self.language) and any(cell.kind == "code" for cell in self.cells):
            self.gaps.append(Gap("no-parser", f"has code cells in {inert(self.language, 40)}, which were searched as text only"))
        python = self.module.source((*self.gaps, *self.outputs.gaps))
        parts, skipped = (*self.parts, *self.outputs.parts), (*self.skipped, *self.outputs.skipped())
        return NotebookSource(python, tuple(self.cells), tuple(self.magics), parts, tuple(self.files), skipped, self.language)

    def _cell(self, number: int, raw: RawCell) -> None:
        kind = value(raw.cell_type)
        source = text_of(raw.input if bytes(raw.source) == _NULL else raw.source)
        if source is None:
            self.gaps.append(Gap("bad-input", "has no source that is text", cell=number))
            source = ""
        source = source.replace("\r\n", "\n").replace("\r", "\n") if "\r" in source else source
        self.size += len(source)
        if self.size > _MOST_SOURCE:
            self.gaps.append(Gap("too-large", f"was left out: the cells up to here are longer than {_MOST_SOURCE:,} characters", cell=number))
        elif kind == "code":
            self._code(number, raw, source)
        else:
            self._prose(number, raw, source, kind)
        self.outputs.read(raw.outputs, number)

    def _prose(self, number: int, raw: RawCell, source: str, kind: Any) -> None:
        name: Literal["raw", "markdown"] = "raw" if kind == "raw" else "markdown"
        self.cells.append(Cell(number, name, tags=_tags(metadata(raw.metadata))))
        self._part(name, str(kind or name), number, without_data(source))
        if size(raw.attachments) > len(_NULL):
            self.skipped.append(Skipped("attachments", number, size(raw.attachments)))

    def _part(self, kind: PartKind, label: str, number: int, content: str) -> None:
        if content.strip():
            self.parts.append(Part(kind, inert(label, 40), number, Text(content, (CellStart(1, number),))))

    def _code(self, number: int, raw: RawCell, source: str) -> None:
        found = metadata(raw.metadata)
        language = language_of_cell(found) if is_python(self.language) else self.language
        count = value(raw.execution_count) or value(raw.prompt_number)
        cell = Cell(number, "code", language, 0, 0, count if type(count) is int else None, _tags(found))
        if language:
            self.cells.append(cell)
            self._part("source", language, number, source)
            return
        rewriter = Rewriter(source, self.module.height + 1, number, databricks=self.document.databricks)
        last = self.module.add(number, source, rewriter.rewrite())
        self.cells.append(msgspec.structs.replace(cell, language=rewriter.language, first=rewriter.first, last=last))
        self.magics += rewriter.magics
        self.files += _files(rewriter)


def _files(rewriter: Rewriter) -> list[WrittenFile]:
    """Return the files that a cell writes, and the scripts that it runs in a Python of their own."""
    found: list[WrittenFile] = []
    for magic in rewriter.magics:
        if magic.kind == "cell" and magic.name in _FILES:
            path = magic.command.split()[-1] if magic.command and magic.name in ("writefile", "file") else ""
            begin = CellStart(1, magic.cell, magic.line - rewriter.first + 2)
            found.append(WrittenFile(path, magic.cell, Text(magic.body, (begin,))))
    return found


def _tags(found: Metadata) -> tuple[str, ...]:
    tags = value(found.tags)
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
