"""Measures the fairness engine: seconds for many groups, false alarms and coverage where nobody is wronged, and the search for a planted slice.

    python benchmarks/fairness/figures.py [--peer-python PATH] [--runs 200]

With ``--peer-python`` (a Python in which fairlearn is installed) fairlearn's bootstrap intervals are timed on the same kind of data.
"""

from __future__ import annotations

import argparse
import subprocess
import time

import numpy as np

from aisecops.metrics.fairness import Standing, audit, worst_slices

PEER = """
import time, numpy as np
from fairlearn.metrics import MetricFrame, selection_rate, true_positive_rate, false_positive_rate
from sklearn.metrics import zero_one_loss
rng = np.random.default_rng(0)
n, g = 10_000, {groups}
group, y, p = rng.integers(0, g, n), rng.random(n) < 0.4, rng.random(n) < 0.4
start = time.process_time()
metrics = dict(s=selection_rate, t=true_positive_rate, f=false_positive_rate, e=zero_one_loss)
MetricFrame(metrics=metrics, y_true=y, y_pred=p, sensitive_features=group, n_boot=100, ci_quantiles=[0.025, 0.975])
print(f"{{time.process_time() - start:.2f}}")
"""


def seconds(work, times=5):
    """The median processor time of ``work``."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return float(np.median(taken))


def speed(n, groups):
    rng = np.random.default_rng(0)
    member, due, favoured = rng.integers(0, groups, n).astype(str), rng.random(n) < 0.4, rng.random(n) < 0.4
    return seconds(lambda: audit({"group": member}, due, favoured))


def alarms(groups, runs):
    """How often a model that treats all alike is called unfair, and how often "a difference above 0.1 anywhere" fires (n = 10,000, groups of unequal size)."""
    rng, ours, rule = np.random.default_rng(groups), 0, 0
    for _ in range(runs):
        sizes = rng.pareto(1.2, groups) + 0.2
        member = rng.choice(groups, 10_000, p=sizes / sizes.sum()).astype(str)
        due, favoured = rng.random(10_000) < 0.3, rng.random(10_000) < 0.3
        found = audit({"group": member}, due, favoured, margin=0.0001)
        ours += bool(found.of(Standing.UNFAIR))
        rule += any(abs(one.difference or 0.0) > 0.1 for one in found.comparisons)
    return ours / runs, rule / runs


def uncovered(groups, runs):
    """How often any of the intervals misses the difference that it was made for (group sizes 1 : 2 : 3 ..., n = 5,000)."""
    rng, missed = np.random.default_rng(1), 0
    rate, shares = rng.uniform(0.02, 0.6, groups), np.arange(1, groups + 1) / (groups * (groups + 1) / 2)
    for _ in range(runs):
        member = rng.choice(groups, 5000, p=shares)
        favoured = rng.random(5000) < rate[member]
        counts = np.bincount(member, minlength=groups)
        for one in audit({"g": np.char.zfill(member.astype(str), 4)}, favoured, favoured, rates=("selection-rate",)).comparisons:
            g = int(one.group.removeprefix("g = "))
            others = np.arange(groups) != g
            if not one.low <= rate[g] - np.average(rate[others], weights=counts[others]) <= one.high:
                missed += 1
                break
    return missed / runs


def planted(seeds):
    """How often the planted slice (three of twenty columns, n = 100,000, rate 0.25 in 0.8 % of the rows, 0.10 elsewhere) comes first."""
    first, taken = 0, []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        columns = {f"c{i}": rng.integers(0, 5, 100_000) for i in range(20)}
        bad = (columns["c3"] == 1) & (columns["c7"] == 2) & (columns["c11"] == 4)
        hits = rng.random(100_000) < np.where(bad, 0.25, 0.10)
        start = time.process_time()
        found = worst_slices(columns, hits)
        taken.append(time.process_time() - start)
        first += bool(found.slices) and found.slices[0].name == "c3 = 1 and c7 = 2 and c11 = 4"
    return first / seeds, float(np.median(taken))


def null_slices(seeds):
    reported = 0
    for seed in range(seeds):
        rng = np.random.default_rng(1000 + seed)
        reported += bool(worst_slices({f"c{i}": rng.integers(0, 4, 20_000) for i in range(8)}, rng.random(20_000) < 0.1).slices)
    return reported / seeds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", default="")
    parser.add_argument("--runs", type=int, default=200)
    args = parser.parse_args()
    for n, groups in ((10_000, 2), (10_000, 10), (10_000, 215), (1_000_000, 215)):
        print(f"audit, 4 rates, n = {n:,}, {groups} groups: {speed(n, groups):.4f} CPU s", flush=True)
    for groups in (2, 10) if args.peer_python else ():
        taken = subprocess.run([args.peer_python, "-c", PEER.format(groups=groups)], capture_output=True, text=True, check=True).stdout.strip()
        print(f"fairlearn, 100 bootstrap replicates, n = 10,000, {groups} groups: {taken} CPU s", flush=True)
    for groups in (2, 10, 50, 215, 2000):
        ours, rule = alarms(groups, args.runs if groups < 2000 else max(10, args.runs // 10))
        print(f"fair model, {groups} groups: called unfair {ours:.1%}; a rule of 0.1 fires {rule:.1%}", flush=True)
    for groups in (2, 10, 50):
        print(f"any interval of {groups} groups misses: {uncovered(groups, args.runs):.1%}", flush=True)
    share, taken = planted(max(10, args.runs // 4))
    print(f"planted slice first: {share:.0%}, {taken:.2f} CPU s for 147,350 slices", flush=True)
    print(f"no slice planted, one reported: {null_slices(args.runs):.1%}", flush=True)


if __name__ == "__main__":
    main()
