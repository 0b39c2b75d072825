"""Python literals (dicts, tuples, lists, strings, integers, booleans, None), read without ``eval`` and within bounds."""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>[ub]?'(?:[^'\\\n]|\\.)*'|[ub]?\"(?:[^\"\\\n]|\\.)*\")|(?P<number>-?\d+)L?(?![\w.])|(?P<word>True|False|None)|(?P<mark>[{}()\[\],:])|\Z)"
)
_WORDS = {"True": True, "False": False, "None": None}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_DEPTH = 32


def parse_literal(text: str) -> Any:
    """Return the value that ``text`` stands for. Raises ValueError for anything else. An escape in a string is refused: none belongs there."""
    tokens = _tokens(text)
    value, pos = _value(tokens, 0, 0)
    if pos != len(tokens):
        raise ValueError("text after the literal")
    return value


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, pos = [], 0
    while pos < len(text):
        match = _TOKEN.match(text, pos)
        if match is None:
            raise ValueError(f"not a literal at {pos}")
        pos = match.end()
        if match.lastgroup:
            tokens.append((match.lastgroup, match[match.lastgroup]))
    return tokens


def _value(tokens: list[tuple[str, str]], pos: int, depth: int) -> tuple[Any, int]:
    if pos >= len(tokens) or depth > _DEPTH:
        raise ValueError("the literal breaks off, or nests too deep")
    kind, text = tokens[pos]
    if kind == "number":
        return int(text[:40]), pos + 1
    if kind == "word":
        return _WORDS[text], pos + 1
    if kind == "text":
        if "\\" in text:
            raise ValueError("an escape in a string")
        return text[1:].strip("'\"") if text[0] in "ub" else text[1:-1], pos + 1
    if text not in _CLOSING:
        raise ValueError(f"{text} where a value should be")
    return _collection(tokens, pos, depth)


def _collection(tokens: list[tuple[str, str]], pos: int, depth: int) -> tuple[Any, int]:
    opening, closing = tokens[pos][1], _CLOSING[tokens[pos][1]]
    items: list[Any] = []
    keys: list[Any] = []
    commas = 0
    pos += 1
    while pos < len(tokens) and tokens[pos] != ("mark", closing):
        item, pos = _value(tokens, pos, depth + 1)
        if opening == "{":
            if tokens[pos : pos + 1] != [("mark", ":")] or isinstance(item, list | dict):
                raise ValueError("a dict needs keys and values")
            keys.append(item)
            item, pos = _value(tokens, pos + 1, depth + 1)
        items.append(item)
        if tokens[pos : pos + 1] == [("mark", ",")]:
            commas, pos = commas + 1, pos + 1
        elif tokens[pos : pos + 1] != [("mark", closing)]:
            raise ValueError("a comma is missing")
    if pos >= len(tokens):
        raise ValueError("the literal breaks off")
    pos += 1
    if opening == "{":
        return dict(zip(keys, items, strict=True)), pos
    if opening == "(":
        return (items[0] if len(items) == 1 and not commas else tuple(items)), pos
    return items, pos
