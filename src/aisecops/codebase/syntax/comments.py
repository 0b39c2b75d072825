"""The comments of a file: where a maintainer speaks to tools."""

from __future__ import annotations

import re

_ADDRESSED = ("aisecops:", "noqa", "nosec")

_LEXEMES = r"""
    (?P<comment>\#[^\r\n]*)
  | (?P<end>\r\n?|\n)
  | \"{3}(?:[^"\\]++|\\[\s\S]|"(?!""))*+(?:\"{3})?
  | '{3}(?:[^'\\]++|\\[\s\S]|'(?!''))*+(?:'{3})?
  | "(?:[^"\\\r\n]++|\\(?:\r\n|[\s\S]))*+"?
  | '(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S]))*+'?
"""
"""Comments and what can hide a ``#``. Each alternative is decided by its first characters and never gives any back: linear."""


def comments_for_tools(content: str) -> dict[int, str]:
    """Return the comments of a text by their line (from 1); none if the text addresses no tool, which is cheap to see."""
    lowered = content.lower()
    if not any(word in lowered for word in _ADDRESSED):
        return {}
    return comments(content)


def comments(content: str) -> dict[int, str]:
    """Return all comments of a Python text by their line (from 1)."""
    found: dict[int, str] = {}
    line = 1
    for match in re.compile(_LEXEMES, re.VERBOSE).finditer(content):
        kind = match.lastgroup
        if kind == "end":
            line += 1
        elif kind == "comment":
            found[line] = match.group()
        else:
            line += _lines(match.group())
    return found


def code_only(content: str) -> str:
    """Return a text without comments and without what plain strings hold; f-strings hold code."""
    pattern = re.compile(rf"(?P<code>(?i:fr?|rf|tr?|rt)(?=[\"']))?+(?:{_LEXEMES})", re.VERBOSE)
    return pattern.sub(lambda match: match[0] if match["code"] or match["end"] else "", content)


def code_in_place(content: str) -> str:
    """Return a text in which comments and strings, f-strings too, are blank: what is left stands where it stood."""
    return re.compile(_LEXEMES, re.VERBOSE).sub(lambda match: match[0] if match["end"] else re.sub(r"[^\r\n]", " ", match[0]), content)


def _lines(token: str) -> int:
    if "\r" in token:
        token = token.replace("\r\n", "\n").replace("\r", "\n")
    return token.count("\n")
