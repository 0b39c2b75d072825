"""The leaks of one program."""

from __future__ import annotations

import ast

from aisecops.codebase.evaluation.files import Files
from aisecops.codebase.evaluation.states import Leak

_LEARNING = (".fit", ".train(", ".backward(", "cross_val")
_WORDS = ("split", "score", "predict", "evaluate")


def may_leak(text: str) -> bool:
    """Whether the program ``text`` both learns and scores: all others are passed over. Of the rest, directly imported modules are read, too."""
    return any(word in text for word in _LEARNING) and any(word in text for word in _WORDS)


def leaks(path: str, tree: ast.Module, text: str, files: Files) -> tuple[Leak, ...]:
    """Return what makes the scores of the program ``tree``, at ``path``, too good: each lesson once, in the order of the text."""
    if not may_leak(text):
        return ()
    from aisecops.codebase.evaluation.statements import Evaluation  # most files neither learn nor score

    found = Evaluation(path, tree, files).leaks()
    return tuple(sorted(found, key=lambda leak: (leak.lesson.line, leak.lesson.column, leak.lesson.kind)))
