"""The control of an inversion: whether the picture is nearer to the people whom the model has seen than to others of the same class.

Every inversion of a good model looks like its class, and so like the people in it. A best likeness of 0.63 to the training data says nothing where the best
likeness to people who were not in it is 0.62. What the picture shows of *somebody* is only what exceeds the control.
"""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec
import numpy as np

from aisecops.core.statistics import Interval, area_interval, clopper_pearson
from aisecops.core.statistics.special import normal_cdf
from aisecops.oracles.oracle import Floats, Integers

_KNOWN = 0.2
"""Where the model is surer of a class's few members than four in five ways to choose as many of its people, nobody can say that it does not know them."""


class Verdict(StrEnum):
    """What a picture shows.

    ``class-average-only``: it resembles members no more than others. ``undecided``: the picture does not show members, and the model knows them all the same; a better
    picture might. ``no-power``: too few others to say.
    """

    MEMBER_SPECIFIC = "member-specific"
    CLASS_AVERAGE = "class-average-only"
    UNDECIDED = "undecided"
    NO_POWER = "no-power"


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of one class beside the members and the others of that class.

    Parameters
    ----------
    label
        The class.
    members, others
        How many records there are of each.
    member_best, other_best
        The largest cosine to a member and to another record, around the mean of all records of the class.
    area
        The probability that the picture is nearer to a random member than to a random other: 0.5 shows the class alone.
    interval
        Of that: DeLong's, or, for a single member, Clopper and Pearson's of the share of people who are less alike than this one.
    nearest
        So many of the nearest records are members, before the first other.
    p
        The probability of at least so many (of a single member: of so near a place) if members and others were alike: exact, no assumption but that the two were
        drawn in the same way.
    level
        This class's share of the allowed error: below it the picture is ``member-specific``.
    needed
        Others that would be needed to say anything at that level.
    known
        How probable it is, if members and others of the class were alike, that the model is so much surer of the members; None where nobody asked.
    """

    label: int
    members: int
    others: int
    member_best: float
    other_best: float
    area: float
    interval: Interval
    nearest: int
    p: float
    level: float
    needed: int
    known: float | None = None

    @property
    def verdict(self) -> Verdict:
        """What the picture shows."""
        if self.others < self.needed:
            return Verdict.NO_POWER
        if self.p <= self.level:
            return Verdict.MEMBER_SPECIFIC
        return Verdict.UNDECIDED if self.known is not None and self.known <= _KNOWN else Verdict.CLASS_AVERAGE


def shared_levels(members: Integers, level: float = 0.05) -> Floats:
    """Share an error of ``level`` between classes, shape (c,), in inverse proportion to how many members each has (weighted Bonferroni), and at most ``level / n``.

    A picture of a class of one person can show only that person, a class of thousands hardly ever one: suspicion is spent where it belongs, and not at all where no
    class is small. The counts are known before anything is looked at, so the error is ``level`` at most. Classes without members get none.
    """
    weights = np.where(members > 0, 1.0 / np.maximum(1, members), 0.0)
    return np.asarray(level * weights / max(1.0, float(weights.sum())))


def contrasts(points: Floats) -> Floats:
    """Return how each picture, shape (c, ...), differs from the mean of the others: what all pictures of a model share says nothing about its people."""
    c = len(points)
    return np.asarray((points - points.mean(axis=0)) * (c / (c - 1))) if c > 1 else points


def resemblance(contrast: Floats, label: int, members: Floats, others: Floats, level: float) -> Likeness:
    """Compare the picture of a class with its members and with other records of it.

    Parameters
    ----------
    contrast
        What is peculiar to the picture (``contrasts``), of the shape of a sample.
    members, others
        Shapes (n, ...) and (m, ...), no record in both and none twice, drawn from the same source.
    level
        The error allowed to this class (``shared_levels``).

    Notes
    -----
    Records are compared by the cosine of ``contrast`` and their difference from the mean of all n + m records of the class: what makes one unlike the class. The
    mean treats members and others alike, so under the null hypothesis every order of the n + m likenesses is equally probable, and

        p = n / (n + m) · (n - 1) / (n + m - 1) ··· (n - j + 1) / (n + m - j + 1)

    is the exact probability that the j nearest are all members. A single member's place r among the m + 1 is as exact, and says more: p = r / (m + 1).
    """
    n, m = len(members), len(others)
    records = np.concatenate([members.reshape(n, contrast.size), others.reshape(m, contrast.size)])
    centre = records.mean(axis=0)
    alike = _cosines(contrast.ravel(), records - centre)
    mine, theirs = alike[:n], alike[n:]
    nearest = int((mine > theirs.max()).sum()) if m else n
    area, error = _area(mine, theirs)
    single = clopper_pearson(round(area * m), m) if m else Interval(0.0, 1.0, 0.95, "clopper-pearson")
    return Likeness(
        label=label,
        members=n,
        others=m,
        member_best=float(mine.max()),
        other_best=float(theirs.max()) if m else float("nan"),
        area=area,
        interval=single if n == 1 or not m else area_interval(area, error, min(n, m), few=10),
        nearest=nearest,
        p=(int((theirs >= mine[0]).sum()) + 1) / (m + 1) if n == 1 else _run(nearest, n, m),
        level=level,
        needed=_needed(n, level),
    )


def surer(mine: Floats, theirs: Floats) -> float:
    """Return the one-sided p-value of the rank sum (ties half, normal beyond one member): small where the model gives members, (n,), more than others, (m,)."""
    n, m = len(mine), len(theirs)
    area, _ = _area(mine, theirs)
    if n == 1:
        return (1 + m * (1 - area)) / (m + 1)
    return normal_cdf(-(area - 0.5) / math.sqrt((n + m + 1) / (12 * n * m)))


def _cosines(direction: Floats, records: Floats) -> Floats:
    lengths = np.linalg.norm(records, axis=1) * np.linalg.norm(direction)
    return np.asarray(records @ direction / np.where(lengths > 0, lengths, 1.0))


def _run(j: int, n: int, m: int) -> float:
    """The probability that j given places of n + m are all members."""
    places = np.arange(j, dtype=np.float64)
    return float(np.prod((n - places) / (n + m - places)))


def _needed(n: int, level: float) -> int:
    """The least others with which n members in front could reach ``level``."""
    if level <= 0:
        return np.iinfo(np.int64).max
    m = 1
    while _run(n, n, m) > level:
        m += 1
    return m


def _area(mine: Floats, theirs: Floats) -> tuple[float, float]:
    """The area under the curve, ties half, and DeLong's standard error."""
    if not len(theirs):
        return 0.5, 0.0
    ordered, own = np.sort(theirs), np.sort(mine)
    above = (np.searchsorted(ordered, mine, "left") + np.searchsorted(ordered, mine, "right")) / 2 / len(theirs)
    below = 1 - (np.searchsorted(own, theirs, "left") + np.searchsorted(own, theirs, "right")) / 2 / len(mine)
    area = float(above.mean())
    if min(len(mine), len(theirs)) < 2:
        return area, 0.0
    return area, float(np.sqrt(above.var(ddof=1) / len(mine) + below.var(ddof=1) / len(theirs)))
