"""The bound that a hostile input must not break: computing time that grows with the input, not with its square.

What took quadratic time would take minutes on these inputs, so the bound is far from what an honest machine needs, however slow or busy it is. How fast something is
stands in ``benchmarks/``: a test that compares milliseconds fails on the day when the machine is loaded.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def bounded(seconds: float = 60.0) -> Iterator[None]:
    """Fail if the block takes more than ``seconds`` of this process's computing time."""
    begin = time.process_time()
    yield
    took = time.process_time() - begin
    assert took < seconds, f"{took:.0f} seconds of computing: does the time grow with the square of the input?"
