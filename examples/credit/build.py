"""Train the models and save them in the ways that teams do, into ``build/clean``; run as a script, make up customers to mask, too."""

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
from customers import write_customers
from sabotage import notebook

HERE = Path(__file__).parent
CELLS = (
    "# Credit risk\nSplit first; everything that learns stands in one pipeline.",
    (
        "from credit.applications import make_applications\nfrom sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import train_test_split\nfrom sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\nX, y = make_applications()\n"
        "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\n"
        "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)\nprint(model.score(X_test, y_test))",
        "0.83\n",
    ),
)
CLEAN = HERE / "build" / "clean"


def build(target: Path = CLEAN) -> dict[str, float]:
    """Write the project with its models to ``target``; return the area under the ROC curve by model."""
    shutil.rmtree(target, ignore_errors=True)
    models = target / "models"
    models.mkdir(parents=True)
    shutil.copy(HERE / "release.yaml", target / "aisecops.yaml")
    for source in ("credit", "requirements.txt"):
        copy = shutil.copytree if (HERE / source).is_dir() else shutil.copy
        copy(HERE / source, target / source, **({"ignore": shutil.ignore_patterns("__pycache__")} if copy is shutil.copytree else {}))
    (target / "notebooks").mkdir()
    (target / "notebooks" / "explore.ipynb").write_text(notebook(CELLS))
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
    print(f"customers to mask: {write_customers()}")
