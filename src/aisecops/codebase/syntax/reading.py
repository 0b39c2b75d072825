"""From the bytes of a file to its tree: by Python's own parser where it can, else by one that forgives."""

from __future__ import annotations

import ast
from typing import NamedTuple

from aisecops.codebase.syntax.compiling import parsed
from aisecops.codebase.syntax.decoding import Decoded, decode
from aisecops.codebase.syntax.depth import flatten
from aisecops.codebase.syntax.source import Gap, PythonSource
from aisecops.codebase.text import Text

LARGEST = 10_000_000
"""Bytes of a source that is still parsed: what people write stays two orders of magnitude below."""
MOST_SIGNS = 250_000
"""Signs that a tree has nodes for. At worst they take 1.7 kB each, in what people write a third of that: such a file would have 85,000 lines."""
_SIGNS = ";,\n.(=+-[:{"


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
        return _unread(decoded, Gap("too-large", reason, 1, 1, "Keep data in data files."))
    text = Text(decoded.text)
    found = understood(text)
    return PythonSource(found.tree, text, (*decoded.gaps, *found.gaps), decoded.notes, found.parser)


def read_text(text: Text) -> PythonSource:
    """Read Python source that stands within another file, such as a notebook's cell; the result's places are those of ``text``."""
    found = understood(text)
    return PythonSource(found.tree, text, found.gaps, (), found.parser)


class Understood(NamedTuple):
    """The tree of a text, what it lacks, and who made it."""

    tree: ast.Module
    gaps: tuple[Gap, ...] = ()
    parser: str = "ast"


def understood(text: Text) -> Understood:
    """Return the tree of ``text``: Python's own where it can parse it, else what can be made out."""
    content = text.content
    if len(content) > MOST_SIGNS and signs(content) > MOST_SIGNS:
        last = content.count("\n") + 1
        reason = f"has more than {MOST_SIGNS:,} signs for a tree to hold: it is data rather than a program"
        return Understood(_nothing(), (Gap("too-large", reason, 1, last, "Keep data in data files."),))
    tree = parsed(content)
    if tree is not None:
        return Understood(tree, tuple(flatten(tree, text)))
    return _recovered(text)


def _recovered(text: Text) -> Understood:
    from aisecops.codebase.syntax.recovering import recovered

    last = len(text.starts)
    try:
        found = recovered(text.content)
    except ImportError:
        return Understood(
            _nothing(), (Gap("no-parser", "is not Python that this version of Python can parse", 1, last, "Install tree-sitter-python."),)
        )
    except RecursionError:
        return Understood(_nothing(), (Gap("truncated", "is nested too deeply to be followed", 1, last),))
    tree = ast.Module(found.body, [])
    return Understood(tree, (*found.gaps, *flatten(tree, text)), "tree-sitter")


def signs(content: str) -> int:
    """Return about how many nodes the tree of a text has; more precisely where it may have too many."""
    found = sum(map(content.count, _SIGNS))
    if found <= MOST_SIGNS:
        return found
    from aisecops.codebase.syntax.comments import code_only

    return sum(map(code_only(content).count, _SIGNS))


def _unread(decoded: Decoded, gap: Gap) -> PythonSource:
    return PythonSource(_nothing(), Text(decoded.text), (*decoded.gaps, gap), decoded.notes)


def _nothing() -> ast.Module:
    return ast.Module([], [])
