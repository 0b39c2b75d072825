"""Python source as a syntax tree, whatever its dialect and however broken: one form for everything that reads code."""

from __future__ import annotations

from aisecops.codebase.syntax.compiling import parsed
from aisecops.codebase.syntax.depth import DEEPEST, flatten
from aisecops.codebase.syntax.reading import LARGEST, MOST_SIGNS, read_python, read_text, signs, understood
from aisecops.codebase.syntax.source import Gap, GapCode, Note, PythonSource

__all__ = [
    "DEEPEST",
    "LARGEST",
    "MOST_SIGNS",
    "Gap",
    "GapCode",
    "Note",
    "PythonSource",
    "flatten",
    "parsed",
    "read_python",
    "read_text",
    "signs",
    "understood",
]
