"""What a Ray worker does: hand batches to its bench, and hand back what comes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import Any

import msgspec

from aisecops.pipeline.cluster.line import Line, interpreter, send

_benches: dict[str, Bench] = {}
"""By the token of the run: Ray uses a worker for many batches, and for many runs."""


class LostError(Exception):
    """The bench is gone or silent."""


class WrongError(Exception):
    """The worker must not take part: what, where and fix of a ``UserError``."""


class Bench:
    """A bench, from outside."""

    def __init__(self, job: bytes) -> None:
        theirs, self._lifeline = os.pipe()
        self._process = subprocess.Popen(  # noqa: S603
            interpreter("aisecops.pipeline.cluster.bench", theirs),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(theirs,), start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        assert self._process.stdin
        assert self._process.stdout
        self._down = self._process.stdin
        self._line = Line(self._process.stdout.fileno())
        send(self._down.fileno(), job)

    def examine(self, tasks: Sequence[bytes], patience: float) -> list[Any]:
        """Return all that the bench says of ``tasks`` (msgpack of each).

        Raises
        ------
        LostError, WrongError
            See there.
        """
        send(self._down.fileno(), msgspec.msgpack.encode([msgspec.Raw(task) for task in tasks]))
        said: list[Any] = []
        while True:
            body = self._line.receive(patience)
            if body is None:
                raise LostError
            kind, *rest = msgspec.msgpack.decode(body)
            if kind == "wrong":
                raise WrongError(*rest)
            if kind != "alive":
                said.append([kind, *rest])
            if kind == "done":
                return said

    def close(self) -> None:
        """End it and all that it has started."""
        os.close(self._lifeline)
        self._process.kill()
        self._process.communicate()


def examine(token: str, job: bytes, tasks: Sequence[bytes], patience: float) -> list[Any]:
    """Examine ``tasks`` for the run ``token``."""
    for other in [name for name in _benches if name != token]:
        _benches.pop(other).close()
    if token not in _benches:
        _benches[token] = Bench(job)
    try:
        return _benches[token].examine(tasks, patience)
    except (BrokenPipeError, TimeoutError, LostError, WrongError) as error:
        _benches.pop(token).close()
        if isinstance(error, WrongError):
            raise
        raise LostError from None
