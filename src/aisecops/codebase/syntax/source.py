"""What reading a Python file gives."""

from __future__ import annotations

import ast
from typing import Literal

import msgspec

from aisecops.codebase.text import Text

GapCode = Literal["bad-input", "too-large", "truncated", "no-parser"]


class Gap(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part that could not be understood: it is not in the tree, or only in pieces.

    ``first`` and ``last`` are lines of the text (from 1; 0 if it stands in no line of it); ``cell`` is the notebook's cell, where there is one. ``reason`` does not
    name the place, and goes on behind it (``line 3: is not valid UTF-8``). ``code``, ``reason`` and ``remedy`` are meant for the ``NotExamined`` of a check.
    """

    code: GapCode
    reason: str
    first: int = 0
    last: int = 0
    remedy: str = ""
    cell: int | None = None


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something unusual about a source that could be read all the same. ``code`` is kebab-case and closed: see :mod:`aisecops.codebase.syntax.decoding`."""

    code: str
    message: str
    line: int = 1


class PythonSource:
    """A Python source that has been read.

    Parameters
    ----------
    tree : ast.Module
        What it says. Its nodes are those of Python 3.11 (newer syntax, too, is expressed by them where this Python does not know it), nested no deeper than
        :data:`aisecops.codebase.syntax.depth.DEEPEST`. Empty if nothing was understood: then ``gaps`` says why.
    text : Text
        The decoded text, with the nodes' lines. Columns of the nodes count bytes of UTF-8.
    gaps : tuple of Gap
        What the tree lacks.
    notes : tuple of Note
        What a reader should know: an unusual encoding, names that look like others.
    parser : {"ast", "tree-sitter"}
        Who read it.
    """

    __slots__ = ("_comments", "gaps", "notes", "parser", "text", "tree")

    def __init__(self, tree: ast.Module, text: Text, gaps: tuple[Gap, ...] = (), notes: tuple[Note, ...] = (), parser: str = "ast") -> None:
        self.tree = tree
        self.text = text
        self.gaps = gaps
        self.notes = notes
        self.parser = parser
        self._comments: dict[int, str] | None = None

    @property
    def comments(self) -> dict[int, str]:
        """Line to its comment (from ``#`` on), of files that speak to tools: empty unless ``aisecops:``, ``noqa`` or ``nosec`` stands somewhere in it."""
        if self._comments is None:
            from aisecops.codebase.syntax.comments import comments_for_tools

            self._comments = comments_for_tools(self.text.content)
        return self._comments
