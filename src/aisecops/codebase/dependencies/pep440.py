"""Versions and sets of versions: PEP 440, the carets and tildes of Poetry, the single ``=`` of conda; as much as the question "is it surely one of these?" needs.

A set of versions is a sorted list of ranges between *cuts*; a cut lies just before or just after a version. Local versions (``2.1.0+cu121``) count as the
version that they are builds of.
"""

from __future__ import annotations

import re
from functools import lru_cache

Key = tuple[int, tuple[int, ...], tuple[int, int], int, float]
Cut = tuple[Key, int]
Ranges = tuple[tuple[Cut, Cut], ...]

_LAST = float("inf")
_FIRST_CUT: Cut = ((-1, (), (0, 0), 0, 0.0), 0)
_LAST_CUT: Cut = ((1 << 60, (), (0, 0), 0, 0.0), 0)
ANY: Ranges = ((_FIRST_CUT, _LAST_CUT),)
"""All versions."""
_FINAL = (3, 0)
_PRE = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_VERSION = (
    r"\s*v?(?:(?P<epoch>\d{1,9})!)?(?P<release>\d{1,9}(?:\.\d{1,9}){0,9})(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|rc|c)[-_.]?(?P<pren>\d{0,9}))?"
    r"(?:-(?P<postn>\d{1,9})|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<postm>\d{0,9}))?(?:[-_.]?(?P<dev>dev)[-_.]?(?P<devn>\d{0,9}))?(?:\+[A-Za-z0-9._-]{1,99})?\s*"
)
_CLAUSE = r"\s*(?P<sign>===|==|~=|!=|<=|>=|<|>|=|\^|~)?\s*v?(?P<version>[0-9][A-Za-z0-9.!+_-]*?)?(?P<star>\.?\*)?(?:=[A-Za-z0-9_.*]*)?\s*"


def key(text: str) -> Key | None:
    """Return what orders the version ``text`` among others; None if it is none."""
    match = re.fullmatch(_VERSION, text, re.IGNORECASE)
    if match is None:
        return None
    release = [int(number) for number in match["release"].split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    post = int(match["postn"] or match["postm"] or 0) if match["postn"] or match["post"] else -1
    dev = float(match["devn"] or 0) if match["dev"] else _LAST
    unnamed = (-1, 0) if match["dev"] and post < 0 else _FINAL
    pre = (_PRE[match["pre"].lower()], int(match["pren"] or 0)) if match["pre"] else unnamed
    return (int(match["epoch"] or 0), tuple(release), pre, post, dev)


@lru_cache(maxsize=4096)
def parse(specifier: str) -> Ranges | None:
    """Return the versions that ``specifier`` allows: clauses joined by commas or spaces, alternatives by ``|``; None if it cannot be read."""
    if len(specifier) > 500:
        return None
    result: Ranges = ()
    for alternative in re.split(r"\s*\|\|?\s*", specifier):
        ranges = ANY
        for clause in re.split(r"\s*,\s*|(?<=[0-9*])\s+(?=[<>=!~^0-9])", alternative.strip()):
            one = _clause(clause)
            if one is None:
                return None
            ranges = intersection(ranges, one)
        result = union(result, ranges)
    return result


def _clause(text: str) -> Ranges | None:
    if text in ("", "*"):
        return ANY
    match = re.fullmatch(_CLAUSE, text)
    if match is None or not match["version"]:
        return None
    version = key(match["version"])
    if version is None:
        return None
    sign, numbers = (
        match["sign"] or "==",
        [int(n) for n in re.findall(r"\d{1,9}", match["version"].partition("+")[0].partition("!")[2] or match["version"])],
    )
    release = list(version[1]) if match["star"] is None else numbers
    if match["star"] or sign == "=":
        series = _series(version[0], tuple(numbers or release))
        return _outside(series) if sign == "!=" else series if sign in ("==", "===", "=", "~=") else _compared(sign, version)
    if sign in ("^", "~", "~="):
        return ((_before(version), _dev((version[0], *_next(sign, numbers)))),)
    return _compared(sign, version)


def _compared(sign: str, version: Key) -> Ranges:
    before, after = _before(version), (version, 1)
    if sign in ("==", "==="):
        return ((before, after),)
    if sign == "!=":
        return _outside(((before, after),))
    if sign in (">=", ">"):
        return ((before if sign == ">=" else after, _LAST_CUT),)
    pre_release = version[2] != _FINAL or version[4] != _LAST
    return ((_FIRST_CUT, after if sign == "<=" else before if pre_release else _dev((version[0], *version[1]))),)


def _next(sign: str, numbers: list[int]) -> tuple[int, ...]:
    """Return the first release that ``^``, ``~`` (Poetry) or ``~=`` rules out."""
    if sign == "^":
        at = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
    elif sign == "~":
        at = min(1, len(numbers) - 1)
    else:
        at = max(len(numbers) - 2, 0)
    return (*numbers[:at], numbers[at] + 1)


def _before(version: Key) -> Cut:
    return version, 0


def _dev(numbers: tuple[int, ...]) -> Cut:
    """The cut before the first development version of a release; ``numbers`` begin with the epoch."""
    release = list(numbers[1:])
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    return (numbers[0], tuple(release), (-1, 0), -1, 0.0), 0


def _series(epoch: int, numbers: tuple[int, ...]) -> Ranges:
    return ((_dev((epoch, *numbers)), _dev((epoch, *numbers[:-1], numbers[-1] + 1))),)


def _outside(ranges: Ranges) -> Ranges:
    result, start = [], _FIRST_CUT
    for low, high in ranges:
        if start < low:
            result.append((start, low))
        start = high
    if start < _LAST_CUT:
        result.append((start, _LAST_CUT))
    return tuple(result)


def intersection(one: Ranges, other: Ranges) -> Ranges:
    """Return the versions in both."""
    return tuple((low, high) for a, b in one for c, d in other if (low := max(a, c)) < (high := min(b, d)))


def union(one: Ranges, other: Ranges) -> Ranges:
    """Return the versions in either."""
    result: list[tuple[Cut, Cut]] = []
    for low, high in sorted((*one, *other)):
        if result and low <= result[-1][1]:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def within(declared: Ranges, asked: Ranges) -> bool | None:
    """Whether all of ``declared`` are among ``asked``; None if only some are."""
    common = intersection(declared, asked)
    if not common:
        return False
    return True if common == declared else None
