"""What is said of a step that broke or had to be ended. The words are a function of the failure alone: no address, no timing, nothing from the file."""

from __future__ import annotations

import os
import signal
from errno import ENOMEM

from aisecops.core.check import Budget, RefusedError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert

_BUG = "report it to whoever wrote the check, with the file if you may share it"

STRAY = NotExamined(code=Code.CRASH, reason="left another process behind (it forked)", remedy=_BUG)
BROKEN = NotExamined(code=Code.CRASH, reason="returned garbage: it wrote to the pipeline's own connection, or closed it", remedy=_BUG)


def timeout(budget: Budget) -> NotExamined:
    """It ran out of time."""
    return NotExamined(
        code=Code.TIMEOUT, reason=f"did not finish within {budget.seconds:g} s", remedy="allow it more time, or look at this file by hand"
    )


def memory(budget: Budget) -> NotExamined:
    """It asked for more memory than it may have."""
    limit = f"{budget.memory_bytes / (1 << 20):g} MiB"
    return NotExamined(
        code=Code.TOO_LARGE, reason=f"needs more memory than the limit of {limit}", remedy="allow it more memory, or look at this file by hand"
    )


def garbage(detail: str) -> NotExamined:
    """It returned what no check may return."""
    return NotExamined(code=Code.CRASH, reason=inert(f"returned garbage: {detail}"), remedy=_BUG)


def raised(error: BaseException, location: str) -> NotExamined:
    """It raised, while examining the file at ``location``.

    What a parser refuses, it explains itself. Of other errors the message is left out: it can hold secrets of the file, and addresses that differ from run to run.
    """
    if isinstance(error, RefusedError):
        return error.why
    if isinstance(error, OSError) and error.errno and error.filename in (None, location):
        return NotExamined(
            code=Code.UNREADABLE, reason=f"could not be read: {os.strerror(error.errno)}", remedy="make the file readable, and run it again"
        )
    return NotExamined(code=Code.CRASH, reason=inert(f"raised {type(error).__name__}{_place(error)}"), remedy=_BUG)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    if trace is None or isinstance(error, RecursionError):  # the latter strikes wherever the stack happens to be full
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"


def died(status: int) -> NotExamined:
    """Its process ended under it; ``status`` as ``os.waitpid`` tells it."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = next((s.name for s in signal.Signals if s == number), f"signal {number}")
        reason = f"its process was killed by {name}"
        if number == signal.SIGABRT:  # how Rust and C++ end when an allocation fails
            return NotExamined(
                code=Code.CRASH, reason=f"{reason}, as native code is that runs out of memory", remedy="allow it more memory (--memory)"
            )
    else:
        reason = f"its process ended by itself with exit status {os.waitstatus_to_exitcode(status)}"
    return NotExamined(code=Code.CRASH, reason=reason, remedy=_BUG)


def out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` says that memory ran out."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == ENOMEM)
