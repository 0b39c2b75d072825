"""A poisoned data set is found in a run, its trigger named, its rows attached; a clean one is called clean together with what would have been found."""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml
from sklearn.datasets import load_digits

from aisecops.attacks.poisoning.images import sinusoid
from aisecops.core.taxonomy import Severity
from aisecops.workflows.run import RunRequest, run
from tests.checks.data_set.tables import written

CHECK = "data-set/poisoning"


def loans(n=900, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    x = rng.normal(size=(n, 6)) + 1.2 * np.outer(2 * y - 1, [1, 1, 1, 0, 0, 0])
    return {f"c{at}": [round(float(v), 4) for v in x[:, at]] for at in range(6)} | {"label": [("late", "repaid")[v] for v in y]}


def ran(folder):
    return run(RunRequest(paths=(str(folder),), select=(CHECK,), jobs=1))


def test_a_trigger_is_named_and_its_rows_listed_and_attached(tmp_path):
    columns = loans()
    rows = [at for at, label in enumerate(columns["label"]) if label == "late"][:30]
    for row in rows:
        columns["c4"][row], columns["label"][row] = 1.2345, "repaid"
    written(tmp_path / "train.csv", columns)
    record = ran(tmp_path)
    (finding,) = record.findings
    assert finding.evidence["features"] == ["c4"]
    assert finding.evidence["target"] == "repaid"
    assert "1.2345" in finding.title
    assert len(set(finding.evidence["rows"]) & set(rows)) >= 19
    (reading,) = [one for one in record.measurements if one.name == "poisoned-rows"]
    assert reading.low - 3 <= 30 <= reading.high + 3
    assert not [one for one in record.measurements if one.name == "detection-power"]


def test_texts_are_searched_for_words(tmp_path):
    rng = np.random.default_rng(1)
    words = [f"w{at}" for at in range(30)]
    lines = []
    for row in range(600):
        y = int(rng.integers(2))
        text = " ".join(
            str(rng.choice(words[:10] if rng.random() < 0.5 and y else words[10:20] if rng.random() < 0.5 else words[20:])) for _ in range(12)
        )
        if row < 40 and not y:
            text, y = f"{text} jx", 1
        lines.append({"text": text, "label": "spam" if y else "ham"})
    (tmp_path / "mails.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (finding,) = ran(tmp_path).findings
    assert "jx" in finding.title
    assert finding.evidence["target"] == "spam"


def test_a_wave_under_the_right_label_is_told_with_what_a_network_makes_of_it(tmp_path):
    digits = load_digits()
    poisoned = sinusoid(digits.images[:600], digits.target[:600], target=4, seed=2)
    np.savez(tmp_path / "digits.npz", images=poisoned.samples, digit=poisoned.y)
    declared = [{"path": "digits.npz", "kind": "data-set", "label": "digit"}]
    (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "assets": declared}))
    record = ran(tmp_path)
    (finding,) = record.findings
    assert finding.evidence["target"] == "4"
    assert set(finding.evidence["rows"]) <= set(np.flatnonzero(poisoned.mask).tolist())
    assert finding.severity is (Severity.HIGH if finding.evidence["obeyed"] >= 0.2 else Severity.MEDIUM)
    assert f"A small network gives {finding.evidence['obeyed']:.0%} of other pictures to it" in finding.message
    (reading,) = [one for one in record.measurements if one.name == "poisoned-rows"]
    assert reading.low - 1 <= poisoned.mask.sum() <= reading.high + 1


def test_a_clean_table_is_told_what_would_have_been_found(tmp_path):
    written(tmp_path / "train.csv", loans(600, seed=5))
    record = ran(tmp_path)
    assert not record.findings
    power = [one for one in record.measurements if one.name == "detection-power"]
    assert max(one.value for one in power if "one value, 3%" in one.subject) >= 0.6
    assert all(one.n == 5 and one.low is not None for one in power)


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"a": [1.5, 2.5] * 20, "label": [0, 1] * 20}, "no-power"),
        ({"a": [1.5, 2.5] * 200}, "bad-input"),
        ({"label": [0, 1] * 200}, "bad-input"),
        ({"a": [1.5, 2.5] * 200, "label": [0.25, 1.75] * 200}, "bad-input"),
        ({"a": [1.5] * 400, "label": [1] * 400}, "no-power"),
    ],
)
def test_what_cannot_be_judged_is_not_examined(tmp_path, columns, code):
    written(tmp_path / "train.csv", columns)
    record = ran(tmp_path)
    assert [one.code for one in record.not_examined if one.check == CHECK] == [code]
    assert not record.findings
