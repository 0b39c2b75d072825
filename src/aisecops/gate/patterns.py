"""Shell patterns over names and paths, as rules and waivers write them.

In a path ``*``, ``?`` and ``[...]`` stay within one folder and ``**`` stands for any number of folders: ``models/*.pkl`` is what lies in ``models``,
``**/*.pkl`` is what lies anywhere. In a name (of a check or category) ``*`` stands for anything. A text always matches itself, so a path with a bracket in it
can be written as it is. Letters count as they are, on every system.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache


@lru_cache(maxsize=4096)
def name_matches(patterns: tuple[str, ...], name: str) -> bool:
    """Whether ``name`` matches one of ``patterns``. No pattern at all matches everything."""
    return not patterns or any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


@lru_cache(maxsize=16384)
def path_matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether ``path`` (with ``/``) matches one of ``patterns``. No pattern at all matches everything."""
    return not patterns or any(path == pattern or _matches(pattern.removeprefix("./").split("/"), path.split("/")) for pattern in patterns)


def _matches(pattern: list[str], path: list[str]) -> bool:
    """Follow all ways through ``pattern`` at once, so that many ``**`` over a deep path stay cheap."""
    places = _past_folders(pattern, {0})
    for name in path:
        steps = {
            at if pattern[at] == "**" else at + 1 for at in places if at < len(pattern) and (pattern[at] == "**" or fnmatchcase(name, pattern[at]))
        }
        places = _past_folders(pattern, steps)
    return len(pattern) in places


def _past_folders(pattern: list[str], places: set[int]) -> set[int]:
    """Add the places behind every ``**`` that stands at one of ``places``: it may stand for no folder."""
    reached = set(places)
    for at in places:
        while at < len(pattern) and pattern[at] == "**":
            at += 1
            reached.add(at)
    return reached
