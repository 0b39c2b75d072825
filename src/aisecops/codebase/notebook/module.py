"""The Python cells of a notebook as one module."""

from __future__ import annotations

import ast
from bisect import bisect_right

from aisecops.codebase.syntax import MOST_SIGNS, Gap, PythonSource, flatten, parsed, signs, understood
from aisecops.codebase.text import CellStart, Text


class Module:
    """Collects cells, and reads them."""

    def __init__(self) -> None:
        self.height = 0
        """Lines so far."""
        self._written: list[str] = []
        self._rewritten: list[str] = []
        self._starts: list[CellStart] = []

    def add(self, cell: int, written: str, rewritten: str) -> int:
        """Add a cell as its author wrote it and as Python; return its last line in the module."""
        self._starts.append(CellStart(self.height + 1, cell))
        self._written.append(written)
        self._rewritten.append(rewritten)
        self.height += written.count("\n") + 1
        return self.height

    def source(self, gaps: tuple[Gap, ...]) -> PythonSource:
        """Parse the cells as one module; where that fails, or would let one cell swallow the next, each for itself."""
        text = Text("\n".join(self._written), self._starts)
        code = Text("\n".join(self._rewritten))
        tree = parsed(code.content) if len(code.content) <= MOST_SIGNS or signs(code.content) <= MOST_SIGNS else None
        if tree is not None and self._is_within_cells(tree):
            return PythonSource(tree, text, (*gaps, *flatten(tree, code)))
        return self._cell_by_cell(text, list(gaps))

    def _is_within_cells(self, tree: ast.Module) -> bool:
        """Whether no statement goes from one cell into another: a string that is opened in one and closed in a later one would hide those between."""
        firsts = [start.first for start in self._starts]
        return all(
            bisect_right(firsts, node.lineno) == bisect_right(firsts, node.end_lineno or node.lineno)
            for node in tree.body
            if node.lineno != node.end_lineno
        )

    def _cell_by_cell(self, text: Text, gaps: list[Gap]) -> PythonSource:
        body: list[ast.stmt] = []
        parser = "ast"
        left = MOST_SIGNS
        for start, source in zip(self._starts, self._rewritten, strict=True):
            left -= signs(source)
            if left < 0:
                gaps.append(Gap("too-large", f"is not analysed: the cells up to here have more than {MOST_SIGNS:,} signs", cell=start.cell))
                continue
            found = understood(Text(source))
            if found.parser != "ast":
                parser = found.parser
            moved = start.first - 1
            gaps += [Gap(gap.code, gap.reason, gap.first + moved, gap.last + moved, gap.remedy, start.cell) for gap in found.gaps]
            ast.increment_lineno(found.tree, moved)
            body += found.tree.body
        return PythonSource(ast.Module(body, []), text, tuple(gaps), (), parser)
