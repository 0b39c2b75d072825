"""Streams that make a scanner stop, lose its way, or look elsewhere, while the payload has long run."""

# ruff: noqa: A001, E501, E731, RUF100 (one sample, one line; `id` is what it is)

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator

from tests.hostile.assembler import argument, called, data, function, listed, mapped, number, pack, plain, put, reduce, running, stream, text
from tests.hostile.sample import REVIEW, Sample, carrier

G = "streams"
NOISE = bytes(range(7, 250)) * 3


def framed(body: bytes, length: int | None = None) -> bytes:
    return b"\x95" + struct.pack("<Q", len(body) if length is None else length) + body


def samples() -> Iterator[Sample]:
    yield from broken()
    yield from odd_arguments()
    yield from frames()
    yield from rows()
    yield from filler()


def broken() -> Iterator[Sample]:
    tails = {
        "unknown-opcode": b"\xff\xff\xff.", "stack-underflow": b"00000000R.", "no-stop": b"", "cut-string": b"X\xff\xff\x00\x00ab", "missing-memo": b"h\xee.",
        "bad-utf8": b"X\x02\x00\x00\x00\xff\xfe.", "missing-module": b"cno_such_module_at_all\nx\n.", "huge-length": b"\x8e" + b"\xff" * 7 + b"\x7f.",
        "negative-length": b"T\xff\xff\xff\xff.", "bad-number": b"Ixyz\n.", "odd-dict": b"(Nd.", "bad-protocol": b"\x80\xc8.", "persistent-id": b"Pgone\n.",
        "bad-long": b"\x8b\xff\xff\xff\xff.", "bad-build": b"N}b.", "bad-quotes": b"Sunquoted\n.", "null-bytes": b"\0" * 512, "zip-magic": b"PK\x03\x04", "bad-frame": framed(b"N", 1 << 40),
    }  # fmt: skip
    for id, tail in tails.items():
        yield carrier(
            f"stream-broken-{id}",
            G,
            f"payload first, then a broken stream: {id}",
            lambda c, tail=tail: b"\x80\x04" + running(c) + b"0" + tail,
            advisory="nullifAI; GHSA-9gvj-pp9x-gcfr",
            says="posix.system",
        )


def odd_arguments() -> Iterator[Sample]:
    before = {
        "hex-int": b"I0x41\n0", "octal-int": b"I0o17\n0", "hex-long": b"L0x41L\n0", "long-no-l": b"L12\n0", "underscore-int": b"I1_000\n0", "bool-int": b"I01\n0",
        "space-int": b"I  \t 7\n0", "wide-space-int": b"I" + b" " * 3000 + b"7\n0", "very-wide-space-int": b"I" + b" " * 20_000 + b"7\n0", "nul-int": b"I7\x00 anything\n0",
        "empty-int": b"I\x00\n0", "infinite-float": b"Finfinity\n0", "long-float": b"F" + b"0" * 300 + b"1\n0", "plus-int": b"I+7\n0", "sign-at-64": b"I" + b" " * 63 + b"+7\n0", "inf-at-64": b"F" + b" " * 62 + b"+inf\n0", "signed-nan": b"F-nan\n0",
        "string-escapes": b"S'\\x41\\101\\\n'\n0".replace(b"\\\n", b"\\n"), "latin-string": b"U\x02\xff\xfe0", "surrogate": b"X\x03\x00\x00\x00\xed\xa0\x800", "raw-unicode": b"V\\ud800\xff\n0",
        "zero-bytes": b"C\x000", "empty-bytearray": b"\x96" + b"\0" * 8 + b"0", "read-only": b"\x96" + b"\0" * 8 + b"\x980", "long-empty": b"\x8a\x000", "long4-empty": b"\x8b\0\0\0\x000",
        "memo-padding": b"Np 0\n0g\t0\n0", "crlf-int": b"I7\r\n0", "binput-hole": b"Nq\xff0", "twenty-marks": b"(" * 20 + b"1" * 20,
    }  # fmt: skip
    for id, opcodes in before.items():
        yield carrier(
            f"stream-odd-{id}",
            G,
            f"an argument that analysers read more strictly than unpicklers: {id}",
            lambda c, o=opcodes: o + plain(c),
            advisory="GHSA-9gvj-pp9x-gcfr",
            loader={"latin-string": "", "inf-at-64": "pickle-py"}.get(id, "pickle"),
        )
    for id in ("wide-space-int", "hex-int", "raw-unicode", "nul-int"):
        opcodes = before[id]
        for suffix in (".txt", ".bin", ".dat", ""):
            yield carrier(
                f"stream-odd-{id}-as{suffix or '-none'}",
                G,
                f"the same under an innocent name: {id}",
                lambda c, o=opcodes: o + plain(c),
                suffix=suffix,
                loader="",
            )


def frames() -> Iterator[Sample]:
    yield carrier("frame-plain", G, "everything in one frame", lambda c: b"\x80\x04" + framed(running(c) + b"."))
    yield carrier(
        "frame-each", G, "a frame for each opcode", lambda c: b"\x80\x04" + framed(function(c)) + framed(pack(argument(c))) + framed(b"R") + b"."
    )
    yield carrier("frame-too-long", G, "a frame longer than the data", lambda c: b"\x80\x04" + framed(running(c) + b".", 10_000), loader="pickle-py")
    yield carrier("frame-huge", G, "a frame of 2**62 bytes behind the payload", lambda c: b"\x80\x04" + running(c) + framed(b"N.", 1 << 62))
    yield carrier(
        "frame-crossing",
        G,
        "an argument crosses the end of its frame",
        lambda c: b"\x80\x04" + framed(b"X\x20\0\0\0abc") + b"d" * 29 + b"0" + running(c) + b".",
        advisory="python/cpython#154848",
        loader="",
    )
    yield carrier("frame-nested", G, "a frame in a frame", lambda c: b"\x80\x04" + framed(framed(running(c), 5) + b".", 12), loader="")
    yield carrier(
        "frame-desync",
        G,
        "the C unpickler goes on where the Python one begins a new frame",
        lambda c: b"\x80\x04" + framed(b"B" + struct.pack("<I", 9) + b"xx") + b"N" * 7 + running(c) + b".",
        loader="",
    )
    yield carrier(
        "frame-stop-inside",
        G,
        "STOP inside a frame, a payload behind it",
        lambda c: b"\x80\x04" + framed(b"N." + plain(c)) + b".",
        verdict=REVIEW,
        loader="",
    )
    yield carrier("frame-in-protocol-0", G, "a frame without a protocol", lambda c: framed(running(c)) + b".")
    yield carrier("frame-empty", G, "a thousand empty frames", lambda c: b"\x80\x04" + framed(b"") * 1000 + running(c) + b".")


def rows() -> Iterator[Sample]:
    yield carrier("row-second", G, "an honest pickle, then the payload", lambda c: pickle.dumps({"a": 1}) + stream(running(c)), loader="pickle-row")
    yield carrier("row-hundredth", G, "the payload in the hundredth pickle", lambda c: pickle.dumps([1]) * 99 + plain(c), loader="pickle-row")
    yield carrier("row-dull", G, "behind ninety-nine pickles of one number each", lambda c: b"K\x01." * 99 + plain(c), loader="pickle-row")
    yield carrier("row-dull-noname", G, "the same without a name", lambda c: b"K\x01." * 99 + plain(c), suffix="", loader="pickle-row")
    yield carrier("row-after-none", G, "N. and the payload, as text file", lambda c: b"N." + plain(c), suffix=".txt", loader="pickle-row")
    yield carrier("row-ten-thousand", G, "behind ten thousand pickles", lambda c: b"\x80\x04K\x01." * 10_050 + plain(c), loader="pickle-row")
    yield carrier("row-after-newline", G, "a line feed between two pickles", lambda c: pickle.dumps(1) + b"\n" + plain(c), verdict=REVIEW, loader="")
    yield carrier("row-after-noise", G, "noise between two pickles", lambda c: pickle.dumps(1) + NOISE + plain(c), verdict=REVIEW, loader="")
    yield carrier(
        "row-text-behind",
        G,
        "text behind an honest pickle",
        lambda c: pickle.dumps({"a": 1}) + b"import os; os.system('echo hostile')\n" * 3,
        verdict=REVIEW,
        loader="",
    )
    yield carrier(
        "row-elf-behind",
        G,
        "a program behind an honest pickle",
        lambda c: pickle.dumps({"a": 1}) + b"\x7fELF\x02\x01\x01" + bytes(200),
        verdict=REVIEW,
        loader="",
    )


def filler() -> Iterator[Sample]:
    yield carrier("fill-opcodes", G, "half a million opcodes in front", lambda c: stream(b"K\x010" * 500_000, running(c)), says="posix.system")
    yield carrier("fill-marks", G, "a hundred thousand open marks in front", lambda c: b"\x80\x04" + b"(" * 100_000 + running(c) + b".")
    yield carrier("fill-string", G, "a megabyte of text in front", lambda c: stream(text("lorem ipsum " * 100_000), b"0", running(c)))
    yield carrier("fill-string-noname", G, "the same without a name", lambda c: b"V" + b"lorem ipsum " * 100_000 + b"\n0" + plain(c), suffix=".txt")
    yield carrier("fill-bytes", G, "a megabyte of bytes in front", lambda c: stream(data(bytes(1 << 20)), b"0", running(c)))
    yield carrier("fill-proto-0-noname", G, "nine thousand bytes of numbers in front, no name", lambda c: b"I1\n0" * 2300 + plain(c), suffix="")
    yield carrier("fill-none", G, "five thousand Nones in front, no name", lambda c: b"N0" * 5000 + plain(c), suffix=".bin")
    yield carrier("fill-proto", G, "a thousand protocol opcodes in front", lambda c: b"\x80\x02" * 1000 + plain(c))
    yield carrier("fill-memo", G, "a hundred thousand memo entries in front", lambda c: stream(b"N" + b"\x94" * 100_000 + b"0", running(c)))
    yield carrier(
        "fill-names",
        G,
        "a thousand honest names in front",
        lambda c: stream(*(called("collections", "OrderedDict") + b"0" for _ in range(1000)), running(c)),
    )
    yield carrier("fill-deep", G, "ten thousand nested tuples around", lambda c: stream(running(c), b"\x85" * 10_000))
    yield carrier(
        "fill-expansion",
        G,
        "a billion laughs of lists behind the payload",
        lambda c: stream(running(c), b"0", listed(), put(0), *(b"](h\x00h\x00eq\x00" for _ in range(60))),
        loader="",
    )
    yield carrier(
        "fill-model",
        G,
        "inside a large honest model",
        lambda c: stream(mapped(layers=listed(*(mapped(w=number(i), b=text(f"layer {i}")) for i in range(2000))), last=running(c))),
    )
    yield carrier(
        "fill-arguments",
        G,
        "a name of 60,000 characters first",
        lambda c: stream(text("a" * 60_000), text("b" * 60_000), b"00", reduce(function(c), argument(c))),
    )
