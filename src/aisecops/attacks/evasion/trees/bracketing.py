"""The best bracket of one sample that a given time allows: best-first search, then, where costs add up over features, linear programming."""

from __future__ import annotations

import time
from importlib.util import find_spec

import msgspec

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.nearest import Bracket, Nearest
from aisecops.attacks.evasion.trees.tightening import tightened
from aisecops.attacks.evasion.trees.walking import restored, walked
from aisecops.oracles.oracle import Floats

SEARCHED = 0.05
"""The share of the time that the search has before the programme, where that can follow: what is easy the search has proven by then."""
BY_LINF = 0.1
"""Seconds for the nearest by Linf, which is found soonest."""


def bracketed(nearest: Nearest, foreign: Floats, seconds: float, farthest: float) -> Bracket:
    """Return the nearest evasion found and the certificate after about ``seconds``; neither is looked for beyond ``farthest``.

    Parameters
    ----------
    foreign
        Samples with other labels, shape (m, d): where the search finds no evasion, or none near enough, the way to them is tried.
    """
    additive = nearest.norm is not Norm.LINF and find_spec("scipy") is not None
    began = time.thread_time()
    bracket = nearest.search(seconds * SEARCHED if additive else seconds, farthest, anything=not additive)
    if bracket.proven or bracket.lower > farthest:
        return bracket
    candidates = [bracket.point, walked(nearest.trees, nearest.sample, foreign, nearest.low, nearest.high, nearest.norm)]
    if nearest.norm is not Norm.LINF and all(candidate is None for candidate in candidates):
        candidates.append(nearest.by(Norm.LINF).search(min(BY_LINF, seconds), anything=False).point)
    if additive and all(candidate is None for candidate in candidates):
        candidates.append(nearest.search(0.0, farthest).point)
    points = [restored(nearest.trees, nearest.sample, candidate, nearest.norm) for candidate in candidates if candidate is not None]
    if not additive:
        return msgspec.structs.replace(bracket, point=min(points, key=nearest.distance, default=None))
    point, lower, met = tightened(nearest, points, bracket.lower, seconds - (time.thread_time() - began))
    left = seconds - (time.thread_time() - began)
    if met or point is None or left < seconds * SEARCHED or lower > farthest:
        return msgspec.structs.replace(bracket, point=point, lower=lower, proven=met)
    further = nearest.search(left, farthest, nearest.distance(point))
    nearer = point if further.point is None else further.point
    return msgspec.structs.replace(further, point=nearer, lower=max(lower, further.lower), splits=bracket.splits + further.splits)
