"""What a notebook's cells are written in."""

from __future__ import annotations

from typing import Any

from aisecops.codebase.notebook.document import Document, Metadata, value

_PYTHON = ("python", "ipython", "pyspark", "sage", "pypy", "pyodide", "xeus-python", "xpython")
_OF_KERNEL = (("kernelspec", "language"), ("language_info", "name"), ("kernelspec", "name"))
_OF_CELL = (("vscode", "languageId"), ("dotnet_interactive", "language"), ("polyglot_notebook", "kernelName"))


def is_python(language: str) -> bool:
    """Whether a language, or the kernel of that name, is Python."""
    return language.startswith(_PYTHON)


def language_of_kernel(document: Document) -> str:
    """Return the language of a notebook, in lower case; ``python`` if it does not say."""
    for name, key in _OF_KERNEL:
        if found := _named(document.metadata, name, key):
            return found
    for cell in document.cells:  # format 3 and older
        if cell is not None and isinstance(found := value(cell.language), str) and found:
            return found.lower()[:40]
    return "python"


def language_of_cell(metadata: Metadata) -> str:
    """Return the language of a cell where it says so itself and it is not Python; else nothing."""
    for name, key in _OF_CELL:
        if found := _named(metadata, name, key):
            return "" if is_python(found) else found
    return ""


def _named(metadata: Metadata, name: str, key: str) -> str:
    found: Any = value(getattr(metadata, name))
    named = found.get(key) if isinstance(found, dict) else None
    return named.strip().lower()[:40] if isinstance(named, str) else ""
