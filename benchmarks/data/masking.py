"""Measured: masked cells a second by method (one core, distinct values, CPU time), a whole table from file to file, and what k-anonymity loses beside two baselines.

The baselines: global recoding (Datafly: Sweeney, 2002), which makes the column with the most values coarser for all rows until k holds for 95 % of them and leaves the
others out, and Mondrian as it was published (cut the widest column at its median). Loss is the width of a row's class in a column by that of the column (normalised
certainty penalty), averaged over rows and columns: 0 nothing lost, 1 all of it. All three recode the same columns of made-up people; smaller is better.

    python benchmarks/data/masking.py [--rows 20000] [--table-rows 200000]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from aisecops.content.personal.checksums import luhn
from aisecops.datasets.masking import MaskSettings, Method
from aisecops.defences.anonymisation.columns import pseudonymised
from aisecops.defences.anonymisation.generalisation import Categories, Codes, Numbers, Quasi
from aisecops.defences.anonymisation.keys import MaskingKey
from aisecops.defences.anonymisation.partition import partition
from aisecops.defences.anonymisation.pseudonyms import Pseudonyms
from aisecops.defences.anonymisation.risk import combined
from aisecops.defences.anonymisation.texts import Known, TextMasker
from aisecops.workflows.mask import MaskRequest, mask

LEFT_OUT = 0.05
KEY = hashlib.sha256(b"benchmark").digest()


def main() -> None:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--table-rows", type=int, default=200_000)
    given = parser.parse_args()
    by_method(given.rows)
    whole_table(given.table_rows)
    for k in (5, 25):
        losses(given.rows, k)


def timed(work: Callable[[], object], tries: int = 3) -> float:
    """The least CPU time of several tries, in seconds."""
    taken = []
    for _ in range(tries):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def by_method(rows: int) -> None:
    """Cells a second, each value another one, nothing cached."""
    rng = random.Random(0)
    numbers = [rng.randrange(10**9) for _ in range(rows)]
    cards = [f"4539{number:011}" for number in numbers]
    banks = [f"{number:018}" for number in numbers]
    values = {
        Method.TOKEN: [str(number) for number in numbers],
        Method.EMAIL: [f"a{number}@mail.net" for number in numbers],
        Method.NAME: [f"Person {number}" for number in numbers],
        Method.PHONE: [f"+49 30 {number:09}" for number in numbers],
        Method.CARD: [card + next(str(digit) for digit in range(10) if luhn(card + str(digit))) for card in cards],
        Method.IBAN: [f"DE{98 - int(f'{bank}131400') % 97:02}{bank}" for bank in banks],
        Method.DIGITS: [f"AB{number:09}" for number in numbers],
    }
    print(f"{'method':<10}{'cells/s':>12}")
    for method, texts in values.items():
        series = pl.Series("values", texts)
        seconds = timed(lambda series=series, method=method: pseudonymised(series, method, Pseudonyms(MaskingKey(KEY))))
        print(f"{method.value:<10}{rows / seconds:>12,.0f}")
    texts = [
        f"Case {number}: called from +49 30 {number:09} about the loan, and wrote from a{number}@mail.net again." for number in numbers[: rows // 10]
    ]
    known = Known({Method.NAME: [f"Person {number}" for number in numbers]})

    def in_texts() -> None:
        masker = TextMasker(Pseudonyms(MaskingKey(KEY)), known)
        for text in texts:
            masker.masked(text)

    seconds = timed(in_texts)
    print(f"{'text':<10}{len(texts) / seconds:>12,.0f}   ({sum(map(len, texts)) / seconds / 1e6:.1f} MB/s)\n")


def whole_table(rows: int) -> None:
    """From file to file, all passes: plan, classes, copy."""
    people = made_up(rows, seed=1)
    frame = pl.DataFrame({name: values for name, (values, _) in people.items()}).with_columns(
        customer_id=pl.Series([10**6 + row // 2 for row in range(rows)]),
        email=pl.Series([f"person{row // 2}@mail.net" for row in range(rows)]),
        **{f"feature_{number}": pl.Series(np.random.default_rng(number).normal(size=rows)) for number in range(20)},
    )
    print(f"{'format':<10}{'cells/s':>12}{'k=1 cells/s':>14}{'peak MB':>10}   ({rows:,} rows, {frame.width} columns)")
    for ending, write in (("parquet", frame.write_parquet), ("csv", frame.write_csv)):
        with tempfile.TemporaryDirectory() as folder:
            source = f"{folder}/t.{ending}"
            write(source)
            seconds = {}
            for k in (1, 5):
                start = time.process_time()
                mask(MaskRequest(data=source, output=f"{folder}/{k}.{ending}", key=KEY, settings=MaskSettings(k=k)))
                seconds[k] = time.process_time() - start
        cells = rows * frame.width
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{ending:<10}{cells / seconds[5]:>12,.0f}{cells / seconds[1]:>14,.0f}{peak:>10,.0f}")
    print()


def losses(rows: int, k: int) -> None:
    """What each way of reaching k loses, by column."""
    people = made_up(rows, seed=2)
    columns = {name: quasi for name, (_, quasi) in people.items()}
    points = np.column_stack([column.points() for column in columns.values()])
    ways = {
        "best cut (ours)": lambda: partition(points, k),
        "median cut": lambda: by_median(points, k),
        "global recoding": lambda: combined(global_recoding(points, k)),
    }
    print(f"{f'k = {k}, {rows:,} rows':<20}{''.join(f'{name:>10}' for name in columns)}{'mean':>10}{'smallest':>10}{'classes':>10}{'CPU s':>8}")
    for way, find in ways.items():
        start = time.process_time()
        classes = find()
        seconds = time.process_time() - start
        sizes = np.bincount(classes)
        whole = (sizes >= k)[classes]  # rows of smaller classes are left out, and lost
        lost = [float(np.where(whole, column.recoded(classes).widths[classes], 1.0).mean()) for column in columns.values()]
        sizes = sizes[sizes >= k]
        told = "".join(f"{one:>10.3f}" for one in (*lost, float(np.mean(lost))))
        print(f"{way:<20}{told}{sizes.min():>10,}{len(sizes):>10,}{seconds:>8.1f}")
    print()


def made_up(rows: int, seed: int) -> dict[str, tuple[list[object], Quasi]]:
    """People with ages, postal codes that crowd around cities, sex, jobs and incomes."""
    rng = np.random.default_rng(seed)
    age = np.clip(rng.normal(44, 16, rows), 18, 95).astype(int)
    city = rng.choice([10, 12, 20, 22, 50, 80, 81], rows, p=[0.2, 0.15, 0.2, 0.1, 0.15, 0.15, 0.05])
    codes = [f"{place}{number:03}" for place, number in zip(city, np.minimum(rng.geometric(0.01, rows), 999), strict=True)]
    sex = [("f", "m")[one] for one in rng.integers(0, 2, rows)]
    jobs = [f"job {one:02}" for one in np.minimum(rng.zipf(1.6, rows), 30)]
    income = np.round(rng.lognormal(10.3, 0.5, rows), -2)
    return {
        "age": (age.tolist(), Numbers(age.astype(float), whole=True)),
        "zip": (codes, Codes(codes)),
        "sex": (sex, Categories(sex)),
        "job": (jobs, Categories(jobs)),
        "income": (income.tolist(), Numbers(income)),
    }


def by_median(points: np.ndarray, k: int) -> np.ndarray:
    """Mondrian as published, strict: the widest column that has an allowed median cut."""
    classes, waiting, done = np.zeros(len(points), dtype=np.int64), [np.arange(len(points))], 0
    while waiting:
        rows = waiting.pop()
        part = points[rows]
        for column in np.argsort(-np.ptp(part, axis=0), kind="stable"):
            low = part[:, column] <= np.sort(part[:, column])[(len(rows) - 1) // 2]
            if k <= low.sum() <= len(rows) - k:
                waiting += [rows[low], rows[~low]]
                break
        else:
            classes[rows], done = done, done + 1
    return classes


def global_recoding(points: np.ndarray, k: int) -> list[np.ndarray]:
    """Datafly: halve the number of equal bins of the column that has the most values, for all rows, until at most 5 % of the rows are in classes below k."""
    bins = [1024] * points.shape[1]
    while True:
        columns = [np.minimum((column * count).astype(int), count - 1) for column, count in zip(points.T, bins, strict=True)]
        labels = combined(columns)
        if (np.bincount(labels)[labels] < k).mean() <= LEFT_OUT:
            return columns
        many = max((number for number in range(len(bins)) if bins[number] > 1), key=lambda number: len(np.unique(columns[number])))
        bins[many] //= 2


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
