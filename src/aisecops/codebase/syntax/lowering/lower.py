"""A whole text, lowered."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from aisecops.codebase.syntax.lowering.shape import STATEMENTS, Exhausted, errors
from aisecops.codebase.syntax.lowering.statements import Statements
from aisecops.codebase.syntax.source import Gap

if TYPE_CHECKING:
    from tree_sitter import Node


NOT_PYTHON = "could not be understood as Python"


class Lowered(NamedTuple):
    """The statements of a text, and what they lack."""

    body: list[ast.stmt]
    gaps: list[Gap]


class Reading:
    """What tree-sitter has read."""

    def __init__(self, data: bytes, root: Node) -> None:
        self.data = data
        self.root = root

    @property
    def sound(self) -> bool:
        """Whether all of it is Python, of some version."""
        return not self.root.has_error

    @property
    def structured(self) -> bool:
        """Whether its errors leave the statements around them whole."""
        root = self.root
        return root.type != "ERROR" and not any(node.type == "ERROR" and node.start_point[0] != node.end_point[0] for node in root.children)

    def lower(self) -> Lowered:
        """Return it as ``ast`` nodes."""
        lowering = Statements(self.data)
        body: list[ast.stmt] = []
        for node in self.root.children:
            try:
                if node.type in STATEMENTS:
                    body += lowering.stmt(node)
                elif node.type == "ERROR":
                    body += lowering.saved(node)
            except Exhausted:
                lowering.gap(node, "has more parts than are analysed")
                break
        return Lowered(body, [*lowering.gaps, *_broken(self.root)])


class Forgiving:
    """A parser that reads anything."""

    def __init__(self) -> None:
        import tree_sitter
        import tree_sitter_python

        self._parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))

    def read(self, text: str) -> Reading:
        """Read a text whose lines end with line feeds."""
        data = text.encode("utf-8", "replace")
        return Reading(data, self._parser.parse(data).root_node)


def _broken(root: Node) -> list[Gap]:
    """Return the lines that the parser had to skip, or to add something to."""
    gaps: list[Gap] = []
    for node in errors(root):
        if node.parent is not None and node.parent.type == "type_parameter":  # a default (Python 3.13), for type checkers only
            continue
        first, last = node.start_point[0] + 1, node.end_point[0] + 1
        if gaps and first <= gaps[-1].last + 1:
            first, last = gaps[-1].first, max(last, gaps.pop().last)
        gaps.append(Gap("bad-input", NOT_PYTHON, first, last))
    return gaps
