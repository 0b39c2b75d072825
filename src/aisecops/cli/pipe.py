"""Standard output whose reader may go away (``| head``), or whose disk may be full."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def unless_gone(out: TextIO) -> Iterator[None]:
    """Take it quietly when the reader has seen enough: the exit code is still the verdict's, and nothing is written at exit either.

    Raises
    ------
    UserError
        Standard output cannot be written for another reason.
    """
    try:
        yield
        out.flush()
    except BrokenPipeError:
        _give_up(out)
    except OSError as error:
        from aisecops.core.errors import UserError

        _give_up(out)
        raise UserError(f"standard output cannot be written: {error.strerror}", fix="use --output FILE, or mend where it goes") from None


def _give_up(out: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
