"""Checks that behave as checks should, and as they should not."""

from __future__ import annotations

import ctypes
import hashlib
import mmap
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Any

from aisecops.core.asset import Asset, AssetFacts, AssetKind, FileVerdict
from aisecops.core.check import Budget, Check, CheckFunction, Context, Parser, Registry, Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Location, Weakness
from aisecops.core.measurement import Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

STRAY_MARK = f"9{os.getpid()}"
"""Seconds to sleep for, by which the tests find a process that should be gone."""
BUDGET = Budget(seconds=1.5, memory_bytes=64 << 20)


class Text:
    """The parsed form of a test asset: its name stands for its content."""

    def __init__(self, name: str) -> None:
        self.name = name

    def facts(self) -> AssetFacts:
        return AssetFacts(verdict=FileVerdict.CLEAN, facts={"name": self.name})


def parse(asset: Asset, ctx: Context) -> Text:
    return Text(asset.path)


def asset(path: str, kind: AssetKind = AssetKind.MODEL_FILE, size: int = 100) -> Asset:
    return Asset(id=Asset.id_of(kind, path), kind=kind, path=path, digest=f"sha256:{path}", size=size)


def assets(number: int) -> list[Asset]:
    return [asset(f"models/{i:04d}.pkl", size=(i * 37) % 1000) for i in range(number)]


def weakness(*identity: str, offset: int = 0, path: str = "", member: str = "") -> Weakness:
    locations = (Location(path=path, offset=offset, member=member),) if path else ()
    return Weakness(
        category="code-execution", identity=identity, title="Runs code", message=" ".join(identity),
        severity=Severity.HIGH, confidence=Confidence.HIGH, locations=locations,
    )  # fmt: skip


def registry_of(checks: dict[str, CheckFunction], *, parser: Any = parse, kind: AssetKind = AssetKind.MODEL_FILE, version: int = 1) -> Registry:
    registry = Registry()
    for name, function in checks.items():
        registry.add(
            Check(
                id=name, title=name, version=version, threat=Threat.SUPPLY_CHAIN, stage=Stage.RELEASE, inputs=(kind,),
                categories=("code-execution",), refs=(), lesson="", function=function,
            )
        )  # fmt: skip
    if parser is not None:
        registry.parsers[kind] = Parser(kind=kind, version=1, function=parser)
    return registry


def name_of(subject: Text | Asset) -> str:
    return subject.path if isinstance(subject, Asset) else subject.name


def honest(number: int) -> CheckFunction:
    """A check whose results are a function of the asset's name: nothing, weaknesses, a reading, or an honest gap."""

    def look(subject: Text | Asset, ctx: Context) -> Iterator[Result]:
        value = hashlib.sha256(f"{number} {name_of(subject)} {ctx.seed}".encode()).digest()
        if value[0] < 64:
            yield weakness(f"w{value[1]}", offset=value[2], path=name_of(subject))
            yield weakness(f"w{value[3] % 4}", offset=value[4], path=name_of(subject), member="inner")
        elif value[0] < 96:
            yield Reading(name="share", value=value[1] / 256, unit="1", n=256)
        elif value[0] < 128:
            yield NotExamined(code=Code.NO_PARSER, reason="a format of its own", member=f"m{value[1]}")

    return look


def segfault(subject: Any, ctx: Context) -> list[Result]:
    ctypes.string_at(0)
    return []


def kills_itself(subject: Any, ctx: Context) -> list[Result]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return []


def exits(subject: Any, ctx: Context) -> list[Result]:
    os._exit(0)


def exits_politely(subject: Any, ctx: Context) -> list[Result]:
    raise SystemExit


def hangs(subject: Any, ctx: Context) -> list[Result]:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        time.sleep(1)


def hangs_in_c(subject: Any, ctx: Context) -> list[Result]:
    re.match(r"(a+)+$", "a" * 60 + "b")
    return []


def stops(subject: Any, ctx: Context) -> list[Result]:
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(100)
    return []


def allocates(subject: Any, ctx: Context) -> list[Result]:
    bytearray(50 << 30)
    return []


def allocates_slowly(subject: Any, ctx: Context) -> list[Result]:
    held = [bytes(1 << 20) * 2]
    while True:
        held.append(b"x" * (1 << 20))


def allocates_shared(subject: Any, ctx: Context) -> list[Result]:
    held = []
    for _ in range(50 << 3):
        memory = mmap.mmap(-1, 1 << 27)
        for page in range(0, 1 << 27, 4096):
            memory[page] = 1
        held.append(memory)
    return []


def forks(subject: Any, ctx: Context) -> list[Result]:
    os.fork()
    return [weakness("said twice")]


def forks_and_stays(subject: Any, ctx: Context) -> list[Result]:
    if not os.fork():
        time.sleep(1000)
    return []


def forks_and_dies(subject: Any, ctx: Context) -> list[Result]:
    if not os.fork():
        time.sleep(1000)
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def starts_a_session(subject: Any, ctx: Context) -> list[Result]:
    started = subprocess.Popen(["sleep", STRAY_MARK], start_new_session=True)
    started.returncode = 0  # no warning from the interpreter; nobody waits for it
    return []


def forks_and_runs_out(subject: Any, ctx: Context) -> list[Result]:
    os.fork()
    raise MemoryError


def garbage_type(subject: Any, ctx: Context) -> Any:
    return [weakness("fine"), 42]


def garbage_nothing(subject: Any, ctx: Context) -> Any:
    return None


def garbage_fields(subject: Any, ctx: Context) -> Any:
    return [NotExamined(code="no such code", reason=7)]  # type: ignore[arg-type]


def garbage_object(subject: Any, ctx: Context) -> Any:
    return [
        Weakness(category="x", identity=("y",), title="t", message="m", severity=Severity.LOW, confidence=Confidence.LOW, evidence={"x": object()})
    ]


def garbage_text(subject: Any, ctx: Context) -> Any:
    return [weakness("\ud800")]


MOST = 4096
"""Descriptors that a process may have: its pipes need not be among the first when a test before has left some open."""


def garbage_everywhere(subject: Any, ctx: Context) -> list[Result]:
    for number in range(3, MOST):
        try:
            os.write(number, b"\x00" * 100)
        except OSError:
            continue
    return []


def closes_everything(subject: Any, ctx: Context) -> list[Result]:
    os.closerange(0, MOST)
    return []


def closes_and_waits(subject: Any, ctx: Context) -> list[Result]:
    os.closerange(0, MOST)
    time.sleep(100)
    return []


def raises(subject: Any, ctx: Context) -> list[Result]:
    raise ValueError(f"secret of {object()}")


def raises_late(subject: Any, ctx: Context) -> Iterator[Result]:
    yield weakness("early")
    raise KeyError("late")


def recurses(subject: Any, ctx: Context) -> list[Result]:
    return recurses(subject, ctx)


def interrupts(subject: Any, ctx: Context) -> list[Result]:
    raise KeyboardInterrupt


def unreadable(subject: Any, ctx: Context) -> list[Result]:
    with open(ctx.location(asset(subject.name))):
        return []


def misses_its_own_data(subject: Any, ctx: Context) -> list[Result]:
    with open("/usr/lib/no such table"):
        return []


def shouts(subject: Any, ctx: Context) -> list[Result]:
    os.write(1, b"\x1b[31mshouting")
    os.write(2, b"shouting")
    return [weakness(repr(os.read(0, 10)))]


MISBEHAVED: dict[CheckFunction, tuple[Code, str]] = {
    segfault: (Code.CRASH, "SIGSEGV"),
    kills_itself: (Code.CRASH, "SIGSEGV"),
    exits: (Code.CRASH, "exit status 0"),
    exits_politely: (Code.CRASH, "SystemExit"),
    hangs: (Code.TIMEOUT, "did not finish within 1.5 s"),
    hangs_in_c: (Code.TIMEOUT, "did not finish within 1.5 s"),
    stops: (Code.TIMEOUT, "did not finish within 1.5 s"),
    allocates: (Code.TOO_LARGE, "64 MiB"),
    allocates_slowly: (Code.TOO_LARGE, "64 MiB"),
    allocates_shared: (Code.TOO_LARGE, "64 MiB"),
    forks: (Code.CRASH, "another process"),
    forks_and_stays: (Code.CRASH, "another process"),
    forks_and_dies: (Code.CRASH, "SIGKILL"),
    starts_a_session: (Code.CRASH, "another process"),
    forks_and_runs_out: (Code.TOO_LARGE, "64 MiB"),
    garbage_type: (Code.CRASH, "a int among its results"),
    garbage_nothing: (Code.CRASH, "a NoneType where results should be"),
    garbage_fields: (Code.CRASH, "returned garbage"),
    garbage_object: (Code.CRASH, "returned garbage"),
    garbage_text: (Code.CRASH, "returned garbage"),
    garbage_everywhere: (Code.CRASH, "returned garbage"),
    closes_everything: (Code.CRASH, "returned garbage"),
    closes_and_waits: (Code.CRASH, "returned garbage"),
    raises: (Code.CRASH, "raised ValueError at specimens.py:"),
    raises_late: (Code.CRASH, "raised KeyError at specimens.py:"),
    recurses: (Code.CRASH, "raised RecursionError"),
    interrupts: (Code.CRASH, "raised KeyboardInterrupt"),
    unreadable: (Code.UNREADABLE, "No such file"),
    misses_its_own_data: (Code.CRASH, "raised FileNotFoundError at specimens.py:"),
}


def family(checks: Sequence[CheckFunction]) -> dict[str, CheckFunction]:
    """Check id to function, for functions named by what they do."""
    return {"odd/" + function.__name__.replace("_", "-"): function for function in checks}
