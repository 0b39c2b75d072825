"""``if TYPE_CHECKING: from .x import *``: read only where a name may come from there."""

from __future__ import annotations

import ast

import pytest

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Module
from aisecops.codebase.dependencies import NO_VERSIONS
from tests.codebase.programs import Texts, libraries

LAZY = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .loading import *\nelse:\n    import sys\n    sys.modules[__name__] = lazy()\n"
LOADING = "import pickle\ndef load(data):\n    return pickle.loads(data)\n"


class Watched(Texts):
    """A project in memory that notes what is read."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.read: list[str] = []

    def tree(self, path: str) -> ast.Module | None:
        self.read.append(path)
        return super().tree(path)


def examined(path: str, files: dict[str, str]) -> tuple[Module, list[str]]:
    watched = Watched(files)
    module = Program(watched, libraries(), lambda _: NO_VERSIONS).examine(path, ast.parse(files[path]), NO_VERSIONS)
    return module, watched.read


def test_a_package_that_names_its_modules_for_checkers_alone_needs_none_of_them() -> None:
    _, read = examined("pkg/__init__.py", {"pkg/__init__.py": LAZY, "pkg/loading.py": LOADING})
    assert read == []


@pytest.mark.parametrize("uses", ["def run(request):\n    load(request)\n", "load(open('x').read())\n", "class Mine(load): pass\n"])
def test_a_module_that_uses_a_name_from_there_has_it(uses: str) -> None:
    _, read = examined("pkg/__init__.py", {"pkg/__init__.py": LAZY + uses, "pkg/loading.py": LOADING})
    assert read == ["pkg/loading.py"]


def test_whoever_imports_the_package_gets_the_names() -> None:
    main = "import flask\nfrom pkg import load\nload(flask.request.data)\n"
    module, _ = examined("main.py", {"main.py": main, "pkg/__init__.py": LAZY, "pkg/loading.py": LOADING})
    assert [hit.path for hit in module.hits] == ["pickle.loads"]


def test_what_stands_under_not_checking_is_real() -> None:
    text = "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    from .loading import *\n"
    _, read = examined("pkg/__init__.py", {"pkg/__init__.py": text, "pkg/loading.py": LOADING})
    assert read == ["pkg/loading.py"]
