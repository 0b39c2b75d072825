"""YAML to typed structs: every mistake has a place and a way out."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from unicodedata import category

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.core.errors import PolicyError, UserError
from aisecops.core.yaml_text import MAX_BYTES, parse_yaml
from tests.bounded import bounded
from tests.hostile_text import HOSTILE


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Leaf(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    name: str
    colour: Colour = Colour.RED
    at_least: float = 0.0
    many: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name == "bad":
            raise ValueError("it is bad")


class Document(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    title: str = ""
    on: bool = False
    number: int = 0
    leaf: Leaf | None = None
    the_leaves: tuple[Leaf, ...] = ()


def refusal(text: str | bytes) -> str:
    with pytest.raises(UserError) as caught:
        parse_yaml(text, Document, source="a.yaml")
    return str(caught.value)


def test_reads_what_people_write() -> None:
    text = """
# a comment
title: 2026-01-01
on: true
number: 0x10
leaf: {name: "a: b", colour: green, at-least: -1.5e3}
the-leaves:
  - name: >-
      two
      lines
    many: [yes, 'no', 1.2.3]
"""
    leaves = (Leaf(name="two lines", many=("yes", "no", "1.2.3")),)
    assert parse_yaml(text, Document, source="a.yaml") == Document(
        title="2026-01-01", on=True, number=16, leaf=Leaf(name="a: b", colour=Colour.GREEN, at_least=-1500.0), the_leaves=leaves
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.yaml: it is empty"),
        ("# nothing\n", "a.yaml: it is empty"),
        ("title: x\ntitel: y\n", "a.yaml:2:1: unknown key `titel`; did you mean `title`?"),
        ("leaf:\n  name: x\n  color: red\n", "a.yaml:3:3: unknown key `color`; did you mean `colour`?"),
        ("zzz: 1\n", "a.yaml:1:1: unknown key `zzz`; one of: title, on, number, leaf, the-leaves"),
        ("the_leaves: []\n", "a.yaml:1:1: unknown key `the_leaves`; did you mean `the-leaves`?"),
        ("the-leaves:\n- name: a\n- many: []\n", "a.yaml:3:3: the key `name` is missing; add it"),
        ("leaf: {}\n", "a.yaml:1:7: the key `name` of `leaf` is missing; add it"),
        ("leaf: {name: a, colour: gren}\n", "a.yaml:1:25: `gren` is not a value that `colour` can have; did you mean `green`?"),
        ("leaf: {name: a, colour: blue}\n", "a.yaml:1:25: `blue` is not a value that `colour` can have; one of: red, green"),
        ("title: 1\n", "a.yaml:1:8: `title` must be text, not a whole number; put it in quotes"),
        ("title: true\n", "a.yaml:1:8: `title` must be text, not true or false; put it in quotes"),
        ("number: one\n", "a.yaml:1:9: `number` must be a whole number, not text"),
        ("on: yes\n", "a.yaml:1:5: `on` must be true or false, not text"),
        ("leaf: {name: a, at-least: .nan}\n", "a.yaml:1:27: `at-least` must be a number, not text"),
        ("leaf: {name: a, many: x}\n", "a.yaml:1:23: `many` must be a list, not text; write it as a list: `[value]`"),
        ("the-leaves: [{name: a, many: [x, 2]}]\n", "a.yaml:1:34: entry 2 of `many` must be text, not a whole number; put it in quotes"),
        ("the-leaves:\n", "a.yaml:1:12: `the-leaves` must be a list, not nothing; write a value, or remove the key"),
        ("the-leaves:\n- {name: a}\n- {name: bad}\n", "a.yaml:3:3: it is bad"),
        ("- a\n", "a.yaml:1:1: the document must be a mapping of keys to values, not a list"),
        ("title: a\non: true\ntitle: b\n", "a.yaml:3:1: the key `title` is there twice (first in line 1); keep one of them"),
        ("title: a\n---\ntitle: b\n", "a.yaml:2:1: a second document; keep one document in the file, without `---` in between"),
        ("leaf:\n\tname: a\n", "a.yaml:2:1: not YAML: found character that cannot start any token; indent with spaces: YAML takes no tabs"),
        ("title: *.pkl\n", "a.yaml:1:9: not YAML: did not find expected alphabetic or numeric character; a value that begins with `*` needs quotes"),
        ("title: !keep\n", "a.yaml:1:8: tags (`!name`) are not supported; text that begins with `!` needs quotes"),
        ("title: !!python/object/apply:os.system [x]\n", "a.yaml:1:8: tags (`!name`) are not supported; text that begins with `!` needs quotes"),
        ("title: &a x\n", "a.yaml:1:8: anchors (`&name`) are not supported; write the value out; text that begins with `&` needs quotes"),
        ("title: *a\n", "a.yaml:1:8: aliases (`*name`) are not supported; write the value out; text that begins with `*` needs quotes"),
        ("? [a]\n: b\n", "a.yaml:1:3: a key must be plain text; text that begins with `{` or `[` needs quotes"),
        ("[" * 500, "a.yaml:1:33: nested deeper than 32 levels"),
        (b"title: \xff\n", "a.yaml:1:8: not UTF-8 text; save it as UTF-8"),
        ("# a\u2028number: 1\n", "a.yaml:1:4: a character that does not belong here (\\u2028); remove it"),
        (b"title: a\n\x00\n", "a.yaml:2:1: a character that does not belong here (\\x00); remove it"),
        ("\ufefftitle: 1\n", "a.yaml:1:8: `title` must be text, not a whole number; put it in quotes"),
    ],
)
def test_every_mistake_has_a_place_and_a_way_out(text: str | bytes, message: str) -> None:
    assert refusal(text) == message


def test_the_caller_chooses_the_error() -> None:
    with pytest.raises(PolicyError) as caught:
        parse_yaml("x: 1", Document, source="p\x1b.yaml", error=PolicyError)
    assert caught.value.where == "p\\x1b.yaml:1:1"


def test_no_size_and_no_nesting_takes_long() -> None:
    with bounded():
        assert "larger than" in refusal("a" * (MAX_BYTES + 1))
        for bomb in (
            "- " * 100_000,
            "{" * 100_000,
            "a: &a [x]\n" + "b: *a\n" * 1000,
            "? " * 100_000,
            "[" * 31 + "a," * 100_000,
            "#" * 3_000_000,
            "number: " + "9" * 1_000_000,
        ):
            refusal(bomb)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_keys_and_values_are_inert_in_the_message(text: str) -> None:
    quoted = msgspec.json.encode(text.encode("utf-8", "replace").decode()).decode()
    for document in (f"{quoted}: 1\n", f"leaf: {{name: a, colour: {quoted}}}\n"):
        message = refusal(document)
        assert not {category(character) for character in message} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert message.startswith("a.yaml:1:")


@given(
    st.text(max_size=60) | st.lists(st.sampled_from([*"{}[]:,-?&*!|>'\"%@`# \n\t", "a", "title", "leaf", "name: ", "- "]), max_size=25).map("".join)
)
def test_any_text_is_a_value_or_an_error_with_a_place_in_it(text: str) -> None:
    try:
        parse_yaml(text, Document, source="a.yaml")
    except UserError as wrong:
        _, line, column = (*wrong.where.split(":"), "1", "1")[:3]
        assert 1 <= int(line) <= text.count("\n") + text.count("\r") + 2
        assert 1 <= int(column) <= len(text) + 2


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), plain, min_size=1, max_size=4))
def test_json_is_read_as_json(value: dict[str, Any]) -> None:
    text = msgspec.json.encode(value).decode()
    try:
        read = parse_yaml(text, dict[str, Any], source="a.yaml")
    except UserError as wrong:
        assert "does not belong" in wrong.what
    else:
        assert read == value
