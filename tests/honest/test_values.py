"""Values of the standard library that people keep beside their models: clean in every protocol."""

from __future__ import annotations

import http
import ipaddress
import pickle
import random
import re
import time
from collections.abc import Callable
from typing import Any, Optional, Union

import numpy as np
import pytest

from aisecops.core.asset import FileVerdict
from aisecops.formats.loading.judgement import judge
from aisecops.formats.pickle.walk import walk
from aisecops.knowledge.callables import Table
from tests.hostile.assembler import called, listed, named, new, number, pack, reduce, stream, text

VALUES: dict[str, Any] = {
    "errors of a search": [ValueError("no fit"), KeyError("x"), FileNotFoundError(2, "No such file"), RuntimeWarning("overflow")],
    "enumerations": [http.HTTPStatus.OK, re.RegexFlag.IGNORECASE],
    "addresses": [ipaddress.ip_interface("10.0.0.1/8"), ipaddress.ip_interface("fe80::1/10")],
    "a moment": time.gmtime(0),
    "errors of libraries": [np.exceptions.AxisError("axis"), np.linalg.LinAlgError("singular"), np.exceptions.VisibleDeprecationWarning("old")],
    "types of values": [type(None), int, {"dtype": float, "default": type(None)}],
}


def verdict(content: bytes) -> FileVerdict:
    table = Table()
    concerns = judge(walk(content, keep_arguments=table.wants_arguments), table).concerns
    return FileVerdict.worst(FileVerdict.CLEAN, *(concern.verdict for concern in concerns))


@pytest.mark.parametrize("name", VALUES)
def test_values_are_clean_in_every_protocol(name: str) -> None:
    for protocol in range(2 if name == "types of values" else 0, pickle.HIGHEST_PROTOCOL + 1):
        assert verdict(pickle.dumps(VALUES[name], protocol)) is FileVerdict.CLEAN, protocol


@pytest.mark.parametrize(
    "value",
    [Union[int, str], Optional[float], Union[int, None, Callable], list[int], random.Random(1).gauss, random.Random.gauss],  # noqa: UP007, UP045
)
def test_annotations_and_distributions_are_clean(value: Any) -> None:
    assert verdict(pickle.dumps(value, 5)) is FileVerdict.CLEAN


def test_where_a_trainer_prints_to_is_for_review() -> None:
    assert verdict(pickle.dumps({"sink": print}, 2)) is FileVerdict.REVIEW


@pytest.mark.parametrize(
    "body",
    [
        called("builtins", "type", text("A"), b")", b"}"),
        called("builtins", "type", named("builtins", "int")),
        called("builtins", "type", called("builtins", "object")),
        reduce(called("builtins", "type", text("x")), text("y")),
        named("builtins", "type") + listed(text("A")) + b"R",
        called("builtins", "type", b"N") + b"}b",
        called("http", "HTTPStatus", number(200)) + b"}b",
        new("http", "HTTPStatus", number(200)),
        called("builtins", "SystemExit"),
        called("builtins", "print", text("x")),
        called("_operator", "getitem", named("shop.words", "Words"), text("x")),
        called("_operator", "getitem", new("shop.words", "Words"), text("x")),
        called("_operator", "getitem", called("_operator", "getitem", named("typing", "Union"), named("builtins", "int")), text("x")),
        reduce(called("_operator", "getitem", named("typing", "List"), named("builtins", "int")), text("x")),
        named("_operator", "getitem"),
        called("functools", "partial", named("_operator", "getitem"), text("x")),
        named("typing", "Type"),
        called("types", "GenericAlias", named("builtins", "list"), pack(named("builtins", "int"))) + b")R",
        called("builtins", "getattr", called("random", "Random"), text("setstate")),
    ],
)
def test_what_is_like_them_and_does_more_is_blocked(body: bytes) -> None:
    assert verdict(stream(body)) is FileVerdict.BLOCK


def test_the_type_of_types_is_for_review_as_before() -> None:
    assert verdict(stream(pack(named("builtins", "type")))) is FileVerdict.REVIEW
