"""How fast source code is examined, beside peers, in one run.

    python benchmarks/code.py [--runs 3] [--only small,large,warm,warm-large] [--tree DIR] [--peer-bin DIR]

The trees are wheels from the package registry (langchain-community, 232 kLOC; transformers, 1.2 MLOC), fetched once with pip and unpacked, never installed.
Peers are used when their command is on PATH (or in ``--peer-bin``): Bandit, Semgrep with the rules beside this file (or ``--semgrep-rules``), detect-secrets.
Figures are CPU seconds of the process and all its children, and the largest of their peak memories. Nothing here asserts: read the figures.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

AISECOPS = str(Path(sys.executable).with_name("aisecops"))
CACHE = Path(tempfile.gettempdir()) / "aisecops-benchmark" / "code"
TREES = {"small": "langchain-community==0.4.2", "large": "transformers==5.23.0"}
CENTRAL = {
    "small": ("langchain_community/utils/math.py", "langchain_community/chat_models/openai.py"),
    "large": ("transformers/utils/import_utils.py", "transformers/utils/generic.py", "transformers/trainer.py"),
}
"""Files that many others rest on, and one that rests on many."""


class Cost:
    """What one command took: wall and CPU seconds (children included), peak memory in MB."""

    def __init__(self, command: list[str], cwd: Path | None = None) -> None:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd)
        _, status, usage = os.wait4(process.pid, 0)
        self.status = process.returncode = os.waitstatus_to_exitcode(status)
        self.wall = time.perf_counter() - begin
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024


def tree(name: str) -> Path:
    """Return the unpacked wheel, fetched on first use."""
    folder = CACHE / name
    if not folder.exists():
        wheels = CACHE / f"{name}.wheel"
        wheels.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(wheels), TREES[name]], check=True
        )
        with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
            wheel.extractall(folder)
    return folder


def lines(folder: Path) -> int:
    """The lines of Python in ``folder``."""
    return sum(path.read_bytes().count(b"\n") for path in folder.rglob("*.py"))


def report(name: str, costs: list[Cost], kloc: float) -> float:
    """Print the medians and return CPU milliseconds a thousand lines."""
    wall, cpu, peak = (statistics.median(getattr(cost, figure) for cost in costs) for figure in ("wall", "cpu", "peak"))
    print(f"  {name:<34} {cpu:8.1f} s CPU {cpu * 1000 / kloc:8.1f} ms/kLOC {wall:8.1f} s wall {peak:7.0f} MB peak of one process", flush=True)
    return cpu * 1000 / kloc


def scan(folder: Path, runs: int, *more: str) -> list[Cost]:
    """Cold scans: nothing that was kept is used."""
    return [Cost([AISECOPS, "scan", "--no-cache", "--quiet", *more, str(folder)]) for _ in range(runs)]


def compare(title: str, folder: Path, options: argparse.Namespace) -> None:
    """Every check on ``folder``, beside the peers."""
    kloc = lines(folder) / 1000
    print(f"\n{title}: {kloc:,.0f} kLOC of Python")
    ours = report("aisecops, all checks", scan(folder, options.runs), kloc)
    report("aisecops, one process", scan(folder, options.runs, "--jobs", "1"), kloc)
    peers = {
        "bandit": ["bandit", "-q", "-r", str(folder)],
        "detect-secrets": ["detect-secrets", "-C", str(folder), "scan", "--all-files"],  # elsewhere than in its own folder it finds no file to read
        "semgrep": [
            "semgrep",
            "scan",
            "--metrics=off",
            "--disable-version-check",
            "--no-git-ignore",
            "--quiet",
            "--config",
            options.semgrep_rules,
            str(folder),
        ],
    }
    for name, command in peers.items():
        program = shutil.which(name, path=options.peer_bin or None) or shutil.which(name)
        if program is None:
            print(f"  {name:<34} not installed")
            continue
        cost = Cost([program, *command[1:]])
        if cost.status not in (0, 1):  # 1: it has found something
            print(f"  {name:<34} failed with status {cost.status}")
            continue
        theirs = report(name, [cost], kloc)
        print(f"  ratio aisecops/{name}, CPU: {ours / theirs:.2f}")


def warm(name: str, runs: int) -> None:
    """A scan after one file was edited, one that many rest on last: everything else is known."""
    folder, copy = tree(name), CACHE / "edited"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    (copy / "aisecops.yaml").write_text("name: edited\n")
    Cost([AISECOPS, "scan", "--quiet", str(copy)])
    kloc = lines(copy) / 1000
    print(f"\n{TREES[name]}, again")
    report("nothing was edited", [Cost([AISECOPS, "scan", "--quiet", str(copy)]) for _ in range(runs)], kloc)
    files = sorted(path for path in copy.rglob("*.py") if path.stat().st_size > 2000)
    report("a comment in any file", [edited(copy, files[len(files) * number // (runs + 1)], comment) for number in range(1, runs + 1)], kloc)
    for path in CENTRAL[name]:
        report(f"a comment in {path.rpartition('/')[2]}", [edited(copy, copy / path, comment) for _ in range(runs)], kloc)
        report(f"a function of {path.rpartition('/')[2]}", [edited(copy, copy / path, statement) for _ in range(runs)], kloc)


def edited(copy: Path, path: Path, edit: Callable[[str], str]) -> Cost:
    """A scan of ``copy`` after ``edit`` of one file."""
    path.write_text(edit(path.read_text()))
    return Cost([AISECOPS, "scan", "--quiet", str(copy)])


def comment(text: str) -> str:
    """One more line at the end."""
    return text + "\n# edited\n"


def statement(text: str) -> str:
    """One more statement in the function in the middle."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 5]
    last = functions[len(functions) // 2].body[-1]
    written = text.split("\n")
    written.insert(last.lineno - 1, f"{' ' * last.col_offset}edited = {len(text)}")
    return "\n".join(written)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="small,large,warm")
    parser.add_argument("--tree", type=Path, help="measure this folder instead")
    parser.add_argument("--peer-bin", default="")
    parser.add_argument("--semgrep-rules", default=str(Path(__file__).with_name("semgrep.yaml")))
    options = parser.parse_args()
    if options.tree:
        compare(options.tree.name, options.tree, options)
        return
    wanted = options.only.split(",")
    for name in ("small", "large"):
        if name in wanted:
            compare(TREES[name], tree(name), options)
    for name, word in (("small", "warm"), ("large", "warm-large")):
        if word in wanted:
            warm(name, options.runs)


if __name__ == "__main__":
    main()
