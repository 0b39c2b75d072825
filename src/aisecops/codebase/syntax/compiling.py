"""Python's own parser, called so that it can do no harm: no warnings, no exceptions, no long search for garbage."""

from __future__ import annotations

import ast
import gc
import sys
from typing import Literal

_FILENAME = "<examined>"
_LARGE = 100_000
"""From so many characters on, Python's search for garbage takes as long as the parsing itself: every node is new, and none is garbage."""

_MANY_FIELDS = 4_000
_MOST_STEPS = 1_000_000_000


def parsed(text: str) -> ast.Module | None:
    """Return the tree of ``text`` as Python itself reads it; None where it refuses."""
    tree = compiled(text, "exec")
    return tree if isinstance(tree, ast.Module) else None


def compiled(text: str, mode: Literal["exec", "eval"]) -> ast.Module | ast.Expression | None:
    """Return the tree of a module or expression; None where Python refuses it. ``await`` may stand anywhere, as in notebooks."""
    if sys.version_info < (3, 12) and text.count("{") > _MANY_FIELDS and _is_slow(text):
        return None
    _silence()
    pause = len(text) > _LARGE and gc.isenabled()
    if pause:
        gc.disable()
    try:
        # Not ast.parse: `dont_inherit` keeps this module's own future imports out.
        tree = compile(text, _FILENAME, mode, ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    finally:
        if pause:
            gc.enable()
    assert isinstance(tree, (ast.Module, ast.Expression))
    return tree


def _is_slow(text: str) -> bool:
    """Whether f-strings would take a parser before 3.12 long: for each field it searches the whole string, so a megabyte of them costs minutes."""
    import re

    cost = 0
    for match in re.finditer(r"""(?i)(?<!\w)(?:rf?|fr?)(\"{3}|'{3}|"|')""", text):
        end = text.find(match[1], match.end())
        end = len(text) if end < 0 else end
        fields = text.count("{", match.end(), end)
        cost += fields * (end - match.end()) if fields > 50 else 0
        if cost > _MOST_STEPS:
            return True
    return False


def _silence() -> None:
    """Keep the parser's warnings about the examined text (an escape that does not exist) to ourselves.

    One filter that concerns only our own file name, put in again wherever somebody took it out: nothing to restore, hence safe with threads.
    """
    import re
    import warnings

    mine = ("ignore", None, Warning, re.compile(_FILENAME), 0)
    if mine not in warnings.filters:
        warnings.filterwarnings("ignore", module=_FILENAME)
