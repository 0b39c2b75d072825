"""The Python files of a run: read once in a process, and interpreted as one program."""

from __future__ import annotations

import ast
import gc
import sys
from array import array
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Sequence

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import module_name
from aisecops.codebase.dependencies import Dependencies, is_dependency_file
from aisecops.codebase.syntax import PythonSource, read_python
from aisecops.codebase.syntax.decoding import decode
from aisecops.codebase.syntax.reading import understood
from aisecops.codebase.syntax.skeleton import body, functions_by_line, left_out, outline, outline_size, skeleton
from aisecops.codebase.text import Text
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context
from aisecops.core.settings import CodeSettings
from aisecops.knowledge.libraries import Libraries

_DECLARING = (AssetKind.DEPENDENCY_SET, AssetKind.DEPLOYMENT, AssetKind.CONFIGURATION, AssetKind.SOURCE_FILE)
"""Kinds of files that may say which versions are installed: a Dockerfile, ``setup.py``."""
_FEW, _MANY = 1 << 20, 3 << 20
"""Characters of the outlines of files whose trees are kept for those that import them, in a project of up to, and of more than ``_LARGE_TREE`` files: a tree takes
thirty times as much."""
_LARGE_TREE = 1500
_MOST_LACKING = 1 << 20
"""Bodies of functions of which is known where they stand, a few bytes each: without them, a tree is made again sooner than from the whole file."""
_WHOLE = 3 << 18
"""Characters of files that are kept whole after another has imported them: in a package they are often the next to be examined, and need not be parsed again."""
_MOST_BODIES = 500
"""Bodies of functions of other files that are kept: what one file asks for, the next often asks for, too."""
_MOST_TEXTS = 60
"""Texts of other files that are kept for those bodies."""
_DEPTH = 20_000
"""Calls on Python's stack: a tree nests 200 deep at most, a chain of calls 16 in each of five modules, and each takes a few frames of the interpreter."""


class Sources:
    """The project's Python files (``aisecops.codebase.dataflow.program.Files``), and what it declares of its libraries."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._paths = ctx.paths(AssetKind.SOURCE_FILE)
        self._skeletons: OrderedDict[str, tuple[ast.Module | None, int]] = (
            OrderedDict()
        )  # of a plain one, to find the first costs more each time that it goes
        self._lacking: dict[str, tuple[tuple[int, int], array[int]]] = {}
        """What the outlines of files lack (``aisecops.codebase.syntax.skeleton.left_out``), and of which texts: their characters and lines."""
        self._texts: OrderedDict[str, Text] = OrderedDict()
        self._bodies: OrderedDict[tuple[str, int], list[ast.stmt]] = OrderedDict()
        self._whole: dict[str, tuple[bytes, PythonSource]] = {}
        self._whole_paths: list[str] = []
        """Those of ``_whole``, in ascending order."""
        self._functions: dict[str, dict[int, ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        """The functions of files that are kept whole."""
        self._size = self._bodies_known = self._whole_size = 0
        self._most = _MANY if len(self._paths) > _LARGE_TREE else _FEW
        self._current: tuple[str, PythonSource] | None = None
        self._kinds = {path: kind for kind in _DECLARING for path in ctx.paths(kind) if is_dependency_file(path)}
        self.dependencies = Dependencies(self._kinds, self._declaring)
        self.program = Program(
            self,
            Libraries.load(ctx.settings(CodeSettings).libraries),
            self.dependencies.near,
            large=len(self._paths) > _LARGE_TREE,
            stems=frozenset(module_name(path).rpartition(".")[2] for path in self._paths) | {"__init__"},
        )
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEPTH))
        gc.freeze()
        gc.set_threshold(5_000_000, 10, 10)  # trees are many objects and no circles: looking through them again and again costs more than all checks

    def exists(self, path: str) -> bool:
        """Whether there is a Python file at ``path``."""
        return path in self._paths

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of the file, in which functions may have no bodies; None if it cannot be read."""
        if path not in self._skeletons:
            self._read_skeleton(path)
        else:
            self._skeletons.move_to_end(path)  # the last to be let go
        return self._skeletons[path][0]

    def body(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        """The statements of a function of the file that has no body in its tree."""
        key = path, node.lineno
        found = self._bodies.pop(key, None)
        if found is None:
            found = self._body_of_whole(path, node) or body(self._text(path), node)
        self._bodies[key] = found  # the last to be let go
        if len(self._bodies) > _MOST_BODIES:
            self._bodies.popitem(last=False)
        return found

    def _body_of_whole(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        """The statements of a function of a file that is still kept whole; none otherwise."""
        if path not in self._whole:
            return []
        if path not in self._functions:
            self._functions[path] = functions_by_line(self._whole[path][1].tree)
        there = self._functions[path].get(node.lineno)
        return there.body if there is not None and there.name == node.name else []

    def _text(self, path: str) -> Text:
        text = self._texts.pop(path, None)
        if text is None:
            data = self._ctx.read(AssetKind.SOURCE_FILE, path)
            text = Text(decode(data).text if data is not None else "")
        self._texts[path] = text  # the last to be let go
        if len(self._texts) > _MOST_TEXTS:
            self._texts.popitem(last=False)
        return text

    def source(self, path: str, data: bytes) -> PythonSource:
        """Read the file at ``path``, whole: its tree holds until the next file is read."""
        if self._current is not None and self._current[0] not in self._skeletons:
            self._keep(*self._current)
        self._current = None
        self.program.leave()
        read, source = self._let_go(path)
        self._current = path, source if source is not None and read == data else read_python(data)
        return self._current[1]

    def _read_skeleton(self, path: str) -> None:
        data = self._ctx.read(AssetKind.SOURCE_FILE, path)
        if data is not None and self._read_outline(path, data):
            return
        source = read_python(data) if data is not None else None
        self._keep(path, source)
        if data is not None and source is not None:
            self._keep_whole(path, data, source)

    def _read_outline(self, path: str, data: bytes) -> bool:
        """Read the file without the bodies of its functions, if it is known where they stand."""
        known = self._lacking.get(path) or self._left(path)
        if known is None:
            return False
        of, lacking = known
        text = decode(data).text
        if of != (len(text), text.count("\n")):
            return False
        written = outline(text, lacking)
        again = understood(Text(written))
        if again.parser == "ast":
            self._keep_tree(path, skeleton(again.tree), len(written))
        return again.parser == "ast"

    def _left(self, path: str) -> tuple[tuple[int, int], array[int]] | None:
        """What an earlier run has found the outline of the file to lack."""
        kept = array("I")
        kept.frombytes(self._ctx.outline(AssetKind.SOURCE_FILE, path))
        return ((kept[0], kept[1]), kept[2:]) if kept else None

    def outline_of(self, path: str, source: PythonSource) -> bytes:
        """Return what the outline of the file that is being examined lacks, for later runs; empty for one that has to be read whole."""
        if not _has_outline(source):
            return b""
        lacking = left_out(source.tree)
        self._keep_lacking(path, source.text, lacking)
        return array("I", (*_extent(source.text), *lacking)).tobytes()

    def _keep(self, path: str, source: PythonSource | None) -> None:
        """Keep what is needed of a file that others import. One that was not read as a whole keeps its bodies, since they cannot be read again alone."""
        if source is None:
            self._skeletons[path] = None, 0
        elif _has_outline(source):
            of, lacking = self._lacking.get(path, ((0, 0), _NONE))
            if of != _extent(source.text):
                lacking = array("I", left_out(source.tree))
                self._keep_lacking(path, source.text, lacking)
            self._keep_tree(path, skeleton(source.tree), outline_size(source.text, lacking))
        else:
            self._keep_tree(path, source.tree, len(source.text.content))

    def _keep_lacking(self, path: str, text: Text, lacking: Sequence[int]) -> None:
        self._bodies_known += len(lacking) // 3 - len(self._lacking.pop(path, ((), ()))[1]) // 3
        self._lacking[path] = _extent(text), array("I", lacking)
        while self._bodies_known > _MOST_LACKING:
            self._bodies_known -= len(self._lacking.pop(next(iter(self._lacking)))[1]) // 3

    def _keep_tree(self, path: str, tree: ast.Module, size: int) -> None:
        self._skeletons[path] = tree, size
        self._size += size
        while self._size > self._most and len(self._skeletons) > 1:
            self._size -= self._skeletons.popitem(last=False)[1][1]

    def _keep_whole(self, path: str, data: bytes, source: PythonSource) -> None:
        """Files are examined in the order of their paths: let go of those that lie behind (another process has them, or they were), then of those furthest ahead."""
        here = self._current[0] if self._current is not None else ""
        self._let_go(path)
        self._whole[path] = data, source
        self._whole_size += len(data)
        insort(self._whole_paths, path)
        while self._whole_size > _WHOLE:
            self._let_go(self._whole_paths[bisect_left(self._whole_paths, here) - 1])  # where none lies behind, -1 is the last

    def _let_go(self, path: str) -> tuple[bytes, PythonSource | None]:
        """Keep the file whole no longer, and return it; nothing if it was not kept."""
        if path not in self._whole:
            return b"", None
        del self._whole_paths[bisect_left(self._whole_paths, path)]
        self._functions.pop(path, None)
        data, source = self._whole.pop(path)
        self._whole_size -= len(data)
        return data, source

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


_NONE = array("I")


def _has_outline(source: PythonSource) -> bool:
    return source.parser == "ast" and not source.gaps and "\r" not in source.text.content


def _extent(text: Text) -> tuple[int, int]:
    """The characters and lines by which a text is known again."""
    return len(text.content), text.content.count("\n")


def sources(ctx: Context) -> Sources:
    """Return the files of the run: one object for all tasks of a process."""
    return ctx.once("sources", lambda: Sources(ctx))
