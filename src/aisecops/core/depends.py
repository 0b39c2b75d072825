"""The words of ``AssetFacts.depends``: what a parsed form rests on beside its own content.

A module of a large project asks for a thousand names, each of which a file added later may give another meaning. Sums of four bytes stand for them: two names of one
sum (one pair in four billion) only make a result to be found anew without need.
"""

from __future__ import annotations

import struct
from binascii import a2b_base64, b2a_base64, crc32
from functools import lru_cache

import msgspec

CONTENT, SHAPE, NAMES, BODIES = "=", "~", "?", "!"
"""How the words begin for the content of an asset, for what others can see of it (``AssetFacts.shape``), for names, and for which bodies of functions matter."""
_DIGEST = 8


@lru_cache(maxsize=100_000)
def name_sum(name: str) -> int:
    """Return the sum that stands for ``name``."""
    return crc32(name.encode("utf-8", "backslashreplace"))


def body_sum(path: str, cls: str, name: str) -> int:
    """Return the sum that stands for the bodies of the functions ``name`` in the class ``cls`` (empty: in none) of the file at ``path``."""
    return name_sum(f"{path}\0{cls}.{name}")


def bodies_word(sums: set[int]) -> str:
    """Return the word that says: of the files that ``SHAPE`` names, it rests on these bodies (``body_sum``) alone, and on what is outside of all bodies."""
    return BODIES + names_word(sums)[1:]


class Shape(msgspec.Struct, frozen=True):
    """What others can see of a file: a digest of what is outside of the bodies of functions, and of each body (``body_sum``) one."""

    outside: bytes
    bodies: dict[int, bytes]

    @staticmethod
    def encoded(outside: bytes, bodies: list[tuple[int, bytes]]) -> bytes:
        """Return it as ``AssetFacts.shape`` has it. Bodies of one sum belong together."""
        return outside[:_DIGEST] + b"".join([number.to_bytes(4, "little") + digest[:_DIGEST] for number, digest in bodies])

    @staticmethod
    def decoded(data: bytes) -> Shape:
        """Return what ``encoded`` has made of it."""
        bodies: dict[int, bytes] = {}
        for at in range(_DIGEST, len(data), 4 + _DIGEST):
            number = int.from_bytes(data[at : at + 4], "little")
            bodies[number] = bodies.get(number, b"") + data[at + 4 : at + 4 + _DIGEST]
        return Shape(data[:_DIGEST], bodies)

    def changed(self, before: Shape) -> set[int] | None:
        """Return the sums of the bodies that have changed since it was ``before``; None if anything else has."""
        if self.outside != before.outside:
            return None
        return {number for number in self.bodies.keys() | before.bodies.keys() if self.bodies.get(number) != before.bodies.get(number)}


def names_word(sums: set[int]) -> str:
    """Return the word that says: it rests on which source files are called ``name.py``, or lie in a package ``name``, for any name with one of these ``sums``."""
    ascending = sorted(sums)
    return NAMES + b2a_base64(struct.pack(f"<{len(ascending)}I", *ascending), newline=False).decode()


def sums_of(word: str) -> bytes:
    """Return the sums of a word for names or bodies as it has them, four bytes each."""
    return a2b_base64(word[1:])


def sums_of_names(word: str) -> tuple[int, ...]:
    """Return the sums of the names that ``word`` speaks of, in ascending order."""
    data = sums_of(word)
    return struct.unpack(f"<{len(data) // 4}I", data)
