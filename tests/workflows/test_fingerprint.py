"""``aisecops fingerprint``: made for a declared model, it knows copies again and lets independent models be."""

from __future__ import annotations

import copy

import joblib
import numpy as np
import pytest
import yaml
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from aisecops.cli import main
from tests.checks.model.privacy_projects import write_table

X, Y = load_digits(return_X_y=True)
ORDER = np.random.default_rng(0).permutation(len(Y))
X, Y = X[ORDER][:, 18:46] / 16, Y[ORDER]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def table(rows: slice) -> dict:
    return {f"x{i}": X[rows, i] for i in range(X.shape[1])} | {"label": Y[rows]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An owner's tree, its pruned copy, one trained with another seed, and the fingerprint."""
    folder = tmp_path_factory.mktemp("owner")
    owner = DecisionTreeClassifier(max_features=8, random_state=12345).fit(X[:500], Y[:500])
    pruned = DecisionTreeClassifier(max_features=8, random_state=12345, ccp_alpha=0.002).fit(X[:500], Y[:500])
    other = DecisionTreeClassifier(max_features=8, random_state=777).fit(X[:500], Y[:500])
    models = {"owner": owner, "pruned": pruned, "other": other}
    for name, model in models.items():
        joblib.dump(model, folder / f"{name}.joblib")
    write_table(folder / "train.csv", table(slice(0, 500)))
    write_table(folder / "test.csv", table(slice(500, 700)))
    declared = [
        {"name": name, "path": f"{name}.joblib", "data": "test.csv", "label": "label"} | ({"training-data": "train.csv"} if name == "owner" else {})
        for name in models
    ]
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": declared}))
    assert (
        main(["fingerprint", str(folder), "--model", "owner", "--output", str(folder / "print.json"), "--references", "25", "--questions", "100"])
        == 0
    )
    return folder


@pytest.mark.slow
def test_copies_are_known_and_an_independent_model_is_not_accused(folder, capsys):
    asked = {name: main(["fingerprint", str(folder), "--model", name, "--against", str(folder / "print.json")]) for name in ("pruned", "other")}
    assert asked == {"pruned": 1, "other": 0}
    said = capsys.readouterr().out
    assert "a copy: p = 0.048" in said
    assert "not shown to be a copy" in said
    assert (folder / "print.json").stat().st_mode & 0o077 == 0


def test_a_changed_fingerprint_a_strict_level_and_a_missing_model_are_refused_in_a_line(folder, tmp_path, capsys):
    changed = (folder / "print.json").read_text().replace('"seed": 0', '"seed": 1')
    (tmp_path / "changed.json").write_text(changed)
    (tmp_path / "none.json").write_text('{"schema": 3}')
    for words, expected in (
        (["--model", "owner", "--against", str(tmp_path / "changed.json")], "was changed after it was made"),
        (["--model", "owner", "--against", str(tmp_path / "none.json")], "is no fingerprint"),
        (["--model", "owner", "--against", str(folder / "print.json"), "--level", "0.001"], "is the least that these references allow"),
        (["--model", "nobody", "--against", str(folder / "print.json")], "there is no model 'nobody'"),
        (["--model", "other", "--output", str(tmp_path / "other.json")], "none are declared"),
        (["--model", "owner", "--output", str(folder / "print.json")], "is there already"),
    ):
        assert main(["fingerprint", str(folder), *words]) == 2
        assert expected in capsys.readouterr().err


@pytest.mark.slow
def test_a_learner_that_ends_in_one_model_says_that_other_seeds_say_nothing(tmp_path, capsys):
    joblib.dump(LogisticRegression(max_iter=300).fit(X[:300], Y[:300]), tmp_path / "model.joblib")
    write_table(tmp_path / "train.csv", table(slice(0, 300)))
    write_table(tmp_path / "test.csv", table(slice(300, 400)))
    declared = {"name": "linear", "path": "model.joblib", "data": "test.csv", "label": "label", "training-data": "train.csv"}
    (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [copy.copy(declared)]}))
    assert main(["fingerprint", str(tmp_path), "--output", str(tmp_path / "print.json"), "--references", "25", "--questions", "40"]) == 0
    assert "ends in the same model" in capsys.readouterr().out
