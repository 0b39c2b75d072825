"""Python source as a syntax tree, whatever its dialect and however broken: one form for everything that reads code."""

from __future__ import annotations

from aisecops.codebase.syntax.reading import LARGEST, parsed, read_python, understood
from aisecops.codebase.syntax.source import Gap, Note, PythonSource

__all__ = ["LARGEST", "Gap", "Note", "PythonSource", "parsed", "read_python", "understood"]
