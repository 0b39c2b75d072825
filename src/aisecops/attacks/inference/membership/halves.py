"""Which shadow model is trained on which records."""

from __future__ import annotations

import numpy as np

from aisecops.oracles.oracle import Flags


def complementary_halves(records: int, shadows: int, seed: int) -> Flags:
    """Return which records each shadow model is trained on, shape (shadows, records).

    Shadows come in pairs, 2i and 2i + 1, the second on what the first has not seen: every record is inside of exactly half of them and outside of the other half,
    so that both of its distributions are learned from the same few models, where independent halves would leave some records without either.

    Raises
    ------
    ValueError
        An odd number of shadows, fewer than 4, or fewer than 4 records.
    """
    if shadows < 4 or shadows % 2:
        raise ValueError(f"shadow models come in pairs, two at least: {shadows} is not an even number of 4 or more")
    if records < 4:
        raise ValueError(f"{records} records are too few to halve")
    rng = np.random.default_rng(seed)
    inside = np.zeros((shadows, records), dtype=np.bool_)
    for pair in range(0, shadows, 2):
        inside[pair, rng.permutation(records)[: records // 2]] = True
        inside[pair + 1] = ~inside[pair]
    return inside
