"""Where a program finds the other modules of its project."""

from __future__ import annotations

import ast
from typing import Protocol


class Files(Protocol):
    """The other modules of the project."""

    def module(self, importer: str, name: str, level: int) -> tuple[str, ast.Module] | None:
        """The path and tree of the module that ``name`` means in the file ``importer``; None if it is none of the project's. Its functions may have no bodies."""

    def body(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        """The statements of a function of that module that has no body in its tree."""
