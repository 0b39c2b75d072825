"""What looking at a data set costs and finds: personal data a second, sentences of others, near-duplicates, and a whole Parquet file.

    python benchmarks/data/quality.py [--sentences synth_dataset_v2.json] [--megabytes 200]

Columns and planted near-duplicates are made here, by the same people as the rules: their figures are speeds, no proof of quality. The sentences are
presidio-research's (data/synth_dataset_v2.json, MIT): the first 700, which the rules have been developed on; the others are left alone. Times are processor time
of one process, best of three; the Parquet file is examined by a scan of its own with one worker.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

KINDS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "payment-card",
    "IBAN_CODE": "bank-account",
    "US_SSN": "national-id",
    "IP_ADDRESS": "ip-address",
}


def best(work: Callable[[], object], times: int = 3) -> float:
    """Return the least processor time of ``work``."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def columns(rows: int, seed: int) -> dict[str, list[str]]:
    """Return columns of which nearly every value is distinct: persons, look-alikes and sentences."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randrange(2, 9))) for _ in range(4000)]
    return {
        "mail": [f"{rng.choice(words)}.{rng.choice(words)}{n}@gmail.com" for n in range(rows)],
        "phone": [f"+49 {rng.randrange(151, 180)} {rng.randrange(10**6, 10**7)}" for _ in range(rows)],
        "ssn": [f"{rng.randrange(100, 660)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}" for _ in range(rows)],
        "order": [f"{rng.randrange(10**15, 10**16)}" for _ in range(rows)],
        "uuid": [f"{rng.getrandbits(128):032x}" for _ in range(rows)],
        "time": [
            f"2024-0{rng.randrange(1, 9)}-1{rng.randrange(9)}T1{rng.randrange(9)}:{n % 60:02d}:{rng.randrange(60):02d}.{n}" for n in range(rows)
        ],
        "ticket": [f"TCK-{rng.randrange(10**8):08d}" for _ in range(rows)],
        "amount": [f"{rng.random() * 10**4:.4f}" for _ in range(rows)],
        "note": [" ".join(rng.choices(words, k=8)) for _ in range(rows)],
        "ticketed": [f"{' '.join(rng.choices(words, k=6))} order {n} {rng.choice(words)}" for n in range(rows)],
    }


def personal(rows: int = 100_000) -> None:
    import polars as pl

    from aisecops.datasets.disclosure import distinct_texts, personal_in

    frame = pl.DataFrame(columns(rows, 1)).lazy()
    total = 0.0
    for name in frame.collect_schema().names():

        def work(name: str = name) -> None:
            personal_in(name, distinct_texts(frame, name))

        taken = best(work)
        total += taken
        print(f"  {name:<8} {rows / taken / 1e6:6.2f} M cells/s")
    print(f"  all      {10 * rows / total / 1e6:6.2f} M cells/s")


def sentences(path: str) -> None:
    from aisecops.datasets.sentences import personal_in_text

    right = missed = wrong = 0
    texts = json.loads(Path(path).read_text())[:700]
    for one in texts:
        got = [datum for datum in personal_in_text(one["full_text"]) if datum.kind.value in KINDS.values()]
        used = set()
        for span in one["spans"]:
            if kind := KINDS.get(span["entity_type"]):
                hits = [n for n, d in enumerate(got) if d.kind.value == kind and d.start < span["end_position"] and d.end > span["start_position"]]
                right, missed = right + bool(hits), missed + (not hits)
                used.update(hits)
        wrong += len(got) - len(used)
    size = sum(len(one["full_text"].encode()) for one in texts)
    taken = best(lambda: [personal_in_text(one["full_text"]) for one in texts])
    print(
        f"  precision {right / (right + wrong):.3f}, recall {right / (right + missed):.3f}, F1 {2 * right / (2 * right + missed + wrong):.3f} (n = {right + missed})"
    )
    print(f"  {size / taken / 1e6:.2f} MB/s")


def near(texts: int = 40_000, planted: int = 4_000) -> None:
    from aisecops.datasets.near_duplicates import near_duplicates

    rng = random.Random(2)
    words = [f"w{n}" for n in range(20_000)]
    made = [" ".join(rng.choices(words, k=rng.randrange(20, 60))) for _ in range(texts)]
    due = set()
    for n in range(planted):
        parts = made[n].split()
        parts[rng.randrange(len(parts))] = "changed"
        made[texts - 1 - n] = " ".join(parts)
        if _jaccard(made[n], made[texts - 1 - n]) >= 0.8:
            due.add((n, texts - 1 - n))
    pairs = near_duplicates(made)
    told = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    print(f"  recall {len(told & due) / len(due):.4f} of {len(due):,} pairs with Jaccard >= 0.8; {len(told - due)} told that are not among them")
    print(f"  {texts / best(lambda: near_duplicates(made)):,.0f} texts/s")


def _jaccard(one: str, two: str) -> float:
    a, b = ({tuple(words[n : n + 3]) for n in range(len(words) - 2)} for words in (one.split(), two.split()))
    return len(a & b) / len(a | b)


def parquet(megabytes: int) -> None:
    import numpy as np
    import polars as pl

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "big.parquet")
        base = pl.DataFrame(columns(50_000, 3))
        parts, rng = [], np.random.default_rng(0)
        while sum(part.estimated_size() for part in parts) < megabytes * 1e6 * 1.3:
            number = len(parts)
            fresh = base.with_columns(
                pl.concat_str(pl.col(pl.String).exclude("amount", "phone", "ssn", "note", "ticketed", "mail", "order"), pl.lit(str(number)))
            )
            parts.append(fresh.with_columns(*(pl.lit(pl.Series(f"n{k}", rng.normal(size=len(base)))) for k in range(10)), label=pl.lit(number % 2)))
        whole = pl.concat(parts)
        whole.write_parquet(path, compression="zstd")
        print(f"  {os.path.getsize(path) / 1e6:,.0f} MB, {len(whole):,} rows, {whole.width} columns")
        checks = ("data-set/personal-data", "data-set/secret", "data-set/quality", "data-set/target-leakage")
        code = (
            "import sys, time\nfrom aisecops.workflows.scan import ScanRequest, scan\nstart = time.time()\n"
            f"run = scan(ScanRequest(paths=({folder!r},), select={checks!r}, jobs=1, seconds=600))\n"
            "print(f'  {time.time() - start:.1f} s wall', [f.evidence.get('column') or f.title for f in run.findings], [g.reason for g in run.not_examined])"
        )
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.rstrip())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"  {after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.1f} s of processor time, {after.ru_maxrss / 1024:,.0f} MB at most in one process"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", default="", help="presidio-research's data/synth_dataset_v2.json")
    parser.add_argument("--megabytes", type=int, default=200)
    asked = parser.parse_args()
    print("Personal data in columns of distinct values (own generator: speed, no proof of quality)")
    personal()
    if asked.sentences:
        print("Personal data in sentences of presidio-research, the first 700 (development set)")
        sentences(asked.sentences)
    print("Near-duplicates among texts, planted (own generator)")
    near()
    print("Scan of a Parquet file: personal data, secrets, quality, label leaks")
    parquet(asked.megabytes)


if __name__ == "__main__":
    main()
