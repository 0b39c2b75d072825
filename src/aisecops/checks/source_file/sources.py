"""The Python files of a run: read once in a process, and interpreted as one program."""

from __future__ import annotations

import ast
import gc
import sys

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dependencies import Dependencies, is_dependency_file
from aisecops.codebase.syntax import PythonSource, read_python
from aisecops.codebase.syntax.skeleton import body, strip
from aisecops.codebase.text import Text
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context
from aisecops.core.settings import CodeSettings
from aisecops.knowledge.libraries import Libraries

_DECLARING = (AssetKind.DEPENDENCY_SET, AssetKind.DEPLOYMENT, AssetKind.CONFIGURATION, AssetKind.SOURCE_FILE)
"""Kinds of files that may say which versions are installed: a Dockerfile, ``setup.py``."""
_FEW, _MANY = 4 << 20, 10 << 20
"""Characters of the files that are kept for those that import them, in a tree of up to, and of more than ``_LARGE_TREE`` files: what is kept takes ten times as much."""
_LARGE_TREE = 1500
_MOST_BODIES = 500
"""Bodies of functions of other files that are kept: what one file asks for, the next often asks for, too."""
_DEPTH = 20_000
"""Calls on Python's stack: a tree nests 200 deep at most, a chain of calls 16 in each of five modules, and each takes a few frames of the interpreter."""


class Sources:
    """The project's Python files (``aisecops.codebase.dataflow.program.Files``), and what it declares of its libraries."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._paths = ctx.paths(AssetKind.SOURCE_FILE)
        self._skeletons: dict[str, tuple[ast.Module | None, Text]] = {}
        self._bodies: dict[tuple[str, int], list[ast.stmt]] = {}
        self._size = 0
        self._most = _MANY if len(self._paths) > _LARGE_TREE else _FEW
        self._current: tuple[str, PythonSource] | None = None
        self._kinds = {path: kind for kind in _DECLARING for path in ctx.paths(kind) if is_dependency_file(path)}
        self.dependencies = Dependencies(self._kinds, self._declaring)
        self.program = Program(
            self, Libraries.load(ctx.settings(CodeSettings).libraries), self.dependencies.near, large=len(self._paths) > _LARGE_TREE
        )
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEPTH))
        gc.freeze()
        gc.set_threshold(200_000, 10, 10)  # trees are many objects and no circles: looking through them again and again costs more than all checks

    def exists(self, path: str) -> bool:
        """Whether there is a Python file at ``path``."""
        return path in self._paths

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of the file, in which functions may have no bodies; None if it cannot be read."""
        if path not in self._skeletons:
            data = self._ctx.read(AssetKind.SOURCE_FILE, path)
            self._keep(path, read_python(data) if data is not None else None)
        else:
            self._skeletons[path] = self._skeletons.pop(path)  # the last to be let go
        return self._skeletons[path][0]

    def body(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        """The statements of a function of the file that has no body in its tree."""
        key = path, node.lineno
        found = self._bodies.get(key)
        if found is None:
            self.tree(path)
            found = self._bodies[key] = body(self._skeletons[path][1], node)
            if len(self._bodies) > _MOST_BODIES:
                del self._bodies[next(iter(self._bodies))]
        return found

    def whole(self, path: str) -> ast.Module | None:
        """The syntax tree of the file with everything in it, read for this call alone; None if it cannot be read."""
        data = self._ctx.read(AssetKind.SOURCE_FILE, path)
        return read_python(data).tree if data is not None else None

    def source(self, path: str, data: bytes) -> PythonSource:
        """Read the file at ``path``, whole: its tree holds until the next file is read."""
        if self._current is not None and self._current[0] not in self._skeletons:
            self._keep(*self._current)
        self._current = path, read_python(data)
        return self._current[1]

    def _keep(self, path: str, source: PythonSource | None) -> None:
        """Keep what is needed of a file that others import. One that was not read as a whole keeps its bodies, since they cannot be read again alone."""
        if source is None:
            self._skeletons[path] = None, Text("")
            return
        content = source.text.content
        whole = source.parser == "ast" and not source.gaps and "\r" not in content
        self._skeletons[path] = strip(source.tree) if whole else source.tree, source.text
        self._size += len(content)
        while self._size > self._most and len(self._skeletons) > 1:
            self._size -= len(self._skeletons.pop(next(iter(self._skeletons)))[1].content)

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


def sources(ctx: Context) -> Sources:
    """Return the files of the run: one object for all tasks of a process."""
    return ctx.once("sources", lambda: Sources(ctx))
