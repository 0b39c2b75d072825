"""From answers back to inputs: what a model takes for the very image of a class.

A confident point is not a person. Whether it shows one is what ``control`` measures with records that the model has never seen.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.inference.inversion.ascent import ascend
from aisecops.attacks.inference.inversion.search import evolve
from aisecops.attacks.inference.inversion.structured import climb
from aisecops.attacks.inference.membership.confidences import of_label
from aisecops.oracles.oracle import Capability, CapabilityError, Flags, Floats, Integers, Oracle
from aisecops.oracles.structure import Structure


class Inverted(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    Parameters
    ----------
    points
        One for each class that was asked for, shape (c, ...).
    labels
        These classes, shape (c,).
    confidence
        What the model gives its class, 0 to 1, shape (c,).
    method
        ``gradient``, ``structure`` or ``search``.
    """

    points: Floats
    labels: Integers
    confidence: Floats
    method: str


def invert(
    oracle: Oracle,
    low: Floats | float,
    high: Floats | float,
    shape: tuple[int, ...],
    *,
    labels: Integers | None = None,
    whole: Flags | None = None,
    steps: int = 200,
    seed: int = 0,
) -> Inverted:
    """Find for each class a point of which ``oracle`` is as sure as can be.

    By gradients where there are any (Adam, with a smoothness prior for images), else by the structure (trees and linear maps: no query at all), else by an
    evolution strategy that asks for scores.

    Parameters
    ----------
    low, high
        The bounds of what an input can be; numbers, or of the shape of a sample.
    shape
        Of a sample: (d,) for rows, (h, w), (h, w, c) or (c, h, w) for images.
    labels
        Which classes; all, if left out.
    whole
        The columns of whole numbers, shape (d,).
    steps
        Steps of the ascent, or generations of the evolution (a class is asked about 24 points in each).

    Raises
    ------
    CapabilityError
        The model gives neither gradient nor structure nor scores.

    References
    ----------
    Fredrikson, Jha, Ristenpart, Model inversion attacks that exploit confidence information (CCS 2015); Mahendran, Vedaldi, Understanding deep image
    representations by inverting them (CVPR 2015) for the prior; Wierstra et al., Natural evolution strategies (JMLR 2014).
    """
    wanted = np.arange(len(oracle.classes)) if labels is None else np.asarray(labels, dtype=np.int64)
    bounds = np.broadcast_to(np.asarray(low, dtype=np.float64), shape), np.broadcast_to(np.asarray(high, dtype=np.float64), shape)
    structure = _structure(oracle)
    if Capability.GRADIENT in oracle.capabilities:
        method, points = "gradient", ascend(oracle, *bounds, wanted, steps=steps, seed=seed)
    elif structure is not None and structure.columns == int(np.prod(shape)):
        method, points = "structure", climb(structure, bounds[0].ravel(), bounds[1].ravel(), wanted, seed=seed).reshape(-1, *shape)
    elif Capability.SCORES in oracle.capabilities:
        method, points = "search", evolve(oracle, *bounds, wanted, whole=whole, generations=steps, seed=seed)
    else:
        raise CapabilityError("inversion needs gradients, structure or scores, and this model gives labels alone", where=oracle.name)
    if whole is not None:
        points = np.where(whole, np.clip(np.round(points), np.ceil(bounds[0]), np.floor(bounds[1])), points)
    return Inverted(points=points, labels=wanted, confidence=_confidence(oracle, points, wanted), method=method)


def _structure(oracle: Oracle) -> Structure | None:
    """What it computes; None where that cannot be had, though it was promised."""
    if Capability.STRUCTURE not in oracle.capabilities:
        return None
    try:
        return oracle.structure()
    except CapabilityError:
        return None


def _confidence(oracle: Oracle, points: Floats, labels: Integers) -> Floats:
    if Capability.SCORES in oracle.capabilities:
        return of_label(oracle.scores(points), labels)
    return np.asarray(oracle.labels(points) == labels, dtype=np.float64)
