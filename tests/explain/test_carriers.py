"""Which columns carry flips, counted by undoing them; and told so in the finding about evasions."""

from __future__ import annotations

import csv
import re

import joblib
import numpy as np
import pytest
import yaml
from sklearn.tree import DecisionTreeClassifier

from aisecops.explain import Carrier, carriers
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.spec import Output
from aisecops.workflows.run import RunRequest, run


def oracle(rule):
    return oracle_of(lambda batch: np.where(rule(batch), "yes", "no"), classes=("no", "yes"), output=Output.LABELS)


BEFORE = np.zeros((4, 4))
AFTER = np.array([[1.0, 0, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0]])


def test_columns_are_counted_alone():
    found = carriers(oracle(lambda x: x[:, 0] + x[:, 1] > 0), BEFORE, AFTER, {"a": [0], "b": [1], "c": [2], "d": [3]})
    assert found == (
        Carrier(column="a", changed=3, undone=2), Carrier(column="b", changed=2, undone=1), Carrier(column="c", changed=1, undone=0),
    )  # fmt: skip


def test_what_needs_two_is_undone_by_either_and_a_group_is_taken_back_together():
    both = carriers(oracle(lambda x: (x[:, 0] > 0) & (x[:, 1] > 0)), BEFORE[2:3], AFTER[2:3], {"a": [0], "b": [1]})
    assert [one.undone for one in both] == [1, 1]
    (group,) = carriers(oracle(lambda x: x[:, 0] + x[:, 1] > 0), BEFORE, AFTER, {"ab": [0, 1]})
    assert group == Carrier(column="ab", changed=4, undone=4)


def test_missing_values_that_stay_are_no_change():
    before, after = np.array([[np.nan, 0.0]]), np.array([[np.nan, 1.0]])
    (one,) = carriers(oracle(lambda x: x[:, 1] > 0), before, after, {"a": [0], "b": [1]})
    assert one.column == "b"


@pytest.mark.parametrize("known", [True, False])
def test_the_finding_says_which_column_carries_the_evasions(tmp_path, monkeypatch, known):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(400, 3))
    y = (x[:, 1] > 0.5).astype(int)
    joblib.dump(DecisionTreeClassifier(max_depth=2, random_state=0).fit(x, y), tmp_path / "model.joblib")
    with (tmp_path / "test.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["height", "weight", "age", "kind"])
        rows.writerows([*map(float, row), int(label)] for row, label in zip(x[:60], y[:60], strict=True))
    declared = {
        "name": "m",
        "path": "model.joblib",
        "data": "test.csv",
        "label": "kind",
        "evasion": {"epsilon": [0.6], "samples": 20, "queries": 200},
    }
    if not known:
        declared |= {"output": "labels"}
    (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared]}))
    record = run(RunRequest(paths=(str(tmp_path),), seed=1, select=("model/evasion",)))
    (finding,) = record.findings
    n = finding.evidence["explained"]
    assert re.search(rf"taking back weight alone {n} of {n} \(100%\)", finding.message)
    taken = {(m.name, m.subject): m for m in record.measurements}
    assert taken["evasion-carried", "weight"].value == 1.0
    assert taken["evasion-carried", "weight"].low > 0.8
    assert taken["evasion-undone", "the first column of each"].value == 1.0
    assert all(name != "evasion-carried" or subject == "weight" or one.value == 0 for (name, subject), one in taken.items())
