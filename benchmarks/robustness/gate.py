"""How many samples does the sequential gate take, and how often is it wrong?

    python benchmarks/robustness/gate.py [--simulations 2000] [--most 1000] [--seed 0]

For thresholds p0 and true robust accuracies p, simulated evaluations of up to 1,000 samples: mean and 90th percentile of the samples used, shares above, below,
undecided. Wanted: at most 100 samples on average where |p - p0| >= .15, and at most 5 % wrong answers on each side, at p0 itself, too. Beside it what a fixed
number of samples would take for the same error (normal approximation, known distance), and the CPU time of a decision.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from aisecops.core.statistics import SequentialGate, Side, stake_below

CASES = [(p0, round(p0 + d, 2)) for p0 in (0.5, 0.8, 0.9) for d in (-0.3, -0.15, -0.05, 0.0, 0.05, 0.15) if 0.0 < p0 + d < 1.0]


def tables(p0: float, most: int, error: float) -> np.ndarray:
    """For each n the least and the greatest number of successes that do not decide: the gate as two boundaries, so that thousands of runs are quick."""
    bounds = np.empty((most + 1, 2), dtype=int)
    low, high = 0, 0
    for n in range(1, most + 1):
        while low <= n and stake_below(low, n, p0) >= 1 / error:
            low += 1
        high = min(high + 1, n)
        while high >= 0 and stake_below(n - high, n, 1 - p0) >= 1 / error:
            high -= 1
        bounds[n] = low, high
    return bounds


def simulate(p: float, bounds: np.ndarray, most: int, simulations: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Samples used, and the side: 1 above, -1 below, 0 undecided."""
    successes = np.cumsum(rng.random((simulations, most)) < p, axis=1)
    below, above = successes < bounds[1:, 0], successes > bounds[1:, 1]
    decided = below | above
    first = np.where(decided.any(axis=1), decided.argmax(axis=1), most - 1)
    rows = np.arange(simulations)
    return first + 1, above[rows, first].astype(int) - below[rows, first]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--error", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng, most, error = np.random.default_rng(arguments.seed), arguments.most, arguments.error
    print(f"{'p0':>5}{'p':>6}{'mean n':>9}{'90 %':>7}{'above':>8}{'below':>8}{'undecided':>11}{'fixed n':>9}")
    for p0 in dict.fromkeys(p0 for p0, _ in CASES):
        bounds = tables(p0, most, error)
        for p in [p for q, p in CASES if q == p0]:
            used, side = simulate(p, bounds, most, arguments.simulations, rng)
            fixed = "" if p == p0 else f"{(1.645 * (np.sqrt(p0 * (1 - p0)) + np.sqrt(p * (1 - p))) / (p - p0)) ** 2:.0f}"
            shares = [float(np.mean(side == value)) for value in (1, -1, 0)]
            print(f"{p0:>5}{p:>6}{used.mean():>9.1f}{np.quantile(used, 0.9):>7.0f}{shares[0]:>8.1%}{shares[1]:>8.1%}{shares[2]:>11.1%}{fixed:>9}")
    check(0.8, tables(0.8, 200, error), rng)


def check(p0: float, bounds: np.ndarray, rng: np.random.Generator) -> None:
    """The boundaries are the gate's own; and what a sample costs."""
    began = time.process_time()
    for _ in range(20):
        outcomes = rng.random(200) < 0.7
        gate = SequentialGate(p0)
        gate.observe(outcomes.tolist())
        k = np.cumsum(outcomes)
        decided = (k < bounds[1:, 0]) | (k > bounds[1:, 1])
        assert gate.used == (int(decided.argmax()) + 1 if decided.any() else 200)
        assert (gate.side is Side.UNDECIDED) == (not decided.any())
    print(
        f"the gate itself agrees with these boundaries in 20 runs; {(time.process_time() - began) / 20 * 1e3:.1f} ms CPU a run of up to 200 samples"
    )


if __name__ == "__main__":
    main()
