"""What a scan of a Parquet file of a gigabyte costs: profile, personal data, secrets and duplicates, in wall time, processor time and memory.

    python benchmarks/data/large.py [--megabytes 1000] [--jobs 2] [--memory 1024] [--row-group 250000]

The file is made here, by a seed, under /tmp: a table of an online shop, with keys and numbers of which nearly all values are distinct, categories, dates, e-mail
addresses, telephone numbers and sentences; one row in 10,000 repeats another, and a few cells hold a token. How long it takes depends on how many values are distinct:
each distinct value is looked at. The scan is a process of its own; its memory is the highest resident set of the process and its workers, sampled from /proc every
50 ms (pages that are shared count once for each process). The file is deleted afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

CHECKS = "data-set/quality,data-set/personal-data,data-set/secret"
GROUP = 250_000


def group(number: int, rng: np.random.Generator, words: np.ndarray) -> pl.DataFrame:
    """Return one row group: its number makes its keys distinct."""
    rows, start = GROUP, number * GROUP
    ids = np.arange(start, start + rows)
    first, last = (rng.choice(words, rows) for _ in range(2))
    texts = [" ".join(line) for line in rng.choice(words, (rows // 10, 12))]
    frame = pl.DataFrame({
        "order_id": ids,
        "order_number": np.char.add("ORD-", (10**9 + ids * 7).astype(str)),
        "email": [f"{a}.{b}{n}@example.com" for a, b, n in zip(first, last, rng.integers(0, 10_000, rows), strict=True)],
        "phone": [f"+49 {a} {b}" for a, b in zip(rng.integers(151, 180, rows), rng.integers(10**6, 10**7, rows), strict=True)],
        "session": [f"{a:016x}" for a in rng.integers(0, 2**63, rows)],
        "created_at": pl.Series(1_700_000_000_000_000 + rng.integers(0, 10**14, rows)).cast(pl.Datetime("us")),
        "city": rng.choice(words[:2_000], rows),
        "country": rng.choice(["DE", "FR", "IT", "PL", "ES"], rows),
        "category": rng.choice([f"category-{n}" for n in range(300)], rows),
        "comment": rng.choice(texts, rows),
        "returned": rng.random(rows) < 0.08,
    } | {f"amount_{n}": np.round(rng.lognormal(3, 1, rows), 2) for n in range(4)} | {f"score_{n}": rng.random(rows) for n in range(8)})  # fmt: skip
    again = rng.choice(rows - 1, rows // 10_000, replace=False)
    order = np.arange(rows)
    order[again + 1] = order[again]
    token = "gh" + "p_" + "".join(rng.choice(list("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"), 36))
    return frame[order].with_columns(pl.when(pl.col("order_id") % 100_003 == 7).then(pl.lit(f"token {token}")).otherwise("comment").alias("comment"))


def parts(folder: Path, megabytes: int, seed: int, rows: int = GROUP) -> tuple[Path, int]:
    """Write parts until they are that large together, and join them into one file with ``rows`` rows in a row group."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = np.unique(["".join(rng.choice(letters, rng.integers(3, 10))) for _ in range(20_000)])
    size = number = 0
    while size < megabytes * 1_000_000:
        part = folder / f"part-{number:04}.parquet"
        group(number, rng, words).write_parquet(part, compression="snappy")
        size, number = size + part.stat().st_size, number + 1
    path = folder / "shop" / "orders.parquet"
    path.parent.mkdir()
    pl.scan_parquet(sorted(folder.glob("part-*.parquet"))).sink_parquet(path, compression="snappy", row_group_size=rows)
    for part in folder.glob("part-*.parquet"):
        part.unlink()
    return path, number * GROUP


def resident(pid: int) -> int:
    """Return the resident bytes of a process and all below it."""
    total, pids = 0, [pid]
    while pids:
        one = pids.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            pids += [int(child) for task in Path(f"/proc/{one}/task").iterdir() for child in (task / "children").read_text().split()]
        except (OSError, IndexError):
            continue
    return total


def scan(folder: Path, jobs: int, memory: int, record: Path) -> tuple[float, float, int]:
    """Return wall seconds, processor seconds and the peak of resident bytes of a scan."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "aisecops", "scan", str(folder), "--select", CHECKS, "--jobs", str(jobs), "--memory", str(memory)]
    command += ["--timeout", "600", "--no-cache", "--format", "json", "--output", str(record)]
    peak, start = 0, time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.05)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--memory", type=int, default=1024, help="MiB that one check may use")
    parser.add_argument("--row-group", type=int, default=GROUP, help="rows of a row group, which is read at once")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aisecops-large-") as name:
        folder = Path(name)
        path, rows = parts(folder, args.megabytes, args.seed, args.row_group)
        print(f"{path.stat().st_size / 1e6:,.0f} MB of Parquet, {rows:,} rows, {len(pl.read_parquet_schema(path))} columns")
        wall, cpu, peak = scan(path.parent, args.jobs, args.memory, folder / "run.json")
        run = json.loads((folder / "run.json").read_text())
        print(f"scan: {wall:.1f} s of wall time, {cpu:.1f} s of processor time, at most {peak / 1e6:,.0f} MB resident")
        for finding in run["findings"]:
            print(f"  {finding['check']}: {finding['message'][:150]}")
        for gap in run["not_examined"]:
            print(f"  not examined: {gap['check']}: {gap['reason'][:150]}")


if __name__ == "__main__":
    main()
