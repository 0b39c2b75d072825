"""The pickle machine against real unpicklers. A million streams: ``python tools/fuzz_pickle.py --streams 1000000``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "tools" / "fuzz_pickle.py"


def fuzz(*options: str) -> None:
    done = subprocess.run([sys.executable, str(TOOL), *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " misses" in done.stdout


def test_no_miss_in_a_few_streams() -> None:
    fuzz("--streams", "6000", "--seed", "1")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["bytes", "file", "BytesIO", "pickle.py"])
def test_no_miss_in_a_minute(mode: str) -> None:
    fuzz("--seconds", "15", "--seed", str(len(mode)), "--modes", mode)
