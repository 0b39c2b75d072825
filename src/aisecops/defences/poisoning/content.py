"""What the content of a row says about its label, by means that hardly learn triggers: nearest neighbours, and trees asked only about rows that they did not see.

scikit-learn is imported here, in the functions that need it: it is an extra.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_NEIGHBOURS = 12
_TREES = 60
_FOLDS = 5
_STEPS = 300
_SPREAD, _SUREST = 0.12, 6.0
"""Standard deviation of the weight of a view around the usual one, chosen on seeds from 31000 and 32000 of breast_cancer, wine and made tables; the most that one has."""
_POWERS = (0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
_REFERENCES = 12_000
"""More rows than these are compared with a sample of this size only: time grows with the product."""


def scaled(x: Floats) -> Floats:
    """Return columns of mean 0 and deviation 1, clipped at 4; missing values stand in the middle, constant columns at 0."""
    x = np.asarray(x, dtype=np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of columns without any value
        mean, deviation = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    z = (x - mean) / np.where(deviation > 0, deviation, 1.0)
    return np.asarray(np.clip(np.nan_to_num(z, nan=0.0), -4.0, 4.0))


def neighbours(z: Floats, y: Integers, classes: int, *, asked: Integers | None = None, seed: int = 0, k: int = _NEIGHBOURS) -> Floats:
    """Return the share of each class among the ``k`` nearest other rows, shape (asked, classes), with one vote spread by how frequent classes are.

    Parameters
    ----------
    z
        Scaled rows, shape (n, features).
    asked
        The rows asked about; None: all.
    """
    from sklearn.neighbors import NearestNeighbors

    rng = np.random.default_rng(seed)
    known = np.arange(len(z)) if len(z) <= _REFERENCES else np.sort(rng.choice(len(z), _REFERENCES, replace=False))
    asked = np.arange(len(z)) if asked is None else asked
    k = min(k, len(known) - 1)
    search = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(z[known].astype(np.float32))
    found = known[search.kneighbors(z[asked].astype(np.float32), return_distance=False)]
    other = found != asked[:, None]
    other[other.all(axis=1), -1] = False  # a row that was not among its own neighbours gives up the farthest
    votes = y[found[other].reshape(len(asked), k)]
    shares = np.stack([(votes == c).sum(axis=1) for c in range(classes)], axis=1).astype(np.float64)
    prior = np.bincount(y, minlength=classes) / len(y)
    return np.asarray((shares + prior) / (k + 1))


def trees(z: Floats, y: Integers, classes: int, *, seed: int = 0, count: int = _TREES) -> Floats:
    """Return out-of-bag probabilities of extremely randomised trees, shape (n, classes): random thresholds seldom isolate one value in range."""
    from sklearn.ensemble import ExtraTreesClassifier

    forest = ExtraTreesClassifier(count, min_samples_leaf=2, bootstrap=True, oob_score=True, max_features="sqrt", random_state=seed, n_jobs=1)
    forest.fit(z.astype(np.float32), y)
    seen = np.nan_to_num(forest.oob_decision_function_, nan=1 / classes)
    full = np.zeros((len(y), classes))
    full[:, forest.classes_] = seen
    prior = np.bincount(y, minlength=classes) / len(y)
    return np.asarray((full * count + prior) / (count + 1))


def linear(z: Floats, y: Integers, classes: int, *, seed: int = 0) -> Floats:
    """Return out-of-fold probabilities of logistic regression, shape (n, classes): of a few hundred rows of many categories it learns the most."""
    from sklearn.linear_model import LogisticRegression

    return _out_of_fold(lambda: LogisticRegression(max_iter=_STEPS), z, y, classes, seed)


def _out_of_fold(make: Callable[[], Any], z: Floats, y: Integers, classes: int, seed: int) -> Floats:
    """Return what models that did not see them say of all rows, 1 % of it how frequent classes are."""
    from sklearn.exceptions import ConvergenceWarning

    fold = np.random.default_rng(seed).integers(_FOLDS, size=len(y))
    prior = np.bincount(y, minlength=classes) / len(y)
    full = np.tile(prior, (len(y), 1))
    for number in range(_FOLDS):
        rest, asked = np.flatnonzero(fold != number)[: 2 * _REFERENCES], fold == number
        if z.shape[1] and asked.any() and len(np.unique(y[rest])) > 1:
            model = make()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(z[rest].astype(np.float32), y[rest])
            full[asked] = 0.01 * prior
            full[np.ix_(asked, model.classes_)] += 0.99 * model.predict_proba(z[asked].astype(np.float32))
    return full


def indicated(z: Floats, x: Floats, categories: Sequence[int], fewest: int) -> Floats:
    """Return columns ``z`` with the ``categories`` of ``x`` as indicators of each value that ``fewest`` rows have: the number of a category says nothing."""
    parts = [np.delete(z, np.asarray(categories, dtype=np.int64), axis=1)]
    for column in categories:
        values, counts = np.unique(x[:, column], return_counts=True)
        has = (x[:, [column]] == values[counts >= fewest]).astype(np.float64)
        parts.append(has - has.mean(axis=0))
    return np.concatenate(parts, axis=1)


def voices(views: Sequence[Floats], y: Integers, usual: Sequence[float]) -> Floats:
    """Return the weights with which out-of-sample ``views``, each (n, classes), make the labels ``y`` likeliest together, near the ``usual`` ones; their sum is 1.

    The fewer the rows, the nearer: the weights have a normal prior around the usual ones. Their sum, which makes the pool surer or less sure, is fitted freely.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    logs, rows = np.stack([_logs(view) for view in views]), np.arange(len(y))
    prior = np.asarray(usual, dtype=np.float64) / sum(usual)

    def loss(weights: Floats) -> float:
        told = np.tensordot(weights, logs, axes=1)
        told -= told.max(axis=1, keepdims=True)
        away = weights / max(float(weights.sum()), 1e-9) - prior
        return float(np.log(np.exp(told).sum(axis=1)).sum() - told[rows, y].sum() + (away**2).sum() / (2 * _SPREAD**2))

    found = np.asarray(minimize(loss, prior, method="L-BFGS-B", bounds=[(0.0, _SUREST)] * len(views)).x)
    return np.asarray(found / found.sum()) if found.sum() > 0 else prior


def _logs(view: Floats) -> Floats:
    return np.asarray(np.log(np.clip(view, 1e-3, 1.0)))


def pooled(views: Sequence[Floats], weights: Sequence[float] | Floats) -> Floats:
    """Return the geometric mean of probabilities, each (n, classes), normed (the logarithmic pool: Genest and Zidek 1986): a class that one view rules out is out."""
    logs = [weight * _logs(view) for view, weight in zip(views, weights, strict=True)]
    mean = np.exp(sum(logs) / sum(weights))
    return np.asarray(mean / mean.sum(axis=1, keepdims=True))


def unseen(z: Floats, y: Integers, classes: int, held: npt.NDArray[np.bool_], without: Sequence[int], *, seed: int = 0) -> Floats:
    """Return what rows ``held`` out look like to trees and neighbours that saw neither them nor the columns ``without``, shape (held, classes)."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.neighbors import KNeighborsClassifier

    kept = np.setdiff1d(np.arange(z.shape[1]), np.asarray(without, dtype=np.int64))
    prior = np.bincount(y, minlength=classes) / len(y)
    if not len(kept):
        return np.tile(prior, (int(held.sum()), 1))
    rng = np.random.default_rng(seed)
    rest = np.flatnonzero(~held)
    rest = rest if len(rest) <= _REFERENCES else rng.choice(rest, _REFERENCES, replace=False)
    seen, asked = z[np.ix_(rest, kept)].astype(np.float32), z[np.ix_(np.flatnonzero(held), kept)].astype(np.float32)
    total = np.zeros((len(asked), classes))
    forest = ExtraTreesClassifier(_TREES, min_samples_leaf=2, random_state=seed, n_jobs=1).fit(seen, y[rest])
    near = KNeighborsClassifier(min(_NEIGHBOURS, len(rest)), algorithm="brute").fit(seen, y[rest])
    for model, weight in ((forest, _TREES), (near, _NEIGHBOURS)):
        part = np.zeros((len(asked), classes))
        part[:, model.classes_] = model.predict_proba(asked)
        total += (part * weight + prior) / (weight + 1)
    return np.asarray(total / 2)


def calibrated(p: Floats, y: Integers) -> Floats:
    """Return ``p`` raised to the power that makes the labels likeliest, and normed: votes are too timid where classes are easy to tell."""
    return sharpened(p, power(p, y))


def power(p: Floats, y: Integers, powers: Sequence[float] = _POWERS) -> float:
    """Return the one of ``powers`` that makes the labels likeliest."""
    rows = np.arange(len(y))
    return max(powers, key=lambda some: float(np.log(sharpened(p, some)[rows, y]).mean()))


def sharpened(p: Floats, power: float) -> Floats:
    """Return ``p``, shape (n, classes), raised to a power and normed, never quite sure."""
    sharp = p**power
    sharp /= sharp.sum(axis=1, keepdims=True)
    return np.asarray(0.995 * sharp + 0.005 / p.shape[1])
