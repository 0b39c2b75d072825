"""The pictures of all classes beside people: a quick picture of large classes, a closer look at classes of few people.

A picture from the middle of the box is mostly what makes its class unlike the others. Where a class has few members, what the model wants of people of that class
(``drift``) is more of these members, and takes longer. Which classes get it is decided by counts alone, before any picture is compared: each class is judged once, so
that it is called member-specific no more often than allowed.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.attacks.inference.inversion.control import Likeness, Verdict, contrasts, resemblance, shared_levels, surer
from aisecops.oracles.oracle import Floats, Integers

_FEW = 10
"""Members up to which a picture of the class can show a person; of more, the error that such a class gets is too small for a closer look to matter."""


class Pictured(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures beside people, in coordinates that can be compared: one of each class, shape (c, ...), members (n, ...) and others (m, ...)."""

    points: Floats
    members: Floats
    others: Floats


def compare(
    quick: Pictured,
    labels: Integers,
    y: Integers,
    other_y: Integers,
    *,
    closer: Callable[[int], Floats | None] | None = None,
    confidence: Callable[[int], tuple[Floats, Floats] | None] | None = None,
    level: float = 0.05,
) -> list[Likeness]:
    """Compare the picture of each class with its members and with others.

    Parameters
    ----------
    quick
        Pictures that are there already.
    labels, y, other_y
        The class of each picture, shape (c,), member, (n,), and other, (m,).
    closer
        From a class to what is peculiar to its picture at a closer look (``drift``), of the shape of a sample, or None if it cannot look. Asked for only where a class
        has few members.
    confidence
        From a class to how sure the model is of that class for its members, (n,), and its others, (m,), or None. Asked for where the picture of a class of few members
        does not show them: if the model is surer of them than of others, it knows them, and the picture decides nothing.
    level
        The error allowed to all classes together: the probability that any is called member-specific whose picture knows nobody.
    """
    counts = np.array([(y == label).sum() for label in labels], dtype=np.int64)
    peculiar, found = contrasts(quick.points), []
    for place, (label, allowed) in enumerate(zip(labels, shared_levels(counts, level), strict=True)):
        close = closer(int(label)) if closer is not None and 0 < counts[place] <= _FEW else None
        shown = peculiar[place] if close is None else close
        like = resemblance(shown, int(label), quick.members[y == label], quick.others[other_y == label], float(allowed))
        if (
            confidence is not None
            and like.verdict is Verdict.CLASS_AVERAGE
            and like.members <= _FEW
            and (sides := confidence(int(label))) is not None
        ):
            like = msgspec.structs.replace(like, known=surer(*sides))
        found.append(like)
    return found
