"""Flip bits in real files, honest and hostile, and examine them: never an exception, never more than two seconds, every byte accounted for, memory bounded.

    python tools/flip_files.py --count 100000 --jobs 2 --seed 1

Prints each violation with the file, the seed and the flips that reproduce it, and exits with 1 if there was one.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tests.formats.samples import honest
from tests.hostile.corpus import corpus

from aisecops import checks
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Budget
from aisecops.formats.artifact import Limits, Part
from aisecops.formats.loading.judgement import Rulings, annotate
from aisecops.formats.reading import read_artifact
from aisecops.knowledge.callables import Table
from aisecops.pipeline.context import TaskContext
from aisecops.pipeline.engine import Work

SECONDS = 2.0
_LARGEST = 300_000
LIMITS = Limits(unpacked_bytes=128 << 20, members=20_000)
"""The time bound is for what a small file can ask for; the size of what it may unpack to is a limit of its own."""


def mutate(content: bytes, rng: random.Random) -> bytes:
    """Flip up to 16 bits; now and then overwrite, cut, repeat or insert a few bytes, too."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    at = rng.randrange(len(data))
    match rng.randrange(10):
        case 0:
            data[at : at + 4] = rng.choice((b"\xff" * 4, b"\x00" * 4, b"\xff\xff\xff\x7f", rng.randbytes(4)))
        case 1:
            del data[at:]
        case 2:
            data[at:at] = rng.randbytes(rng.randrange(1, 65))
        case 3:
            data += data[at : at + 512]
    return bytes(data)


def problems(part: Part) -> list[str]:
    """What is wrong with the account of bytes of ``part`` and all parts in it."""
    wrong = []
    for p in part.walk():
        spans = sorted(p.coverage.unaccounted)
        lost = sum(s.end - s.start for s in spans)
        if p.coverage.parsed + p.coverage.opaque + lost != p.size or min(p.coverage.parsed, p.coverage.opaque) < 0:
            wrong.append(f"{p.member or 'file'}: {p.coverage} of {p.size}")
        if any(not 0 <= s.start < s.end <= p.size for s in spans) or any(a.end > b.start for a, b in pairwise(spans)):
            wrong.append(f"{p.member or 'file'}: spans {spans[:5]} of {p.size}")
    return wrong


class Examiner:
    """Reads, judges and checks one file as a scan does, in this process."""

    def __init__(self) -> None:
        self._checks = checks.load([AssetKind.MODEL_FILE]).checks.values()
        self._table = Table()

    def examine(self, path: str, name: str) -> list[str]:
        """Return what is wrong with the account of bytes; raise what any part of the examination raises."""
        from aisecops.checks.model_file.subject import ModelFile

        rulings = Rulings(self._table)
        part = read_artifact(
            path, name=name, limits=LIMITS, keep_arguments=self._table.wants_arguments, annotate=lambda d, t: annotate(d, t, self._table, rulings)
        )
        asset = Asset(id=f"model-file:{name}", kind=AssetKind.MODEL_FILE, path=name)
        context = TaskContext(Work(registry=checks.registry, locations={asset.id: path}), Budget())
        subject = ModelFile(asset, part, self._table, rulings)
        subject.facts()
        said = [result for check in self._checks if AssetKind.MODEL_FILE in check.inputs for result in check.function(subject, context)]
        silent = subject.verdict != "clean" and not said
        return problems(part) + ([f"{subject.verdict}, and nothing says why"] if silent else [])


def run(seed: int, count: int, folder: str) -> list[str]:
    """Examine ``count`` mutants; return the violations."""
    rng = random.Random(seed)
    # Bombs unpack to megabytes of opcodes, for which the clock is too short; tests of their own hold them to limits.
    hostile = [(s.id + s.suffix, s.content) for s in corpus() if len(s.content) < _LARGEST and not s.id.startswith("bomb")]
    files, examiner = (sorted(honest().items()), sorted(hostile)), Examiner()
    path = os.path.join(folder, f"mutant-{os.getpid()}")
    found = []
    for number in range(count):
        name, content = rng.choice(files[rng.randrange(4) == 0])
        with open(path, "wb") as file:
            file.write(mutate(content, rng))
        began = time.process_time()
        try:
            wrong = examiner.examine(path, name)
        except Exception as error:
            wrong = [f"{type(error).__name__}: {error}"]
        spent = time.process_time() - began
        if spent > SECONDS:
            wrong.append(f"{spent:.1f} s")
        if wrong:
            kept = os.path.join(folder, f"violation-{seed}-{number}")
            os.replace(path, kept)
            found += [f"{name} seed {seed} number {number} ({kept}): {w}" for w in wrong]
    return found


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    share = 500
    seeds = [options.seed * 1_000_003 + i for i in range(-(-options.count // share))]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    folder = tempfile.mkdtemp(prefix="flip-")
    found: list[str] = []
    if options.jobs == 1:
        for seed in seeds:
            found += run(seed, share, folder)
    else:
        with ProcessPoolExecutor(options.jobs) as pool:
            for part in pool.map(run, seeds, [share] * len(seeds), [folder] * len(seeds)):
                found += part
    grown = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) - before
    print("\n".join(found))
    print(f"{len(seeds) * share} files, {len(found)} violations, {grown / 1024:.0f} MB of memory above the start")
    return 1 if found or grown > 300 * 1024 else 0


if __name__ == "__main__":
    sys.exit(main())
