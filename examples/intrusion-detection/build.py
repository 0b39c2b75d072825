"""Make flows, train the detector and write both into ``build/``: train.csv, test.csv and detector.pkl."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path

import numpy as np
from flows import COLUMNS, keeps_the_rules, make_flows
from training import pipeline

HERE = Path(__file__).parent
BUILD = HERE / "build"


def write_flows(path: Path, flows: dict[str, np.ndarray], attack: np.ndarray) -> None:
    """Write flows and labels as CSV, numbers so that they read back exactly."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, "attack"))
        columns = [_written(flows[name]) for name in COLUMNS]
        writer.writerows(zip(*columns, attack.tolist(), strict=True))


def _written(values: np.ndarray) -> list[object]:
    if values.dtype.kind == "f" and np.all(values == np.rint(values)):
        return values.astype(np.int64).tolist()
    return values.tolist()


def build(target: Path = BUILD, rows: int = 4_000) -> float:
    """Write the project's data and model to ``target``; return the accuracy on the test set."""
    import pandas

    target.mkdir(parents=True, exist_ok=True)
    parts = {"train": make_flows(rows, seed=0), "test": make_flows(rows // 4, seed=1)}
    for name, (flows, attack) in parts.items():
        assert keeps_the_rules(flows).all()
        write_flows(target / f"{name}.csv", flows, attack)
    train, test = (pandas.read_csv(target / f"{name}.csv") for name in parts)
    model = pipeline().fit(train[list(COLUMNS)], train["attack"])
    (target / "detector.pkl").write_bytes(pickle.dumps(model))
    return float(model.score(test[list(COLUMNS)], test["attack"]))


if __name__ == "__main__":
    accuracy = build()
    print(f"built {BUILD}: train.csv, test.csv, detector.pkl (accuracy on the test set {accuracy:.3f})")
