"""The key of the pseudonyms: weak ones refused, and one of its own derived for each domain and purpose.

Whoever has the key can try every telephone number there is and see which one a pseudonym stands for: the key is what separates a pseudonym from the person.
"""

from __future__ import annotations

import hmac
import math
import re
from collections import Counter
from itertools import pairwise

from aisecops.core.errors import UserError

_SHORTEST = 16
"""Bytes: 128 bits if they are random."""
_LEAST_BITS = 80.0
"""Of a text, by the frequencies of its characters: 22 characters of base64 have some 90, whatever they stand for."""
_HEXADECIMAL = re.compile(rb"(?:[0-9a-fA-F]{2}){16,}")
_MANY_DIFFERENT = 0.6
"""Of random bytes, up to 256, more than 60 % are different."""
_WORDS = re.compile(rb"[a-z]{16}")
"""One random key in 40,000 of 44 characters of base64 has such a run."""
_BITS_OF_A_LETTER = 1.5
"""Shannon, Prediction and entropy of printed English (1951), on the side of the attacker."""
MAKE_ONE = "make one: python -c 'import secrets; print(secrets.token_hex(32))' > mask.key; chmod 600 mask.key"
_RULE = b"aisecops mask 1"
"""What the pseudonyms are made by; another number here would be another way, and tokens would not fit those made before."""


class KeyRefusedError(UserError):
    """The key is missing or weak."""


class MaskingKey:
    """A key for one domain. ``derive`` gives the keys that are used; the one given is not kept.

    Parameters
    ----------
    secret
        16 bytes or more from a random source, or as hexadecimal digits, 32 or more.
    domain
        Pseudonyms of different domains cannot be linked.
    where
        Where the key comes from, for messages.

    Raises
    ------
    KeyRefusedError
        It is short, or far from random.
    """

    __slots__ = ("_key",)

    def __init__(self, secret: bytes, domain: str = "", where: str = "the key") -> None:
        secret = secret.strip(b"\r\n \t")
        if weakness := weakness_of(secret):
            raise KeyRefusedError(weakness, where=where, fix=MAKE_ONE)
        self._key = hmac.digest(secret, _RULE + b"\0" + domain.encode("utf-8", "surrogatepass"), "sha256")

    def derive(self, purpose: str) -> bytes:
        """Return the key for one purpose, 32 bytes."""
        return hmac.digest(self._key, purpose.encode("ascii"), "sha256")

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that tell copies made by this key in this domain from others; they do not give it away."""
        return self.derive("key id")[:4].hex()

    def __repr__(self) -> str:
        return f"<MaskingKey {self.id}>"


def weakness_of(secret: bytes) -> str:
    """Return what speaks against a key; empty if nothing does. What looks random passes: nobody can tell a random key from one that is known."""
    if _HEXADECIMAL.fullmatch(secret):
        secret = bytes.fromhex(secret.decode("ascii"))
    if len(secret) < _SHORTEST:
        return f"the key has {len(secret)} bytes, too few: it can be guessed"
    if any(secret == (secret[:period] * len(secret))[: len(secret)] for period in range(1, len(secret) // 2 + 1)):
        return "the key repeats itself: it can be guessed"
    steps = Counter((after - before) % 256 for before, after in pairwise(secret))
    if steps.most_common(1)[0][1] > len(secret) // 2:
        return "the key counts up or down: it can be guessed"
    counts = Counter(secret)
    if len(counts) >= _MANY_DIFFERENT * min(len(secret), 256) and any(not 32 <= byte < 127 for byte in secret):
        return ""  # bytes, not text
    bits = -sum(count * math.log2(count / len(secret)) for count in counts.values())
    if b" " in secret or secret.isalpha() or _WORDS.search(secret):
        bits = min(bits, _BITS_OF_A_LETTER * len(secret))
    return "" if bits >= _LEAST_BITS else "the key has few different characters, or is made of words: it can be guessed"
