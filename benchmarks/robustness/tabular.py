"""Evasion of five intrusion detectors by rows that could exist: share of evasions, of valid ones, cost, queries and CPU time.

The table is that of ``examples/intrusion-detection`` (whole numbers, a one-hot protocol or a category, an immutable flag, one-way columns, derived totals and rates,
relations). Validity is judged by numpy code that shares nothing with the domain. Compared with it: random search with every query repaired; HopSkipJump of ART as
it is, and with its result repaired afterwards (in a Python of its own, by ``--peer-python``).

    python benchmarks/robustness/tabular.py [--samples 100] [--queries 2000] [--peer-python /tmp/peers-robust/bin/python]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import msgspec
import numpy as np

EXAMPLE = Path(__file__).parents[2] / "examples" / "intrusion-detection"
sys.path.insert(0, str(EXAMPLE))

from flows import COLUMNS, PROTOCOLS, keeps_the_rules, make_flows  # noqa: E402
from training import pipeline  # noqa: E402

from aisecops.attacks.evasion.attempts import Norm  # noqa: E402
from aisecops.attacks.evasion.tabular import constrained_search  # noqa: E402
from aisecops.attacks.evasion.tabular.search import Search  # noqa: E402
from aisecops.attacks.evasion.tabular.starting import random_values  # noqa: E402
from aisecops.core.yaml_text import parse_yaml  # noqa: E402
from aisecops.datasets.domain import Column, ColumnType, Domain  # noqa: E402
from aisecops.oracles.budget import Metered  # noqa: E402
from aisecops.oracles.layout import ColumnType as CellType  # noqa: E402
from aisecops.oracles.layout import Layout, LayoutColumn  # noqa: E402
from aisecops.oracles.opening import oracle_of  # noqa: E402

TEST = 2_000


class Case(NamedTuple):
    """A trained model and the table that it eats."""

    name: str
    model: Any
    layout: Layout | None
    domain: Domain
    matrix: Callable[[dict[str, np.ndarray]], np.ndarray]
    flows: Callable[[np.ndarray], dict[str, np.ndarray]]


class ModelEntry(msgspec.Struct):
    """What of the manifest's model this needs."""

    domain: Domain


class Manifest(msgspec.Struct):
    """What of the manifest this needs."""

    models: tuple[ModelEntry, ...]


def manifest_domain() -> Domain:
    """The domain that the example's manifest holds: protocol as a category."""
    path = EXAMPLE / "aisecops.yaml"
    return parse_yaml(path.read_bytes(), Manifest, source=str(path)).models[0].domain


def one_hot_domain() -> Domain:
    """The same for the matrix in which the protocol is one-hot."""
    domain = manifest_domain()
    members = tuple(Column(name=f"protocol_{name}", type=ColumnType.BOOLEAN, group="protocol", cost=10) for name in PROTOCOLS)
    columns = [members if column.name == "protocol" else (column,) for column in domain.columns]
    return msgspec.structs.replace(domain, columns=tuple(column for part in columns for column in part))


def as_categories(flows: dict[str, np.ndarray]) -> np.ndarray:
    """Flows as a matrix, the protocol as a number."""
    return np.column_stack([np.searchsorted(PROTOCOLS, flows[name]) if name == "protocol" else flows[name] for name in COLUMNS]).astype(float)


def from_categories(points: np.ndarray) -> dict[str, np.ndarray]:
    """A matrix as flows; a number that is no protocol stays one that none has."""
    flows = dict(zip(COLUMNS, points.T, strict=True))
    known = np.isin(flows["protocol"], range(len(PROTOCOLS)))
    return {**flows, "protocol": np.where(known, np.array(PROTOCOLS)[np.where(known, flows["protocol"], 0).astype(int)], "none")}


def as_one_hot(flows: dict[str, np.ndarray]) -> np.ndarray:
    """Flows as a matrix, the protocol one-hot."""
    hot = [(flows["protocol"] == name).astype(float) for name in PROTOCOLS]
    return np.column_stack([column for name in COLUMNS for column in (hot if name == "protocol" else [flows[name]])]).astype(float)


def from_one_hot(points: np.ndarray) -> dict[str, np.ndarray]:
    """A matrix as flows; a protocol that is not one-hot is none."""
    hot = points[:, 1:4]
    proper = np.isin(hot, (0, 1)).all(axis=1) & (hot.sum(axis=1) == 1)
    protocol = np.where(proper, np.array(PROTOCOLS)[hot.argmax(axis=1)], "none")
    rest = dict(zip([name for name in COLUMNS if name != "protocol"], np.delete(points, [1, 2, 3], axis=1).T, strict=True))
    return {name: protocol if name == "protocol" else rest[name] for name in COLUMNS}


def cases(seed: int = 0, train: int = 4_000, trees: int = 100) -> list[Case]:
    """Train the five victims on flows of ``seed``."""
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler
    from xgboost import XGBClassifier

    flows, y = make_flows(train, seed=seed)
    rows = as_one_hot(flows)
    matrix = {
        "LogisticRegression": make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression(max_iter=2_000)),
        "RandomForest": RandomForestClassifier(trees, random_state=seed),
        "HistGradientBoosting": HistGradientBoostingClassifier(max_iter=trees, random_state=seed),
        "XGBoost": XGBClassifier(n_estimators=trees, n_jobs=1, random_state=seed),
    }
    found = [Case(name, model.fit(rows, y), None, one_hot_domain(), as_one_hot, from_one_hot) for name, model in matrix.items()]
    import pandas

    frame = pandas.DataFrame(flows)
    return [
        *found,
        Case("DataFrame pipeline", pipeline(trees).fit(frame, y), layout(manifest_domain()), manifest_domain(), as_categories, from_categories),
    ]


def layout(domain: Domain) -> Layout:
    """How the matrix becomes the frame that the pipeline wants."""
    return Layout(columns=tuple(LayoutColumn(name=c.name, type=CellType(c.type.value), categories=c.categories) for c in domain.columns))


def one_way(points: np.ndarray, origin: np.ndarray, domain: Domain) -> np.ndarray:
    """Whether what may move one way only did so: a second, independent look at those columns."""
    at = {name: number for number, name in enumerate(domain.names)}
    kept = points[:, at["from_inside"]] == origin[:, at["from_inside"]]
    for name, least in (("bytes_out", 0.7), ("failed_logins", 0.2), ("ports_tried", 0.05)):
        kept &= points[:, at[name]] >= origin[:, at[name]] * least - 1e-9
    return kept


def random_search(oracle: Any, samples: np.ndarray, y: np.ndarray, *, domain: Domain, pool: np.ndarray, queries: int, seed: int) -> Any:
    """The baseline: random values in a random part of the columns, repaired, asked if cheaper than what is known."""
    search = Search(oracle, samples, y, domain=domain, norm=Norm.COST, queries=queries, target=None, epsilon=None)
    rng = np.random.default_rng(seed)
    search.answers(np.arange(search.n), search.origin)
    for _ in range(4 * queries // 16):
        rows = np.repeat(search.live(), 16)
        if not len(rows):
            break
        chosen = (rng.random((len(rows), search.units)) < rng.random((len(rows), 1))) & search.movable[rows]
        base, values = search.points[rows], random_values(search, rows, pool, rng)
        search.try_out(rows, np.where(search.columns(chosen), base + rng.random((len(rows), 1)) * (values - base), search.origin[rows]))
    return search.attempts()


PEER = """
import pickle, sys, time, warnings
warnings.filterwarnings("ignore")
import numpy as np
from art.attacks.evasion import HopSkipJump
from art.estimators.classification import BlackBoxClassifier
with open(sys.argv[1], "rb") as file: job = pickle.load(file)
process = job["ask"]
def predict(x):
    np.save(job["out"], x.astype(np.float64)); sys.stdout.write("ask\\n"); sys.stdout.flush(); sys.stdin.readline()
    return np.load(job["answer"])
low, high = job["low"].astype(np.float32), job["high"].astype(np.float32)
classifier = BlackBoxClassifier(predict, input_shape=(len(low),), nb_classes=2, clip_values=(low, high))
attack = HopSkipJump(classifier, norm=2, max_iter=10, max_eval=200, init_eval=20, init_size=50, verbose=False)
try:
    result = attack.generate(job["x"].astype(np.float32), x_adv_init=job["init"].astype(np.float32))
except Exception as wrong:
    sys.stdout.write("failed " + type(wrong).__name__ + "\\n"); sys.exit()
np.save(job["result"], result); sys.stdout.write("done\\n")
"""


def art(python: str, oracle: Any, samples: np.ndarray, starts: np.ndarray, domain: Domain) -> np.ndarray | str:
    """ART's HopSkipJump from the nearest ordinary flows, asking the oracle here through files; the examples, or why there are none."""
    import pickle

    ordinary = starts[oracle.labels(starts) == 0]
    scaled = (samples[:, None] - ordinary[None]) / np.maximum(ordinary.std(axis=0), 1e-9)
    begin = ordinary[np.argmin(np.sum(scaled**2, axis=2), axis=1)]

    with tempfile.TemporaryDirectory() as folder:
        names = {name: str(Path(folder) / f"{name}.npy") for name in ("out", "answer", "result")}
        job = {"x": samples, "init": begin, "low": domain.low, "high": domain.high, "ask": None, **names}
        (Path(folder) / "job").write_bytes(pickle.dumps(job))
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(
            [python, "-c", PEER, f"{folder}/job"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        ) as peer:
            assert peer.stdin and peer.stdout
            for line in peer.stdout:
                if line.strip() != "ask":
                    return np.load(names["result"]).astype(float) if line.startswith("done") else line.strip()
                try:
                    labels = oracle.labels(np.load(names["out"]))
                except Exception as wrong:  # whatever the model says to such rows
                    peer.kill()
                    return f"the model refuses its rows ({type(wrong).__name__})"
                np.save(names["answer"], np.eye(2)[labels])
                peer.stdin.write("\n")
                peer.stdin.flush()
        return "it died"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peer-python")
    parser.add_argument("--peer-samples", type=int, default=15)
    options = parser.parse_args()
    print(
        f"{options.samples} detected attacks a victim, at most {options.queries} queries each, seed {options.seed}; cost by the prices in the example's aisecops.yaml"
    )
    print(f"{'victim':22} {'accuracy':>8} {'attack':24} {'evaded':>7} {'valid':>7} {'median cost':>12} {'90 %':>8} {'queries':>8} {'CPU s':>7}")
    for case in cases(options.seed):
        flows, y = make_flows(TEST, seed=options.seed + 1)
        rows = case.matrix(flows)
        oracle = oracle_of(case.model, case.layout, classes=("ordinary", "attack"))
        labels = oracle.labels(rows)
        samples = rows[(y == 1) & (labels == 1)][: options.samples]
        starts = case.matrix(make_flows(500, seed=options.seed + 2)[0])
        domain = case.domain.bounded(np.concatenate((rows, starts)))
        true = np.ones(len(samples), dtype=np.int64)

        def show(
            name: str,
            points: np.ndarray,
            found: np.ndarray,
            cost: np.ndarray,
            queries: float,
            seconds: float,
            *,
            case: Case = case,
            accuracy: float = np.mean(labels == y),
            samples: np.ndarray = samples,
        ) -> None:
            origin = samples[: len(points)]
            valid = keeps_the_rules(case.flows(points)) & one_way(points, origin, case.domain)
            spread = np.quantile(np.where(found, cost, np.inf), [0.5, 0.9], method="higher")
            share = np.mean(valid[found]) if found.any() else np.nan
            print(
                f"{case.name:22} {accuracy:8.3f} {name:24} {np.mean(found):7.1%} {share:7.1%} {spread[0]:12.4f} {spread[1]:8.4f} {queries:8.0f} {seconds:7.2f}",
                flush=True,
            )

        for name, attack in (("constrained search", None), ("random, repaired", random_search)):
            metered = Metered(oracle)
            began = time.process_time()
            if attack is None:
                result = constrained_search(metered, samples, true, space=domain, queries=options.queries, seed=options.seed, starts=starts)
            else:
                result = attack(metered, samples, true, domain=domain, pool=starts, queries=options.queries, seed=options.seed)
            assert metered.ledger.queries == result.queries.sum()
            seconds = time.process_time() - began
            assert np.array_equal(oracle.labels(result.points) != true, result.found)
            show(name, result.points, result.found, result.distance, metered.ledger.queries / len(samples), seconds)
        if options.peer_python:
            few = samples[: options.peer_samples]
            metered = Metered(oracle)
            points = art(options.peer_python, metered, few, starts, domain)
            if isinstance(points, str):
                print(f"{case.name:22} {'':8} {'ART HopSkipJump':24} {points}")
                continue
            spent = metered.ledger.queries / len(few)
            show("ART HopSkipJump", points, oracle.labels(points) != 1, domain.cost(points, few), spent, np.nan)
            repaired = domain.repair(points, few)
            show("  repaired afterwards", repaired, oracle.labels(repaired) != 1, domain.cost(repaired, few), spent, np.nan)


if __name__ == "__main__":
    main()
