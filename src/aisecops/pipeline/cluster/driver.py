"""The interpreter that talks to Ray, so that the command need not: it gets a job and batches, and tells what becomes of them.

A batch that is lost with its worker is tried again task by task; a task that is lost twice by itself is told as lost. It ends, and a cluster of its own with it,
when its standard input does.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from threading import Event, Thread
from typing import Any

import msgspec

from aisecops.pipeline.cluster import node
from aisecops.pipeline.cluster.line import Line, say

_ATTEMPTS = 2
"""How often a task is tried by itself: a node that is taken away is not the task's fault."""
_LOOK_SECONDS = 0.2
_STORE_BYTES = 128 << 20
_LISTENS_SECONDS = 10.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the command wants done: ``tasks`` (msgpack of each), ``batches`` of their indices, the packed ``job``; ``address`` of a cluster, or its own with ``cores``."""

    token: str
    job: bytes
    tasks: list[bytes]
    batches: list[list[int]]
    patience: float
    address: str
    cores: int


def main() -> None:
    """Carry out the order on standard input."""
    answers = os.dup(1)
    os.dup2(2, 1)
    line = Line(0)
    order = msgspec.msgpack.decode(line.receive() or b"", type=Order)
    stop = Event()
    Thread(target=_watch, args=(line, stop), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with tempfile.TemporaryDirectory(prefix="aisecops-ray-", ignore_cleanup_errors=True) as folder:
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nobody is told that somebody examines something
        import ray

        try:
            if not _connected(ray, order, folder, answers):
                return
            _Shift(ray, order, answers, stop).work()
        finally:
            ray.shutdown()
    os._exit(0)  # the reading thread waits for ever


def _watch(line: Line, stop: Event) -> None:
    """Note the end of standard input: nobody wants the results any more."""
    line.receive()
    stop.set()


def _connected(ray: Any, order: Order, folder: str, answers: int) -> bool:
    """Whether a cluster can be had; if not, that has been told."""
    quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    if order.address and not _listens(order.address):
        fix = "start one (ray start --head), or take RAY_ADDRESS out of the environment to use this machine alone"
        say(answers, "wrong", "no Ray cluster answers here", f"RAY_ADDRESS={order.address}", fix)
        return False
    try:
        if order.address:
            ray.init(address=order.address, **quiet)
        else:
            ray.init(address="local", num_cpus=order.cores, include_dashboard=False, object_store_memory=_STORE_BYTES, _temp_dir=folder, **quiet)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError, OSError, ray.exceptions.RayError) as error:
        if order.address:
            fix = "use the version of Ray and the RAY_AUTH_MODE and token that the cluster has"
            say(answers, "wrong", "the Ray cluster does not let this command in", f"RAY_ADDRESS={order.address}", fix)
        else:
            say(answers, "wrong", f"Ray could not be started ({type(error).__name__})", "--engine ray", "try ray start --head, which says more")
        return False
    return True


def _listens(address: str) -> bool:
    """Whether somebody listens at ``host:port``; true for other forms ("auto"), which Ray knows. Ray itself takes minutes to find out that nobody does."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdigit()):
        return True
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_LISTENS_SECONDS).close()
    except OSError:
        return False
    return True


class _Shift:
    """One order: what is under way, and what is left."""

    def __init__(self, ray: Any, order: Order, answers: int, stop: Event) -> None:
        self._ray, self._order, self._answers, self._stop = ray, order, answers, stop
        self._job = ray.put(order.job)
        self._examine = ray.remote(num_cpus=1, max_retries=0)(node.examine)
        self._pending: dict[Any, list[int]] = {}
        self._attempts: dict[int, int] = {}

    def work(self) -> None:
        """Carry it out, or as much of it as is asked for."""
        for batch in self._order.batches:
            self._submit(batch)
        try:
            while self._pending and not self._stop.is_set():
                ready, _ = self._ray.wait(list(self._pending), num_returns=1, timeout=_LOOK_SECONDS)
                for ref in ready:
                    if not self._take(ref, self._pending.pop(ref)):
                        return
            if not self._pending:
                say(self._answers, "end")
        except BrokenPipeError:  # the command is gone
            return
        finally:
            for ref in self._pending:
                self._ray.cancel(ref, force=True)

    def _submit(self, batch: list[int]) -> None:
        tasks = [self._order.tasks[index] for index in batch]
        self._pending[self._examine.remote(self._order.token, self._job, tasks, self._order.patience)] = batch

    def _take(self, ref: Any, batch: list[int]) -> bool:
        """Pass on what came of ``batch``. False: this cannot go on."""
        try:
            said = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, node.WrongError):
                say(self._answers, "wrong", *cause.args)
                return False
            if isinstance(cause, ImportError):
                say(self._answers, "wrong", f"a worker of the cluster lacks {cause.name}", "--engine ray", "install aisecops on every node")
                return False
            self._lost(batch)
            return True
        for kind, *rest in said:
            say(self._answers, kind, *([batch, *rest] if kind == "done" else rest))
        return True

    def _lost(self, batch: list[int]) -> None:
        if len(batch) > 1:
            for index in batch:
                self._submit([index])
            return
        (index,) = batch
        self._attempts[index] = self._attempts.get(index, 0) + 1
        if self._attempts[index] < _ATTEMPTS:
            self._submit(batch)
        else:
            say(self._answers, "lost", index)
