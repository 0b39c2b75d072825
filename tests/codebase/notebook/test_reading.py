"""A notebook's cells as one module, and the texts around them."""

from __future__ import annotations

import ast
import json

import pytest

from aisecops.codebase.notebook import read_notebook
from aisecops.codebase.text import Place
from tests.codebase.notebook.documents import code, markdown, notebook


def unparsed(data: bytes) -> str:
    return ast.unparse(read_notebook(data).python.tree)


def test_cells_become_one_module_whose_places_tell_cell_and_line():
    read = read_notebook(notebook("import os\n", markdown("# Title"), code(["x = 1\n", "y = os"])))
    last = read.python.tree.body[-1]
    assert ast.unparse(last) == "y = os"
    assert read.python.text.at_line(last.lineno, last.col_offset + 1) == Place(2, 1, 3)
    assert read.python.text.line(last.lineno) == "y = os"
    assert [(cell.number, cell.kind) for cell in read.cells] == [(1, "code"), (2, "markdown"), (3, "code")]
    assert [(part.kind, part.cell, part.text.content) for part in read.parts] == [("markdown", 2, "# Title")]
    assert read.gaps == ()


def test_format_3_with_its_worksheets_is_read():
    cells = [
        {
            "cell_type": "code",
            "input": ["a = 1\n", "b = 2"],
            "language": "python",
            "prompt_number": 7,
            "outputs": [{"output_type": "pyout", "text": ["2"], "png": "AAAA"}],
        }
    ]
    read = read_notebook(json.dumps({"nbformat": 3, "metadata": {"name": ""}, "worksheets": [{"cells": cells}, {"cells": cells}]}).encode())
    assert ast.unparse(read.python.tree) == "a = 1\nb = 2\na = 1\nb = 2"
    assert [cell.execution_count for cell in read.cells] == [7, 7]
    assert [(part.label, part.text.content) for part in read.parts] == [("text/plain", "2")] * 2
    assert [skipped.label for skipped in read.skipped] == ["image/png"] * 2


def test_a_cell_that_is_not_python_does_not_take_the_others_with_it():
    read = read_notebook(notebook("a = 1", "b = = 2", "c = 3"))
    assert ast.unparse(read.python.tree.body[0]) == "a = 1"
    assert ast.unparse(read.python.tree.body[-1]) == "c = 3"
    assert read.python.tree.body[-1].lineno == 3
    assert [gap.cell for gap in read.gaps] == [2]


def test_a_text_that_one_cell_opens_and_another_closes_hides_nothing():
    assert "evil()" in unparsed(notebook('x = """', "evil()", '"""'))


def test_await_is_allowed_and_cells_may_be_indented():
    assert unparsed(notebook("x = await f()", "  a = 1\n  b = 2")) == "x = await f()\na = 1\nb = 2"


@pytest.mark.parametrize("metadata", [{"kernelspec": {"name": "ir", "language": "R"}}, {"language_info": {"name": "r"}}])
def test_other_languages_are_texts_and_said_to_be(metadata):
    read = read_notebook(notebook("x <- 1", **metadata))
    assert read.language == "r"
    assert read.python.tree.body == []
    assert [(part.kind, part.label, part.text.content) for part in read.parts] == [("source", "r", "x <- 1")]
    assert [gap.code for gap in read.gaps] == ["no-parser"]


def test_tags_counts_and_cell_languages():
    cell = code("x", execution_count=3, metadata={"tags": ["parameters"]})
    other = code("SELECT 1", metadata={"vscode": {"languageId": "sql"}})
    first, second = read_notebook(notebook(cell, other)).cells
    assert (first.execution_count, first.tags, first.language) == (3, ("parameters",), "python")
    assert second.language == "sql"


def test_files_that_cells_write_keep_their_places():
    read = read_notebook(notebook("x = 1", "%%writefile app/main.py\nimport os\nos.system('x')\n"))
    (written,) = read.files
    assert written.path == "app/main.py"
    assert written.text.at(written.text.content.index("os.system")) == Place(3, 1, 2)
