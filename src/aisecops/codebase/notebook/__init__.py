"""Notebooks: their cells as one Python module, their magics, and the texts around them."""

from __future__ import annotations

from aisecops.codebase.notebook.reading import LARGEST, read_notebook
from aisecops.codebase.notebook.source import Cell, Magic, NotebookSource, Part, Skipped, WrittenFile

__all__ = ["LARGEST", "Cell", "Magic", "NotebookSource", "Part", "Skipped", "WrittenFile", "read_notebook"]
