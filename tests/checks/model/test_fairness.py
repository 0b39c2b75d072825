"""Fairness as ``aisecops run`` tells it: a model that is unfair, one that is not, and test sets that cannot say."""

from __future__ import annotations

import csv
import os

import joblib
import numpy as np
import pytest
import yaml
from sklearn.linear_model import LogisticRegression

from aisecops.project.manifest import load_manifest
from aisecops.workflows.run import RunRequest, run

CHECK = "model/fairness"


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    yield
    os.environ.pop("OMP_NUM_THREADS") if before is None else os.environ.update(OMP_NUM_THREADS=before)


def lending(n, unfair, seed=0):
    """Income, a district that tells the sex, sex; and who pays back, which is up to the income alone."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["female", "male"], n)
    income = rng.normal(0, 1, n)
    district = np.where(sex == "male", 1.0, 0.0) + rng.normal(0, 0.3, n)
    paid = rng.random(n) < 1 / (1 + np.exp(-3 * income))
    past = paid if not unfair else paid & ((sex == "male") | (rng.random(n) < 0.4))
    return np.stack([income, district], axis=1), sex, paid, past


def examined(folder, *, unfair, n=3000, model=None, **fairness):
    x, sex, paid, past = lending(n + 3000, unfair)
    joblib.dump(LogisticRegression().fit(x[:3000], past[:3000].astype(int)), folder / "model.joblib")
    with (folder / "test.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["income", "district", "sex", "paid"])
        writer.writerows([*map(float, row), s, int(p)] for row, s, p in zip(x[3000:], sex[3000:], paid[3000:], strict=True))
    declared = {
        "name": "lending", "path": "model.joblib", "data": "test.csv", "label": "paid", "columns": ["income", "district"],
        "fairness": {"protected": ["sex"], "population": "applicants of 2025"} | fairness,
    } | (model or {})  # fmt: skip
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared]}))
    record = run(RunRequest(paths=(str(folder),), seed=1, select=(CHECK,)))
    return record, [finding for finding in record.findings if finding.check == CHECK], {(m.name, m.subject): m for m in record.measurements}


def test_an_unfair_model_is_found_though_it_is_not_given_the_column_and_the_proxy_is_named(tmp_path):
    _, (finding,), taken = examined(tmp_path, unfair=True)
    assert finding.category == "unfairness"
    assert "sex = female" in finding.message
    assert "applicants of 2025" in finding.message
    gap = taken["true-positive-rate-gap", ""]
    assert 0.1 < gap.low <= gap.value <= gap.high
    difference = taken["true-positive-rate-difference", "sex = female"]
    assert difference.high < -0.1
    assert taken["proxy-auc", "sex = male by district"].low > 0.9
    assert ("proxy-auc", "sex = male by income") not in taken


def test_a_fair_model_passes_with_numbers_and_without_a_finding(tmp_path):
    record, findings, taken = examined(tmp_path, unfair=False)
    assert findings == []
    assert not [gap for gap in record.not_examined if gap.check == CHECK]
    assert taken["selection-rate-gap", ""].high <= 0.1
    assert taken["selection-rate-ratio", "sex = female"].low > 0.8
    assert ("calibration-difference", "sex = female") in taken


def test_too_few_rows_are_said_to_be_too_few(tmp_path):
    record, findings, _ = examined(tmp_path, unfair=False, n=80)
    assert findings == []
    (gap,) = [gap for gap in record.not_examined if gap.check == CHECK]
    assert gap.code == "no-power"
    assert "more)" in gap.reason


def test_a_personal_column_names_no_values(tmp_path):
    domain = {"columns": [{"name": "income", "type": "real"}, {"name": "district", "type": "real", "personal": True}]}
    record, _, _ = examined(tmp_path, unfair=True, protected=["district"], model={"domain": domain})
    shown = [m.subject for m in record.measurements if m.name.endswith("-difference")]
    assert shown
    assert all("(personal)" in subject for subject in shown)


@pytest.mark.parametrize(("fairness", "words"), [({"favourable": "granted"}, "none of the classes"), ({"metrics": ["goodness"]}, "no fairness metric"),
                                                 ({"protected": ["race"]}, "race")])  # fmt: skip
def test_what_is_declared_wrongly_is_said(tmp_path, fairness, words):
    record, findings, _ = examined(tmp_path, unfair=False, n=100, **fairness)
    (gap,) = [gap for gap in record.not_examined if gap.check == CHECK]
    assert findings == []
    assert words in gap.reason


def test_models_without_protected_columns_are_not_planned_and_images_cannot_have_them(tmp_path):
    record, _, _ = examined(tmp_path, unfair=False, n=50)
    manifest = yaml.safe_load((tmp_path / "aisecops.yaml").read_text())
    manifest["models"][0].pop("fairness")
    (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump(manifest))
    record = run(RunRequest(paths=(str(tmp_path),), seed=1, select=(CHECK,)))
    assert [check.planned for check in record.checks if check.id == CHECK] == [0]
    manifest["models"][0] |= {"fairness": {"protected": ["sex"]}, "task": "image"}
    (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump(manifest))
    with pytest.raises(Exception, match="images"):
        load_manifest(str(tmp_path / "aisecops.yaml"))
