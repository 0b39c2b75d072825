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
def test_no_miss_in_some_ten_thousand_streams(mode: str) -> None:
    """Four times eight seconds: 17,000 streams for each way of loading on a busy core, more on an idle one."""
    fuzz("--seconds", "8", "--seed", str(len(mode)), "--modes", mode)
