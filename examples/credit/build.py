"""Train the models and save them in the ways that teams do, into ``build/clean``."""

from __future__ import annotations

import gzip
import pickle
import shutil
import tarfile
from pathlib import Path

import joblib
import numpy as np
from credit.applications import COLUMNS, make_applications
from credit.training import train

HERE = Path(__file__).parent
CLEAN = HERE / "build" / "clean"


def build(target: Path = CLEAN) -> dict[str, float]:
    """Write the project with its models to ``target``; return the area under the ROC curve by model."""
    shutil.rmtree(target, ignore_errors=True)
    models = target / "models"
    models.mkdir(parents=True)
    for source in ("aisecops.yaml", "credit"):
        copy = shutil.copytree if (HERE / source).is_dir() else shutil.copy
        copy(HERE / source, target / source, **({"ignore": shutil.ignore_patterns("__pycache__")} if copy is shutil.copytree else {}))
    X, y = make_applications()
    trained = train(X, y)
    logistic, forest, boosting = (trained[name][0] for name in ("logistic", "forest", "boosting"))
    (models / "logistic.pkl").write_bytes(pickle.dumps(logistic, protocol=4))
    (models / "logistic-protocol-0.pkl").write_bytes(pickle.dumps(logistic, protocol=0))
    joblib.dump(forest, models / "forest.joblib")
    joblib.dump(forest, models / "forest-compressed.joblib", compress=("xz", 3))
    joblib.dump(boosting, models / "boosting.joblib", compress=("zlib", 3))
    with gzip.open(models / "boosting.pkl.gz", "wb") as file:
        pickle.dump(boosting, file)
    np.savez_compressed(models / "reference.npz", X=X[:200], y=y[:200], columns=np.array(COLUMNS))
    with tarfile.open(models / "release-1.0.tar.gz", "w:gz") as archive:
        archive.add(models / "logistic.pkl", "credit-1.0/model.pkl")
        archive.add(target / "credit" / "training.py", "credit-1.0/training.py")
    return {name: auc for name, (_, auc) in trained.items()}


if __name__ == "__main__":
    for name, auc in build().items():
        print(f"{name}: AUC {auc:.3f}")
