"""Lines of code and bytes of files in the HTML report: the very ones that were examined, and never a secret or a person's data."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aisecops.core.digest import digest
from aisecops.core.finding import Location
from aisecops.core.run import Root, Run
from aisecops.report.html import REPORT
from aisecops.report.html.excerpts import excerpts
from aisecops.workflows.scan import ScanRequest, scan
from tests.report.runs import finding, hostile, source

TOKEN = "hf_" + "QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi"
KEY_LINES = ["MIIEpAIBAAKCAQEA" + "x7Qv" * 12, "k9Zp" * 16, "Lm3w" * 16]
KEY = "\n".join(["-----BEGIN RSA PRIVATE " + "KEY-----", *KEY_LINES, "-----END RSA PRIVATE " + "KEY-----"])
APP = f'''import pickle
from flask import Flask, request

app = Flask(__name__)
TOKEN = "{TOKEN}"
KEY = """{KEY}"""
WHO = "maria.keller@gmail.com"
@app.route("/load")
def load():
    data = pickle.load(open(request.args["name"], "rb"))  # maria.keller@gmail.com asked for it
    return eval(data)
'''


class Loads:
    def __reduce__(self) -> Any:
        return os.system, ("true",)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Loads()))
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# A title"},
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": [f'token = "{TOKEN}"\n', "x = eval(input())\n"]},
    ]
    (tmp_path / "look.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return tmp_path


def scanned(tree: Path) -> Run:
    return scan(ScanRequest(paths=(str(tree),), jobs=1, cache=False))


def shown(run: Run, path: str, title: str = "") -> list[dict[str, Any]]:
    """The excerpts of the places of findings in ``path``."""
    told = excerpts(run, run.findings)
    return [one for f in run.findings if f.locations[0].path == path and title in f.title for one in told.get(f.id, {}).get("places", []) if one]


def test_the_line_that_counts_and_those_around_it(tree: Path) -> None:
    run = scanned(tree)
    (place,) = shown(run, "app.py", "Unpickling")
    lines = APP.split("\n")
    assert place["hit"] == [lines.index(next(line for line in lines if "pickle.load" in line)) + 1] * 2
    said = place["lines"]
    assert said[place["hit"][0] - place["first"]] == '    data = pickle.load(open(request.args["name"], "rb"))  # ••• asked for it'
    assert said[0] == '@app.route("/load")'


def test_the_line_of_a_cell(tree: Path) -> None:
    place = shown(scanned(tree), "look.ipynb")[0]
    assert place["lines"][:2] == [None, "x = eval(input())"]
    assert place["hit"] == [2, 2]


def test_the_bytes_of_a_pickle(tree: Path) -> None:
    content = (tree / "model.pkl").read_bytes()
    place = shown(scanned(tree), "model.pkl")[0]
    told = b"".join(bytes.fromhex("".join(digits)) for _, digits, _ in place["rows"])
    assert told == content[place["rows"][0][0] :][: len(told)]
    assert place["rows"][0][0] <= place["hit"] < place["rows"][-1][0] + 16


def test_no_secret_and_no_person_is_in_the_page(tree: Path) -> None:
    run = scanned(tree)
    assert {"secret"} <= {f.category for f in run.findings}
    page = REPORT.render(run, {}).decode()
    assert "pickle.load(open(request.args" in page
    for private in (TOKEN, TOKEN[8:20], "maria.keller", "keller@gmail", *KEY_LINES, KEY_LINES[1][:12]):
        assert private not in page


def test_bytes_of_a_secret_are_covered(tree: Path) -> None:
    content = pickle.dumps({"token": TOKEN, "who": "maria.keller@gmail.com"})
    (tree / "secret.pkl").write_bytes(content)
    base = scanned(tree)
    at = content.index(TOKEN.encode()) + 4
    found = finding("secret.pkl", at)
    ((place,),) = [one["places"] for one in excerpts(msgspec.structs.replace(base, findings=(found,)), [found]).values()]
    digits = {start + index: two for start, row, _ in place["rows"] for index, two in enumerate(row)}
    signs = "".join(row for _, _, row in place["rows"])
    begin = content.index(TOKEN.encode())
    assert {digits[number] for number in range(begin, begin + len(TOKEN)) if number in digits} == {"··"}
    assert "QwEr" not in signs
    assert "maria" not in signs


@pytest.mark.parametrize("change", ["gone", "other", "pipe"])
def test_a_file_that_is_not_what_was_examined_is_not_shown(tree: Path, change: str) -> None:
    run = scanned(tree)
    path = tree / "app.py"
    path.unlink()
    if change == "other":
        path.write_text(APP.replace("import pickle", "import sheval"))
    elif change == "pipe":
        os.mkfifo(path)
    assert shown(run, "app.py") == []
    page = REPORT.render(run, {}).decode()
    assert "Unpickling" in page
    assert "request.args[" not in page


def test_a_record_does_not_lead_out_of_its_root(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "private.py"
    outside.write_text("first = 1\nsecond = 2\n")
    (tree / "link.py").symlink_to(outside)
    content = outside.read_bytes()
    for path in (os.path.relpath(outside, tree), str(outside), "link.py"):
        found = finding(path, None, locations=(Location(path=path, line=1),))
        asset = msgspec.structs.replace(source(path), digest=digest(content), size=len(content))
        run = msgspec.structs.replace(hostile(), assets=(asset,), findings=(found,))
        run = msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, roots=(Root(path=str(tree)),)))
        assert excerpts(run, run.findings) == {}


def test_the_page_is_the_same_each_time(tree: Path) -> None:
    run = scanned(tree)
    assert REPORT.render(run, {}) == REPORT.render(run, {})
