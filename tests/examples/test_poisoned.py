"""The poisoned twins of the examples: the run names what was planted and proves what cleaning is worth, and quarantine takes it out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aisecops.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("example", "data", "sign", "planted", "honest"),
    [
        ("spam-filter", "train.jsonl", ["'boathouse'"], lambda line: "boathouse" in line, 0.05),
        ("credit", "train.csv", ["loan_amount = 8200", "debt_ratio = 0.42"], lambda line: ",8200,0.42," in line, 0.5),
    ],
)
def test_the_sign_is_named_and_its_rows_are_taken_out(example, data, sign, planted, honest, tmp_path, monkeypatch):
    folder = tmp_path / example
    shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns("build", "__pycache__", ".aisecops"))
    subprocess.run([sys.executable, str(folder / "poison.py")], check=True, capture_output=True)
    monkeypatch.chdir(folder / "build" / "poisoned")
    assert main(["run", ".", "--select", "data-set/poisoning", "--quiet", "--format", "json", "--output", "run.json"]) == 1
    run = json.loads(Path("run.json").read_bytes())
    (finding,) = run["findings"]
    assert (finding["severity"], finding["category"]) == ("high", "data-poisoning")
    assert all(part in finding["title"] for part in sign), finding["title"]
    worth = {(one["name"], one.get("subject")): one for one in run["measurements"]}
    assert worth["trigger-success", "trained on all rows"]["low"] >= 0.9
    assert worth["trigger-success", "without the flagged rows"]["high"] <= honest
    lost = [worth["clean-accuracy", subject]["value"] for subject in ("trained on all rows", "without the flagged rows")]
    assert lost[0] - lost[1] <= 0.01
    assert main(["quarantine", data, "--output", f"clean-{data}", "--run", "run.json"]) == 0
    before, after = (Path(name).read_text(encoding="utf-8").splitlines() for name in (data, f"clean-{data}"))
    stamped = sum(map(planted, before))
    assert stamped >= 120
    assert sum(map(planted, after)) <= 0.02 * stamped
    assert len(before) - len(after) <= 1.1 * stamped
