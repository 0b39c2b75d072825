"""Differential fuzzing of the abstract pickle machine against real unpicklers.

    python tools/fuzz_pickle.py --streams 1000000 --seed 7
    python tools/fuzz_pickle.py --seconds 60 --jobs 2

Every stream is walked, and loaded by CPython's C ``Unpickler`` in three reading modes and by pickle.py, with a ``find_class`` that returns inert stubs. A *miss* is:
a callable that an unpickler asked for, an operation on a stub, or a stub stored away, that the trace does not tell of; or a load that returned where the walk says
that it cannot. Where the walk says that frames disagree, the modes that lose bytes there are left out. Exit code 1 on any miss.

Nothing real is ever imported or called: the only callables in reach of a stream are the stubs.
"""

from __future__ import annotations

import argparse
import copyreg
import gc
import io
import multiprocessing
import pickle
import random
import resource
import sys
import time
import warnings
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aisecops.core.settings import Operation
from aisecops.formats.pickle.names import resolve
from aisecops.formats.pickle.trace import Argument, Ending, StreamAnomaly, Trace
from aisecops.formats.pickle.walk import walk

DESYNCHRONISED = frozenset({"file", "BytesIO"})
"""Modes in which the C unpickler loses bytes where frames are ill-formed (python/cpython#154848); the walk, which follows the bytes as they stand, must say so."""
Label = tuple[str, str] | None

# -- stubs: classes that can be called, instantiated, built and filled, and tell of it


class Log:
    """What the unpickler under test did with stubs, in the stream under test."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the last load."""
        self.names: dict[tuple[str, str], type] = {}
        self.protocols: set[tuple[str, str, int]] = set()
        self.events: set[tuple[str, str, Label]] = set()
        self.stored: set[tuple[str, str]] = set()
        self.arguments: set[tuple[str, Label, tuple[Any, ...]]] = set()

    def event(self, kind: str, target: Any, values: tuple[Any, ...] = ()) -> None:
        """``kind`` happened to ``target``, a stub class or an instance of one, with ``values`` as arguments."""
        if isinstance(target, Meta):
            self.events.add((kind, "itself", target.label))
            if kind in ("call", "new"):
                self.arguments.add((kind, target.label, tuple(map(_shown, values[0]))))
        else:
            self.events.add((kind, "made", type(target).label))
        self.store(values)

    def store(self, value: Any, depth: int = 0) -> None:
        """Note the stub classes inside ``value``: the trace must say that they are referred to."""
        if isinstance(value, Meta):
            if value.label is not None:
                self.stored.add(value.label)
        elif depth < 6 and isinstance(value, (tuple, list, set, frozenset)):
            for item in value:
                self.store(item, depth + 1)
        elif depth < 6 and isinstance(value, dict):
            for pair in value.items():
                self.store(pair, depth + 1)


def _shown(value: Any) -> Any:
    """As much of an argument as a trace may tell."""
    if isinstance(value, Plain):
        return _MADE
    return value if isinstance(value, str) else value.label if isinstance(value, Meta) else None


_MADE = object()


LOG = Log()


class Meta(type):
    """The class of stub classes."""

    label: Label = None
    yields_text = False

    def __call__(cls, *args: Any, **keywords: Any) -> Any:
        """REDUCE, INST, OBJ."""
        LOG.event("call", cls, (args, keywords))
        return "fuzz" if cls.yields_text else object.__new__(cls)

    def __setattr__(cls, name: str, value: Any) -> None:
        LOG.event("state", cls, (value,))

    def __setitem__(cls, key: Any, value: Any) -> None:
        LOG.event("items", cls, (key, value))


class Hook:
    """A method of a stub that tells of its call, on an instance or on the class itself."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __get__(self, instance: Any, owner: Any) -> Callable[..., None]:
        target = owner if instance is None else instance
        return lambda *args: LOG.event(self.kind, target, args)


class Plain:
    """A stub whose state is set by writing attributes."""

    append, extend, add = Hook("items"), Hook("items"), Hook("items")

    def __new__(cls, *args: Any, **keywords: Any) -> Any:
        """NEWOBJ; also INST and OBJ without arguments."""
        LOG.event("new", cls, (args, keywords))
        return object.__new__(cls if isinstance(cls, type) else Computed)

    def __init__(self, *args: Any, **keywords: Any) -> None: ...

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """A call of what a call returned."""
        LOG.event("call", self, (args, keywords))
        return object.__new__(Computed)

    def __setitem__(self, key: Any, value: Any) -> None:
        LOG.event("items", self, (key, value))

    def __setattr__(self, name: str, value: Any) -> None:
        LOG.event("state", self, (value,))

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def keys(self) -> tuple[str, ...]:
        """What NEWOBJ_EX of pickle.py asks of its keywords."""
        return ()

    def __getitem__(self, key: Any) -> None: ...


class Stateful(Plain):
    """A stub with ``__setstate__``."""

    __setstate__ = Hook("state")


def _stub(number: int) -> Meta:
    made = Meta(f"Stub{number}", ((Plain, Stateful)[number % 2],), {})
    type.__setattr__(made, "yields_text", number % 7 == 6)
    return made


Computed = Meta("Computed", (Stateful,), {})
POOL = [_stub(number) for number in range(64)]


class _Stubbed:
    """What the unpicklers under test have in common."""

    def find_class(self, module: str, name: str) -> Any:
        """A stub, the same for the same name."""
        found = LOG.names.get((module, name))
        if found is None:
            found = POOL[len(LOG.names)] if len(LOG.names) < len(POOL) else _stub(len(LOG.names))
            type.__setattr__(found, "label", (module, name))
            LOG.names[module, name] = found
        LOG.protocols.add((module, name, getattr(self, "proto", -1)))
        return found

    def persistent_load(self, pid: Any) -> Any:
        """An object that the loader supplies."""
        LOG.store(pid)
        return object.__new__(Computed)


class CUnpickler(_Stubbed, pickle.Unpickler):
    """CPython's C unpickler."""


class PyUnpickler(_Stubbed, pickle._Unpickler):  # noqa: SLF001 - joblib, pandas and dill build on it
    """pickle.py."""


MODES: dict[str, tuple[type, Callable[[bytes], Any]]] = {
    "bytes": (CUnpickler, lambda data: io.BufferedReader(io.BytesIO(data), 1 << 17)),  # all in one peek, as ``loads`` has it
    "file": (CUnpickler, lambda data: io.BufferedReader(io.BytesIO(data), 24)),
    "BytesIO": (CUnpickler, io.BytesIO),
    "pickle.py": (PyUnpickler, io.BytesIO),
}

# -- the oracle


def misses(data: bytes, trace: Trace, mode: str) -> list[str]:
    """Load ``data`` as ``mode`` says; return what the trace does not tell of."""
    LOG.reset()
    unpickler, opened = MODES[mode]
    file, result, returned = opened(data), None, False
    try:
        loader = unpickler(file, buffers=(bytearray(b"buffer"),) * 3, encoding="latin1")
        result = loader.load()
        returned = True
    except Exception:  # most streams raise, in every way there is
        pass
    if copyreg._extension_cache:  # noqa: SLF001 - the unpicklers cache what they found
        copyreg._extension_cache.clear()  # noqa: SLF001
    LOG.store(result)
    found = list(_untold(trace))
    if returned and trace.ending is not Ending.STOP:
        found.append(f"returned, but the walk ended {trace.ending} at {trace.end}: {trace.error}")
    elif returned and mode in ("file", "pickle.py") and file.tell() != trace.end and not trace.anomalies:
        found.append(f"stopped at {file.tell()}, the walk at {trace.end}")
    return found


def _untold(trace: Trace) -> Iterator[str]:
    named = {(g.module, g.name) for g in trace.globals}
    anomalies = {a.kind for a in trace.anomalies}
    computed = StreamAnomaly.COMPUTED_NAME in anomalies or StreamAnomaly.EXTENSION_CODE in anomalies
    for label in LOG.names:
        if label not in named and not (StreamAnomaly.COMPUTED_NAME in anomalies or (computed and label[0] == "fuzzext")):
            yield f"find_class{label}"
    resolved = {g.resolved for g in trace.globals}
    for module, name, protocol in LOG.protocols:
        if protocol >= 0 and (module, name) in named and resolve(module, name, protocol) not in resolved:
            yield f"find_class{(module, name)} at protocol {protocol}"
    told = _told(trace)
    for event in LOG.events:
        if event not in told and not (computed and (event[0], "made", None) in told):
            yield f"{event}"
    referred = {(trace.globals[u.callee].module, trace.globals[u.callee].name) for u in trace.uses if u.operation is Operation.REFERENCE}
    for label in LOG.stored:
        if label not in referred and label in named:
            yield f"stored {label}"
    yield from _wrong_arguments(trace)
    used = {u.callee for u in trace.uses}
    if len(used - {-1}) != len(trace.globals):
        yield "a global without any use"


def _wrong_arguments(trace: Trace) -> Iterator[str]:
    """Calls whose arguments were others than all that the trace tells of calls of that callable."""
    told: dict[Label, list[tuple[Argument, ...] | None]] = {}
    for use in trace.uses:
        if use.callee >= 0 and use.origin < 0 and use.operation in (Operation.CALL, Operation.INSTANTIATE):
            told.setdefault((trace.globals[use.callee].module, trace.globals[use.callee].name), []).append(use.arguments)
    for kind, label, values in LOG.arguments:
        if label in told and not any(arguments is None or _matches(trace, arguments, values) for arguments in told[label]):
            yield f"{kind} {label} with {values}, not {told[label]}"


def _matches(trace: Trace, arguments: tuple[Argument, ...], values: tuple[Any, ...]) -> bool:
    return len(arguments) == len(values) and all(
        argument.kind in ("result", "unknown")
        or (argument.kind == "text" and argument.text == value)
        or (argument.kind == "global" and (trace.globals[argument.index].module, trace.globals[argument.index].name) == value)
        or (argument.kind in ("data", "number") and value is None)
        for argument, value in zip(arguments, values, strict=True)
    )


_KINDS = {
    Operation.CALL: ("call", "new"), Operation.INSTANTIATE: ("new",), Operation.STATE: ("state",), Operation.ITEMS: ("items",), Operation.REFERENCE: (),
}  # fmt: skip


def _told(trace: Trace) -> set[tuple[str, str, Label]]:
    """The events that ``trace`` tells of."""
    labels: list[Label] = [(g.module, g.name) for g in trace.globals]
    told: set[tuple[str, str, Label]] = set()
    for use in trace.uses:
        maker = trace.uses[use.origin].callee if use.origin >= 0 else -1
        itself = use.origin < 0 and use.callee >= 0
        for kind in _KINDS[use.operation]:
            if itself:
                told.add((kind, "itself", labels[use.callee]))
            else:
                told.add((kind, "made", labels[maker] if maker >= 0 else None))
    return told


# -- streams


class Grammar:
    """Generates streams that are valid, or nearly so, over all opcodes."""

    NAMES = (
        ("os", "system"), ("builtins", "eval"), ("__builtin__", "eval"), ("copy_reg", "_reconstructor"), ("numpy", "dtype"), ("a.b", "C.d"), ("é", "ü"),
        ("m", "f"), ("Queue", "Queue"), ("x y", "z"),
    )  # fmt: skip

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.memo: list[int] = []
        self.wild = rng.random() < 0.15
        """Whether the stream may do what unpicklers disagree on."""

    def stream(self) -> bytes:
        """One stream."""
        rng = self.rng
        head = b"" if rng.random() < 0.4 else b"\x80" + bytes([rng.randrange(6)])
        body = b"".join(self.value(rng.randrange(1, 5)) + (b"0" if rng.random() < 0.9 else b"") for _ in range(rng.randrange(3)))
        body += self.value(rng.randrange(1, 5))
        return head + self.framed(body + b".") + (b"" if rng.random() < 0.8 else rng.randbytes(rng.randrange(12)))

    def framed(self, body: bytes) -> bytes:
        """``body``, in a frame or not; now and then with a frame that ends elsewhere."""
        if self.rng.random() < 0.6:
            return body
        length = len(body) if not self.wild else max(0, len(body) + self.rng.randrange(-6, 7))
        return b"\x95" + length.to_bytes(8, "little") + body

    def value(self, depth: int) -> bytes:
        """Opcodes that push one value."""
        rng = self.rng
        choice = rng.random()
        if depth <= 0 or choice < 0.25:
            made = self.atom()
        elif choice < 0.5:
            made = self.container(depth - 1)
        elif choice < 0.75:
            made = self.object(depth - 1)
        elif choice < 0.85:
            made = self.callable(depth - 1)
        elif choice < 0.9:
            made = rng.choice((b"\x82\x01", b"\x83\x01\x00", b"\x84\x01\x00\x00\x00", b"Pid\n", self.value(depth - 1) + b"Q", b"\x97", b"\x97\x98"))
        else:
            made = self.get()
        return made + self.put() + self.noise(depth)

    def atom(self) -> bytes:
        """A number, a constant, text or bytes, in one of their many spellings."""
        rng = self.rng
        small, body = rng.randrange(256), rng.randbytes(rng.randrange(6))
        size = len(body)
        return rng.choice(
            (
                b"N", b"\x88", b"\x89", b"]", b"}", b")", b"\x8f", b"K%c" % small, b"M%c%c" % (small, 1), b"J" + rng.randbytes(4), b"G" + rng.randbytes(8),
                b"I%d\n" % small, b"I01\n", b"I 0x41\n", b"I-0b1\n", b"L%dL\n" % small, b"L0x4_1\n", b"F%d.5\n" % small, b"Fnan\n",
                b"\x8a" + bytes([size]) + body, b"\x8b" + size.to_bytes(4, "little") + body, b"C" + bytes([size]) + body,
                b"B" + size.to_bytes(4, "little") + body, b"\x8e" + size.to_bytes(8, "little") + body, b"\x96" + size.to_bytes(8, "little") + body,
                b"S'a\\x41'\n", b'S"q"\n', self.text("txt"), self.text("\ud800"), self.text("x" * rng.randrange(300)), self.text("é\n"),
            )
        )  # fmt: skip

    def text(self, text: str) -> bytes:
        """A string literal."""
        raw = text.encode("utf-8", "surrogatepass")
        spellings = [b"X" + len(raw).to_bytes(4, "little") + raw, b"\x8d" + len(raw).to_bytes(8, "little") + raw]
        if len(raw) < 256:
            spellings += [b"\x8c" + bytes([len(raw)]) + raw] * 3
        if text.isascii() and "\n" not in text:
            spellings += [
                b"V" + raw + b"\n",
                b"U" + bytes([len(raw) & 255]) + raw[:255],
                b"T" + len(raw).to_bytes(4, "little") + raw,
                b"S'" + raw + b"'\n",
            ]
        return self.rng.choice(spellings)

    def container(self, depth: int) -> bytes:
        """A tuple, list, dictionary or set."""
        rng = self.rng
        one, many = (lambda: self.value(depth)), (lambda: b"".join(self.value(depth) for _ in range(rng.randrange(4))))
        pairs = lambda: b"".join(self.key() + self.value(depth) for _ in range(rng.randrange(3)))  # noqa: E731
        return rng.choice(
            (
                lambda: one() + b"\x85", lambda: one() + one() + b"\x86", lambda: one() + one() + one() + b"\x87", lambda: b"(" + many() + b"t",
                lambda: b"(" + many() + b"l", lambda: b"]" + self.put() + b"(" + many() + b"e", lambda: b"]" + one() + b"a", lambda: b"(" + pairs() + b"d",
                lambda: b"}" + self.put() + b"(" + pairs() + b"u", lambda: b"}" + self.key() + one() + b"s", lambda: b"\x8f(" + self.key() + b"\x90",
                lambda: b"(" + self.key() + b"\x91",
            )
        )()  # fmt: skip

    def key(self) -> bytes:
        """Something hashable, as a rule."""
        return self.rng.choice((lambda: self.text("k"), lambda: b"K\x07", self.name, lambda: self.value(0)))()

    def name(self) -> bytes:
        """Opcodes that import."""
        rng = self.rng
        module, name = rng.choice(self.NAMES)
        if rng.random() < 0.5:
            return b"c" + module.encode() + b"\n" + name.encode() + b"\n"
        return self.text(module) + self.put() + self.text(name) + self.put() + b"\x93"

    def callable(self, depth: int) -> bytes:
        """Something to call: a name, or (wild) a name that is computed."""
        if self.wild and self.rng.random() < 0.3:
            return self.value(depth) + self.value(depth) + b"\x93"
        return self.name()

    def object(self, depth: int) -> bytes:
        """An object that a callable makes, perhaps with state and items."""
        rng = self.rng
        callee = self.name() if rng.random() < 0.85 else self.value(depth)
        callee += self.put()
        arguments = (
            rng.choice((lambda: b")", lambda: self.value(depth) + b"\x85", lambda: b"(" + self.value(depth) + self.value(depth) + b"t"))()
            + self.put()
        )
        module, name = rng.choice(self.NAMES[:5])
        made = rng.choice(
            (
                callee + arguments + b"R", callee + arguments + b"\x81", callee + arguments + b"}\x92", b"(" + callee + self.value(depth) + b"o",
                b"(" + self.value(depth) + b"i" + module.encode() + b"\n" + name.encode() + b"\n", b"(" + callee + b"o", callee + b"]R",
            )
        ) + self.put()  # fmt: skip
        for _ in range(rng.randrange(3)):
            made += rng.choice(
                (
                    lambda: self.value(depth) + b"b", lambda: b"N}" + self.text("x") + self.value(depth) + b"s\x86b", lambda: self.value(depth) + b"a",
                    lambda: b"(" + self.value(depth) + b"e", lambda: b"(e", lambda: self.key() + self.value(depth) + b"s",
                    lambda: b"(" + self.key() + self.value(depth) + b"u", lambda: b"(" + self.value(depth) + b"\x90", lambda: b")R",
                )
            )()  # fmt: skip
        return made

    def put(self) -> bytes:
        """Now and then, memoize the top of the stack."""
        rng = self.rng
        if rng.random() < 0.6:
            return b""
        if rng.random() < 0.5:
            self.memo.append(len(set(self.memo)))
            return b"\x94"
        index = rng.choice((len(self.memo), len(self.memo), rng.randrange(12), rng.randrange(300)))
        self.memo.append(index)
        spellings = [b"r" + index.to_bytes(4, "little"), b"p%d\n" % index, b"p +%d \n" % index, b"p0_%d\n" % index]
        return rng.choice([*spellings, b"q%c" % index] if index < 256 else spellings)

    def get(self) -> bytes:
        """A value from the memo, most likely one that is there."""
        rng = self.rng
        index = rng.choice(self.memo) if self.memo and rng.random() < 0.97 else rng.randrange(20)
        spellings = [b"j" + index.to_bytes(4, "little"), b"g%d\n" % index, b"g 0%d\t\n" % index]
        return rng.choice([*spellings, b"h%c" % index, b"h%c" % index] if index < 256 else spellings)

    def noise(self, depth: int) -> bytes:
        """Opcodes that leave the stack as it is."""
        rng = self.rng
        if rng.random() < 0.85:
            return b""
        return rng.choice(
            (
                lambda: b"20", lambda: b"(0", lambda: b"(1", lambda: self.value(depth - 2) + b"0", lambda: b"(" + self.value(depth - 2) + b"1",
                lambda: b"\x80%c" % rng.randrange(6), lambda: self.framed(self.value(depth - 2) + b"0") if self.wild else b"",
            )
        )()  # fmt: skip


_OPCODES = b"(.012BCFGIJKLMNPQRSTUVX]abcdeghijlopqrstu}\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98)\n"
_VALUE_OPCODES = b"RRbbaesu\x81\x93\x93oih"


def mutate(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Flip, cut, insert, double or splice."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        place = rng.randrange(len(changed) + 1)
        length = rng.randrange(1, 9)
        match rng.randrange(9):
            case 0 if changed:
                changed[place - 1] ^= 1 << rng.randrange(8)
            case 1 if changed:
                changed[place - 1] = rng.choice(_OPCODES)
            case 2:
                changed[place:place] = bytes([rng.choice(_OPCODES)])
            case 3:
                changed[place:place] = bytes([rng.choice(_VALUE_OPCODES)])
            case 4:
                del changed[place : place + length]
            case 5:
                changed[place:place] = changed[place : place + length * 4]
            case 6:
                other = rng.choice(others)
                begin = rng.randrange(len(other) + 1)
                changed[place : place + length] = other[begin : begin + rng.randrange(40)]
            case 7:
                changed[place : place + 1] = rng.choice(
                    (b"\x00", b"\xff", b"\n", b"\r\n", b" ", b"_", b"-", b"0x", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff")
                )
            case _:
                del changed[max(place, len(changed) - length) :]
    return bytes(changed)


class Point:
    """An object with slots and state, for the seeds."""

    __slots__ = ("x", "y")

    def __getstate__(self) -> Any:
        return None, {"x": 1}


def seeds() -> list[bytes]:
    """Real pickles of many objects, in every protocol."""
    shared = ["shared"]
    objects: list[Any] = [
        None, [1, 2.5, "text", b"bytes", True], {"a": {"b": (1, 2, 3, 4)}, "c": {1, 2}}, OrderedDict(a=1), deque([1, 2]), 1 << 70, -(1 << 3000),
        datetime(2020, 1, 1, tzinfo=UTC), timedelta(3), Decimal("1.5"), Fraction(1, 3), complex(1, 2), bytearray(b"xyz"), frozenset({"q"}),
        [shared, shared, (shared, shared)], Point(), Ending.STOP, OrderedDict, [len, OrderedDict], range(5), {"k" * 300: "v" * 300}, "\ud800é", Exception("x"),
        [bytes(300), bytes(70_000)],
    ]  # fmt: skip
    return [pickle.dumps(thing, protocol) for thing in objects for protocol in range(6)]


def streams(rng: random.Random) -> Iterator[bytes]:
    """Endless streams to test."""
    real = [seed for seed in seeds() if len(seed) < 2000]
    pool = list(real)
    while True:
        made = Grammar(rng).stream() if rng.random() < 0.7 else rng.choice(pool)
        if len(made) > 4000:
            continue
        if rng.random() < 0.02:
            pool.append(made)
            if len(pool) > 600:
                pool = real + pool[-200:]
        yield made
        yield mutate(rng, made, pool)


# -- the run


def fuzz(seed: int, count: int, seconds: float, modes: list[str]) -> tuple[Counter[str], list[str]]:
    """Test ``count`` streams, or as many as ``seconds`` allow; return what was counted, and the misses."""
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    failures: list[str] = []
    deadline = time.monotonic() + seconds if seconds else float("inf")
    copyreg._inverted_registry[1] = ("fuzzext", "one")  # noqa: SLF001 - an inert extension, so that the opcodes get beyond it
    warnings.simplefilter("ignore")
    gc.collect()
    gc.freeze()
    sys.stderr = io.StringIO()  # CPython 3.11 complains of bytearrays that READONLY_BUFFER exported, where no exception can go
    gc.disable()  # stubs are classes, and collecting classes takes longer than a load
    with _limited_memory():
        for number, data in enumerate(streams(rng)):
            if number >= count or (number % 64 == 0 and time.monotonic() > deadline) or len(failures) >= 20:
                break
            if number % 2000 == 1999:
                gc.collect()
            seen["streams"] += 1
            trace = walk(data, keep_arguments=lambda _module, _name: True)
            seen[f"ending {trace.ending}"] += 1
            seen["uses"] += len(trace.uses)
            disagree = any(a.kind is StreamAnomaly.FRAME_DISAGREEMENT for a in trace.anomalies)
            seen["frames disagree"] += disagree
            for mode in modes:
                if trace.ending is Ending.LIMIT or (disagree and mode in DESYNCHRONISED):
                    continue
                seen["loads"] += 1
                found = misses(data, trace, mode)
                seen["find_class calls"] += len(LOG.names)
                seen["events"] += len(LOG.events)
                failures += [f"seed {seed} stream {number} mode {mode}: {miss}\n    {data!r}" for miss in found]
    gc.enable()
    sys.stderr = sys.__stderr__
    return seen, failures


class _limited_memory:  # noqa: N801
    """Lets huge lengths and memo indices fail at once.

    The C unpickler's memo is an array: a PUT at index n allocates and clears sixteen bytes for each entry below n. In mutated streams most of the time of a
    fuzzer goes there, unless the allocation is refused.
    """

    def __enter__(self) -> None:
        self.before = resource.getrlimit(resource.RLIMIT_AS)
        with open("/proc/self/statm") as status:
            used = int(status.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), self.before[1]))

    def __exit__(self, *_error: object) -> None:
        resource.setrlimit(resource.RLIMIT_AS, self.before)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1 << 60, help="streams to test")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long (0: never)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes; each has its share of the streams, and a seed of its own")
    parser.add_argument("--modes", nargs="+", choices=list(MODES), default=list(MODES))
    options = parser.parse_args()
    if options.streams == 1 << 60 and not options.seconds:
        options.seconds = 60
    tasks = [(options.seed + job, options.streams // options.jobs, options.seconds, options.modes) for job in range(options.jobs)]
    began = time.monotonic()
    if options.jobs == 1:
        results = [fuzz(*tasks[0])]
    else:
        with multiprocessing.Pool(options.jobs) as workers:
            results = workers.starmap(fuzz, tasks)
    seen: Counter[str] = sum((result[0] for result in results), Counter())
    failures = [failure for result in results for failure in result[1]]
    for name, number in sorted(seen.items()):
        print(f"{number:>12}  {name}")
    print(f"{seen['streams'] / (time.monotonic() - began):>12.0f}  streams a second, python {sys.version.split()[0]}")
    print(f"{len(failures):>12}  misses")
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
