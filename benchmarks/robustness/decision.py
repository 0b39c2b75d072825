"""Decision attacks (labels only) on digits: CPU time, calls, queries and median L2 distance a sample, ours beside ART's HopSkipJump, in one process.

    python benchmarks/robustness/decision.py [--samples 200] [--peer-samples 20] [--victims forest,...] [--peer-python PATH]

All attack the same correctly classified samples of the same models, trained here from fixed seeds. Ours runs on all samples at once; ART, which loops over
samples, on the first ``--peer-samples`` of them, and the median ratio is over these. ART has 10 iterations (about 2,370 queries a sample), its default
initialisation (noise), and float64 predictions. Ours starts from the other attacked samples, whose labels it has asked for. A number behind a name is the
limit of queries a sample. ``--peer-python`` runs all of it in an interpreter that has ART and msgspec, ``--peer-samples 0`` without ART.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).parents[2]
VICTIMS = ("forest", "xgboost", "logistic", "pipeline", "svc")


def victim(name: str) -> Any:
    """An untrained model of the comparison."""
    from sklearn.decomposition import PCA
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    if name == "xgboost":
        from xgboost import XGBClassifier

        return XGBClassifier(n_estimators=100, n_jobs=1, random_state=0)
    return {
        "forest": RandomForestClassifier(100, random_state=0, n_jobs=1),
        "logistic": LogisticRegression(max_iter=2000),
        "pipeline": make_pipeline(StandardScaler(), PCA(20, random_state=0), SVC()),
        "svc": SVC(),
    }[name]


class Counted:
    """A fitted classifier as an oracle that counts."""

    name, capabilities = "victim", frozenset({"labels"})

    def __init__(self, model: Any) -> None:
        self.model, self.calls, self.queries = model, 0, 0
        self.classes = tuple(map(str, model.classes_))

    def labels(self, batch: Any) -> Any:
        """The labels, counted."""
        self.calls += 1
        self.queries += len(batch)
        return self.model.predict(batch).astype("int64")


def trained(name: str) -> tuple[Any, Any, Any, Any]:
    """Return the model, correctly classified samples with labels, and held-out samples to start from."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    inputs, labels = load_digits(return_X_y=True)
    train, test, train_labels, test_labels = train_test_split(inputs / 16.0, labels, test_size=0.4, random_state=0)
    model = victim(name).fit(train, train_labels)
    right = model.predict(test) == test_labels
    return model, test[right], test_labels[right].astype("int64"), train[:200]


def hop_skip_jump_of_art(model: Any, samples: Any) -> dict[str, Any]:
    """ART's HopSkipJump, 10 iterations."""
    import numpy as np
    from art.attacks.evasion import HopSkipJump
    from art.estimators.classification import BlackBoxClassifier

    oracle = Counted(model)
    classes = len(oracle.classes)
    wrapped = BlackBoxClassifier(lambda batch: np.eye(classes)[oracle.labels(batch)], samples.shape[1:], classes, clip_values=(0.0, 1.0))
    np.random.seed(0)  # ART draws from it
    attack = HopSkipJump(wrapped, norm=2, max_iter=10, max_eval=10_000, init_eval=100, init_size=100, verbose=False)
    started = time.process_time()
    points = attack.generate(samples)
    seconds = time.process_time() - started
    distance = np.sqrt(((points - samples) ** 2).sum(axis=1))
    distance[model.predict(points) == model.predict(samples)] = np.inf
    return measured(oracle, seconds, distance)


def ours(attack: Callable[..., Any], model: Any, samples: Any, y: Any, starts: Any, queries: int) -> dict[str, Any]:
    """One of our attacks."""
    import numpy as np

    from aisecops.attacks.evasion.attempts import Norm
    from aisecops.attacks.evasion.space import Box

    oracle = Counted(model)
    started = time.process_time()
    attempts = attack(oracle, samples, y, space=Box(), norm=Norm.L2, queries=queries, seed=0, starts=starts)
    seconds = time.process_time() - started
    assert attempts.queries.sum() == oracle.queries
    assert np.all(model.predict(attempts.points[attempts.found]) != y[attempts.found])
    return measured(oracle, seconds, attempts.distance)


def measured(oracle: Counted, seconds: float, distance: Any) -> dict[str, Any]:
    """A row of the table."""
    samples = len(distance)
    return {
        "seconds": seconds / samples,
        "calls": oracle.calls,
        "queries": oracle.queries / samples,
        "distance": [float(value) for value in distance],
    }


def compare(name: str, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """All rows of a victim."""
    from aisecops.attacks.evasion.catalogue import ATTACKS

    model, samples, y, starts = trained(name)
    samples, y = samples[: arguments.samples], y[: arguments.samples]
    starts = starts if arguments.starts else None
    rows = []
    if arguments.peer_samples:
        rows.append({"attack": "ART hop-skip-jump"} | hop_skip_jump_of_art(model, samples[: arguments.peer_samples]))
    for attack, queries in (item.split(":") for item in arguments.attacks.split(",")):
        rows.append({"attack": f"{attack}, {queries}"} | ours(ATTACKS[attack].load(), model, samples, y, starts, int(queries)))
    return [{"victim": name} | row for row in rows]


def table(rows: list[dict[str, Any]], peer_samples: int) -> None:
    """Print rows and the geometric mean of the ratios."""
    import numpy as np

    print(f"{'victim':10}{'attack':36}{'ms/sample':>10}{'calls':>8}{'queries':>9}{'median':>8}{'/ART':>7}{'CPU ART/':>10}")
    ratios: dict[str, list[float]] = {}
    for row in rows:
        peers = [other for other in rows if other["victim"] == row["victim"] and other["attack"].startswith("ART")]
        median, ratio, faster = np.median(row["distance"]), np.nan, np.nan
        if peers:
            ratio = np.median(row["distance"][:peer_samples]) / np.median(peers[0]["distance"])
            faster = peers[0]["seconds"] / row["seconds"]
            ratios.setdefault(row["attack"], []).append(ratio)
        figures = f"{1e3 * row['seconds']:10.2f}{row['calls']:8}{row['queries']:9.0f}{median:8.3f}{ratio:7.2f}{faster:10.1f}"
        print(f"{row['victim']:10}{row['attack']:36}{figures}")
    for attack, values in ratios.items():
        print(f"{attack}: median distance {np.exp(np.mean(np.log(values))):.3f} of ART's (geometric mean over {len(values)} victims)")


def main() -> None:
    """Run here, or in the peers' interpreter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--peer-samples", type=int, default=20)
    parser.add_argument("--victims", default=",".join(VICTIMS))
    parser.add_argument("--attacks", default="cgba:300,cgba:500,cgba:2400,hop-skip-jump:2400", help="NAME:QUERIES,...")
    parser.add_argument("--starts", action="store_true", help="give ours 200 held-out samples to start from, beside the others that it attacks")
    parser.add_argument("--peer-python")
    parser.add_argument("--json", help="write all distances here")
    arguments = parser.parse_args()
    if arguments.peer_python:
        passed = [value for value in sys.argv[1:] if not value.startswith("--peer-python") and value != arguments.peer_python]
        sys.exit(subprocess.call([arguments.peer_python, "-W", "ignore", __file__, *passed], env=os.environ | {"PYTHONPATH": str(ROOT / "src")}))
    rows = [row for name in arguments.victims.split(",") for row in compare(name, arguments)]
    table(rows, arguments.peer_samples)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
