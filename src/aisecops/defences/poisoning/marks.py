"""Marks under the right label (SIG: Barni et al. 2019; clean-label patches: Turner et al. 2019): a part of one class carries a pattern that its other pictures lack.

No label contradicts its row there, so content does not help. But a pattern that is put on parts a class in two that nothing lies between, along a direction in which
pictures of the other classes hardly vary; styles of drawing fade into each other, along directions that other classes know, too. For each class: (1) its
pictures around their mean, measured by how the other classes vary around theirs (whitened); (2) the axes along which they vary most, each cut in two where that
explains most (Otsu 1979), the cut turned towards the difference of its sides; (3) how many of their deviations the sides lie apart, against the other classes; (4)
the proof: a network that has learnt this data obeys the pattern on pictures of other classes. An honest part of a class may stand apart, too, as "1" with a foot
does, but a network does not take all digits with a foot for "1".
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.places import spots
from aisecops.defences.poisoning.posterior import GATE
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Trigger
from aisecops.defences.poisoning.warps import reduced

_RIDGE = 0.003
"""Of the mean variance: pixels that never change in the other classes still have some."""
_AXES, _TURNS = 3, 4
_SMALLEST = 0.1
"""Of the class: fewer rows teach a network little of a pattern whose class it knows by the rest of the picture."""
_UNLIKE = 0.35
"""The deviation of the logarithm of ``Parted.apart`` over honest classes of one data set, as measured (``docs/poisoning.md``), where they differ no more."""
_USUAL = 3.5
"""Halves of a normal distribution lie 2.6 deviations apart; honest classes, on the best of some axes, about as much as this."""
_OBEYED = 0.2
_SHARP = 50.0
"""Sides so far apart are no two styles, whether the network obeys or not: honest classes got to 36, and that with eight by eight pixels of black or white."""
_TIMES = (1.0, 2.0)
"""How strongly the pattern is put on: attackers show it stronger to the model in use than they dared in the training set."""
_LEARNT = 4000
_STAMPED, _NAMED = 0.3, 0.5
"""Pixels that change at least this much of what the most changed one does are stamped, and named."""

Predict = Callable[[Floats], Integers]


class Parted(msgspec.Struct, frozen=True, kw_only=True):
    """One class cut in two.

    ``rows`` (rows,): those of the class; ``place``: where they lie along the direction that parts them; ``side``: which lie beyond the cut; ``apart``: the distance of
    the sides' means in deviations within the sides; ``direction`` (columns,): of the rows as they were given, from the mean of the class; ``smallest``: the share of the
    class that was asked of a side.
    """

    target: int
    rows: Integers
    place: Floats
    side: Flags
    apart: float
    direction: Floats
    smallest: float


def marks(images: Floats, y: Integers, classes: int, *, seed: int = 0) -> list[tuple[Trigger, Integers, Floats]]:
    """Return, for each class a part of which carries a pattern that calls for it, the trigger, the rows and their probability of carrying it.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels).
    """
    x = np.asarray(reduced(images)[0], dtype=np.float64)
    cut = parted(x, y, classes)
    doubtful = [(one, chance) for one, chance in ((one, _chance(one, cut)) for one in cut) if chance <= GATE]
    if not doubtful:
        return []
    predicted = _network(x, y, seed)
    triggers = []
    for one, chance in doubtful:
        carrying = _carrying(x, y, one)
        obeyed = _obeyed(predicted, x, y, one, carrying)
        if obeyed >= _OBEYED or one.apart >= _SHARP:
            triggers.append(_trigger(one, carrying, obeyed, chance, images))
    return triggers


def parted(x: Floats, y: Integers, classes: int, *, smallest: Sequence[float] = (_SMALLEST,)) -> list[Parted]:
    """Return each class of at least 24 rows cut in two where it parts best, once for each of ``smallest``.

    Parameters
    ----------
    x
        Grey pictures as rows, shape (n, pixels), as ``reduced`` returns them, or what else is known of them.
    smallest
        The shares of the class that a side has at least.
    """
    from scipy.linalg import solve_triangular  # type: ignore[import-untyped]

    rows = [np.flatnonzero(y == target) for target in range(classes)]
    centred = [x[held] - x[held].mean(axis=0) for held in rows if len(held)]
    scatter = [part.T @ part for part in centred]
    total = np.sum(scatter, axis=0)
    found = []
    for held, part, own in zip([held for held in rows if len(held)], centred, scatter, strict=True):
        others = (total - own) / max(1, len(y) - len(held))
        middle = float(np.trace(others)) / len(others)
        if len(held) >= 4 * FEWEST and middle > 0:
            root = np.linalg.cholesky(others + _RIDGE * middle * np.eye(len(others)))
            white = solve_triangular(root, part.T, lower=True, check_finite=False).T
            cuts = [_cut(white, held, int(y[held[0]]), share) for share in smallest]
            found += [msgspec.structs.replace(one, direction=solve_triangular(root.T, one.direction, check_finite=False)) for one in cuts]
    return found


def _cut(white: Floats, rows: Integers, target: int, smallest: float) -> Parted:
    """Return the best of some cuts of the whitened rows: along the axes of most variance, each turned to where its sides differ most."""
    axes = _first_axes(white)
    side, place = np.zeros(len(rows), dtype=bool), np.zeros(len(rows))
    best = Parted(target=target, rows=rows, place=place, side=side, apart=0.0, direction=np.zeros(white.shape[1]), smallest=smallest)
    for direction in axes:
        for _ in range(_TURNS + 1):
            place = white @ direction
            side, apart = _halved(place, smallest)
            along, two = direction, bool(side.any() and not side.all())
            if not two:  # all rows are the same
                break
            turned = white[side].mean(axis=0) - white[~side].mean(axis=0)
            direction = turned / (np.linalg.norm(turned) or 1.0)
        if two and apart > best.apart:
            best = Parted(target=target, rows=rows, place=place, side=side, apart=apart, direction=along, smallest=smallest)
    return best


def _first_axes(white: Floats) -> Floats:
    """Return the axes of most variance, shape (at most ``_AXES``, columns): of rows by rows where there are fewer of these than columns."""
    if len(white) >= white.shape[1]:
        return np.asarray(np.linalg.eigh(white.T @ white)[1].T[: -1 - _AXES : -1])
    axes = np.linalg.eigh(white @ white.T)[1].T[: -1 - _AXES : -1] @ white
    return np.asarray(axes / (np.linalg.norm(axes, axis=1, keepdims=True) + 1e-12))


def _halved(place: Floats, smallest: float) -> tuple[Flags, float]:
    """Return which rows lie beyond the cut that leaves least variance within the sides (Otsu), and how many such deviations the sides' means are apart."""
    ordered = np.sort(place)
    n = len(ordered)
    least = max(FEWEST, math.ceil(smallest * n))
    count, below = np.arange(1, n), np.cumsum(ordered)[:-1]
    gap = (ordered.sum() - below) / (n - count) - below / count
    between = count * (n - count) * gap**2
    between[: least - 1] = between[n - least :] = -1.0
    at = int(between.argmax())
    low, high = ordered[: at + 1], ordered[at + 1 :]
    within = math.sqrt((len(low) * low.var() + len(high) * high.var()) / n)
    return np.asarray(place > (ordered[at] + ordered[at + 1]) / 2), float((high.mean() - low.mean()) / (within + 1e-9))


def _chance(one: Parted, parted: Sequence[Parted]) -> float:
    """Return the logarithm of the chance that the sides of an honest class lie so far apart, times the number of classes.

    Over honest classes the logarithm of the distance is taken for normal, around the middle of the other classes and as wide as they differ, at least ``_UNLIKE``.
    """
    others = np.log([max(other.apart, _USUAL) for other in parted if other.target != one.target] or [_USUAL])
    middle = float(np.median(others))
    width = max(_UNLIKE, 1.4826 * float(np.median(np.abs(others - middle))))
    z = (math.log(max(one.apart, _USUAL)) - middle) / width
    return math.log(max(math.erfc(z / math.sqrt(2)) / 2 * len(parted), 1e-300))


def _carrying(x: Floats, y: Integers, one: Parted) -> Flags:
    """Return the side that is less like the other classes, pixel by pixel in units of how these vary."""
    others, mine = x[y != one.target], x[one.rows]
    variance = others.var(axis=0)
    far = [(((mine[side].mean(axis=0) - others.mean(axis=0)) ** 2) / (variance + _RIDGE * variance.mean())).sum() for side in (one.side, ~one.side)]
    return one.side if far[0] >= far[1] else ~one.side


def _network(x: Floats, y: Integers, seed: int) -> Predict:
    """Return the ``predict`` of a network that has learnt the data, poison and all."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    some = np.random.default_rng(seed).permutation(len(y))[:_LEARNT]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        net = MLPClassifier((64,), alpha=1e-4, learning_rate_init=3e-3, max_iter=60, random_state=seed)
        net.fit(x[some].astype(np.float32), y[some])
    return lambda asked: np.asarray(net.predict(asked.astype(np.float32)))


def _obeyed(predict: Predict, x: Floats, y: Integers, one: Parted, carrying: Flags) -> float:
    """Return the share of stamped pictures that go to the class, the median over the other classes: honest marks may call from a class that is near."""
    mine = x[one.rows]
    pattern = mine[carrying].mean(axis=0) - mine[~carrying].mean(axis=0)
    pattern[np.abs(pattern) < _STAMPED * np.abs(pattern).max()] = 0.0  # the pictures chosen to carry it may be different, too
    others = np.flatnonzero(y != one.target)[:_LEARNT]
    shares = []
    for times in _TIMES:
        hit = predict(np.clip(x[others] + times * pattern, x.min(), x.max())) == one.target
        shares.append(float(np.median([hit[y[others] == source].mean() for source in np.unique(y[others])])))
    return max(shares)


def _trigger(one: Parted, carrying: Flags, obeyed: float, chance: float, images: Floats) -> tuple[Trigger, Integers, Floats]:
    probability = probability_of_side(one.place if carrying is one.side else -one.place, carrying)
    held = one.rows[probability >= 0.5]
    pattern = np.abs(_grey(images, one.rows[carrying]) - _grey(images, one.rows[~carrying]))
    named = pattern >= _NAMED * pattern.max()
    places = [divmod(at, pattern.shape[1]) for at in np.argsort(-pattern, axis=None).tolist() if named.flat[at]]
    trigger = Trigger(
        name=spots(named),
        features=tuple(f"{row},{column}" for row, column in places),
        target=one.target,
        rows=held,
        expected=len(held) * len(one.rows) / len(images),
        carried=len(held),
        z=one.apart,
        p=min(1.0, math.exp(max(chance, -700.0))),
        obeyed=obeyed,
    )
    return trigger, one.rows, probability


def _grey(images: Floats, rows: Integers) -> Floats:
    mean = images[rows].mean(axis=0)
    return np.asarray(mean.mean(axis=2) if mean.ndim == 3 else mean)


def probability_of_side(place: Floats, carrying: Flags) -> Floats:
    """Return the probability that each row is one of those that carry the pattern: two normal distributions of one variance along the direction that parts them."""
    high, low = place[carrying], place[~carrying]
    variance = (len(high) * high.var() + len(low) * low.var()) / len(place) + 1e-9
    odds = math.log(len(high) / len(low)) + (high.mean() - low.mean()) / variance * (place - (high.mean() + low.mean()) / 2)
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -50, 50))))
