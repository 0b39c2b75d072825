"""Every entry of the knowledge of libraries has an example that must be found and one that must not; a real scan of both."""

from __future__ import annotations

import runpy
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from aisecops.knowledge.libraries.written import WrittenEntry, WrittenLibrary

ROOT = Path(__file__).parents[2]
MARK = "# !"
BUILD = runpy.run_path(str(ROOT / "tools" / "build_libraries.py"))
SOURCES = {Path(path).stem: path for path in BUILD["sources"]()}
ABOUT_THE_WHOLE = ("missing-authentication", "exposed-service")
NEED_EXAMPLES = ("sink", "source", "guard", "handler")


def written(name: str) -> WrittenLibrary:
    return BUILD["read"](SOURCES[name])


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


@pytest.mark.parametrize("name", SOURCES)
def test_every_entry_has_both_examples(name: str) -> None:
    missing = [
        (number, entry.kind, key)
        for number, entry in enumerate(written(name).entries, 1)
        for key in ("positive", "negative")
        if entry.kind in NEED_EXAMPLES and not getattr(entry, key)
    ]
    assert not missing
    unmarked = [number for number, entry in enumerate(written(name).entries, 1) if any(MARK not in text for text in texts(entry.positive))]
    assert not unmarked, "positive examples without a marked line"


@pytest.mark.parametrize("name", SOURCES)
def test_examples_are_found_line_by_line(name: str, tmp_path: Path) -> None:
    if find_spec("aisecops.checks.source_file") is None:
        pytest.skip("the checks of source files are not there yet")
    wanted: dict[str, tuple[WrittenEntry, set[int]]] = {}
    for number, entry in enumerate(written(name).entries, 1):
        for kind in ("positive", "negative"):
            for variant, text in enumerate(texts(getattr(entry, kind))):
                folder = tmp_path / f"{kind}_{number}_{variant}"
                folder.mkdir()
                (folder / "example.py").write_text(text)
                pins = "".join(f"{name}=={version}\n" for name, version in entry.versions.items() if name != "python")
                (folder / "requirements.txt").write_text(pins)
                if "python" in entry.versions:
                    (folder / ".python-version").write_text(entry.versions["python"])
                lines = {i for i, line in enumerate(text.split("\n"), 1) if MARK in line}
                wanted[f"{folder.name}/example.py"] = (entry, lines)
    found = scanned(tmp_path)
    wrong = [said for path, (entry, lines) in wanted.items() for said in differences(path, entry, lines, found[path])]
    assert not wrong, "\n" + "\n".join(wrong)


def scanned(folder: Path) -> dict[str, list[tuple[str, int, int]]]:
    """Return what a scan finds: path to (category, first line, last line)."""
    from aisecops.workflows.scan import ScanRequest, scan

    run = scan(ScanRequest(paths=(str(folder),), jobs=1, cache=False))
    found: dict[str, list[Any]] = defaultdict(list)
    for finding in run.findings:
        for place in finding.locations:
            if place.line:
                found[place.path].append((finding.category, place.line, place.end_line or place.line))
    return found


def differences(path: str, entry: WrittenEntry, lines: set[int], found: list[tuple[str, int, int]]) -> list[str]:
    """Say where ``found`` is not what the example marks. Of a sink only its own category counts; the rest may be told by any that is about what flows."""
    own = [(first, last) for category, first, last in found if category == entry.sink or not (entry.sink or category in ABOUT_THE_WHOLE)]
    what = f"{path} ({entry.kind} {getattr(entry, entry.kind)})"
    missed = [f"{what}: line {line} is not found" for line in sorted(lines) if not any(first <= line <= last for first, last in own)]
    extra = [f"{what}: line {first} is found and not marked" for first, last in own if not lines.intersection(range(first, last + 1))]
    return missed + extra
