"""How a scan grows with the tree: computing time, files a second, and the most memory that the command and any of its workers hold, for trees of several sizes.

    python benchmarks/scale.py [--files 1000 5000 20000] [--jobs 2] [--folder /tmp/aisecops-scale] [--keep]

Each tree is made from a seed: packages of small Python files that import each other (nine in ten), settings in YAML, JSON and TOML, requirements, notebooks and small
pickled models. One file in two hundred holds a weakness. The command is run as users do, cold (no cache), then warm, with its progress read as a log would; ``/proc`` is
looked at every 50 ms. What grows with the tree is told as megabytes for a thousand files.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FUNCTIONS = '''"""Part {number} of {package}."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
from {package}.part{other} import load as load_other

logger = logging.getLogger(__name__)
DEFAULTS = {{"rate": 0.{number}, "epochs": {epochs}, "name": "{package}-{number}"}}


def load(path: str) -> dict:
    """Return what is stored at ``path``."""
    return json.loads(Path(path).read_text())


def prepare(rows: list[dict], column: str = "value") -> np.ndarray:
    values = np.array([row.get(column, {number}) for row in rows], dtype=float)
    logger.info("prepared %d rows of %s", len(values), column)
    return (values - values.mean()) / (values.std() or 1.0)


class Step{number}:
    def __init__(self, settings: dict | None = None) -> None:
        self.settings = DEFAULTS | (settings or {{}})

    def run(self, path: str) -> float:
        rows = load(path) or load_other(path)
        total = 0.0
        for value in prepare(rows):
            if value > {epochs}:
                total += value * self.settings["rate"]
        return total
'''
WEAK = """

def restore(name: str) -> object:
    import pickle

    with open(input(), "rb") as file:
        return pickle.load(file)
"""
PACKAGE = 40
"""Files of a package."""


def grow(folder: Path, files: int, seed: int = 0) -> None:
    """Make a tree of ``files`` files in ``folder``."""
    draw = random.Random(seed)
    for number in range(files):
        package = f"package{number // PACKAGE:04}"
        at = folder / package
        at.mkdir(parents=True, exist_ok=True)
        kind = draw.random()
        if kind < 0.9:
            text = FUNCTIONS.format(number=number, package=package, other=draw.randrange(files), epochs=draw.randrange(1, 99))
            (at / f"part{number}.py").write_text(text + (WEAK if number % 200 == 7 else ""))
        elif kind < 0.93:
            (at / f"settings{number}.yaml").write_text(f"model: {package}\ntraining:\n  rate: 0.{number}\n  data: s3://bucket/{number}\n")
        elif kind < 0.95:
            (at / f"config{number}.json").write_text(json.dumps({"name": package, "layers": [number, 2, 3], "url": "https://example.com/x"}))
        elif kind < 0.96:
            (at / f"pyproject{number}.toml").write_text(f'[project]\nname = "{package}"\nversion = "0.{number}"\n')
        elif kind < 0.97:
            (at / f"requirements-{number}.txt").write_text("numpy==2.1.0\nscikit-learn==1.6.0\n")
        elif kind < 0.985:
            cell = {
                "cell_type": "code",
                "metadata": {},
                "outputs": [],
                "execution_count": 1,
                "source": [f"from {package} import part{number}\n", "x = 1\n"],
            }
            (at / f"explore{number}.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        else:
            (at / f"model{number}.pkl").write_bytes(pickle.dumps({"weights": [draw.random() for _ in range(50)], "name": package}))


def resident(pid: int) -> dict[int, int]:
    """Return the memory that ``pid`` and its descendants hold for themselves, in bytes, by process."""
    found, waiting = {}, [pid]
    while waiting:
        process = waiting.pop()
        try:
            lines = Path(f"/proc/{process}/status").read_text()
            found[process] = int(re.search(r"RssAnon:\s+(\d+)", lines)[1]) << 10
            for thread in os.listdir(f"/proc/{process}/task"):
                waiting += map(int, Path(f"/proc/{process}/task/{thread}/children").read_text().split())
        except (OSError, TypeError):
            continue
    return found


def scan(folder: Path, output: Path, jobs: int, *flags: str) -> dict[str, float]:
    """Scan ``folder`` and return what it took."""
    command = [sys.executable, "-m", "aisecops", "scan", str(folder), "--jobs", str(jobs), "--format", "json", "--output", str(output), *flags]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    parent = workers = 0
    while process.poll() is None:
        held = resident(process.pid)
        parent = max(parent, held.pop(process.pid, 0))
        workers = max(workers, *held.values(), 0)
        time.sleep(0.05)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = re.findall(r"examining: ([\d,]+) of ([\d,]+)", process.stderr.read())
    counts = [int(done.replace(",", "")) for done, _ in told]
    assert process.returncode in (0, 1, 3), process.returncode
    assert counts == sorted(counts) and all(int(of.replace(",", "")) >= done for done, (_, of) in zip(counts, told, strict=True))
    return {
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, "wall": time.monotonic() - start,
        "parent": parent / 1e6, "worker": workers / 1e6, "told": len(told), "record": output.stat().st_size / 1e6,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 5000, 20000])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", default="")
    parser.add_argument("--keep", action="store_true", help="leave the trees there")
    parser.add_argument("--only", default="cold,fill,warm", help="cold (no cache), fill (a new cache), warm (everything is known)")
    asked = parser.parse_args()
    top = Path(asked.folder or tempfile.mkdtemp(prefix="aisecops-scale-"))
    print(
        f"{'files':>7} {'':5} {'CPU s':>7} {'ms/file':>8} {'wall s':>7} {'files/s':>8} {'command MB':>11} {'worker MB':>10} {'record MB':>10} {'progress lines':>15}"
    )
    held: list[tuple[int, float]] = []
    for files in asked.files:
        tree = top / str(files)
        if not tree.exists():
            grow(tree, files)
        shutil.rmtree(tree / ".aisecops", ignore_errors=True)
        for name, flags in [(name, ("--no-cache",) if name == "cold" else ()) for name in asked.only.split(",")]:
            took = scan(tree, top / "record.json", asked.jobs, *flags)
            print(
                f"{files:>7} {name:5} {took['cpu']:>7.1f} {took['cpu'] * 1000 / files:>8.2f} {took['wall']:>7.1f} {files / took['wall']:>8.0f} {took['parent']:>11.0f}"
                f" {took['worker']:>10.0f} {took['record']:>10.1f} {took['told']:>15}", flush=True,
            )  # fmt: skip
            if name == "cold":
                held.append((files, took["parent"]))
    if len(held) > 1:
        (few, low), (many, high) = held[0], held[-1]
        print(f"\nthe command holds {(high - low) / (many - few) * 1000:.1f} MB more for each thousand files")
    if not asked.keep:
        shutil.rmtree(top)


if __name__ == "__main__":
    main()
