"""What a person waits for, or a hook at every commit: the gate over 5,000 findings, ten changed files, the library knowledge that each scan of code loads.

    python benchmarks/latency.py [--runs 7]

Milliseconds of computing time of this process (and of its children where a command runs): the least and the median of several runs, so that a loaded machine says little.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.digest import fingerprint
from aisecops.core.finding import Finding, Location
from aisecops.core.policy import Waiver
from aisecops.core.run import Results
from aisecops.core.settings import Operation
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.gate.baseline import Baseline
from aisecops.gate.judge import judge
from aisecops.gate.policies import load_policy
from aisecops.knowledge.callables import Table
from aisecops.knowledge.libraries import Libraries
from aisecops.knowledge.services.index import services

SOURCE = "import pickle\nimport sys\n\n\ndef load{n}(path):\n    with open(path, 'rb') as file:\n        return pickle.load(file)\n\n\nload{n}(sys.argv[1])\n"


def spent(work: Callable[[], object]) -> float:
    """Computing milliseconds of this process and its children for one call."""
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    work()
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return 1000 * sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))


def row(title: str, work: Callable[[], object], runs: int) -> None:
    work()
    took = [spent(work) for _ in range(runs)]
    print(f"{title:<60} {min(took):8.1f} {statistics.median(took):8.1f}")


def found(n: int) -> Finding:
    path = f"models/{n % 500}.pkl"
    return Finding(
        id=fingerprint("finding", str(n)), fingerprint=fingerprint("weakness", str(n)), check="model-file/code-execution", category="code-execution",
        asset=Asset.id_of(AssetKind.MODEL_FILE, path), title=f"weakness {n}", message="it runs on load", severity=list(Severity)[n % 5], confidence=Confidence.HIGH,
        threat=Threat.SUPPLY_CHAIN, stage=Stage.RELEASE, locations=(Location(path=path),),
    )  # fmt: skip


def gate(runs: int) -> None:
    findings = tuple(found(n) for n in range(5000))
    results, standard = Results(findings=findings), load_policy("standard")
    waivers = [
        Waiver(id=f"w{n}", fingerprint=f.fingerprint, reason="known", owner="ml", expires="2099-01-01") for n, f in enumerate(findings[:100])
    ]  # fmt: skip
    baseline = Baseline.of(findings[1000:2000], results)
    row("gate: 5,000 findings, 100 waivers, a baseline of 1,000", lambda: judge(
        results, standard, waivers=waivers, baseline=baseline, today="2026-06-15", evaluated="2026-06-15T12:00:00Z"), runs)  # fmt: skip


def hook(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = [f"module{n}.py" for n in range(10)]

        def commit() -> None:
            for n, name in enumerate(names):
                Path(folder, name).write_text(SOURCE.format(n=n) * 5 + f"# {time.time_ns()}\n")
            subprocess.run([sys.executable, "-m", "aisecops", "scan", "--quiet", "--", *names], cwd=folder, capture_output=True, check=False)

        row("hook: ten changed source files, the whole command", commit, runs)


def knowledge(runs: int) -> None:
    table = Table()
    row("knowledge of libraries, read anew", Libraries.load, runs)
    row("knowledge of services, read anew", lambda: (services.cache_clear(), services()), runs)
    row("10,000 look-ups in the table of callables", lambda: [
        table.rule("sklearn.svm._classes", "SVC", Operation.STATE) for _ in range(10_000)], runs)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    print(f"{'CPU ms':<60} {'least':>8} {'median':>8}")
    gate(runs)
    hook(runs)
    knowledge(runs)


if __name__ == "__main__":
    main()
