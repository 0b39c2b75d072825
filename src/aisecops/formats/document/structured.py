"""Documents of fields: JSON, JSON lines and YAML. What their strings say is said; what stands in comments is for those who write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from aisecops.formats.document.spans import Concealment, Document, Purpose, Span

_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"(\s*:)?')
_COMMENT = re.compile(r"(?:^|[ \t])#[ \t]?(.*)$", re.MULTILINE)
_ROLE = re.compile(r'"(?:role|from)"\s*:\s*"[a-z]{2,20}"')
_QUOTED = re.compile(r"(?m)^([ \t]*(?:- +)?)(['\"])(.*)\2[ \t]*$")
"""A value in quotes: they are YAML's, and quote nothing."""
_KEYS = frozenset(("role", "from", "id", "type", "$schema", "$ref"))
_MOST = 200_000


def read_json(text: str) -> Document:
    """Return what the strings of JSON or JSON lines say, names of fields aside.

    Prompts of conversations (what stands beside a ``role``) speak to a model by their nature: they are specimens here, and rows of a data set elsewhere.
    """
    return Document("json", tuple(_strings(text)))


def _strings(text: str) -> Iterator[Span]:
    conversation = _ROLE.search(text) is not None
    key, count, line, at = "", 0, 1, 0
    for found in _STRING.finditer(text):
        line, at = line + text.count("\n", at, found.start()), found.start()
        if found[2]:
            key = found[1]
            continue
        said = _unescaped(found[1])
        if " " not in said or key in _KEYS:
            continue
        count += 1
        if count > _MOST:
            return
        yield Span(said, line, code=conversation)


def _unescaped(written: str) -> str:
    if "\\" not in written:
        return written
    try:
        return str(json.loads(f'"{written}"', strict=False))
    except ValueError:
        return written


def read_yaml(text: str) -> Document:
    """Return what YAML says, and its comments."""
    comments = [
        Span(found[1], text.count("\n", 0, found.start(1)) + 1, Concealment.COMMENT, Purpose.EDITORIAL, "a comment")
        for found in _COMMENT.finditer(text)
    ]
    plain = _COMMENT.sub("", text)
    plain = re.sub(r"(?m)^(\s*)(?:- )?[\w.-]{1,60}:(?: *[>|][+-]?)? *", lambda key: " " * len(key[0]), plain)
    plain = _QUOTED.sub(lambda said: f"{said[1]} {said[3]} ", plain)
    return Document("yaml", (*((Span(plain, 1),) if plain.strip() else ()), *comments[:_MOST]))
