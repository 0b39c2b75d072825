"""Projects whose model is examined for what it gives away."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import yaml

from aisecops.core.run import Run
from aisecops.workflows.run import RunRequest, run


def write_table(path: Path, columns: dict[str, Any]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True))


def project(folder: Path, model: Any, training: dict[str, Any], test: dict[str, Any], **said: Any) -> Path:
    """A project with a pickled model, its training data and its test set; the label is the column ``label``."""
    folder.mkdir()
    joblib.dump(model, folder / "model.joblib")
    write_table(folder / "train.csv", training)
    write_table(folder / "test.csv", test)
    declared = {"name": "scorer", "path": "model.joblib", "data": "test.csv", "training-data": "train.csv", "label": "label"} | said
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared]}))
    return folder


def ran(folder: Path, *checks: str) -> Run:
    return run(RunRequest(paths=(str(folder),), seed=1, select=checks))


def readings(record: Run) -> dict[tuple[str, str], Any]:
    return {(m.name, m.subject): m for m in record.measurements}
