"""Source files and notebooks through a whole scan: places, flows, suppressions, versions, what is kept between runs, and that nothing depends on chance."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from aisecops.core.run import Run
from aisecops.workflows.scan import ScanRequest, scan

LOADER = """\
import torch

def load(path, safe=True):
    return torch.load(path, weights_only=safe)
"""
APP = """\
from service.loading import load

def main(path):
    model = load(path)
    other = load(path, safe=False)
    return model, other
"""


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def scanned(folder: Path, **options: object) -> Run:
    return scan(ScanRequest(paths=(str(folder),), **{"cache": False, **options}))  # type: ignore[arg-type]


def found(run: Run, category: str = "unsafe-deserialization") -> list[tuple[str, int | None]]:
    return sorted((place.path, place.line) for finding in run.findings if finding.category == category for place in finding.locations)


def test_a_wrapper_in_another_module_is_followed(tmp_path: Path) -> None:
    run = scanned(tree(tmp_path, {"app.py": APP, "service/loading.py": LOADER, "service/__init__.py": "", "requirements.txt": "torch==2.7.1\n"}))
    assert found(run) == [("app.py", 5)]
    (finding,) = run.findings
    assert finding.asset == "source-file:app.py"
    assert [(step.path, step.line) for step in finding.flow] == [("app.py", 5), ("service/loading.py", 4)]


def test_the_declared_version_decides(tmp_path: Path) -> None:
    text = "import torch\nmodel = torch.load('model.pt')\n"
    new = scanned(tree(tmp_path / "new", {"load.py": text, "requirements.txt": "torch>=2.6\n"}))
    old = scanned(tree(tmp_path / "old", {"load.py": text, "requirements.txt": "torch==2.5.1\n"}))
    assert (found(new), found(old)) == ([], [("load.py", 2)])


def test_a_suppression_needs_a_reason_and_stays_visible(tmp_path: Path) -> None:
    text = (
        "import torch\n"
        "a = torch.load('a.pt', weights_only=False)  # aisecops: ignore[unsafe-deserialization] written by this job above\n"
        "def f():\n"
        "    # aisecops: ignore[source-file/unsafe-deserialization]: our own registry\n"
        "    return torch.load('b.pt', weights_only=False)\n"
        "def g():\n"
        "    return torch.load('c.pt', weights_only=False)  # aisecops: ignore[unsafe-deserialization]\n"
    )
    folder = tree(tmp_path, {"load.py": text})
    said = {finding.locations[0].line: finding.suppressed for finding in scanned(folder).findings}
    assert said == {2: "written by this job above", 5: "our own registry", 7: ""}
    assert {finding.suppressed for finding in scanned(folder, untrusted=True).findings} == {""}


def test_a_notebook_tells_cell_and_line(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Load"]},
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [], "source": ["%pip install torch==2.7.1\n", "import torch"]},
        {"cell_type": "code", "metadata": {}, "execution_count": 2, "outputs": [], "source": ["x = 1\n", "torch.load('m.pt', weights_only=False)\n"]},
        {"cell_type": "code", "metadata": {}, "execution_count": 3, "outputs": [], "source": ["torch.load('m.pt')"]},
    ]
    tree(tmp_path, {"train.ipynb": json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})})
    run = scanned(tmp_path)
    places = [place for finding in run.findings if finding.category == "unsafe-deserialization" for place in finding.locations]
    assert [(place.cell, place.line) for place in places] == [(3, 2)]


def test_a_leak_through_another_module_is_told_where_it_is_used(tmp_path: Path) -> None:
    prepare = (
        "from sklearn.preprocessing import StandardScaler\n\ndef scaled(table):\n    scaler = StandardScaler()\n    scaler.fit(table)\n"
        "    values = scaler.transform(table)\n    return values\n"
    )
    train = (
        "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import train_test_split\n"
        "from prepare import scaled\n\ndata = pd.read_csv('d.csv')\ny = data.pop('y')\nX = scaled(data)\na, b, c, d = train_test_split(X, y)\n"
        "print(LogisticRegression().fit(a, c).score(b, d))\n"
    )
    run = scanned(tree(tmp_path, {"prepare.py": prepare, "train.py": train}))
    assert found(run, "train-test-leakage") == [("train.py", 8)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_do_not_depend_on_who_comes_first(tmp_path: Path, jobs: int) -> None:
    modules = {
        f"pkg/m{i}.py": f"import torch\nfrom pkg.m{(i + 1) % 9} import load as following\nfrom pkg import m{(i + 4) % 9}\n\n"
        f"def load(path, depth={i}, safe={i % 2 == 0}):\n    if depth:\n        return following(path, depth - 1)\n"
        f"    m{(i + 4) % 9}.load(path, safe=False)\n    return torch.load(path, weights_only=safe)\n"
        for i in range(9)
    }
    folder = tree(tmp_path, modules | {"pkg/__init__.py": ""})
    whole = {finding.id: finding for finding in scanned(folder, jobs=jobs).findings}
    assert whole
    for name in sorted(modules, reverse=True):
        first = tmp_path / "again"
        shutil.rmtree(first, ignore_errors=True)
        tree(first, modules | {"pkg/__init__.py": ""})
        for i, other in enumerate([name, *(m for m in sorted(modules) if m != name)]):  # the order of work follows the size
            (first / other).write_text(modules[other] + "#" * (2000 - 100 * i))
        again = {f.id: msgspec.structs.replace(f) for f in scanned(first, jobs=1).findings}
        assert again == whole


def test_a_kept_result_rests_on_what_the_file_imports(tmp_path: Path) -> None:
    files = {"app.py": APP, "service/loading.py": LOADER, "service/__init__.py": "", "requirements.txt": "torch==2.7.1\n"}
    files |= {f"other/m{i}.py": f"x = {i}\n" for i in range(120)}  # below a hundred files nothing is kept
    folder = tree(tmp_path, files)
    (folder / "aisecops.yaml").write_text("name: cached\n")
    assert found(scanned(folder, cache=True)) == [("app.py", 5)]
    assert found(scanned(folder, cache=True)) == [("app.py", 5)]
    (folder / "service" / "loading.py").write_text(LOADER.replace("weights_only=safe", "weights_only=True"))
    assert found(scanned(folder, cache=True)) == []
    (folder / "service" / "loading.py").unlink()
    (folder / "service" / "loading").mkdir()
    (folder / "service" / "loading" / "__init__.py").write_text(LOADER)
    assert found(scanned(folder, cache=True)) == [("app.py", 5)]
    (folder / "requirements.txt").write_text("torch==2.5.0\n")
    assert found(scanned(folder, cache=True)) == [("app.py", 5), ("service/loading/__init__.py", 4)]
