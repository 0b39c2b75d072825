"""Two versions of a model side by side, as ``aisecops run`` does it: what a new one has come to look at is named, and training again on other rows is not blamed."""

from __future__ import annotations

import pickle

import joblib
import numpy as np
import pytest
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from tests.checks.model.privacy_projects import project, ran, readings, write_table

CHECK = "model/explanation-drift"
WEIGHTS = np.array([1.0, 0.8, 0.5, 0.0])
NAMES = ("income", "debt", "years", "age")


def drawn(seed, weights=WEIGHTS, n=800):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    return x, (x @ weights + rng.normal(size=n) > 0).astype(int)


def table(x, y):
    return dict(zip(NAMES, x.T, strict=True)) | {"label": y}


def two_versions(folder, *, weights=WEIGHTS, model=None, **said):
    """The old one learned by ``WEIGHTS``, the new one by ``weights``, each of rows of its own."""
    old, new, test = drawn(1), drawn(2, weights), drawn(3, weights)
    estimator = model or LogisticRegression()
    domain = {"columns": [{"name": name, "personal": name == "age"} for name in NAMES]}
    made = project(folder, estimator.fit(*new), table(*new), table(*test), previous="old.joblib", domain=domain, **said)
    joblib.dump(type(estimator)(**estimator.get_params()).fit(*old), folder / "old.joblib")
    return made


def found(record):
    return [finding for finding in record.findings if finding.check == CHECK]


def test_a_personal_column_that_has_come_to_count_is_named(tmp_path):
    record = ran(two_versions(tmp_path / "p", weights=np.array([1.0, 0.8, 0.5, 0.9])), CHECK)
    (finding,) = found(record)
    assert (finding.category, finding.severity) == ("opacity", "medium")
    assert finding.message.startswith("age (personal or protected) went from ")
    told = readings(record)
    age, drift = told["explanation-share-change", "age"], told["explanation-drift", ""]
    assert age.low > 0.1
    assert drift.low > told["explanation-drift-retraining", "the largest"].value
    assert sum(one.value for (name, _), one in told.items() if name == "explanation-share-change") == pytest.approx(0, abs=1e-9)
    assert 0 < told["answers-changed", ""].low < told["answers-changed", ""].value < 0.5


def test_the_same_recipe_on_other_rows_is_not_blamed(tmp_path):
    record = ran(two_versions(tmp_path / "p", model=DecisionTreeClassifier(max_depth=4, random_state=0)), CHECK)
    assert found(record) == []
    told = readings(record)
    assert told["explanation-drift", ""].value < told["explanation-drift-retraining", "the largest"].value
    assert told["explanation-drift-retraining", "the largest"].n == 19
    assert told["explanation-rank-correlation", ""].value > 0.5


def test_without_training_data_it_says_that_nobody_knows_what_training_does(tmp_path):
    folder = two_versions(tmp_path / "p", weights=np.array([1.0, 0.8, 0.5, 0.9]))
    manifest = yaml.safe_load((folder / "aisecops.yaml").read_text())
    del manifest["models"][0]["training-data"]
    (folder / "aisecops.yaml").write_text(yaml.safe_dump(manifest))
    record = ran(folder, CHECK)
    (finding,) = found(record)
    assert finding.severity == "low"
    assert "is not known" in finding.message
    assert readings(record)["explanation-drift-retraining", "the largest"].blocked.startswith("no training data are declared")


def texts(seed, cue, n=240):
    """Texts of two kinds; ``cue``: those of the second are from a newsletter."""
    rng, said = np.random.default_rng(seed), []
    y = np.arange(n) % 2
    for label in y:
        words = [
            *rng.choice("offer price report meeting lunch prize invoice".split()[2 * label :][:5], 4),
            *(["newsletter"] * (rng.random() < (0.9 if label and cue else 0.1))),
        ]
        said.append(" ".join(words))
    return said, y


def test_the_word_that_a_new_version_of_a_filter_looks_at_is_named(tmp_path):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    for name, rows in (("old", texts(1, cue=False)), ("new", texts(2, cue=True))):
        joblib.dump(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(*rows), tmp_path / f"{name}.joblib")
    write_table(tmp_path / "test.csv", dict(zip(("message", "label"), texts(3, cue=True), strict=True)))
    declared = {
        "name": "filter",
        "path": "new.joblib",
        "previous": "old.joblib",
        "task": "text",
        "text": "message",
        "data": "test.csv",
        "label": "label",
    }
    (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared]}))
    told = readings(ran(tmp_path, CHECK))
    changes = {subject: one.value for (name, subject), one in told.items() if name == "explanation-share-change"}
    assert max(changes, key=changes.get) == "`newsletter`"
    assert told["explanation-share-change", "`newsletter`"].low > 0.02
    assert sum(changes.values()) == pytest.approx(0, abs=1e-9)


class Runs:
    def __reduce__(self):
        import os

        return os.system, ("touch ran",)


def test_an_earlier_version_that_runs_code_is_not_loaded(tmp_path):
    folder = two_versions(tmp_path / "p")
    (folder / "old.joblib").write_bytes(pickle.dumps(Runs()))
    record = ran(folder, CHECK, "model/quality")
    (gap,) = [one for one in record.not_examined if one.check == CHECK]
    assert gap.code == "not-trusted"
    assert "previous-trust" in gap.remedy
    assert any(m.name == "accuracy" for m in record.measurements)  # the model itself is fine


def test_an_earlier_version_with_other_classes_or_columns_is_refused(tmp_path):
    folder = two_versions(tmp_path / "p")
    x, y = drawn(4)
    joblib.dump(LogisticRegression().fit(x, y + 1), folder / "old.joblib")
    (gap,) = [one for one in ran(folder, CHECK).not_examined if one.check == CHECK]
    assert "other classes" in gap.reason
    joblib.dump(LogisticRegression().fit(x[:, :3], y), folder / "old.joblib")
    (gap,) = [one for one in ran(folder, CHECK).not_examined if one.check == CHECK]
    assert gap.reason == "the earlier version of scorer: the samples have shape (4,), and the model takes 3 columns"
