"""A finding keeps its name when its file is edited elsewhere, reformatted, or a variable is called something else."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from aisecops.workflows.scan import ScanRequest, scan
from tests.knowledge.test_library_examples import SOURCES, texts, written

PROGRAMS = [
    (f"{name}_{number}_{variant}".replace("-", "_"), text, entry.versions)
    for name in SOURCES
    for number, entry in enumerate(written(name).entries, 1)
    if entry.sink
    for variant, text in enumerate(texts(entry.positive))
]
"""Every positive example of a sink."""


def moved(text: str) -> str:
    return "# inserted\n" * 20 + text


def reformatted(text: str) -> str:
    return ast.unparse(ast.parse(text)) + "\n"


def renamed(text: str) -> str:
    """``text`` with another name for one variable, chosen among those whose name no rule can mean anything by."""
    tree = ast.parse(text)
    stored = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    outer = {name for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    telling = {n.value.id for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)}
    telling |= {
        name
        for name in stored
        if re.search(r"(?i)key|token|pass|secret|salt|nonce|code|id$|email|phone|user|prompt|cors|allow|host|bind|debug|trust", name)
    }
    fields = {
        name.id
        for cls in ast.walk(tree)
        if isinstance(cls, ast.ClassDef)
        for part in cls.body
        for name in ast.walk(part)
        if isinstance(name, ast.Name)
    }
    free = sorted(set(stored) - defined - outer - telling - fields - {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)})
    for node in ast.walk(tree):
        if free and isinstance(node, ast.Name) and node.id == free[0]:
            node.id += "_renamed"
    return ast.unparse(tree) + "\n" if free else text


def findings(folder: Path, change: Callable[[str], str]) -> Counter[tuple[str, str, str]]:
    for name, text, versions in PROGRAMS:
        inside = folder / name
        inside.mkdir()
        (inside / "example.py").write_text(change(text))
        (inside / "requirements.txt").write_text("".join(f"{library}=={v}\n" for library, v in versions.items() if library != "python"))
        if "python" in versions:
            (inside / ".python-version").write_text(versions["python"])
    run = scan(ScanRequest(paths=(str(folder),), cache=False, select=("source-file",)))
    return Counter((finding.asset, finding.check, finding.fingerprint) for finding in run.findings)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Counter[tuple[str, str, str]]:
    return findings(tmp_path_factory.mktemp("original"), str)


@pytest.mark.slow
@pytest.mark.parametrize("change", [moved, reformatted, renamed])
def test_no_finding_is_lost_and_none_is_new(original: Counter[tuple[str, str, str]], change: Callable[[str], str], tmp_path: Path) -> None:
    assert len(original) > 150
    after = findings(tmp_path, change)
    assert (sorted(original - after), sorted(after - original)) == ([], [])
