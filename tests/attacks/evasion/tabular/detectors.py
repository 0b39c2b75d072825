"""Detectors of the intrusion example, trained small, each with its table and its domain."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path

BENCHMARK = Path(__file__).parents[4] / "benchmarks" / "robustness" / "tabular.py"


@cache
def benchmark():
    """The benchmark as a module: what is tested here is what is measured there."""
    before = list(sys.path)
    spec = importlib.util.spec_from_file_location("benchmark_of_tables", BENCHMARK)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = before
        for name in ("flows", "training"):  # other examples may call theirs the same
            sys.modules.pop(name, None)
    return module


@cache
def cases(seed: int = 0):
    return {case.name: case for case in benchmark().cases(seed, train=1_500, trees=30)}
