"""A keyed permutation of the whole numbers below any N: what lets a pseudonym keep a format and still be nobody else's.

A Feistel network over two parts that need not be equal (Black and Rogaway, Ciphers with arbitrary finite domains, CT-RSA 2002), ten rounds as in FF1 of NIST SP
800-38G, HMAC-SHA256 as round function. Two values never get the same pseudonym, which a cut-off hash cannot promise: among a million seven-digit numbers it would
merge tens of thousands of persons into others.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable

SMALLEST = 1_000_000
"""NIST SP 800-38G Rev. 1: below a million values a permutation can be told from few pairs."""
_ROUNDS = 10


def permuted(key: bytes, number: int, size: int, tweak: bytes, fits: Callable[[int], bool] | None = None) -> int:
    """Return the number below ``size`` that ``number`` stands for.

    Parameters
    ----------
    key, tweak
        Another of either is another permutation.
    number, size
        0 <= number < size.
    fits
        What the result must hold to; ``number`` has to, too, or the walk may not end. Walking on until it does keeps the map one to one.
    """
    left_size = math.isqrt(size - 1) + 1
    right_size = -(-size // left_size)
    walked = number
    while True:
        walked = _round_trip(key, walked, left_size, right_size, tweak)
        if walked < size and (fits is None or fits(walked)):
            return walked


def _round_trip(key: bytes, number: int, left_size: int, right_size: int, tweak: bytes) -> int:
    left, right = number % left_size, number // left_size
    for turn in range(0, _ROUNDS, 2):
        left = (left + _round(key, turn, right, tweak)) % left_size
        right = (right + _round(key, turn + 1, left, tweak)) % right_size
    return right * left_size + left


def _round(key: bytes, turn: int, part: int, tweak: bytes) -> int:
    return int.from_bytes(hmac.digest(key, b"%d:%d:%b" % (turn, part, tweak), "sha256"), "big")
