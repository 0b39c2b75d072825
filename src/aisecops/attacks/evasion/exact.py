"""The nearest evasion, exactly, of models whose structure is known: tree ensembles and linear maps.

What is found is asked of the model itself; what is certified holds for the structure, which is compared with the model on thousands of points first.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.linear import nearest_linear
from aisecops.attacks.evasion.rounds import Rounds, within
from aisecops.attacks.evasion.space import Space
from aisecops.attacks.evasion.trees.bracketing import bracketed
from aisecops.attacks.evasion.trees.nearest import Bracket, Ensemble, Nearest
from aisecops.core.errors import UserError
from aisecops.oracles.extraction import trials
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle, needs
from aisecops.oracles.structure import LinearMap, Structure, TreeEnsemble
from aisecops.oracles.trees.planting import StructureError

TRIALS = 4000
"""Points on which structure and model are compared, at most; they cost at most half of the queries."""
FURTHER = (1e-12, 1e-9, 1e-7, 1e-5)
"""By how much (relative) a step to the boundary of a linear map is lengthened, one after the other, until the model's own rounding is overcome."""


def exact(
    oracle: Oracle,
    samples: Floats,
    y: Integers,
    *,
    space: Space,
    norm: Norm = Norm.LINF,
    epsilon: float | None = None,
    queries: int = 1000,
    seed: int = 0,
    starts: Floats | None = None,
    target: Integers | None = None,
    seconds: float = 10.0,
) -> Attempts:
    """Find the nearest evasion of each sample by Linf, L2 or L1, and prove it.

    The parameters are those of every attack (``aisecops.attacks.evasion``), and:

    Parameters
    ----------
    space
        Its box says how far each feature may move (equal bounds: not at all), and the certificate is for that box. A space that demands more only makes evasions
        rarer: the certificate holds, evasions are what it leaves of the nearest point.
    epsilon
        Do not look further.
    seconds
        The most for one sample, of computing (a loaded machine does not count); then the best evasion so far stands above the certificate so far.

    Returns
    -------
    Attempts
        ``lower`` is the certificate: no point within the box and nearer than this has another label. Where it equals ``distance``, the evasion is the nearest.

    Raises
    ------
    CapabilityError
        The structure of the model is not known.
    StructureError
        It is not what the model does: nothing can be certified.
    """
    needs(oracle, Capability.STRUCTURE, Capability.LABELS, purpose="the exact attack")
    within(norm, Norm.LINF, Norm.L2, Norm.L1, attack="exact")
    if target is not None:
        raise UserError("the exact attack looks for any other class, not for a target")
    structure = oracle.structure()
    rounds = Rounds(oracle, samples, y, space=Inside(space) if space.plain else space, norm=norm, queries=max(3, queries), epsilon=epsilon)
    if rounds.origin.shape[1] != structure.columns:
        raise UserError(f"samples have {rounds.origin.shape[1]} features, the model {structure.columns}")
    lower = np.zeros(rounds.n)
    with rounds.until_spent():
        rows = _compared(rounds, structure, seed)
        if isinstance(structure, LinearMap):
            lower[rows] = _linear(rounds, structure, rows)
        else:
            lower[rows] = _trees(rounds, structure, rows, starts, seconds)
    attempts = rounds.attempts()
    return msgspec.structs.replace(attempts, lower=np.minimum(lower, attempts.distance))


class Inside:
    """A box, possibly one for each sample, for points that lie in it already: they are asked about as they are."""

    plain = True

    def __init__(self, box: Space) -> None:
        self.low, self.high = box.low, box.high

    def project(self, points: Floats, origin: Floats) -> Floats:  # noqa: ARG002 - the signature of a space
        """Return the points."""
        return points.copy()


def _compared(rounds: Rounds, structure: Structure, seed: int) -> Integers:
    """Ask about the samples and about points near thresholds, and return the samples that the model gets right.

    Raises
    ------
    StructureError
    """
    every, flat = np.arange(rounds.n), _with_missing(rounds)
    placed, labels = rounds.answers(every, rounds.origin)
    points = trials(structure, flat, min(TRIALS, rounds.n * (rounds.queries - 1) // 2), np.random.default_rng(seed))
    points = np.clip(points, np.min(rounds.low, axis=0), np.max(rounds.high, axis=0)).reshape(-1, *rounds.shape[1:])
    points = rounds.space.project(points, points).reshape(len(points), -1)
    answers = rounds.survey(points) if len(rounds.live()) else np.full(len(points), -1)
    points = np.concatenate([points, np.where(rounds.missing, np.nan, placed)])
    answers = np.concatenate([answers, labels])
    differing = (answers >= 0) & (structure.decide(points) != answers)
    if isinstance(structure, LinearMap):
        differing &= ~structure.tied(points)
    if np.any(differing):
        count, asked = np.count_nonzero(differing), np.count_nonzero(answers >= 0)
        raise StructureError(f"what was read from the model and the model itself disagree on {count} of {asked} points", where=rounds.oracle.name)
    return np.flatnonzero(labels == rounds.y)


def _with_missing(rounds: Rounds) -> Floats:
    return np.where(rounds.missing, np.nan, rounds.origin)


def _linear(rounds: Rounds, structure: LinearMap, rows: Integers) -> Floats:
    step, lower = nearest_linear(structure, rounds.origin[rows], rounds.y[rows], rounds.low[rows], rounds.high[rows], rounds.norm)
    left = np.flatnonzero(~np.isnan(step).any(axis=1))
    for further in FURTHER:
        _, evades = rounds.ask(
            rows[left], np.clip(rounds.origin[rows[left]] + (1 + further) * step[left], rounds.low[rows[left]], rounds.high[rows[left]])
        )
        left = left[~evades]
    return lower


def _trees(rounds: Rounds, trees: TreeEnsemble, rows: Integers, starts: Floats | None, seconds: float) -> Floats:
    """Search sample by sample, then ask about all that was found in one call."""
    ensemble, flat = Ensemble(trees), _with_missing(rounds)
    others = flat if starts is None else np.concatenate([flat, np.asarray(starts, dtype=np.float64).reshape(len(starts), -1)])
    labels = trees.decide(others)
    brackets: list[Bracket] = []
    for row in rows:
        nearest = Nearest(ensemble, flat[row], int(rounds.y[row]), rounds.low[row], rounds.high[row], rounds.norm)
        foreign = others[labels != rounds.y[row]]
        brackets.append(bracketed(nearest, foreign, seconds, np.inf if not rounds.enough else rounds.enough))
    if any(not bracket.proven for bracket in brackets):
        rounds.stopped = f"time: {seconds:g} seconds a sample"
    return _asked(rounds, rows, brackets)


def _asked(rounds: Rounds, rows: Integers, brackets: list[Bracket]) -> Floats:
    """Ask about what was found; return the certificates: proven optima are their own."""
    lower = np.array([bracket.lower for bracket in brackets])
    found = np.array([i for i, bracket in enumerate(brackets) if bracket.point is not None], dtype=np.int64)
    if len(found):
        points = np.stack([point for bracket in brackets if (point := bracket.point) is not None])
        _, evades = rounds.ask(rows[found], np.where(rounds.missing[rows[found]], 0.0, points))
        asked = rounds.left[rows[found]] >= 0
        if rounds.space.plain and np.any(asked & ~evades & (rounds.spent[rows[found]] < rounds.queries)):
            raise StructureError("the model does not do at a found evasion what was read from it", where=rounds.oracle.name)
        optimal = found[evades & np.array([brackets[i].proven for i in found])]
        lower[optimal] = np.where(rounds.space.plain, rounds.distance[rows[optimal]], lower[optimal])
    return lower
