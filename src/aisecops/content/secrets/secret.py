"""What is said of a secret: never its value."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from aisecops.core.taxonomy import Confidence, Severity

_ROUNDS = 20_000
"""Of the key derivation: a record may be shared, and a person's password must not be found from it by trying a dictionary at full speed. 8 ms a secret."""
_SHORT = 12


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """A secret in a text.

    Attributes
    ----------
    rule : str
        The kind of secret, in kebab-case.
    title : str
        What it is, as a noun phrase.
    start, end : int
        Where its value stands in the text.
    shape : str
        What may be shown of it: the part that all secrets of its kind share, and its length.
    name : str
        The variable, key or option that it is assigned to; empty where it has none.
    """

    rule: str
    title: str
    start: int
    end: int
    shape: str
    severity: Severity
    confidence: Confidence
    name: str = ""


def masked(length: int, prefix: str = "") -> str:
    """Return what may be shown of a secret: ``prefix``, which all of its kind share, and its ``length``. How long a short one is helps to guess it."""
    return f"{prefix}…({length} characters)" if length >= _SHORT else f"{prefix}…(fewer than {_SHORT} characters)"


@lru_cache(1024)
def secret_hash(value: str, salt: str) -> str:
    """Return a stable name for ``value`` in the project whose salt is ``salt``: 32 hex digits, slow to compute on purpose (PBKDF2-HMAC-SHA-256)."""
    from hashlib import pbkdf2_hmac  # 3 ms, only where there is a secret

    return pbkdf2_hmac("sha256", value.encode("utf-8", "backslashreplace"), b"aisecops secret " + salt.encode(), _ROUNDS, dklen=16).hex()
