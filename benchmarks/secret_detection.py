"""How fast secrets are searched, what honest code costs in alarms, and how many secrets made for the purpose are found; beside peers, in one run.

    python benchmarks/secret_detection.py [--tree FOLDER] [--runs 3] [--peer-bin DIR]

Peers are used when their command is on PATH (or in ``--peer-bin``): detect-secrets, kingfisher. ``--tree`` is code of others (default: the scikit-learn
of this environment). The made-up secrets are drawn from our own rules and places, so of ours they say only whether the rules work together; of
peers, what they were not made for. Nothing here asserts: read the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import runpy
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.content.secrets.specimens import drawn, expand  # noqa: E402

from aisecops.content.secrets import find_secrets  # noqa: E402

LANGUAGES = {
    ".py": "python",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".toml": "toml",
    ".ini": "ini",
    ".env": "env",
    ".sh": "shell",
    ".md": "markdown",
}
PLACES = (
    ("a.py", 'client = Client(api_key="{}")\n'),
    ("b.py", 'os.environ["SERVICE_API_KEY"] = "{}"\n'),
    ("c.yaml", "service:\n  api_key: {}\n"),
    ("d.env", "SERVICE_API_KEY={}\n"),
    ("e.json", '{{"api_key": "{}"}}\n'),
    ("f.sh", "curl -H 'Authorization: Bearer {}' https://api.corp.io/\n"),
)


def texts(tree: Path) -> Iterator[tuple[str, str]]:
    """Yield language and text of each file of code or settings in ``tree``."""
    for path in sorted(tree.rglob("*")):
        if path.suffix in LANGUAGES and path.is_file():
            yield LANGUAGES[path.suffix], path.read_text(encoding="utf-8", errors="replace")


def cpu(action: Callable[[], int]) -> tuple[float, int]:
    """Return CPU seconds of this process and of its children, and what ``action`` returns."""
    before = _used()
    result = action()
    return _used() - before, result


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def ours(tree: Path) -> Callable[[], int]:
    """Search the texts of ``tree`` in this process: reading them is part of it, as it is for the peers."""
    return lambda: sum(len(find_secrets(text, language=language)) for language, text in texts(tree))


def detect_secrets(command: str, tree: Path) -> Callable[[], int]:
    """What detect-secrets finds with its standard plug-ins."""

    def run() -> int:
        done = subprocess.run([command, "scan", "--all-files", "."], cwd=tree, capture_output=True, check=True)
        return sum(len(found) for found in json.loads(done.stdout)["results"].values())

    return run


def kingfisher(command: str, tree: Path) -> Callable[[], int]:
    """What kingfisher finds without asking anybody whether it works."""

    def run() -> int:
        arguments = ["scan", str(tree), "--no-validate", "--format", "json", "--git-history", "none", "--no-update-check"]
        done = subprocess.run([command, *arguments], capture_output=True, check=False)
        text = done.stdout.decode()
        return len(json.JSONDecoder().raw_decode(text, text.index("{"))[0]["findings"])  # a summary follows

    return run


PEERS = {"detect-secrets": detect_secrets, "kingfisher": kingfisher}


def show(title: str, tree: Path, runs: int, peers: str | None, of: int = 0) -> None:
    """Print CPU time, speed and findings of each tool on ``tree``; the tools take turns, so drift of the machine hits all."""
    size = sum(len(text) for _, text in texts(tree))
    print(f"\n{title}: {size / 1e6:.1f} MB" + (f", {of:,} secrets" if of else ""))
    tools: dict[str, Callable[[], int]] = {"aisecops": ours(tree)}
    for name, make in PEERS.items():
        command = shutil.which(name, path=os.pathsep.join(filter(None, (peers, os.environ.get("PATH")))))
        if command is None:
            print(f"  {name:<16} not installed")
        else:
            tools[name] = make(command, tree)
    results: dict[str, list[tuple[float, int]]] = {name: [] for name in tools}
    for _ in range(runs):
        for name, action in tools.items():
            results[name].append(cpu(action))
    for name, measured in results.items():
        seconds = statistics.median(second for second, _ in measured)
        print(f"  {name:<16} {seconds:8.2f} s CPU {size / seconds / 1e6:8.1f} MB/s {measured[0][1]:8,} findings")


def made_up(folder: Path) -> int:
    """Fill ``folder`` with secrets of every rule in several places, one a file; return how many."""
    rng = random.Random(0)
    count = 0
    examples = [written.example for written in runpy.run_path(str(ROOT / "tools" / "build_secrets.py"))["written"]()]
    plain = [lambda: drawn("alnum", 40, rng), lambda: drawn("hex", 32, rng), lambda: drawn("lower", 32, rng)]
    for make in [*(lambda e=e: expand(e, rng) for e in examples), *plain]:
        for name, place in PLACES:
            count += 1
            (folder / f"{count:04}-{name}").write_text(place.format(make()))
    return count


def main() -> None:
    """Read the command line and run both measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-bin")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = options.tree
        if tree is None:
            tree = folder / "honest"
            library = Path(sysconfig.get_path("purelib")) / "sklearn"
            shutil.copytree(library, tree, ignore=shutil.ignore_patterns("*.so", "*.pyc", "data", "_lib"))
        show("code of others", tree, options.runs, options.peer_bin)
        secrets = folder / "secrets"
        secrets.mkdir()
        count = made_up(secrets)
        show("secrets made for the purpose, one a file", secrets, 1, options.peer_bin, count)


if __name__ == "__main__":
    main()
