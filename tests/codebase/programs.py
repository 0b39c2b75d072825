"""Small programs, interpreted without a scan around them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Module
from aisecops.codebase.dependencies import NO_VERSIONS, declared
from aisecops.knowledge.libraries import Libraries


@cache
def libraries() -> Libraries:
    return Libraries.load()


class Texts:
    """A project in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def exists(self, path: str) -> bool:
        return path in self.files

    def tree(self, path: str) -> ast.Module | None:
        try:
            return ast.parse(self.files[path])
        except SyntaxError:
            return None

    def body(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        return node.body


def interpreted(text: str, versions: Mapping[str, str] | None = None, files: Mapping[str, str] | None = None, path: str = "example.py") -> Module:
    """The module that ``text`` is, at ``path`` of a project that also holds ``files``."""
    pins = "".join(f"{name}=={version}\n" for name, version in (versions or {}).items() if name != "python")
    known = declared({"requirements.txt": pins.encode()}) if pins else NO_VERSIONS
    program = Program(Texts({**(files or {}), path: text}), libraries(), lambda _: known)
    return program.examine(path, ast.parse(text), known)
