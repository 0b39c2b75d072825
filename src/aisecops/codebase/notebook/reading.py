"""From the bytes of a notebook to one Python module and the texts around it."""

from __future__ import annotations

import ast
from typing import Any

from aisecops.codebase.notebook.document import Document, RawCell, read_document, text_of, value
from aisecops.codebase.notebook.magics import Rewriter
from aisecops.codebase.notebook.outputs import read_outputs, without_data
from aisecops.codebase.notebook.source import Cell, CellKind, Magic, NotebookSource, Part, Skipped, WrittenFile
from aisecops.codebase.syntax import Gap, PythonSource, flatten, parsed, understood
from aisecops.codebase.text import CellStart, Text

LARGEST = 200_000_000
"""Bytes of a notebook that is still read."""
_NULL = b"null"
_MOST_CODE = 10_000_000
_PYTHON = ("python", "ipython", "pyspark", "sage", "pypy", "pyodide", "xeus-python")


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
        text = data[:_MOST_CODE].decode("utf-8", "replace")
        return _nothing(gap, (Part("raw", "malformed", 0, Text(text)),))
    return _Reader(document).read()


def _nothing(gap: Gap, parts: tuple[Part, ...] = ()) -> NotebookSource:
    return NotebookSource(PythonSource(ast.Module(body=[], type_ignores=[]), Text(""), (gap,)), parts=parts)


class _Reader:
    """Goes through the cells of one notebook."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.language = _language(document)
        self.is_python = self.language.startswith(_PYTHON)
        self.databricks = any("databricks" in str(key) for key in document.metadata)
        self.gaps = list(document.gaps)
        self.cells: list[Cell] = []
        self.magics: list[Magic] = []
        self.parts: list[Part] = []
        self.files: list[WrittenFile] = []
        self.skipped: list[Skipped] = []
        self.written: list[str] = []
        self.rewritten: list[str] = []
        self.starts: list[CellStart] = []
        self.line = 1
        self.size = 0

    def read(self) -> NotebookSource:
        """Read all cells."""
        for number, raw in enumerate(self.document.cells, 1):
            if raw is not None:
                self._cell(number, raw)
        foreign = sum(cell.kind == "code" for cell in self.cells) if not self.is_python else 0
        if foreign:
            self.gaps.append(Gap("no-parser", f"its {foreign} code cells are {self.language}, not Python; only searched as text"))
        return NotebookSource(
            self._module(), tuple(self.cells), tuple(self.magics), tuple(self.parts), tuple(self.files), tuple(self.skipped), self.language
        )

    def _cell(self, number: int, raw: RawCell) -> None:
        kind = value(raw.cell_type)
        source = text_of(raw.input if bytes(raw.source) == _NULL else raw.source)
        if source is None:
            self.gaps.append(Gap("bad-input", f"cell {number} has no source that is text", cell=number))
            source = ""
        source = source.replace("\r\n", "\n").replace("\r", "\n") if "\r" in source else source
        if kind == "code":
            self._code(number, raw, source)
        else:
            name: CellKind = "raw" if kind == "raw" else "markdown"
            self.cells.append(Cell(number, name, tags=_tags(value(raw.metadata))))
            self._part(name, kind if isinstance(kind, str) else name, number, without_data(source))
        outputs = read_outputs(raw.outputs, number)
        self.parts += outputs.parts
        self.skipped += outputs.skipped
        self.gaps += outputs.gaps

    def _part(self, kind: CellKind, label: str, number: int, content: str) -> None:
        if content.strip():
            self.parts.append(Part("source" if kind == "code" else kind, label, number, Text(content, (CellStart(1, number),))))

    def _code(self, number: int, raw: RawCell, source: str) -> None:
        metadata = value(raw.metadata)
        language = self.language if self.is_python is False else _cell_language(metadata)
        self.size += len(source)
        if self.size > _MOST_CODE:
            self.gaps.append(
                Gap("too-large", f"the code up to cell {number} is longer than {_MOST_CODE:,} characters; the cell was left out", cell=number)
            )
            return
        count = value(raw.execution_count) or value(raw.prompt_number)
        count = count if isinstance(count, int) and not isinstance(count, bool) else None
        if language:
            self.cells.append(Cell(number, "code", language, 0, 0, count, _tags(metadata)))
            self._part("code", language, number, source)
            return
        rewriter = Rewriter(source, self.line, number, databricks=self.databricks)
        self.rewritten.append(rewriter.rewrite())
        self.written.append(source)
        self.starts.append(CellStart(self.line, number))
        height = source.count("\n") + 1
        self.cells.append(Cell(number, "code", rewriter.language, self.line, self.line + height - 1, count, _tags(metadata)))
        self.magics += rewriter.magics
        self._files(rewriter)
        self.line += height

    def _files(self, rewriter: Rewriter) -> None:
        for magic in rewriter.magics:
            if magic.kind == "cell" and magic.name in ("writefile", "file", "python", "python2", "python3", "pypy"):
                path = magic.command.split()[-1] if magic.command and not magic.name.startswith("py") else ""
                begin = CellStart(1, magic.cell, magic.line - rewriter.first + 2)
                self.files.append(WrittenFile(path, magic.cell, Text(magic.body, (begin,))))

    def _module(self) -> PythonSource:
        """Parse the cells as one module; where that fails, or would let one cell swallow the next, each for itself."""
        text = Text("\n".join(self.written), self.starts)
        firsts = {start.first for start in self.starts}
        code = Text("\n".join(self.rewritten))
        tree = parsed(code.content)
        if tree is not None and _within_cells(tree, sorted(firsts)):
            self.gaps += flatten(tree, code)
            return PythonSource(tree, text, tuple(self.gaps))
        body: list[ast.stmt] = []
        parser = "ast"
        for start, source in zip(self.starts, self.rewritten, strict=True):
            cell = understood(Text(source))
            parser = "tree-sitter" if cell.parser != "ast" else parser
            self.gaps += [_moved(gap, start) for gap in cell.gaps]
            ast.increment_lineno(cell.tree, start.first - 1)
            body += cell.tree.body
        return PythonSource(ast.Module(body=body, type_ignores=[]), text, tuple(self.gaps), parser=parser)


def _moved(gap: Gap, start: CellStart) -> Gap:
    moved = start.first - 1
    return Gap(gap.code, gap.reason, gap.first + moved, gap.last + moved, gap.remedy, start.cell)


def _within_cells(tree: ast.Module, firsts: list[int]) -> bool:
    from bisect import bisect_right

    return all(
        node.lineno == node.end_lineno or bisect_right(firsts, node.lineno) == bisect_right(firsts, node.end_lineno or node.lineno)
        for node in tree.body
    )


def _language(document: Document) -> str:
    metadata = document.metadata
    for name, key in (("kernelspec", "language"), ("language_info", "name"), ("kernelspec", "name")):
        found = metadata.get(name)
        if isinstance(found, dict) and isinstance(found.get(key), str) and found[key].strip():
            return str(found[key]).strip().lower()[:40]
    first = next((value(cell.language) for cell in document.cells if cell is not None and value(cell.language)), None)
    return first.lower()[:40] if isinstance(first, str) else "python"


def _cell_language(metadata: Any) -> str:
    """Return the language of a cell where it says so itself and it is not Python."""
    if not isinstance(metadata, dict):
        return ""
    for name, key in (("vscode", "languageId"), ("dotnet_interactive", "language"), ("polyglot_notebook", "kernelName")):
        found = metadata.get(name)
        if isinstance(found, dict) and isinstance(found.get(key), str):
            language = str(found[key]).lower()
            return "" if language.startswith(_PYTHON) else language[:40]
    return ""


def _tags(metadata: Any) -> tuple[str, ...]:
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
