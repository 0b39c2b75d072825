"""Python of other versions, and broken Python, as the ``ast`` nodes of this one: read by tree-sitter, which forgives, and lowered."""

from __future__ import annotations

from aisecops.codebase.syntax.lowering.lower import NOT_PYTHON, Forgiving, Lowered

__all__ = ["NOT_PYTHON", "Forgiving", "Lowered"]
