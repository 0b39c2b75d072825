"""Whether the rows of a category are stamped ones among honest ones, told from how their labels go with their content.

A category that honest rows have, too, is never pure once it is stamped: honest rows of other labels stay. An honest category that makes a label likelier is not pure
either. But of its rows those have the label whose content speaks for it: the log odds of all are shifted by as much. Stamped rows are rows of other labels as they come,
so the less the content speaks for the label, the likelier is the stamp. The two say different things of the same labels, and the ratio of their likelihoods decides.
"""

from __future__ import annotations

import math

import numpy as np

from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

STAMPED = 3.0
"""The logarithm of the ratio of ``planted`` from which on the rows count as stamped. Honest pairs of categories had 2.8 at most, rare
values mostly less than 2, stamped ones up to 34."""
_SHIFTS = np.linspace(-1.0, 8.0, 46)
_SLOPES = (0.7, 1.0)
"""How much the content is believed: models that have not seen a column may be too sure."""
_SHARES = np.linspace(0.02, 0.98, 25)
_OF_HONEST = (-2.0, -1.0, 0.0, 1.0)
"""Shifts of the honest rows among stamped ones."""
_LEANING = 0.8
"""Times its usual share that a class has by the content of honest rows at least, where their category makes it likelier."""
_LEANINGS = 9
_INTERACTIONS, _USUAL, _TAIL = np.linspace(-6.0, 6.0, 49), 0.5, 4.0
"""What two categories may honestly add to the log odds of a label together: Student's t of that scale and so many degrees of freedom. Some pairs decide alone."""
_FACTORS = np.linspace(-8.0, 8.0, 81)
"""By how much a cell of two categories has more or fewer rows than it ought to, as a logarithm, in spreads of the table: the same t."""
_STEPS, _RIDGE = 25, 0.1
"""Of Newton's method for the shifts of an honest category, and what keeps them finite where all of its rows have one label."""


def mixed(q: Floats, labelled: Flags, prior: float) -> float:
    """Return the logarithm of the best likelihood of stamped rows among honest ones over that of honest rows alone.

    Parameters
    ----------
    q
        For the rows with the category, how likely the label is by models that saw neither them nor its column, shape (m,), within (0, 1).
    labelled
        Which of them have the label, shape (m,).
    prior
        The share of the label in the data.
    """
    odds = np.log(q / (1 - q))
    honest = max(_fit(_chance(slope * odds + shift), labelled) for slope in _SLOPES for shift in _SHIFTS)
    other = (1 - q) / (1 - prior)
    stamped = max(
        _fit((share * other + (1 - share) * _chance(odds + shift)) / (share * other + 1 - share), labelled)
        for share in _SHARES
        for shift in _OF_HONEST
    )
    return stamped - honest


def planted(q: Floats, labels: Integers, prior: Floats, target: int) -> tuple[float, Floats]:
    """Return by how much rows stamped for ``target`` among honest ones are likelier than an honest category, and how likely each row is stamped.

    The first is the logarithm of the ratio of the best likelihoods, the second of shape (m,), 0 of rows of other labels.

    Parameters
    ----------
    q
        For the rows with the category, the probability of each class by models that saw neither them nor its columns, shape (m, classes), within (0, 1).
    labels
        Their labels, shape (m,).
    prior
        The share of each class among the rows without the category, shape (classes,).

    Notes
    -----
    An honest category adds to the log odds of each class what it will, and its rows look like any others, or more like the class that it makes likelier (up to a fifth
    less: few rows differ by chance). Stamped rows look like the other classes. So all rows of a category may have one label and still be told apart, which ``mixed``
    cannot: it knows the labels alone.
    """
    logs, rows = np.log(q), np.arange(len(q))
    usual, labelled, classes = float(np.clip(prior[target], 0.01, 0.99)), labels == target, np.arange(q.shape[1])
    other = (1 - q[:, target]) / (1 - usual)
    leanings = np.linspace(_LEANING * usual, 1.0, _LEANINGS)[:, None]
    like = leanings * q[:, target] / usual + (1 - leanings) * other
    honest = max(_shifted(slope * logs, labels)[0] for slope in _SLOPES) + float(np.log(like).sum(axis=1).max())
    # Honest rows among stamped ones may have to do with the other classes as any category has; these rows tell how.
    added = np.zeros(q.shape[1])
    if len(classes) > 2 and not labelled.all():
        rest = classes != target
        added[rest] = _shifted(logs[~labelled][:, rest], (np.cumsum(rest) - 1)[labels[~labelled]])[1]
    best, chance = -np.inf, np.zeros(len(q))
    for shift in _OF_HONEST:
        among = _softmax(logs + np.where(classes == target, shift, added))[rows, labels]
        stamped = _SHARES[:, None, None] * np.where(labelled, other, 0.0)
        told = np.maximum(stamped + (1 - _SHARES[:, None, None]) * (like * among), 1e-9)
        fit = np.log(told).sum(axis=2)
        share, leaning = np.unravel_index(int(fit.argmax()), fit.shape)
        if fit[share, leaning] > best:
            best, chance = float(fit[share, leaning]), stamped[share, 0] / told[share, leaning]
    return best - honest, np.asarray(chance)


def crossed(
    q: Floats, labelled: Flags, prior: float, expected: float, spread: float, looks: tuple[Floats, Floats] | None = None
) -> tuple[float, Floats]:
    """Return by how much rows stamped with two categories among honest ones are likelier than an honest pair, and how likely each row is stamped.

    The first is the logarithm of the ratio of the best likelihoods, the second of shape (m,), 0 of rows of other labels.

    Parameters
    ----------
    q
        For the rows with both categories, how likely the label is by a model to which values add up and that saw none of these rows, shape (m,), within (0, 1).
    labelled
        Which of the rows have the label, shape (m,).
    prior
        The share of the label among the other rows.
    expected, spread
        How many rows ought to have both categories, and by how much that is usually off, as a logarithm (``crossings``).
    looks
        By models that saw neither the rows nor the two columns: how likely the label is, within (0, 1), and how many times as likely both categories are as of all rows,
        each of shape (m,). None: not asked.

    Notes
    -----
    Unlike any category (``planted``), a pair is known by its parts: it may honestly add to the log odds, but mostly does little, its rows ought to be so many, and in
    their other columns they look like rows with either category. Stamped rows raise the label and the number at once, by as much, and look like rows of other classes.
    """
    usual = float(np.clip(prior, 0.01, 0.99))
    other, like = np.ones(len(q)), np.ones((1, len(q)))
    if looks is not None:
        alone, fitting = looks
        other, leanings = (1 - alone) / (1 - usual), np.linspace(_LEANING * usual, 1.0, _LEANINGS)[:, None]
        like = np.vstack([leanings * alone / usual + (1 - leanings) * other, fitting])
    crowd = crowded(len(q) * np.append(1 - _SHARES, 1.0), expected, spread)
    crowd = crowd[:-1, None] - crowd[-1]
    stamped = _SHARES[:, None, None] * np.where(labelled, other, 0.0)
    odds, honest, best, chance = np.log(q / (1 - q)), -np.inf, -np.inf, np.zeros(len(q))
    for shift, seldom in zip(_INTERACTIONS.tolist(), _student(_INTERACTIONS / _USUAL).tolist(), strict=True):
        p = _chance(odds + shift)
        among = np.clip(np.where(labelled, p, 1 - p), 1e-6, 1.0)
        honest = max(honest, float(np.log(among).sum()) + seldom)
        told = np.maximum(stamped + (1 - _SHARES[:, None, None]) * (like * among), 1e-9)
        fit = np.log(told).sum(axis=2) + crowd + seldom
        share, look = np.unravel_index(int(fit.argmax()), fit.shape)
        if fit[share, look] > best:
            best, chance = float(fit[share, look]), np.asarray(stamped[share, 0] / told[share, look])
    return best - honest - float(np.log(like).sum(axis=1).max()), chance


def crowded(rows: Floats, expected: float, spread: float) -> Floats:
    """Return the logarithm of the chance of numbers of ``rows`` (fractions, too) where ``expected`` are, off by a factor whose logarithm usually is ``spread``."""
    weight = _student(_FACTORS)
    rate = math.log(expected + 0.5) + spread * _FACTORS
    log_p = weight - np.log(np.exp(weight).sum()) + rows[:, None] * rate - np.exp(rate)
    most = log_p.max(axis=1)
    return np.asarray(most + np.log(np.exp(log_p - most[:, None]).sum(axis=1)) - np.array([math.lgamma(one + 1) for one in rows.tolist()]))


def _student(deviations: Floats) -> Floats:
    """Return the logarithm of the density of Student's t, over that of 0."""
    return np.asarray(-(_TAIL + 1) / 2 * np.log1p(deviations**2 / _TAIL))


def _shifted(logs: Floats, labels: Integers) -> tuple[float, Floats]:
    """Return the best likelihood of ``labels`` (its logarithm) where a number is added to the log odds ``logs``, (m, classes), of each class, and these numbers.

    Large numbers cost likelihood: most categories say a little.
    """
    has = np.eye(logs.shape[1])[labels]
    added = np.zeros(logs.shape[1])
    for _ in range(_STEPS):
        p = _softmax(logs + added)
        slope = (has - p).sum(axis=0) - _RIDGE * added
        bend = np.diag(p.sum(axis=0) + _RIDGE) - p.T @ p
        step = np.linalg.solve(bend, slope)
        added = added + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-3:
            break
    fit = np.log(np.maximum(_softmax(logs + added)[np.arange(len(labels)), labels], 1e-9)).sum()
    return float(fit - _RIDGE * (added**2).sum() / 2), added


def _softmax(logs: Floats) -> Floats:
    exp = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(exp / exp.sum(axis=1, keepdims=True))


def _chance(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)))


def _fit(p: Floats, labelled: Flags) -> float:
    """Return the logarithm of the likelihood of labels."""
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return float(np.log(np.where(labelled, p, 1 - p)).sum())
