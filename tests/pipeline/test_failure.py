"""What is said of a step whose process ended under it."""

from __future__ import annotations

import os
import signal

import pytest

from aisecops.core.examination import Code
from aisecops.pipeline.failure import died


def ended_by(number: int) -> int:
    """The status of a process that a signal ended."""
    pid = os.fork()
    if not pid:
        signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
        os.kill(os.getpid(), number)
    return os.waitpid(pid, 0)[1]


@pytest.mark.parametrize(("number", "remedy"), [(signal.SIGABRT, "memory"), (signal.SIGKILL, "report")])
def test_a_process_that_gave_up_for_lack_of_memory_asks_for_more(number, remedy):
    gap = died(ended_by(number))
    assert gap.code is Code.CRASH and signal.Signals(number).name in gap.reason and remedy in gap.remedy
