"""What people read about an operation."""

from __future__ import annotations

import io
import os
import pickle

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.core.settings import Operation
from aisecops.formats.pickle.describe import describe
from aisecops.formats.pickle.walk import walk


def described(stream: bytes, *, use_joblib: bool = False) -> list[str]:
    trace = walk(stream, joblib=use_joblib)
    shown = describe(stream, trace.start, {use.offset for use in trace.uses}, arrays=trace.arrays)
    return [shown[use.offset] for use in trace.uses]


class Evil:
    def __init__(self, *how: object) -> None:
        self.how = how

    def __reduce__(self) -> object:
        return self.how


@pytest.mark.parametrize("protocol", range(6))
def test_calls(protocol: int) -> None:
    assert described(pickle.dumps(Evil(os.system, ("echo hi",)), protocol)) == [f"{os.system.__module__}.system('echo hi')"]
    nested = Evil(eval, ("x", {"a": Evil(len, ([1],))}), {"s": 1}, iter([1]), iter([("k", 3)]))
    shown = described(pickle.dumps(nested, protocol))
    assert shown[:2] == ["builtins.len([1])", "builtins.eval('x', {'a': builtins.len([1])})"]
    assert shown[-1].endswith(").__setstate__({'s': 1})")
    assert any(line.endswith((".append(1)", ".extend([1])")) for line in shown)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"(S'id'\nios\nsystem\n.", ["os.system('id')"]),
        (b"(cos\nsystem\nS'id'\no.", ["os.system('id')"]),
        (b"cm\nC\nK\x01\x85\x81.", ["m.C.__new__(m.C, 1)"]),
        (b"cm\nC\n)}U\x01aN\x73\x92.", ["m.C.__new__(m.C, **{'a': None})"]),
        (b"cm\nC\n)R(U\x01kK\x03u.", ["m.C()", "m.C().update({'k': 3})"]),
        (b"cos\nsystem\n.", ["os.system"]),
        (b"]cos\nsystem\na.", ["os.system"]),
        (b"cm\nf\n)R)R.", ["m.f()", "m.f()()"]),
        (b"cm\nf\n(lR.", ["m.f(*[])"]),
        (b"Pid\n)R.", ["persistent_load('id')()"]),
        (b"c__builtin__\neval\n)R.", ["builtins.eval()"]),
        (b"cm\nf) and g(\n)R.", ["import('m', 'f) and g(')()"]),
    ],
)
def test_forms(stream: bytes, expected: list[str]) -> None:
    assert described(stream) == expected


def test_arrays_are_stepped_over() -> None:
    file = io.BytesIO()
    joblib.dump([np.ones(100), Evil(len, ("a",)), np.array([Evil(len, ("b",))], object)], file)
    shown = described(file.getvalue(), use_joblib=True)
    assert "builtins.len('a')" in shown
    trace = walk(file.getvalue(), joblib=True)
    assert any(use.operation is Operation.CALL and use.count == 2 for use in trace.uses)


def test_text_is_inert_and_short() -> None:
    stream = b"cm\nf\nX\x00\x10\x00\x00" + b"\x1b]0;\x07" * 682 + b"aaaa\x85R."
    (shown,) = described(stream)
    assert shown.isprintable()
    assert len(shown) <= 240


def test_growth_is_bounded() -> None:
    stream = b"U\x01a" + b"q\x00h\x00\x86" * 3000 + b"0cm\nf\nh\x00\x85R."
    (shown,) = described(stream)
    assert len(shown) <= 240


def test_the_budget_leaves_the_rest_out() -> None:
    stream = b"N0" * 1000 + b"cm\nf\n)R."
    assert describe(stream, 0, {len(stream) - 2}, budget_opcodes=100) == {}
    assert describe(stream, 0, {len(stream) - 2}) == {len(stream) - 2: "m.f()"}


@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([b"(", b"c", b"a\n", b"R", b"t", b"\x85", b"K", b"h", b"\x93", b"b", b".", b"\x8c\x01a"])).map(b"".join)
)
def test_never_raises(stream: bytes) -> None:
    describe(stream, 0, range(60))
