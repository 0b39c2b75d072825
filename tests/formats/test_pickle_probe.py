"""The probe against CPython's unpickler: where that calls something, the probe says pickle."""

from __future__ import annotations

import io
import pickle
from typing import Self

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aisecops.formats.pickle_probe import looks_like_pickle
from tests.bounded import bounded
from tests.formats.samples import EVIL

PIECES = [
    b"N", b"K\x05", b"I1\n", b"I01\n", b"L5L\n", b"F1.5\n", b"S'x'\n", b"Vab\n", b"U\x02ab", b"X\x02\x00\x00\x00ab", b"C\x01a", b"]", b"}", b")", b"(", b"0",
    b"1", b"2", b"t", b"l", b"d", b"a", b"e", b"s", b"u", b"q\x01", b"h\x01", b"p0\n", b"g0\n", b"\x85", b"\x86", b"\x87", b"\x88", b"\x8f", b"\x90", b"\x91",
    b"\x94", b"\x8c\x02os", b"\x8c\x06system", b"\x93", b"cos\nsystem\n", b"c__builtin__\nlist\n", b"(ios\nsystem\n", b"R", b"o", b"b", b"\x81", b"\x92", b".",
    b"\x80\x02", b"\x95\x04\x00\x00\x00\x00\x00\x00\x00", b"\x8a\x01\x05", b"J\x01\x00\x00\x00", b"M\x01\x00", b"G" + bytes(8),
]  # fmt: skip


class _Called(Exception):
    pass


class _Inert:
    """Stands for any callable; tells when it is called."""

    def __new__(cls, *args: object, **kwargs: object) -> Self:
        raise _Called

    def __call__(self, *args: object) -> None:
        raise _Called


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        return _Inert


def calls(stream: bytes) -> bool:
    try:
        _Unpickler(io.BytesIO(stream)).load()
    except _Called:
        return True
    except Exception:
        return False
    return False


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=24).map(b"".join), st.binary(max_size=8))
@example(EVIL, b"")
@settings(max_examples=1_500, deadline=None)
def test_a_stream_that_calls_something_is_seen(stream: bytes, tail: bytes) -> None:
    if calls(stream + tail):
        assert looks_like_pickle(stream + tail)


def test_the_strategy_makes_streams_that_call() -> None:
    rng = np.random.default_rng(0)
    streams = [b"".join(PIECES[i] for i in rng.integers(0, len(PIECES), 16)) for _ in range(20_000)]
    hits = [s for s in streams if calls(s)]
    assert len(hits) > 20
    assert all(map(looks_like_pickle, hits))


def test_numbers_are_no_calls() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5_000):
        noise = (rng.standard_normal(128).astype("float32") * 0.02).tobytes()
        assert not looks_like_pickle(noise, 0, 1 << 20, calls_only=True)
    assert looks_like_pickle(EVIL, calls_only=True)


def test_long_lines_are_searched_once() -> None:
    with bounded():
        assert looks_like_pickle(memoryview(b"V" + b"a" * (8 << 20) + b"\n0" + EVIL))
