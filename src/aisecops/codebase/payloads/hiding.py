"""Statements that stand where nobody looks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from aisecops.codebase.payloads.payload import Payload
from aisecops.codebase.payloads.slices import Slices
from aisecops.codebase.syntax.walking import walk

_GAP = 60
"""Columns of blank space between two statements of a line: past the edge of an editor."""


def hidden(slices: Slices) -> Iterator[Payload]:
    """Yield statements that blank space pushes out of sight."""
    for node in walk(slices.module.tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if not isinstance(block, list) or not block or not isinstance(block[0], ast.stmt):
                continue
            for before, after in pairwise(block):
                if before.end_lineno == after.lineno and after.col_offset - (before.end_col_offset or 0) >= _GAP:
                    yield Payload("out-of-sight", "blank space pushes this statement past the edge of an editor", slices.span(after))
