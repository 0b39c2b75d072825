"""Things outside that a quarantined process must not reach, set out for it: a file, sockets, a process, a key in an environment, an open descriptor."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Self

from aisecops.isolation.escapes.attempts import Bait
from aisecops.isolation.limits import Limits


class Trap:
    """The bait, and the evidence of who took it. A context manager: outside of it there is nothing."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stack = contextlib.ExitStack()
        self._token = f"bait-{secrets.token_hex(12)}"

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._set_out(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _set_out(self, stack: contextlib.ExitStack) -> None:
        self._folder = os.path.realpath(tempfile.mkdtemp(prefix="aisecops-bait-"))
        stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
        self._secret = os.path.join(self._folder, "secret")
        with open(self._secret, "w", encoding="utf-8") as file:
            file.write(self._token)
        os.chmod(self._secret, 0o600)
        self._state = _state(self._secret)
        descriptor = os.open(self._secret, os.O_RDONLY)
        os.set_inheritable(descriptor, True)
        stack.callback(os.close, descriptor)
        os.environ["AISECOPS_BAIT"] = self._token
        stack.callback(os.environ.pop, "AISECOPS_BAIT", None)
        self._sockets(stack)
        self._process = _sleeper()
        stack.callback(self._end_process)

    def _sockets(self, stack: contextlib.ExitStack) -> None:
        self._tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._udp.bind(("127.0.0.1", 0))
        self._udp.setblocking(False)
        self._unix = stack.enter_context(_listener(os.path.join(self._folder, "socket")))
        self._abstract = stack.enter_context(_listener("\0" + self._token)) if sys.platform == "linux" else None

    def _end_process(self) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def bait(self) -> Bait:
        """What an attempt is told."""
        return {
            "folder": self._folder,
            "secret": self._secret,
            "token": self._token,
            "tcp": self._tcp.getsockname()[1],
            "udp": self._udp.getsockname()[1],
            "unix": os.path.join(self._folder, "socket"),
            "abstract": self._token,
            "pid": self._process.pid,
            "threads": self._limits.threads,
            "memory": self._limits.memory_bytes,
            "file": self._limits.file_bytes,
            "disk": self._limits.folder_bytes,
        }

    def evidence(self) -> str:
        """What happened outside since it was last asked; empty if nothing did."""
        happened = []
        for name in sorted(set(os.listdir(self._folder)) - {"secret", "socket"}):
            os.unlink(os.path.join(self._folder, name))
            happened.append("a file was written")
        if _state(self._secret) != self._state:
            os.chmod(self._secret, 0o600)
            self._state = _state(self._secret)
            happened.append("the secret file was changed")
        with contextlib.suppress(BlockingIOError):
            self._udp.recv(4096)
            happened.append("a datagram arrived")
        if self._process.poll() is not None:
            happened.append("the other process is dead")
            self._process = _sleeper()
        return ", ".join(happened)


def _sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def left_behind(folder: str) -> str:
    """Which process still lives whose home is ``folder``, that of a quarantine that was closed; Linux only."""
    if sys.platform != "linux":
        return ""
    needle = f"HOME={folder}\0".encode()
    for process in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{process}/environ", "rb") as file:
            if needle in file.read():
                return f"process {process} lives on"
    return ""


def _state(path: str) -> tuple[int, int]:
    facts = os.stat(path)
    return facts.st_mode, facts.st_mtime_ns


def _listener(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    return listener
