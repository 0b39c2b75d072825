"""How often the model is right: overall, class by class, and where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import Interval, clopper_pearson, mover, wilson
from aisecops.metrics.quality.judged import Judged, clipped
from aisecops.oracles.oracle import Integers

CONFUSIONS = 10


def accuracy(judged: Judged, *, level: float = 0.95) -> Reading:
    """Return the share of samples that the model has right, with the Clopper-Pearson interval."""
    return proportion("accuracy", int(judged.right.sum()), len(judged.y), level)


def balanced_accuracy(judged: Judged, *, level: float = 0.95) -> Reading:
    """Return the mean of the classes' recalls: what accuracy would be if all classes were equally frequent. A constant model has 1 / k.

    The interval adds up those of the recalls (``mover``), so that a class without an error still counts for its size.
    """
    parts: list[tuple[float, Interval]] = []
    for c in range(len(judged.classes)):
        members = judged.y == c
        if n := int(members.sum()):
            hits = int(judged.right[members].sum())
            parts.append((hits / n, wilson(hits, n, level)))
    k, seen = len(judged.classes), len(parts)
    reading = Reading(
        name="balanced-accuracy", value=sum(p for p, _ in parts) / seen, unit="1", n=len(judged.y), better=Better.HIGHER, bound=Bound.ESTIMATE,
        subject="" if seen == k else f"over {seen} of {k} classes",
        blocked="" if seen > 1 else "not resolvable: the samples are of one class",
    )  # fmt: skip
    return reading.within(clipped(mover(parts, [1.0 / seen] * seen)))


def recall(judged: Judged, *, level: float = 0.95) -> tuple[Reading, ...]:
    """Return for each class the share of its samples that the model has right."""
    return tuple(_per_class("recall", judged, judged.y, "no sample is of this class", level))


def precision(judged: Judged, *, level: float = 0.95) -> tuple[Reading, ...]:
    """Return for each class the share of the samples so labelled that are of it. It depends on how frequent the classes are among *these* samples."""
    return tuple(_per_class("precision", judged, judged.labels, "the model never answered this class", level))


def _per_class(name: str, judged: Judged, of: Integers, empty: str, level: float) -> Iterator[Reading]:
    for c, title in enumerate(judged.classes):
        members = of == c
        yield proportion(name, int(judged.right[members].sum()), int(members.sum()), level, subject=title, empty=empty)


def confusion(judged: Judged) -> Integers:
    """Return the confusion matrix, shape (k, k): samples of class i (row) that were labelled j (column)."""
    k = len(judged.classes)
    return np.bincount(judged.y * k + judged.labels, minlength=k * k).reshape(k, k)


def confusions(judged: Judged, *, level: float = 0.95) -> tuple[Reading, ...]:
    """Return the up to ten most frequent errors, each as the share of a class's samples that were taken for another."""
    matrix = confusion(judged)
    errors = matrix * (1 - np.eye(len(matrix), dtype=np.int64))
    worst = [divmod(int(cell), len(matrix)) for cell in np.argsort(-errors, axis=None, kind="stable")[:CONFUSIONS]]
    names = judged.classes
    return tuple(
        replace(
            proportion("confusion", int(errors[i, j]), int(matrix[i].sum()), level, subject=f"{names[i]} taken for {names[j]}"), better=Better.LOWER
        )
        for i, j in worst
        if errors[i, j]
    )


def proportion(name: str, successes: int, n: int, level: float, *, subject: str = "", empty: str = "") -> Reading:
    """Return a share with its Clopper-Pearson interval; blocked as ``empty`` says where there is nothing to count."""
    reading = Reading(name=name, value=None, unit="1", n=n, better=Better.HIGHER, bound=Bound.ESTIMATE, subject=subject, blocked=empty)
    if not n:
        return reading
    return replace(reading.within(clopper_pearson(successes, n, level)), value=successes / n, blocked="")
