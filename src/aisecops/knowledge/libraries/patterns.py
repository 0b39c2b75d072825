"""Patterns of access paths: alternatives in braces, which are written out when knowledge is compiled, and wildcards, which are matched part by part."""

from __future__ import annotations

import re
from itertools import pairwise

MOST_ALTERNATIVES = 400
"""Paths that one pattern may stand for."""
_NAME = r"(?:[A-Za-z_*][A-Za-z0-9_*]*)"
_PART = rf"{_NAME}(?:\(\)|\[\])*"
_PATTERN = rf"(?:\?)?{_PART}(?:\.{_PART})*|\{{\}}\[\]"
_ANY_NAME = r"[^()\[\]]*"
_UNSPOKEN = frozenset("()[]")


def expand(pattern: str) -> tuple[str, ...]:
    """Return the paths that ``pattern`` stands for: ``a.{b,c}`` is ``a.b`` and ``a.c``; alternatives may be empty and may nest.

    Raises
    ------
    ValueError
        The braces are unbalanced, stand for too many paths, or what comes out is no access path.
    """
    if pattern == "{}[]":
        return (pattern,)
    paths = tuple(dict.fromkeys(_expanded(pattern)))
    for path in paths:
        if not re.fullmatch(_PATTERN, path):
            raise ValueError(f"`{path}` is no access path: write names with dots between, `()` behind a call, `[]` behind an item")
    return paths


def _expanded(pattern: str) -> list[str]:
    start = pattern.find("{")
    if start < 0:
        if "}" in pattern:
            raise ValueError(f"`{pattern}` has a `}}` without its `{{`")
        return [pattern]
    depth, cuts = 0, [start]
    for i in range(start, len(pattern)):
        depth += (pattern[i] == "{") - (pattern[i] == "}")
        if depth == 0 or (depth == 1 and pattern[i] == ","):
            cuts.append(i)
        if depth == 0:
            break
    else:
        raise ValueError(f"`{pattern}` has a `{{` without its `}}`")
    heads = [pattern[a + 1 : b] for a, b in pairwise(cuts)]
    tails = _expanded(pattern[cuts[-1] + 1 :])
    result = [pattern[:start] + middle + tail for head in heads for middle in _expanded(head) for tail in tails]
    if len(result) > MOST_ALTERNATIVES:
        raise ValueError(f"`{pattern}` stands for more than {MOST_ALTERNATIVES} paths")
    return result


def is_wild(path: str) -> bool:
    """Whether ``path`` can match others than itself."""
    return "*" in path or path.startswith("?")


def matches(pattern: str, path: str) -> bool:
    """Whether the wildcards of ``pattern`` (without braces) can stand for what ``path`` has there."""
    if pattern.startswith("?"):
        if not path.startswith("?"):
            return False
        parts, there = pattern[1:].split("."), path[1:].split(".")
        return len(there) >= len(parts) and _matches(parts, there if "**" in parts else there[-len(parts) :])
    return not path.startswith("?") and _matches(pattern.split("."), path.split("."))


def _matches(pattern: list[str], path: list[str]) -> bool:
    """Match part by part. ``**`` stands for any number of parts: only the last one met has to be tried again, so the work is at most the product of the lengths."""
    at = here = 0
    star, mark = -1, 0
    while here < len(path):
        if at < len(pattern) and pattern[at] == "**":
            star, mark = at, here
            at += 1
        elif at < len(pattern) and part_matches(pattern[at], path[here]):
            at += 1
            here += 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return all(part == "**" for part in pattern[at:])


def part_matches(pattern: str, part: str) -> bool:
    """Match one part of a path; a ``*`` never covers a call or an item."""
    if pattern == part:
        return True
    if "*" not in pattern:
        return False
    if pattern.count("*") > 1:
        return re.fullmatch(_ANY_NAME.join(re.escape(piece) for piece in pattern.split("*")), part) is not None
    first, last = pattern.split("*")
    start, end = len(first), len(part) - len(last)
    return start <= end and part.startswith(first) and part.endswith(last) and _UNSPOKEN.isdisjoint(part[start:end])
