"""What the name of a variable, key or option says of its value."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from aisecops.knowledge.secrets import Words, knowledge

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 80


class Kind(Enum):
    """What is kept under a name: what a machine made (a token), what a person may have chosen (a password), either (a secret), or a bare ``key``."""

    TOKEN = "token"  # noqa: S105 - a kind, not a value
    PASSWORD = "password"  # noqa: S105
    SECRET = "secret"  # noqa: S105
    KEY = "key"


@lru_cache(4096)
def kind_of(name: str) -> Kind | None:
    """Return what is kept under ``name``; None where it is no secret. The last word decides, unless one before it speaks of something else."""
    words = knowledge().words
    parts = _parts(name, words)
    if not parts or any(part in words.not_secret for part in parts) or _sends_events(parts):
        return None
    return _kind(parts[-1], parts[:-1], words)


def _sends_events(parts: list[str]) -> bool:
    """Whether a name is that of a key with which pages and programs send their events to an analytics service: it stands in every copy, and reads nothing."""
    said = set(parts)
    if parts[-1] == "token":
        return "mixpanel" in said and said.isdisjoint(("service", "account", "admin"))
    return parts[-2:] == ["write", "key"] and (
        len(parts) == 2 or not said.isdisjoint(("segment", "rudder", "rudderstack", "analytics", "freshpaint", "june"))
    )


def _parts(name: str, words: Words) -> list[str]:
    """Return the words of the last segment of a dotted name, without numbers and neutral words at its end."""
    parts = [part.lower() for part in _WORD.findall(name[-_LONGEST:].rpartition(".")[2])]
    while len(parts) > 1 and (parts[-1].isdigit() or parts[-1] in words.neutral):
        parts.pop()
    return parts


def _kind(last: str, before: list[str], words: Words) -> Kind | None:
    if last in words.passwords or last in words.compound_pass:
        return (
            None
            if last in ("pass", "pw") and before and before[-1] in ("by", "first", "low", "high", "band", "all", "multi", "forward")
            else Kind.PASSWORD
        )
    if last in words.secrets:
        return Kind.SECRET
    if last in words.tokens:
        return Kind.TOKEN
    if last == "key":
        qualified = bool(before) and (before[-1] in words.keys or before[-1] in words.services)
        return Kind.TOKEN if qualified else Kind.KEY if not before else None
    for stem in words.stems:
        if last.endswith(stem):
            return Kind.PASSWORD if stem.startswith("pass") else Kind.SECRET if stem == "secret" else Kind.TOKEN
    return None


def service_of(name: str) -> str:
    """Return whose secret ``name`` speaks of, as people write it; empty where it does not say."""
    services = knowledge().words.services
    for part in _WORD.findall(name[-_LONGEST:]):
        service = services.get(part.lower())
        if service:
            return service
    return ""
