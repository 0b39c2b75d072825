"""Pickle, byte by byte: what no pickler writes has to be put together by hand."""

from __future__ import annotations

import struct
from typing import NamedTuple


class Call(NamedTuple):
    """What a carrier runs: a callable and its one text argument."""

    module: str
    name: str
    argument: str


PAYLOAD = Call("posix", "system", "echo hostile")
"""Harmless, and what every scanner must stop."""
TWIN = Call("hostile_flag", "fire", "x")
"""The same carrier with our own function in it: if it fires, the carrier works."""

EMPTY = b")"
NONE = b"N"


def text(value: str) -> bytes:
    raw = value.encode("utf-8", "surrogatepass")
    return b"\x8c" + bytes([len(raw)]) + raw if len(raw) < 256 else b"X" + struct.pack("<I", len(raw)) + raw


def data(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def old(module: str, name: str) -> bytes:
    """GLOBAL."""
    return f"c{module}\n{name}\n".encode()


def named(module: str, name: str) -> bytes:
    """STACK_GLOBAL."""
    return text(module) + text(name) + b"\x93"


def pack(*items: bytes) -> bytes:
    """A tuple."""
    return b"(" + b"".join(items) + b"t"


def listed(*items: bytes) -> bytes:
    return b"](" + b"".join(items) + b"e"


def mapped(**items: bytes) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in items.items()) + b"u"


def reduce(function: bytes, *arguments: bytes) -> bytes:
    return function + pack(*arguments) + b"R"


def called(module: str, name: str, *arguments: bytes) -> bytes:
    return reduce(named(module, name), *arguments)


def new(module: str, name: str, *arguments: bytes) -> bytes:
    """NEWOBJ."""
    return named(module, name) + pack(*arguments) + b"\x81"


def put(index: int) -> bytes:
    return b"r" + struct.pack("<I", index)


def get(index: int) -> bytes:
    return b"j" + struct.pack("<I", index)


def stream(*body: bytes, protocol: int = 4) -> bytes:
    """PROTO, the body, STOP. Protocol 0 has no PROTO."""
    return (b"\x80" + bytes([protocol]) if protocol >= 2 else b"") + b"".join(body) + b"."


def function(call: Call) -> bytes:
    return named(call.module, call.name)


def argument(call: Call) -> bytes:
    return text(call.argument)


def plain(call: Call) -> bytes:
    """The simplest stream that runs ``call``, of protocol 0: it stands inside others."""
    return f"c{call.module}\n{call.name}\n(S'{call.argument}'\ntR.".encode()


def running(call: Call) -> bytes:
    """Opcodes that run ``call`` and leave its result."""
    return reduce(function(call), argument(call))
