"""How fast model files are examined, beside peers and the work that nobody can avoid, in one run.

    python benchmarks/model_files.py [--runs 7] [--only startup,small,torch,opcodes,hashing] [--peer-bin DIR]

Peers are used when their command is on PATH (or in ``--peer-bin``): picklescan. Every comparison interleaves its two sides, so drift of the machine hits both, and
prints medians and the median of the ratios pair by pair. Nothing here asserts: read the ratios.

What is examined is made once, by a process of its own (``--make``): a child's peak memory counts from its parent's, so the parent must stay small.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

AISECOPS = str(Path(sys.executable).with_name("aisecops"))
CACHE = Path(tempfile.gettempdir()) / "aisecops-benchmark"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Installed programs have their byte code in place; where nobody may write it, every start would compile ours anew, and not the peers'."""


class Cost:
    """What one process took: wall and CPU seconds, peak memory in MB."""

    def __init__(self, wall: float, cpu: float, peak: float) -> None:
        self.wall, self.cpu, self.peak = wall, cpu, peak


def cost(command: list[str]) -> Cost:
    """Run ``command`` to its end with its output thrown away."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begin
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} exited with {process.returncode}: {' '.join(command)}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(title: str, ours: Callable[[], Cost], theirs: Callable[[], Cost] | None, their_name: str, runs: int) -> None:
    """Time both sides in turn, after one warm-up each, and print medians and the pairwise ratio."""
    ours()
    if theirs:
        theirs()
    pairs = [(ours(), theirs() if theirs else None) for _ in range(runs)]
    print(f"\n{title}")
    _row("aisecops", [a for a, _ in pairs])
    others = [b for _, b in pairs if b]
    if not others:
        print(f"  {their_name:<28} not installed")
        return
    _row(their_name, others)
    for figure in ("wall", "cpu"):
        ratios = [getattr(a, figure) / getattr(b, figure) for a, b in pairs if b]
        print(
            f"  ratio aisecops/{their_name}, {figure}: median {statistics.median(ratios):.2f} (min {min(ratios):.2f}, max {max(ratios):.2f}, n={len(ratios)})"
        )


def _row(name: str, costs: list[Cost]) -> None:
    wall, cpu, peak = (statistics.median(getattr(c, f) for c in costs) for f in ("wall", "cpu", "peak"))
    print(f"  {name:<28} {wall * 1000:9.1f} ms wall {cpu * 1000:9.1f} ms CPU {peak:7.1f} MB peak")


def scan(path: Path, *more: str) -> Callable[[], Cost]:
    """A cold scan of ``path``: no cached result is used."""
    return lambda: cost([AISECOPS, "scan", "--no-cache", "--quiet", *more, str(path)])


def made(name: str) -> Path | None:
    """Return the folder that ``make_NAME`` fills, filled; None, and a word, where a library for it is not installed."""
    folder = CACHE / name
    if not folder.exists():
        try:
            subprocess.run([sys.executable, "-P", __file__, "--make", name], check=True)
        except subprocess.CalledProcessError:
            print(f"\n{name}: nothing to measure (see above)")
            return None
    return folder


def make(name: str) -> None:
    """Fill the folder ``name``, or leave no trace of it."""
    begun = CACHE / f"{name}.new"
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir(parents=True)
    MAKERS[name](begun)
    begun.rename(CACHE / name)


def make_tiny(folder: Path) -> None:
    """A pickle of a few bytes."""
    (folder / "tiny.pkl").write_bytes(pickle.dumps({"weights": [0.1, 0.2, 0.3], "bias": 0.5}))


def make_small(folder: Path) -> None:
    """Five hundred scikit-learn models."""
    from sklearn.linear_model import LogisticRegression

    for i in range(500):
        model = LogisticRegression().fit([[0.0, i], [1.0, i + 1], [2.0, 1.0], [3.0, 0.0]], [0, 0, 1, 1])
        (folder / f"model{i:03}.pkl").write_bytes(pickle.dumps(model))


def make_kinds(folder: Path) -> None:
    """Five hundred scikit-learn models of every kind that it has, each of at most 16 kB."""
    import warnings

    import numpy as np
    from sklearn.utils import all_estimators

    warnings.simplefilter("ignore")
    rng, made = np.random.default_rng(0), 0
    for seed in range(12):
        features, target = rng.random((30, 4)), rng.integers(0, 3, 30)
        for name, kind in all_estimators():
            try:
                model = kind()
                model.set_params(**{key: value for key, value in {"n_estimators": 2, "random_state": seed}.items() if key in model.get_params()})
                content = pickle.dumps(model.fit(features, target))
            except Exception:  # it needs other data, or other parameters
                continue
            if len(content) <= 1 << 14 and made < 500:
                (folder / f"{made:03}-{name}.pkl").write_bytes(content)
                made += 1


def make_text(folder: Path) -> None:
    """Five hundred text classifiers, each with the vocabulary of its vectoriser."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    random.seed(0)
    words = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(800)]
    for i in range(500):
        documents = [" ".join(random.choices(words, k=60)) for _ in range(8)]
        model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(documents, [0, 1] * 4)
        (folder / f"model{i:03}.pkl").write_bytes(pickle.dumps(model))


def make_torch(folder: Path) -> None:
    """A PyTorch zip of 200 tensors of 1 MB."""
    import torch

    torch.save({f"layer{i}.weight": torch.randn(250, 1000) for i in range(200)}, folder / "model.pt")


def make_opcodes(folder: Path) -> None:
    """A pickle of some 19 million opcodes: trees as lists of dictionaries."""
    random.seed(0)
    keys = ("feature", "threshold", "left", "right", "value", "samples")
    nodes = [
        dict(
            zip(keys, (random.randrange(30), random.random(), i + 1, i + 2, (random.random(), random.random()), random.randrange(5000)), strict=True)
        )
        for i in range(1_000_000)
    ]
    (folder / "trees.pkl").write_bytes(pickle.dumps({"trees": [nodes[i : i + 100] for i in range(0, len(nodes), 100)]}, protocol=4))


def make_hashing(folder: Path) -> None:
    """512 MiB that do not compress."""
    with (folder / "large.bin").open("wb") as file:
        for _ in range(512):
            file.write(os.urandom(1 << 20))


MAKERS: dict[str, Callable[[Path], None]] = {
    "tiny": make_tiny, "small": make_small, "kinds": make_kinds, "text": make_text, "torch": make_torch, "opcodes": make_opcodes, "hashing": make_hashing,
}  # fmt: skip


def startup(runs: int, peer: str | None) -> None:
    """From start to verdict on a pickle of a few bytes."""
    if (folder := made("tiny")) is None:
        return
    tiny = folder / "tiny.pkl"
    compare("start-up to verdict, tiny pickle", scan(tiny), (lambda: cost([peer, "-p", str(tiny)])) if peer else None, "picklescan", max(runs, 9))


def small(runs: int, peer: str | None) -> None:
    """Five hundred pickled scikit-learn models in one folder, from 720 bytes, where start-up is much of the time, to 11 kB, where it is little."""
    for name, title in (
        ("small", "500 small pickles of one class (720 bytes)"),
        ("kinds", "500 small pickles of 150 classes (median 1.1 kB)"),
        ("text", "500 small pickles (text pipelines, 11 kB)"),
    ):
        if (folder := made(name)) is not None:
            compare(title, scan(folder), _picklescan(peer, folder), "picklescan", runs)


def _picklescan(peer: str | None, folder: Path) -> Callable[[], Cost] | None:
    return (lambda: cost([peer, "-p", str(folder)])) if peer else None


def torch_zip(runs: int, peer: str | None) -> None:
    """A 200 MB PyTorch zip of 200 tensors, beside hashing the same bytes plus our start-up."""
    if (folder := made("torch")) is None:
        return
    path = folder / "model.pt"
    empty = CACHE / "empty"
    empty.mkdir(exist_ok=True)
    program = "import hashlib,sys\nh=hashlib.sha256()\nf=open(sys.argv[1],'rb',buffering=0)\nb=bytearray(1<<20)\nv=memoryview(b)\nwhile n:=f.readinto(b): h.update(v[:n])"

    def floor() -> Cost:
        parts = (cost([sys.executable, "-S", "-c", program, str(path)]), cost([AISECOPS, "scan", "--no-cache", "--quiet", str(empty)]))
        return Cost(sum(p.wall for p in parts), sum(p.cpu for p in parts), max(p.peak for p in parts))

    compare("200 MB torch zip", scan(path), floor, "SHA-256 + start-up", runs)
    if peer:
        compare("200 MB torch zip", scan(path), lambda: cost([peer, "-p", str(path)]), "picklescan", runs)


def opcodes(runs: int, _peer: str | None) -> None:
    """A pickle of some 19 million opcodes: our walk beside ``pickletools.genops`` alone, each in a fresh process."""
    if (folder := made("opcodes")) is None:
        return
    path = folder / "trees.pkl"
    ours = (
        "import mmap,sys\nfrom aisecops.formats.pickle.walk import walk\nf=open(sys.argv[1],'rb')\nm=mmap.mmap(f.fileno(),0,access=mmap.ACCESS_READ)\n"
        "anon=lambda:int(next(l for l in open('/proc/self/status') if l.startswith('RssAnon')).split()[1])\nbase=anon()\nt=walk(m)\n"
        "print(t.opcodes,round((anon()-base)/1024,1))"
    )
    theirs = "import sys,pickletools\nfor _ in pickletools.genops(open(sys.argv[1],'rb')): pass"
    shown = subprocess.run([sys.executable, "-c", ours, str(path)], capture_output=True, text=True, check=True).stdout.split()
    print(f"\n{int(shown[0]):,} opcodes in {path.stat().st_size / 1e6:.0f} MB: the walk ends with {shown[1]} MB of anonymous memory above the base")
    compare(
        "walk of that pickle",
        lambda: cost([sys.executable, "-c", ours, str(path)]),
        lambda: cost([sys.executable, "-c", theirs, str(path)]),
        "pickletools.genops alone",
        max(2, runs // 3),
    )


def hashing(runs: int, _peer: str | None) -> None:
    """SHA-256 of one large file, beside hashlib on the same bytes in memory."""
    if (folder := made("hashing")) is None:
        return
    program = (
        "import hashlib,sys,time\nfrom aisecops.project.digests import digest_files\nfrom aisecops.project.discovery import discover\n"
        "found=discover([sys.argv[1]],manifest=None).found\nbegin=time.perf_counter()\ndigest_files(found,jobs=1)\nours=time.perf_counter()-begin\n"
        "data=open(sys.argv[1],'rb').read()\nbegin=time.perf_counter()\nhashlib.sha256(data).digest()\n"
        "print(len(data)/ours/1e9,len(data)/(time.perf_counter()-begin)/1e9)"
    )
    command = [sys.executable, "-c", program, str(folder / "large.bin")]
    shown = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(runs)]
    ours, floor = (statistics.median(map(float, rates)) for rates in zip(*shown, strict=True))
    print(f"\nSHA-256 of a 512 MiB file: {ours:.2f} GB/s, hashlib on bytes in memory {floor:.2f} GB/s")


PARTS = {"startup": startup, "small": small, "torch": torch_zip, "opcodes": opcodes, "hashing": hashing}


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", default=",".join(PARTS), help="comma list of: " + ", ".join(PARTS))
    parser.add_argument("--peer-bin", default="", help="folder with the peers' commands")
    parser.add_argument("--make", choices=MAKERS, help="make what one part examines, and measure nothing")
    options = parser.parse_args()
    CACHE.mkdir(exist_ok=True)
    if options.make:
        make(options.make)
        return
    peer = shutil.which("picklescan", path=options.peer_bin or None)
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name in options.only.split(","):
        PARTS[name](options.runs, peer)


if __name__ == "__main__":
    main()
