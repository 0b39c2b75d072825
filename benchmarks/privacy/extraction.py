"""Model extraction: queries of an exact copy of linear models, fidelity of copies of a convolutional network and of trees, and what each defence takes from the thief.

    python benchmarks/privacy/extraction.py [--mnist mnist_5k.csv.gz] [--seeds 3] [--defences] [--texts] [--http]

Linear: the least number of queries after which the copy is exact, over d + 1, and the largest error of its weights. Network: that of ``inversion.py``, trained on 2,000
images; the thief has 1,500 others without labels and may ask 200 times; 1,000 more measure fidelity, with a Clopper-Pearson interval over the images of all seeds.
``--defences``: full scores, scores of two decimals and of one, the score of the first class alone, labels alone, for a network, a random forest, boosted trees
and logistic regression of scikit-learn's digits. CPU seconds on one thread.
``--texts``: the filter of ``examples/spam-filter`` (``build.py`` makes it): half of its test messages are the thief's, the others measure, and 1,000 mixtures of them,
which lie nearer to the boundary; with doubtful texts first and without. ``--http``: a linear model, boosted trees and the filter behind a real server on this machine,
asked by the HTTP adapter: what the server saw, beside what the budget says was asked and paid.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import mean
from threading import Thread
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from inversion import CLASSES, images, rate, trained
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.attacks.extraction import Flat, LabelsOnly, Rounded, Top, solve_linear, steal
from aisecops.attacks.extraction.texts import TextThief
from aisecops.oracles.budget import Budget, Metered
from aisecops.oracles.opening import open_model, oracle_of
from aisecops.oracles.oracle import Oracle
from aisecops.oracles.spec import Endpoint, HttpProtocol, ModelSpec, Output


def linear() -> Iterator[str]:
    """One line a data set."""
    for name, load in (("breast cancer", load_breast_cancer), ("wine", load_wine), ("digits", load_digits)):
        X, y = load(return_X_y=True)  # noqa: N806
        X = X[:, X.std(axis=0) > 0]  # noqa: N806
        X = (X - X.mean(axis=0)) / X.std(axis=0)  # noqa: N806
        model = LogisticRegression(max_iter=2000).fit(X, y)
        asked = np.random.default_rng(0).normal(0, 0.3, (2 * X.shape[1] + 20, X.shape[1]))
        answers = oracle_of(model).scores(asked)
        started = time.process_time()
        for queries in range(X.shape[1] + 2, len(asked)):
            copy = solve_linear(asked[:queries], answers[:queries])
            if copy is not None and copy.exact:
                break
        weights = model.coef_ - model.coef_[0] if len(model.coef_) > 1 else np.vstack([np.zeros_like(model.coef_), model.coef_])
        error, same = np.abs(copy.weights - weights).max(), (copy.labels(X) == model.predict(X)).mean()
        spent = time.process_time() - started
        yield f"  {name}, d = {X.shape[1]}: exact after {queries} queries, weights within {error:.1e}, the same label for {same:.1%} ({spent:.2f} CPU s)"


def convolutional(mnist: str | None, seeds: int) -> Iterator[str]:
    """One line a seed, then all."""
    X, y = images(mnist)  # noqa: N806
    parts = (2000, 3500, 4500) if mnist else (700, 1200, 1797)
    agreed = asked = 0
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(y))
        train, pool, judged = order[: parts[0]], order[parts[0] : parts[1]], order[parts[1] : parts[2]] if mnist else order[parts[1] :]
        oracle = Flat(oracle_of(trained(X[train], y[train], seed, 8), classes=CLASSES, shape=X.shape[1:]), X.shape[1:])
        started = time.process_time()
        theft = steal(oracle, X[pool].reshape(len(pool), -1), X[judged].reshape(len(judged), -1), queries=200, seed=seed)
        told = ", ".join(f"{copy.queries}: {copy.fidelity:.3f} ({copy.student})" for copy in theft.copies)
        agreed, asked = agreed + round(theft.copies[-1].fidelity * theft.rows), asked + theft.rows
        yield f"  seed {seed}: {told}; {time.process_time() - started:.1f} CPU s"
    yield f"  after 200 queries: {agreed / asked:.3f}, {rate(agreed, asked)}"


def views(oracle: Oracle) -> dict[str, Oracle]:
    """What a thief may see."""
    return {
        "scores": oracle, "two decimals": Rounded(oracle, 2), "one decimal": Rounded(oracle, 1), "first class": Top(oracle, 1), "labels": LabelsOnly(oracle)
    }  # fmt: skip


def defences(seeds: int) -> Iterator[str]:
    """A table: the mean fidelity over seeds after 100 and 400 queries for each kind of model and each view."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    X, y = load_digits(return_X_y=True)  # noqa: N806
    X = X[:, X.std(axis=0) > 0] / 16  # noqa: N806
    kinds = {
        "logistic regression": lambda _: make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
        "network (32)": lambda seed: MLPClassifier((32,), max_iter=200, random_state=seed),
        "random forest (50)": lambda seed: RandomForestClassifier(50, random_state=seed),
        "boosted trees (30)": lambda seed: HistGradientBoostingClassifier(max_iter=30, early_stopping=False, random_state=seed),
    }
    for kind, make in kinds.items():
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in range(seeds):
            order = np.random.default_rng(seed).permutation(len(y))
            oracle = oracle_of(make(seed).fit(X[order[:600]], y[order[:600]]))
            for view, seen in views(oracle).items():
                fidelity = {copy.queries: copy.fidelity for copy in steal(seen, X[order[600:1100]], X[order[1100:]], queries=400, seed=seed).copies}
                found.setdefault(view, []).append((fidelity[100], fidelity[400]))
        told = ", ".join(f"{view} {mean(a for a, _ in pairs):.3f} / {mean(b for _, b in pairs):.3f}" for view, pairs in found.items())
        yield f"  {kind}: {told}"


FILTER = Path(__file__).parents[2] / "examples" / "spam-filter" / "build"


def filtered() -> tuple[Any, list[str], list[str]]:
    """The filter, the thief's messages, and those that measure."""
    messages = list(dict.fromkeys(json.loads(line)["message"] for line in (FILTER / "test.jsonl").read_text().splitlines()))
    order = np.random.default_rng(0).permutation(len(messages))
    half = len(messages) // 2
    model = pickle.loads((FILTER / "spam_filter.pkl").read_bytes())
    return model, [messages[row] for row in order[:half]], [messages[row] for row in order[half:]]


def texts() -> Iterator[str]:
    """One line for each view, active or not: queries: fidelity on messages / on mixtures of them."""
    model, pool, judged = filtered()
    mixed = TextThief(oracle_of(model), judged, 5).mixed(1000)
    for view, seen in views(oracle_of(model)).items():
        for active in (True, False):
            started = time.process_time()
            thefts = [steal(seen, pool, rows, queries=500, active=active) for rows in (judged, mixed)]
            spent = (time.process_time() - started) / 2
            told = ", ".join(
                f"{one.queries}: {one.fidelity:.1%} / {two.fidelity:.1%}" for one, two in zip(*(theft.copies for theft in thefts), strict=True)
            )
            constant = " / ".join(f"{theft.constant:.0%}" for theft in thefts)
            yield f"  {view}, {'doubtful first' if active else 'at random'}: {told}; always the same answer {constant} ({spent:.1f} CPU s)"


class Counted(ThreadingHTTPServer):
    """Serves a model's probabilities as JSON, and counts."""

    def __init__(self, model: Any) -> None:
        self.samples = self.requests = 0
        counted = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["rows"]
                counted.samples, counted.requests = counted.samples + len(rows), counted.requests + 1
                body = json.dumps({"scores": model.predict_proba(rows).tolist()}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        super().__init__(("127.0.0.1", 0), Answering)


def over_http() -> Iterator[str]:
    """One line a model."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    X, y = load_breast_cancer(return_X_y=True)  # noqa: N806
    model, pool, judged = filtered()
    boosted = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(X[:200], y[:200])
    scaled = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[:200], y[:200])
    for name, served, mine, others in (
        ("logistic regression", scaled, X[200:400], X[400:]),
        ("boosted trees", boosted, X[200:400], X[400:]),
        ("spam filter", model, pool, judged),
    ):
        server = Counted(served)
        Thread(target=server.serve_forever, daemon=True).start()
        endpoint = Endpoint(
            url=f"http://127.0.0.1:{server.server_port}/", protocol=HttpProtocol.JSON, request={"rows": "{instances}"}, answer="scores", authorised_by="who runs this"
        )  # fmt: skip
        classes = tuple(map(str, served.classes_))
        remote = open_model(ModelSpec(name=name, endpoint=endpoint, classes=classes, output=Output.PROBABILITIES, texts=name == "spam filter"))
        asked = Metered(remote, Budget(price=0.01, rate=2000))
        started = time.monotonic()
        theft = steal(asked, mine, others, queries=200, price=0.01, rate=2000)
        spent = time.monotonic() - started
        server.shutdown()
        server.server_close()
        told = ", ".join(f"{copy.queries}: {copy.fidelity:.1%}" for copy in theft.copies)
        last, ledger = theft.copies[-1], asked.ledger
        yield (
            f"  {name}: {told} ({'exact' if theft.exact else last.student}); the thief paid {last.money:.2f} for {last.queries}, and the account has {ledger.queries} "
            f"questions with those to judge by ({ledger.money:.2f}); the server saw {server.samples} samples in {server.requests} requests; {spent:.1f} s"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mnist")
    parser.add_argument("--seeds", type=int, default=3)
    for optional in ("--defences", "--texts", "--http"):
        parser.add_argument(optional, action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("linear models")
    for line in linear():
        print(line, flush=True)
    print("convolutional network, full scores")
    for line in convolutional(arguments.mnist, arguments.seeds):
        print(line, flush=True)
    if arguments.defences:
        print("fidelity after 100 / 400 queries, digits")
        for line in defences(arguments.seeds):
            print(line, flush=True)
    if arguments.texts:
        print("a spam filter, fidelity on messages / on mixtures of messages")
        for line in texts():
            print(line, flush=True)
    if arguments.http:
        print("behind HTTP")
        for line in over_http():
            print(line, flush=True)


if __name__ == "__main__":
    main()
