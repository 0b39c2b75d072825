"""A stream takes the trace of an earlier one only where a walk of its own would have found the same."""

from __future__ import annotations

import pickle
import pickletools
import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from aisecops.formats.pickle import twins
from aisecops.formats.pickle.trace import Trace
from aisecops.formats.pickle.twins import Twins
from aisecops.formats.pickle.walk import walk
from tests.hostile.corpus import corpus

ALL = 1 << 30


def walked(data: bytes) -> Trace:
    return walk(data, keep_arguments=lambda module, name: True)


def knowing(*streams: bytes) -> Twins:
    """What is known once each of ``streams`` has come twice."""
    met = Twins()
    for data in streams:
        met.keep(data, walked(data))
        met.find(data, ALL)
    return met


def fitted(seed: int, protocol: int = 5) -> bytes:
    rng = np.random.default_rng(seed)
    return pickle.dumps(LogisticRegression().fit(rng.normal(size=(20, 4)), [0, 1] * 10), protocol)


@cache
def streams() -> tuple[bytes, ...]:
    """Models in every protocol, and hostile streams."""
    models = [fitted(1, protocol) for protocol in range(6)]
    models.append(pickle.dumps(DecisionTreeClassifier(max_depth=2).fit([[0.0], [1.0], [2.0]], [0, 1, 1])))
    models.append(pickle.dumps({"bytes": [b"a" * 300, bytearray(b"b" * 70), b"c"], "numbers": [1, 300, 70_000, 1.5, -(1 << 70), 1 << 2100]}))
    hostile = [s.content for s in corpus() if s.content[:1] == b"\x80" and len(s.content) < 2000]
    return tuple(models + hostile)


def test_models_of_one_making_are_twins_from_the_second_on() -> None:
    met, first = Twins(), fitted(0)
    found = []
    for seed in range(6):
        data = fitted(seed)
        assert len(data) == len(first)
        trace = met.find(data, ALL)
        found.append(trace is not None)
        assert trace in (None, walked(data))
        if trace is None:
            met.keep(data, walked(data))
    assert found == [False, True, True, True, True, True]


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_changed_byte_is_no_twin_or_makes_no_difference(data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from(streams()))
    changed = bytearray(stream)
    for at in data.draw(st.lists(st.integers(0, len(stream) - 1), min_size=1, max_size=3)):
        changed[at] = data.draw(st.integers(0, 255))
    assert knowing(stream).find(bytes(changed), ALL) in (None, walked(bytes(changed)))
    met = Twins()
    met.keep(stream, walked(stream))
    assert met.find(bytes(changed), ALL) in (None, walked(bytes(changed)))


def test_every_byte_of_a_model_that_can_matter_is_compared() -> None:
    rng = random.Random(1)
    for stream in streams()[:8]:
        met, free = knowing(stream), 0
        for at in range(len(stream)):
            changed = stream[:at] + bytes([stream[at] ^ 1 << rng.randrange(8)]) + stream[at + 1 :]
            trace = met.find(changed, ALL)
            assert trace in (None, walked(changed)), at
            free += trace is not None
        numbers = [(op.name, at) for op, _, at in pickletools.genops(stream) if op.name in ("BININT1", "BINFLOAT", "SHORT_BINBYTES")]
        assert bool(free) == bool(numbers)


def test_other_names_are_no_twins() -> None:
    stream = pickle.dumps(["posix.system", fitted], 4) + b"tail"
    met = knowing(stream)
    assert met.find(stream, ALL) == walked(stream)
    assert met.find(stream.replace(b"posix.", b"other."), ALL) is None
    assert met.find(stream.replace(b"tail", b"tale"), ALL) is None
    assert met.find(stream + b"x", ALL) is None
    assert met.find(stream, walked(stream).opcodes - 1) is None, "another walk would have stopped at its limit"


@pytest.mark.parametrize("cut", [b"", b"\x80\x04]", b"\x80\x04K\x01"])
def test_what_breaks_off_is_not_kept(cut: bytes) -> None:
    assert knowing(cut).find(cut, ALL) is None


def test_where_no_twin_comes_little_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    made, real = [], twins._compared
    monkeypatch.setattr(twins, "_compared", lambda *streams: made.append(streams) or real(*streams))
    met = Twins()
    for number in range(1000):
        data = pickle.dumps([f"{number:09}"])
        assert met.find(data, ALL) is None
        met.keep(data, walked(data))
    assert len(made) <= twins._CREDIT


def test_what_is_kept_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twins, "_CREDIT", 1 << 20)
    met = Twins()
    for length in range(2 * twins._MOST_LENGTHS):
        data = pickle.dumps("x" * length)
        met.keep(data, walked(data))
        if length % 2:
            assert met.find(data, ALL) == walked(data)
    assert len(met._met) <= twins._MOST_LENGTHS and len(met._known) <= twins._MOST_LENGTHS
    for length in range(1000):
        data = pickle.dumps("x" * (twins._LARGEST - 100 - length))
        met.keep(data, walked(data))
        assert sum(len(kept) for waiting in met._met.values() for kept, _ in waiting) <= twins._MOST_WAITING + twins._LARGEST
