"""The digest of all knowledge that what a check says may depend on, for cache keys. It costs a few small reads: most scans load little of the knowledge itself."""

from __future__ import annotations

import os

_DIGESTS = (
    ("callables", "data", "digest"),
    ("confusables", "data", "digest"),
    ("given_names", "data", "digest"),
    ("libraries", "data", "digest"),
    ("orders", "data", "digest"),
    ("services", "data", "digest"),
    ("secrets", "data", "digest"),
)

_WHOLE = (("learning", "learning.json"), ("licences", "licences.json"))
"""Small enough to stand for themselves."""


def knowledge_digest() -> str:
    """Return the digests of the callables table, of confusable letters and given names, and of the knowledge of libraries, secrets and licences."""
    return " ".join(_read(os.path.join(os.path.dirname(__file__), *names)) for names in (*_DIGESTS, *_WHOLE))


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read().strip()
