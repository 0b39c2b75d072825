"""What a quarantine costs: to start, over loading the same model in a fresh interpreter, and for each call, over calling it in the same process.

Aims: at most 0.3 s to start, at most 5 % of a run. Run it as `python benchmarks/robustness/isolation.py`; `--quick` for fewer repetitions. Wall times are the
smallest and the median of several; processor time is of both sides together, which a busy machine distorts less.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from aisecops.isolation.in_process import InProcess
from aisecops.isolation.quarantine import Quarantine

HERE = os.path.dirname(os.path.abspath(__file__))
BATCHES = ((1, 30), (1000, 30), (200, 784))


class Model:
    """A scikit-learn model that answers with its scores and the processor time spent so far."""

    def __init__(self, path: str) -> None:
        import joblib

        self._predict = joblib.load(path).predict_proba

    def answer(self, method, values, arrays):  # noqa: ARG002
        return {"cpu": time.process_time()}, {"scores": self._predict(arrays["x"])} if arrays else {}


def serve(request):
    return Model(request["path"])


def fit(kind: str, columns: int, path: str) -> None:
    """Fit a small model of ``kind`` and save it."""
    import joblib
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, columns))
    y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(int)
    models = {
        "logistic regression": LogisticRegression(),
        "random forest (100)": RandomForestClassifier(100, random_state=0),
        "gradient boosting (100)": HistGradientBoostingClassifier(max_iter=100, random_state=0),
    }
    joblib.dump(models[kind].fit(x, y), path)


def starts(path: str, times: int) -> None:
    """Print what starting costs. The processor time of the fresh interpreter holds its own start, as that of the quarantine does; the wall time does not."""
    print(
        f"smallest (median) of {times}, seconds: wall time to load in a running interpreter, and in a quarantine; processor time of a fresh interpreter, and of one"
    )
    print(f"{'start':<26}{'loaded':>16}{'quarantine':>16}{'over it':>9}{'interpreter':>16}{'quarantine':>16}{'over it':>9}")
    for name, entry, request in (("nothing", "aisecops.isolation.echo:serve", {}), ("a random forest", "isolation:serve", {"path": path})):
        found: dict[str, list[float]] = {"alone": [], "alone cpu": [], "held": [], "held cpu": []}
        for _ in range(times):
            for side, start in (("alone", lambda: _in_a_fresh_interpreter(entry, request)), ("held", lambda: _quarantined(entry, request, path))):  # noqa: B023
                before = _processor()
                found[side].append(start())
                found[f"{side} cpu"].append(_processor() - before)
        row = f"{name:<26}"
        for alone, held in (("alone", "held"), ("alone cpu", "held cpu")):
            row += "".join(f"{f'{min(found[side]):.3f} ({statistics.median(found[side]):.3f})':>16}" for side in (alone, held))
            row += f"{min(found[held]) - min(found[alone]):>9.3f}"
        print(row)


def _in_a_fresh_interpreter(entry: str, request: dict[str, str]) -> float:
    code = (
        f"import sys, time; sys.path.insert(0, {HERE!r}); from aisecops.isolation.in_process import InProcess; began = time.perf_counter();"
        f" InProcess({entry!r}, {request!r}); print(time.perf_counter() - began)"
    )
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def _quarantined(entry: str, request: dict[str, str], path: str) -> float:
    began = time.perf_counter()
    quarantine = Quarantine(entry, request, readable=[HERE, path], allow_weak=True)
    took = time.perf_counter() - began
    quarantine.close()
    return took


def calls(kind: str, shape: tuple[int, int], path: str, seconds: float) -> None:
    """Print what a call costs."""
    fit(kind, shape[1], path)
    x = np.random.default_rng(1).normal(size=shape)
    with (
        InProcess("isolation:serve", {"path": path}) as here,
        Quarantine("isolation:serve", {"path": path}, readable=[HERE, path], allow_weak=True) as there,
    ):
        sides = {}
        for side in (here, there):
            for _ in range(3):
                side.call("scores", {}, {"x": x})
        rounds = 60
        count = max(1, int(seconds / rounds / _once(lambda: here.call("scores", {}, {"x": x}))))
        found: dict[str, list[tuple[float, float]]] = {"here": [], "there": []}
        for _ in range(rounds):
            for name, side in (("here", here), ("there", there)):
                found[name].append(_measured(side, x, count, other=side is there))
        sides = {name: (min(w for w, _ in pairs), min(c for _, c in pairs)) for name, pairs in found.items()}
    (wall, cpu), (held_wall, held_cpu) = sides["here"], sides["there"]
    print(
        f"{kind:<26}{'x'.join(map(str, shape)):>9}{wall * 1e3:>12.3f}{held_wall * 1e3:>12.3f}{(held_wall / wall - 1):>9.1%}"
        f"{cpu * 1e3:>12.3f}{held_cpu * 1e3:>12.3f}{(held_cpu / cpu - 1):>9.1%}"
    )


def _once(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _measured(side: InProcess | Quarantine, x: np.ndarray, count: int, *, other: bool) -> tuple[float, float]:
    """Wall and processor time of one call, the mean over ``count``; with ``other``, of both processes."""

    def spent() -> float:
        return time.process_time() + (side.call("cpu")[0]["cpu"] if other else 0.0)

    spent_before, began = spent(), time.perf_counter()
    for _ in range(count):
        side.call("scores", {}, {"x": x})
    return (time.perf_counter() - began) / count, (spent() - spent_before) / count


def runs(path: str, rounds: int) -> None:
    """Print what a whole attack costs: HopSkipJump on a random forest for digits, 30 samples, 500 queries each, once loaded."""
    import joblib
    from sklearn.datasets import load_digits
    from sklearn.ensemble import RandomForestClassifier

    from aisecops.attacks.evasion.hop_skip_jump import hop_skip_jump
    from aisecops.attacks.evasion.space import Box
    from aisecops.oracles.isolated import open_isolated
    from aisecops.oracles.opening import open_model
    from aisecops.oracles.spec import ModelSpec

    x, y = load_digits(return_X_y=True)
    joblib.dump(RandomForestClassifier(100, random_state=0, n_jobs=1).fit(x / 16, y), path)
    found: dict[str, list[tuple[float, float]]] = {"here": [], "there": []}
    for _ in range(rounds):
        for name, open_ in (("here", open_model), ("there", lambda spec: open_isolated(spec, allow_weak=True))):
            oracle = open_(ModelSpec(path=path))
            labels = oracle.labels(x[:30] / 16)
            before, began = _spent(oracle), time.perf_counter()
            hop_skip_jump(oracle, x[:30] / 16, labels, space=Box(), queries=500, seed=0)
            found[name].append((time.perf_counter() - began, _spent(oracle) - before))
            if name == "there":
                oracle.close()
    (wall, cpu), (held_wall, held_cpu) = (tuple(map(min, zip(*found[name], strict=True))) for name in ("here", "there"))
    print(
        f"\n{'an attack, seconds':<35}{wall:>12.2f}{held_wall:>12.2f}{held_wall / wall - 1:>9.1%}{cpu:>12.2f}{held_cpu:>12.2f}{held_cpu / cpu - 1:>9.1%}"
    )


def _spent(oracle: object) -> float:
    """Processor time of this process, and of those that run for ``oracle`` and their children (Linux)."""
    total, waiting = time.process_time(), list(getattr(oracle, "processes", ()))
    while waiting:
        process = waiting.pop()
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            waiting += map(int, file.read().split())
    return total


def _processor() -> float:
    """Processor time of this process and of the children that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.joblib")
        fit("random forest (100)", 30, path)
        starts(path, 3 if quick else 9)
        print(
            f"\n{'call, milliseconds':<26}{'batch':>9}{'in process':>12}{'quarantine':>12}{'over it':>9}{'in process':>12}{'quarantine':>12}{'over it':>9}"
        )
        print(f"{'':<35}{'wall':>12}{'wall':>12}{'':>9}{'processor':>12}{'processor':>12}")
        for kind in ("random forest (100)", "gradient boosting (100)", "logistic regression"):
            for shape in BATCHES:
                calls(kind, shape, path, 0.5 if quick else 4.0)
        runs(path, 2 if quick else 5)


if __name__ == "__main__":
    main()
