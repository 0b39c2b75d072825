"""The pictures of all classes beside people: a quick picture of large classes, a steadier one of classes of few people.

One reconstruction carries the accidents of its start: what is peculiar to it is the person and these. The mean of a dozen, from different starts, has mostly the
person left, and takes a dozen times as long. Which classes get it is decided by counts alone, before any picture is compared: each class is judged once, so that it is
called member-specific no more often than allowed.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.attacks.inference.inversion.control import Likeness, contrasts, resemblance, shared_levels
from aisecops.oracles.oracle import Floats, Integers

_FEW = 10
"""Members up to which a picture of the class can show a person; of more, the error that such a class gets is too small for a better picture to matter."""


class Pictured(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures beside people, in coordinates that can be compared: one of each class, shape (c, ...), members (n, ...) and others (m, ...)."""

    points: Floats
    members: Floats
    others: Floats


def compare(
    quick: Pictured, labels: Integers, y: Integers, other_y: Integers, *, steadier: Callable[[], Pictured | None] | None = None, level: float = 0.05
) -> list[Likeness]:
    """Compare the picture of each class with its members and with others.

    Parameters
    ----------
    quick
        Pictures that are there already.
    labels, y, other_y
        The class of each picture, shape (c,), member, (n,), and other, (m,).
    steadier
        Makes better pictures of all classes, or None if it cannot. Asked for only where a class has few members, and used for these.
    level
        The error allowed to all classes together: the probability that any is called member-specific whose picture knows nobody.
    """
    counts = np.array([(y == label).sum() for label in labels], dtype=np.int64)
    few = (counts > 0) & (counts <= _FEW)
    better = steadier() if steadier is not None and few.any() else None
    found = []
    for place, (label, allowed) in enumerate(zip(labels, shared_levels(counts, level), strict=True)):
        seen = better if better is not None and few[place] else quick
        found.append(resemblance(contrasts(seen.points)[place], int(label), seen.members[y == label], seen.others[other_y == label], float(allowed)))
    return found
