"""Containers that fill the memory while the file loads, from callables that are harmless one by one."""

from __future__ import annotations

import pickle
from array import array
from collections import Counter, UserList, deque
from fractions import Fraction

import pytest
from tests.formats.loading.test_dtypes import verdict
from tests.hostile.assembler import called, named, new, number, pack, stream, text

from aisecops.core.asset import FileVerdict

ENDLESS = called("itertools", "count", number(0))
MANY = called("builtins", "range", number(1 << 30))
DIGITS = called("decimal", "Decimal", text("1e999999999"))


@pytest.mark.parametrize(
    "body",
    [
        *(
            called(module, name, ENDLESS)
            for module, name in (("builtins", "list"), ("builtins", "set"), ("collections", "deque"), ("collections", "Counter"))
        ),
        called("builtins", "frozenset", MANY),
        called("array", "array", text("d"), ENDLESS),
        called("torch", "Size", ENDLESS),
        new("builtins", "tuple", ENDLESS),
        called("builtins", "int", DIGITS),
        called("fractions", "Fraction", text("1e999999999")),
        ENDLESS + b"q\x070" + named("builtins", "list") + pack(b"h\x07") + b"R",
    ],
)
def test_what_has_no_end_fills_no_container(body: bytes) -> None:
    assert verdict(stream(body)) is FileVerdict.BLOCK


@pytest.mark.parametrize("protocol", range(6))
def test_containers_that_hold_their_items_pass(protocol: int) -> None:
    found = [
        {1, 2},
        frozenset("ab"),
        deque([1], 3),
        Counter("aab"),
        UserList([1]),
        bytearray(b"xy" * 50),
        array("d", [1.0]),
        Fraction(1, 3),
        range(9),
    ]
    assert verdict(pickle.dumps(found, protocol)) is FileVerdict.CLEAN
