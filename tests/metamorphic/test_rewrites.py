"""What is found in a program is found however the program is written: every rule's examples, rewritten in twelve ways that keep their meaning."""

from __future__ import annotations

import ast
from collections import Counter
from copy import deepcopy

import pytest

from tests.codebase.programs import interpreted
from tests.knowledge.test_library_examples import SOURCES, texts, written
from tests.metamorphic.rewrites import REWRITES, Rewritten

KEPT = 0.95
CASES = [
    (name, number, variant, text, entry)
    for name in SOURCES
    for number, entry in enumerate(written(name).entries, 1)
    if entry.sink
    for variant, text in enumerate(texts(entry.positive))
]


def findings(files: Rewritten, versions: dict[str, str], category: str) -> list[tuple[str, int, int]]:
    """The distinct places of ``category`` in all files."""
    places = set()
    for path in files:
        module = interpreted(files[path], versions, files, path)
        places |= {(s.path, s.line, s.column) for h in module.hits if h.entry.sink == category for s in (h.sites or (h.span,))}
    return sorted(places)


def outcomes(rewrite: str) -> tuple[int, list[str]]:
    """How many findings were put to the test, and which were lost."""
    tried, lost = 0, []
    for name, number, variant, text, entry in CASES:
        before = findings({"example.py": text}, entry.versions, entry.sink)
        for _, line, column in before:
            tree = ast.parse(text)
            calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and (n.lineno, n.col_offset + 1) == (line, column)]
            if not calls:
                continue
            after = REWRITES[rewrite](tree, max(calls, key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0)))
            if after is None:
                continue
            tried += 1
            if len(findings(after, entry.versions, entry.sink)) < len(before):
                lost.append(f"{name} #{number}.{variant} line {line} ({entry.sink})")
    return tried, lost


@pytest.mark.slow
@pytest.mark.parametrize("rewrite", REWRITES)
def test_findings_survive(rewrite: str) -> None:
    tried, lost = outcomes(rewrite)
    assert tried > 30
    assert len(lost) <= (1 - KEPT) * tried, f"{len(lost)} of {tried} lost: {Counter(lost)}"


def test_rewrites_keep_programs_valid() -> None:
    tree = ast.parse("import torch\nmodel = torch.load('model.pt', weights_only=False)\n")
    for name, rewrite in REWRITES.items():
        copy = deepcopy(tree)
        call = next(node for node in ast.walk(copy) if isinstance(node, ast.Call))
        after = rewrite(copy, call)
        assert after is not None, name
        for text in after.values():
            compile(text, name, "exec")
