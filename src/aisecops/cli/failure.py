"""When a verb could not be done: one line for a person's mistake, a way to report a bug of ours."""

from __future__ import annotations

import os
import sys

from aisecops import __version__
from aisecops.core.errors import UserError

INTERRUPTED = 3
BUG = 70


def failed(error: Exception) -> int:
    """Say what happened on standard error and return the exit code: 2 for a ``UserError``, 70 for anything else."""
    if isinstance(error, UserError):
        complain(str(error))
        return 2
    if os.environ.get("AISECOPS_DEBUG"):
        import traceback

        traceback.print_exception(error)
    else:
        complain(f"a bug of ours, not of your input: {type(error).__name__}: {error}")
        complain(f"please report it with {_written(error)}; AISECOPS_DEBUG=1 shows it here")
    return BUG


def interrupted() -> int:
    """Return the exit code for Ctrl-C where no run was under way that could be kept."""
    complain("interrupted; nothing was kept")
    return INTERRUPTED


def complain(message: str) -> None:
    """Write ``message`` on one line of standard error, inert."""
    from aisecops.report.inert import terminal
    from aisecops.report.layout import writable

    text = terminal(f"aisecops: error: {message}")
    sys.stderr.write(writable(text, (sys.stderr.encoding or "utf-8").lower()) + "\n")


def _written(error: Exception) -> str:
    """Write the traceback to a file for the report and return its name; what went wrong may be the disk itself."""
    import tempfile
    import traceback

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="aisecops-bug-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(f"aisecops {__version__}, Python {sys.version}, {sys.platform}\n{' '.join(sys.argv)}\n\n")
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return "the traceback"
    return file.name
