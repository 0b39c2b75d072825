from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from aisecops.attacks.evasion.catalogue import ATTACKS

SIGNATURE = ("oracle", "samples", "y", "space", "norm", "epsilon", "queries", "seed", "starts", "target")


@pytest.mark.parametrize("name", ATTACKS)
def test_one_signature_for_all(name):
    parameters = inspect.signature(ATTACKS[name].load()).parameters
    assert tuple(parameters)[: len(SIGNATURE)] == SIGNATURE
    assert all(parameters[extra].default is not inspect.Parameter.empty for extra in tuple(parameters)[3:] if extra != "space")
    assert parameters["norm"].default in ATTACKS[name].norms


def test_the_engine_runs_on_numpy_alone():
    code = (
        "import sys; from aisecops.attacks.evasion.catalogue import ATTACKS; [a.load() for a in ATTACKS.values()];"
        "print(sorted({'torch', 'sklearn', 'scipy', 'pandas', 'polars'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
