"""Small programs with their findings marked: ``# ! category`` stands at the lines that a scan has to report, and nothing else may be reported.

A text holds many programs. Each begins with ``=== name``; ``--- path`` begins a further file of it. What such a text spells as ``{{a|b}}`` is ``ab`` in the program:
names of secrets and addresses that would make a scanner of this repository stop.
"""

from __future__ import annotations

import re
from pathlib import Path

from aisecops.workflows.scan import ScanRequest, scan

PROGRAMS = Path(__file__).parent / "programs"


def programs(name: str) -> dict[str, str]:
    """Return the files of all programs in ``programs/name.txt``: path to text."""
    text = (PROGRAMS / f"{name}.txt").read_text()
    text = re.sub(r"\{\{([^{}|]*)\|([^{}]*)\}\}", r"\1\2", text)
    files: dict[str, str] = {}
    parts = re.split(r"^=== (.*)\n", text, flags=re.MULTILINE)[1:]
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        folder = title.strip().replace(" ", "_")
        assert not any(path.startswith(f"{folder}/") for path in files), f"two programs are called {title}"
        first, *others = re.split(r"^--- (\S+)\n", body, flags=re.MULTILINE)
        pairs = [("main.py", first)] if first.strip() else []
        for path, content in [*pairs, *zip(others[::2], others[1::2], strict=True)]:
            files[f"{folder}/{path}"] = content
    return files


def wrong(name: str, folder: Path, *categories: str) -> list[str]:
    """Scan the programs of ``programs/name.txt`` and say where the findings of ``categories`` are not those that are marked."""
    files = programs(name)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    run = scan(ScanRequest(paths=(str(folder),), jobs=1, cache=False, select=tuple(f"source-file/{category}" for category in categories)))
    found: dict[str, list[tuple[str, int, int]]] = {}
    for finding in run.findings:
        for place in finding.locations:
            found.setdefault(place.path, []).append((finding.category, place.line or 0, place.end_line or place.line or 0))
    said = []
    for path, text in files.items():
        marks = [(match[1], number) for number, line in enumerate(text.split("\n"), 1) for match in re.finditer(r"# ! ([\w-]+)", line)]
        got = found.get(path, [])
        said += [f"{path}:{line} {category} is not found" for category, line in marks if not any(_is(g, category, line) for g in got)]
        said += [f"{path}:{g[1]} {g[0]} is found and not marked" for g in got if not any(_is(g, category, line) for category, line in marks)]
    return said


def _is(finding: tuple[str, int, int], category: str, line: int) -> bool:
    return finding[0] == category and finding[1] <= line <= finding[2]
