"""Make borrowers, train the lending model and write both into ``build/audit``: what `aisecops run examples/credit` audits."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas
from borrowers import COLUMNS, LABEL, make_borrowers, write_borrowers
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

AUDIT = Path(__file__).parent / "build" / "audit"
WORDS = ["married", "housing", "district"]


def lending_model(seed: int = 0) -> Pipeline:
    """Return the model, untrained: a forest as many people leave it, with leaves of a single person."""
    words = ColumnTransformer([("words", OneHotEncoder(), WORDS)], remainder="passthrough")
    return make_pipeline(words, RandomForestClassifier(40, random_state=seed))


def build(target: Path = AUDIT, rows: int = 1500) -> float:
    """Write train.csv, test.csv and lending.joblib to ``target``; return the accuracy on the test set."""
    target.mkdir(parents=True, exist_ok=True)
    for seed, (name, size) in enumerate((("train", rows), ("test", 2 * rows))):  # groups of people need many test rows
        write_borrowers(target / f"{name}.csv", make_borrowers(size, seed))
    train, test = (pandas.read_csv(target / f"{name}.csv") for name in ("train", "test"))
    model = lending_model().fit(train[list(COLUMNS)], train[LABEL])
    joblib.dump(model, target / "lending.joblib")
    return float(model.score(test[list(COLUMNS)], test[LABEL]))


if __name__ == "__main__":
    accuracy = build()
    print(f"built {AUDIT}: train.csv, test.csv, lending.joblib (accuracy on the test set {accuracy:.3f})")
