"""Which file of the project an import means."""

from __future__ import annotations

import ast

from aisecops.codebase.dataflow.program import find_module


class Files:
    def __init__(self, *paths: str) -> None:
        self.paths = paths

    def exists(self, path: str) -> bool:
        return path in self.paths

    def tree(self, path: str) -> ast.Module | None:
        return None


def test_a_file_that_is_called_like_a_library_does_not_import_itself() -> None:
    assert find_module(Files("app/utilities/redis.py"), "app/utilities/redis.py", "redis") is None


def test_a_file_of_that_name_further_up_is_still_found() -> None:
    files = Files("app/utilities/redis.py", "redis.py")
    assert find_module(files, "app/utilities/redis.py", "redis") == "redis.py"


def test_what_lies_nearest_is_meant() -> None:
    files = Files("app/helpers.py", "helpers.py")
    assert find_module(files, "app/main.py", "helpers") == "app/helpers.py"
