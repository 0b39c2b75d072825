"""Python source as a syntax tree, whatever its dialect and however broken: one form for everything that reads code."""

from __future__ import annotations

from aisecops.codebase.syntax.reading import LARGEST, read_python
from aisecops.codebase.syntax.source import Gap, Note, PythonSource

__all__ = ["LARGEST", "Gap", "Note", "PythonSource", "read_python"]
