"""A scan or a run in a process of its own, for programs that have loaded libraries whose threads do not survive a fork.

The engine forks its workers. Polars, OpenMP (scikit-learn, boosters) and torch keep threads; in a fork they are gone and their locks are not, and the first use of the
library waits for ever. The command line loads none of them before it forks. A notebook or a test does: there, what reads data or asks models is carried out by a fresh
interpreter that gets the request and sends back progress, the record, or what was wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from struct import Struct
from typing import IO, TYPE_CHECKING, Any

import msgspec

from aisecops.core import errors
from aisecops.core.asset import AssetKind
from aisecops.core.digest import canonical_json
from aisecops.core.errors import UserError
from aisecops.core.progress import Progress
from aisecops.pipeline.interruption import Interruption
from aisecops.pipeline.store import read_record

if TYPE_CHECKING:
    from aisecops.core.run import Run
    from aisecops.workflows.scan import ScanRequest

_KINDS = frozenset({AssetKind.DATA_SET, AssetKind.DOCUMENT, AssetKind.MODEL, AssetKind.ENDPOINT})
_THREADED = ("polars", "sklearn", "torch", "xgboost", "lightgbm", "catboost", "onnxruntime", "pyarrow")
_LENGTH = Struct("<Q")
_START = "import sys; sys.path[:] = {path!r}; from aisecops.workflows.elsewhere import main; main()"


class ElsewhereError(Exception):
    """What is to be examined cannot be examined in forks of this process."""


def demand_a_fork(kinds: Collection[AssetKind]) -> None:
    """Raise ``ElsewhereError`` where workers that examine ``kinds`` cannot be forked from this process."""
    if _KINDS & set(kinds) and any(name in sys.modules for name in _THREADED):
        raise ElsewhereError


def elsewhere(verb: str, request: ScanRequest, progress: Progress) -> Run:
    """Carry out ``verb`` ("scan", "run") on ``request`` in a fresh interpreter and return its record.

    Raises
    ------
    UserError
        As the verb itself.
    """
    import subprocess

    code = _START.format(path=[path or os.getcwd() for path in sys.path])
    with Interruption() as interruption, subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin
        assert process.stdout
        process.stdin.write(msgspec.msgpack.encode({"verb": verb, "request": request}))
        process.stdin.close()
        while frame := _read(process.stdout):
            if interruption.happened and process.poll() is None:
                process.terminate()
            kind, *said = msgspec.msgpack.decode(frame)
            match kind:
                case "record":
                    return read_record(said[0], where="the run in another process")
                case "wrong":
                    raise _error(*said)
                case _:
                    getattr(progress, kind)(*said)
        raise RuntimeError(f"the process that carried out {verb} ended with status {process.wait()} and no record")


def _error(name: str, what: str, where: str, fix: str) -> UserError:
    kind = getattr(errors, name, UserError)
    wrong: UserError = kind(what, where=where, fix=fix)
    return wrong


def _read(stream: IO[bytes]) -> bytes:
    head = stream.read(_LENGTH.size)
    return stream.read(*_LENGTH.unpack(head)) if len(head) == _LENGTH.size else b""


class _Telling:
    """Progress that goes up to whoever started this process."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def send(self, *said: Any) -> None:
        data = msgspec.msgpack.encode(said)
        self._stream.write(_LENGTH.pack(len(data)) + data)
        self._stream.flush()

    def phase(self, title: str, total: int) -> None:
        self.send("phase", title, total)

    def step(self, what: str, done: int = 1) -> None:
        self.send("step", what, done)

    def note(self, message: str) -> None:
        self.send("note", message)

    def close(self) -> None:
        """Whoever started this process closes the display."""


def main() -> None:
    """Carry out what stands on standard input; answer on standard output, which nothing else may write to."""
    telling = _Telling(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read())
    try:
        telling.send("record", canonical_json(_carry_out(asked["verb"], asked["request"], telling)))
    except UserError as wrong:
        telling.send("wrong", type(wrong).__name__, wrong.what, wrong.where, wrong.fix)


def _carry_out(verb: str, request: Any, telling: Progress) -> Run:
    if verb == "run":
        from aisecops.workflows.run import RunRequest, run

        return run(msgspec.convert(request, RunRequest), telling)
    from aisecops.workflows.scan import ScanRequest, scan

    return scan(msgspec.convert(request, ScanRequest), telling)
