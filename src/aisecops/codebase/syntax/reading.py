"""From the bytes of a file to its tree: by Python's own parser where it can, else by one that forgives."""

from __future__ import annotations

import ast
import gc
from typing import NamedTuple

from aisecops.codebase.syntax.decoding import Decoded, decode
from aisecops.codebase.syntax.source import Gap, PythonSource
from aisecops.codebase.text import Text

LARGEST = 10_000_000
"""Bytes of a source that is still parsed: what people write stays two orders of magnitude below."""

_FILENAME = "<examined>"
_LARGE = 100_000
"""From so many characters on, Python's search for garbage takes as long as the parsing itself: every node is new, and none is garbage."""


def read_python(data: bytes, *, largest: int = LARGEST) -> PythonSource:
    """Read Python source; nothing is run, and no bytes make it fail.

    Parameters
    ----------
    data : bytes
        A file's content.
    largest : int
        A file of more bytes is not parsed, only decoded.

    Returns
    -------
    PythonSource
        Its tree and text, and what was left out.
    """
    decoded = decode(data)
    if len(data) > largest:
        reason = f"is {len(data):,} bytes long; Python source of more than {largest:,} is not analysed"
        return _empty(decoded, Gap("too-large", reason, 1, 1, "Keep data in data files."))
    found = understood(decoded.text)
    return PythonSource(found.tree, Text(decoded.text), (*decoded.gaps, *found.gaps), decoded.notes, found.parser)


class Understood(NamedTuple):
    """The tree of a text, what it lacks, and who made it."""

    tree: ast.Module
    gaps: tuple[Gap, ...] = ()
    parser: str = "ast"


def understood(text: str) -> Understood:
    """Return the tree of ``text``: Python's own where it can parse it, else what can be made out."""
    tree = parsed(text)
    if tree is not None:
        return Understood(tree)
    return Understood(ast.Module(body=[], type_ignores=[]), (Gap("bad-input", "is not Python that this version can parse", 1, text.count("\n") + 1),))


def parsed(text: str) -> ast.Module | None:
    """Return the tree of ``text`` as Python itself reads it; None where it refuses."""
    _silence()
    pause = len(text) > _LARGE and gc.isenabled()
    if pause:
        gc.disable()
    try:
        # Not ast.parse: `dont_inherit` keeps this module's own future imports out.
        tree = compile(text, _FILENAME, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    finally:
        if pause:
            gc.enable()
    assert isinstance(tree, ast.Module)
    return tree


def _silence() -> None:
    """Keep the parser's warnings about the examined text (an escape that does not exist) to ourselves.

    One filter that concerns only our own file name, put in again wherever somebody took it out: nothing to restore, hence safe with threads.
    """
    import re
    import warnings

    mine = ("ignore", None, Warning, re.compile(_FILENAME), 0)
    if mine not in warnings.filters:
        warnings.filterwarnings("ignore", module=_FILENAME)


def _empty(decoded: Decoded, gap: Gap) -> PythonSource:
    return PythonSource(ast.Module(body=[], type_ignores=[]), Text(decoded.text), (*decoded.gaps, gap), decoded.notes)
