"""The claim of the benchmark, on messages that can be had without a download: no less success than DeepWordBug's search at a twentieth of its calls."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from aisecops.attacks.evasion.text import TYPOS, EditBudget, edit_text

from .filters import spam, trained

SCRIPT = Path(__file__).parents[4] / "benchmarks" / "robustness" / "text.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("text_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["words", "bayes", "forest", "characters", "normalised"])
def test_no_less_success_at_a_twentieth_of_the_calls(benchmark, kind):
    texts = spam(60)
    theirs, ours = benchmark.Filter(trained(kind)), benchmark.Filter(trained(kind))
    evaded = np.mean([benchmark.deep_word_bug(theirs, text, False) for text in texts])
    attempts = edit_text(ours, texts, np.ones(60, dtype=int), families=TYPOS, budget=EditBudget(letters=benchmark.LETTERS))
    assert attempts.found.mean() >= evaded
    assert attempts.calls == ours.calls <= theirs.calls / 20
