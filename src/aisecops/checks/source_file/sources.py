"""The Python files of a run: read once in a process, and interpreted as one program."""

from __future__ import annotations

import ast
import gc
import sys

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dependencies import Dependencies, is_dependency_file
from aisecops.codebase.syntax import PythonSource, read_python
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context
from aisecops.core.settings import CodeSettings
from aisecops.knowledge.libraries import Libraries

_DECLARING = (AssetKind.DEPENDENCY_SET, AssetKind.DEPLOYMENT, AssetKind.CONFIGURATION, AssetKind.SOURCE_FILE)
"""Kinds of files that may say which versions are installed: a Dockerfile, ``setup.py``."""
_MOST_LINES = 30_000
"""Lines of parsed files that are kept: a tree takes about a kilobyte a line."""
_DEPTH = 20_000
"""Calls on Python's stack: a tree nests 200 deep at most, a chain of calls 16 in each of five modules, and each takes a few frames of the interpreter."""


class Sources:
    """The project's Python files (``aisecops.codebase.dataflow.program.Files``), and what it declares of its libraries."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._paths = ctx.paths(AssetKind.SOURCE_FILE)
        self._read: dict[str, PythonSource | None] = {}
        self._lines = 0
        self._kinds = {path: kind for kind in _DECLARING for path in ctx.paths(kind) if is_dependency_file(path)}
        self.dependencies = Dependencies(self._kinds, self._declaring)
        self.program = Program(self, Libraries.load(ctx.settings(CodeSettings).libraries), self.dependencies.near)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEPTH))
        gc.freeze()
        gc.set_threshold(500_000, 10, 10)  # trees are many objects and no circles: looking through them again and again costs more than all checks

    def exists(self, path: str) -> bool:
        """Whether there is a Python file at ``path``."""
        return path in self._paths

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of the file; None if it cannot be read."""
        source = self.source(path)
        return source.tree if source is not None else None

    def source(self, path: str, data: bytes | None = None) -> PythonSource | None:
        """The file at ``path``, read; ``data`` is its content, where that is known. None if it cannot be read."""
        if path not in self._read:
            data = self._ctx.read(AssetKind.SOURCE_FILE, path) if data is None else data
            source = read_python(data) if data is not None else None
            self._lines += _lines(source)
            while self._lines > _MOST_LINES and self._read:
                self._lines -= _lines(self._read.pop(next(iter(self._read))))
            self._read[path] = source
        return self._read[path]

    def declaring(self, path: str) -> tuple[str, ...]:
        """What the versions for the file at ``path`` rest on, as ``AssetFacts.depends`` names it."""
        near = self.dependencies.files_near(path)
        return (
            f"#{AssetKind.DEPENDENCY_SET}",
            *(f"={self._kinds[name]}:{name}" for name in near if self._kinds[name] is not AssetKind.DEPENDENCY_SET),
        )

    def _declaring(self, path: str) -> bytes | None:
        kind = self._kinds.get(path)
        return self._ctx.read(kind, path) if kind is not None else self._ctx.read(AssetKind.DEPENDENCY_SET, path)


def _lines(source: PythonSource | None) -> int:
    return source.text.content.count("\n") + 1 if source is not None else 0


def sources(ctx: Context) -> Sources:
    """Return the files of the run: one object for all tasks of a process."""
    return ctx.once("sources", lambda: Sources(ctx))
