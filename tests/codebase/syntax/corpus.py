"""Python that exists already: the standard library's own files."""

from __future__ import annotations

import ast
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path


def files(count: int, *, seed: int = 4, largest: int = 60_000) -> list[Path]:
    """Return files of the standard library, drawn at random but the same each time."""
    library = Path(sysconfig.get_path("stdlib"))
    found = sorted(path for path in library.rglob("*.py") if "site-packages" not in path.parts and path.stat().st_size < largest)
    return random.Random(seed).sample(found, min(count, len(found)))


def readable(paths: list[Path]) -> Iterator[tuple[Path, str, ast.Module]]:
    """Yield those files that are UTF-8, that Python can parse, and that are without type parameters, with their text and tree."""
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8")
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        if not any(
            getattr(node, "type_params", None) or type(node).__name__ == "TypeAlias" for node in ast.walk(tree)
        ):  # these are expressed otherwise
            yield path, text, tree


def alike(tree: ast.Module) -> str:
    """Return what counts of a tree, to compare it with another."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None
        elif isinstance(node, ast.JoinedStr):  # Python 3.12.1 adds empty texts
            node.values = [value for value in node.values if not (isinstance(value, ast.Constant) and value.value == "")]
    return ast.dump(tree)


def calls(tree: ast.Module) -> list[tuple[int, int, int | None, int | None]]:
    """Return where the calls of a tree stand."""
    return sorted((n.lineno, n.col_offset, n.end_lineno, n.end_col_offset) for n in ast.walk(tree) if isinstance(n, ast.Call))
