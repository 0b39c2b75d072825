"""What runs code while it is loaded, in the many ways in which people write it; and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong


@pytest.mark.parametrize("name", ["torch-load", "unpickling", "loading"])
def test_every_marked_line_is_found_and_no_other(name: str, tmp_path: Path) -> None:
    said = wrong(name, tmp_path, "unsafe-deserialization")
    assert not said, "\n" + "\n".join(said)


def severities(folder: Path, text: str) -> list[str]:
    (folder / "load.py").write_text(text)
    run = scan(ScanRequest(paths=(str(folder),), jobs=1, cache=False, select=("source-file/unsafe-deserialization",)))
    return [str(finding.severity) for finding in run.findings]


FROM_OUTSIDE = """
import pickle
from flask import Flask, request
app = Flask(__name__)
@app.post("/")
def load():
    return str(pickle.loads(request.data))
"""


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (FROM_OUTSIDE, "critical"),
        ("import pickle\ndef load(path):\n    return pickle.load(open(path, 'rb'))\n", "high"),
        ("import pickle\nmodel = pickle.load(open('models/model.pkl', 'rb'))\n", "medium"),
        ("import pickle\nPATH = 'model.pkl'\ndef load():\n    with open(PATH, 'rb') as file:\n        return pickle.load(file)\n", "medium"),
        ("import joblib\njoblib.dump({}, 'model.joblib')\nmodel = joblib.load('model.joblib')\n", "low"),
    ],
)
def test_severity_tells_who_can_write_the_file(text: str, severity: str, tmp_path: Path) -> None:
    assert severities(tmp_path, text) == [severity]
