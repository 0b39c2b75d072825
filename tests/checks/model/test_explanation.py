"""What answers rest on, as ``aisecops run`` tells it: a leaked label is found, an honest model is not blamed."""

from __future__ import annotations

import csv
import os

import joblib
import numpy as np
import pytest
import yaml
from sklearn.tree import DecisionTreeClassifier

from aisecops.workflows.run import RunRequest, run

CHECK = "model/explanation"


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    yield
    os.environ.pop("OMP_NUM_THREADS") if before is None else os.environ.update(OMP_NUM_THREADS=before)


def examined(folder, *, leak, n=1500):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n + 800, 5))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    if leak:
        x[:, 3] = y + rng.normal(0, 0.05, len(y))
    joblib.dump(DecisionTreeClassifier(max_depth=7, random_state=0).fit(x[:800], y[:800]), folder / "model.joblib")
    with (folder / "test.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"c{i}" for i in range(5)), "kind"])
        writer.writerows([*map(float, row), int(label)] for row, label in zip(x[800:], y[800:], strict=True))
    declared = {"name": "m", "path": "model.joblib", "data": "test.csv", "label": "kind"}
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared]}))
    record = run(RunRequest(paths=(str(folder),), seed=1, select=(CHECK,)))
    taken = {m.subject: m for m in record.measurements if m.name == "permutation-importance"}
    (steady,) = [m for m in record.measurements if m.name == "explanation-stability"]
    return [finding for finding in record.findings if finding.check == CHECK], taken, steady


def test_a_model_that_has_learned_the_answer_in_disguise_is_found(tmp_path):
    (finding,), taken, _ = examined(tmp_path, leak=True)
    assert finding.category == "opacity"
    assert "but c3 changes" in finding.message
    assert taken["c3"].low > 0.4


def test_an_honest_model_gets_numbers_and_no_blame(tmp_path):
    findings, taken, steady = examined(tmp_path, leak=False)
    assert findings == []
    assert taken["c0"].low > 0.1
    assert taken["c4"].low <= taken["c4"].value <= taken["c4"].high < 0.05
    assert (steady.subject, steady.n) == ("the 3 largest columns", 3)
    assert 2 / 3 <= steady.value <= 1  # two columns count, the third is any of the rest
