"""What a thief trains on stolen answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from aisecops.attacks.extraction.linear import are_probabilities
from aisecops.oracles.oracle import Batch, Capability, Floats, Integers, Oracle

Student: TypeAlias = Callable[[Floats], Floats]
"""From samples (n, d) to a score for each class (n, k)."""
_CHECKED = 0.25
_MOST = 2000
"""Answers that a kernel student learns from: its time grows with the third power."""
_ALIKE = 10.0
_LEAST = 1e-5, 5e-3
"""Probabilities below half of the smallest one seen, and within these bounds, are taken for that: where rounding hides them there is nothing to learn."""


def best_student(samples: Floats, hard: Floats, soft: Floats | None, seed: int) -> tuple[str, Student]:
    """Return the name and the student that agrees best with labels kept back from it, trained again on all of them.

    Parameters
    ----------
    samples, hard, soft
        Shapes (n, d) and (n, k): 1 for the label and 0 elsewhere; and the scores, where there are any. Which of the two teaches better is tried.
    """
    order = np.random.default_rng(seed).permutation(len(samples))
    kept, rest = order[: max(5, int(_CHECKED * len(order)))], order[max(5, int(_CHECKED * len(order))) :]
    best, name, taught = -1.0, "", hard
    for candidate, train in _STUDENTS.items():
        for answers in (soft, hard):
            if answers is not None:
                student = train(samples[rest], answers[rest], seed)
                agreement = float((chosen(student(samples[kept])) == chosen(hard[kept])).mean())
                if agreement > best:
                    best, name, taught = agreement, candidate, answers
    return name, _STUDENTS[name](samples, taught, seed)


def answers_of(oracle: Oracle, batch: Batch) -> Floats:
    """What an oracle tells a thief: scores, or 1 for the label and 0 elsewhere where it gives labels alone, shape (n, k)."""
    if Capability.SCORES in oracle.capabilities:
        return np.asarray(oracle.scores(batch), dtype=np.float64)
    return np.asarray(np.eye(len(oracle.classes))[oracle.labels(batch)])


def most_doubtful(scores: Floats, count: int) -> Integers:
    """The rows of which the first two classes are closest, at most ``count``, the closest first."""
    ordered = np.sort(scores, axis=1)
    return np.argsort(ordered[:, -1] - ordered[:, -2], kind="stable")[:count]


def chosen(scores: Floats) -> Integers:
    """The label of each row of scores."""
    return np.asarray(np.argmax(scores, axis=1), dtype=np.int64)


def soft(scores: Floats) -> Floats:
    """Scores as a student learns them: logarithms of probabilities, or the scores, around their mean over classes."""
    known = scores
    if are_probabilities(scores):
        known = np.log(np.maximum(scores, np.clip(scores[scores > 0].min() / 2, *_LEAST)))
    return np.asarray(known - known.mean(axis=1, keepdims=True))


def _scaled(samples: Floats) -> Callable[[Floats], Floats]:
    """To mean 0 and deviation 1, a missing value at the mean with a column that says so."""
    known = np.isfinite(samples)
    counts = np.maximum(1, known.sum(axis=0))
    filled = np.where(known, samples, 0.0)
    mean = filled.sum(axis=0) / counts
    deviation = np.sqrt(np.where(known, (filled - mean) ** 2, 0.0).sum(axis=0) / counts)
    gaps = ~known.all(axis=0)

    def scale(batch: Floats) -> Floats:
        here = np.isfinite(batch)
        values = np.where(here, np.where(here, batch, 0.0) - mean, 0.0) / np.where(deviation > 0, deviation, 1.0)
        return np.asarray(np.column_stack([values, (~here[:, gaps]).astype(np.float64)]))

    return scale


def _linear(samples: Floats, answers: Floats, _: int) -> Student:
    scale = _scaled(samples)
    matrix = np.column_stack([scale(samples), np.ones(len(samples))])
    weights = np.linalg.solve(matrix.T @ matrix + 1e-3 * np.eye(matrix.shape[1]), matrix.T @ answers)
    return lambda batch: np.asarray(np.column_stack([scale(batch), np.ones(len(batch))]) @ weights)


def _kernel(samples: Floats, answers: Floats, seed: int) -> Student:
    """Kernel ridge regression with the median distance as width; columns keep their units where these are alike (pixels), and are scaled elsewhere."""
    spread = np.nanstd(samples, axis=0)
    alike = bool(np.isfinite(samples).all() and spread.max() <= _ALIKE * np.median(spread[spread > 0]) if (spread > 0).any() else False)
    scale: Callable[[Floats], Floats] = (lambda batch: batch) if alike else _scaled(samples)
    if len(samples) > _MOST:
        rows = np.random.default_rng(seed).permutation(len(samples))[:_MOST]
        samples, answers = samples[rows], answers[rows]
    known = scale(samples)
    distances = _distances(known, known)
    width, mean = float(np.median(distances)) or 1.0, answers.mean(axis=0)
    weights = np.linalg.solve(np.exp(-distances / width) + 1e-2 * np.eye(len(known)), answers - mean)
    return lambda batch: np.asarray(mean + np.exp(-_distances(scale(batch), known) / width) @ weights)


def _distances(one: Floats, two: Floats) -> Floats:
    """Squared, shape (n, m)."""
    return np.asarray(np.maximum(0.0, (one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1) - 2 * one @ two.T), dtype=np.float64)


def _trees(samples: Floats, answers: Floats, seed: int) -> Student:
    from sklearn.ensemble import ExtraTreesRegressor

    scale = _scaled(samples)
    return _predicting(ExtraTreesRegressor(100, random_state=seed, n_jobs=1).fit(scale(samples), answers), scale)


def _network(samples: Floats, answers: Floats, seed: int) -> Student:
    import warnings

    from sklearn.neural_network import MLPRegressor

    scale, spread = _scaled(samples), float(answers.std()) or 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it could be trained longer
        model = MLPRegressor(hidden_layer_sizes=(64,), solver="lbfgs", alpha=0.01, max_iter=150, random_state=seed).fit(
            scale(samples), answers / spread
        )
    return _predicting(model, scale)


def _predicting(model: Any, scale: Callable[[Floats], Floats]) -> Student:
    return lambda batch: np.asarray(model.predict(scale(batch)), dtype=np.float64).reshape(len(batch), -1)


_STUDENTS: dict[str, Callable[[Floats, Floats, int], Student]] = {"linear": _linear, "kernel": _kernel, "trees": _trees, "network": _network}
