"""Broken and hostile source files and notebooks: examined as far as they go, and what was not examined is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aisecops.workflows.scan import ScanRequest, scan

BAD = "import torch\ntorch.load('x', weights_only=False)\n"
LOAD = "torch.load('x', weights_only=False)\n"
FILES: dict[str, tuple[bytes, str, bool]] = {
    "a line of a megabyte": (b"x = [" + b"1, " * 350_000 + b"]\n", "too-large", False),
    "a text of a megabyte": (b'import os\nos.system("' + b"a" * 1_000_000 + b'")\n', "", False),
    "5000 parentheses": (BAD.encode() + b"x = " + b"(" * 5000 + b"1" + b")" * 5000 + b"\n", "truncated", True),
    "5000 signs": (BAD.encode() + b"x = " + b"-" * 5000 + b"1\n", "", True),
    "5000 calls": (BAD.encode() + b"x = a" + b".b()" * 5000 + b"\n", "", True),
    "5000 terms": (BAD.encode() + b"x = " + b"a + " * 5000 + b"1\n", "", True),
    "not UTF-8": (b"# caf\xe9\n" + BAD.encode(), "bad-input", True),
    "a byte order mark": (b"\xef\xbb\xbf" + BAD.encode(), "", True),
    "a null byte": (b"import torch\nx = '\0'\n" + LOAD.encode(), "bad-input", True),
    "UTF-16": (BAD.encode("utf-16"), "bad-input", True),
    "a merge conflict": (b"import torch\n<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n" + LOAD.encode(), "bad-input", True),
    "letters that look alike": ("import torch\ndef \u0430dmin():\n    pass\n".encode() + LOAD.encode(), "", True),
    "Python 2": (b"import torch\nprint 'hello'\n" + LOAD.encode(), "", True),
    "type parameters": (b"import torch\ndef f[T](x: T) -> T: return x\n" + LOAD.encode(), "", True),
    "nested quotes": (b"import torch\nx = f'{d['k']}'\n" + LOAD.encode(), "", True),
    "nothing": (b"", "", False),
}


@pytest.mark.parametrize("name", FILES)
def test_source_files(name: str, tmp_path: Path) -> None:
    data, code, found = FILES[name]
    (tmp_path / "bad.py").write_bytes(data)
    run = scan(ScanRequest(paths=(str(tmp_path),), cache=False, jobs=1))
    assert {gap.code.value for gap in run.not_examined} == ({code} if code else set())
    assert ("unsafe-deserialization" in {finding.category for finding in run.findings}) is found


@pytest.mark.parametrize(
    "text", ['{"cells": [{"cell_type": "code", "source": ["x = ', "[]", "{", '{"cells": 3}', "\ufeff{}", "null", '{"cells": [1, null, {}]}']
)
def test_broken_notebooks_are_said_to_be_broken(text: str, tmp_path: Path) -> None:
    (tmp_path / "bad.ipynb").write_text(text)
    run = scan(ScanRequest(paths=(str(tmp_path),), cache=False, jobs=1))
    assert run.not_examined
    assert "crash" not in {gap.code.value for gap in run.not_examined}


def test_links_in_circles_end(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(BAD)
    os.symlink("loop.py", tmp_path / "loop.py")
    (tmp_path / "inside").mkdir()
    os.symlink("..", tmp_path / "inside" / "up")
    run = scan(ScanRequest(paths=(str(tmp_path),), cache=False, jobs=1))
    assert [asset.path for asset in run.assets] == ["a.py"]


@pytest.mark.slow
def test_a_notebook_of_a_hundred_megabytes(tmp_path: Path) -> None:
    image = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * (100 << 20)}}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": BAD, "outputs": [image]}
    (tmp_path / "huge.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    del image, cell
    command = [
        str(Path(sys.executable).with_name("aisecops")),
        "scan",
        "--quiet",
        "--no-cache",
        "--format",
        "json",
        "--output",
        str(tmp_path / "run.json"),
    ]
    measure = "import resource, subprocess, sys; subprocess.run(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    # A process of its own measures: a child's peak begins with its parent's memory, and this one's is large.
    said = subprocess.run([sys.executable, "-c", measure, *command, str(tmp_path / "huge.ipynb")], capture_output=True, text=True, check=True)
    assert int(said.stdout.split()[-1]) < 500 << 10
    run = json.loads((tmp_path / "run.json").read_bytes())
    assert [(f["category"], f["locations"][0]["cell"], f["locations"][0]["line"]) for f in run["findings"]] == [("unsafe-deserialization", 1, 2)]
