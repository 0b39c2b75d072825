"""Attribute inference: whoever knows all of a person's record but one column asks the model which value of it fits the answer best.

That alone is no leak: a value can be guessed from the others, with or without a model, for people in the training data as well as for anybody else. What the model
gives away *of its training data* is what is guessed better for members than for others; ART's attack with its 77 % for members and 78 % for others shows none, where
this one shows 22 points.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.confidences import of_label
from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval, newcombe
from aisecops.core.text import inert
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle, needs

_FOLDS = 3
_CANDIDATES = 10
_LEAST = 20
_LABELS = 10
"""Labels, the most frequent ones, that stand for all others: each is asked about by itself."""
_FLOOR = 5e-3
"""Of a probability, and of 1 minus it: the votes of a hundred trees tell no less."""


class Guessed(msgspec.Struct, frozen=True, kw_only=True):
    """How often a value was guessed right, of members and of others, and the difference with its interval (Newcombe's)."""

    members_right: int
    members: int
    others_right: int
    others: int
    interval: Interval

    @property
    def difference(self) -> float:
        """What is guessed better for members: above 0 the training data leak."""
        return self.members_right / self.members - self.others_right / self.others


class AttributeLeak(msgspec.Struct, frozen=True, kw_only=True):
    """What is learned about one column.

    Parameters
    ----------
    likelihood
        By the value that makes the model surer of the right label than it makes anybody: the odds of the label, over what the column tells of it in general.
    posterior
        By that times the probability of the value given the other columns and the label.
    imputation
        By the other columns alone, without the model: the control.
    candidates
        The values that were tried.
    """

    likelihood: Guessed
    posterior: Guessed
    imputation: Guessed
    candidates: tuple[float, ...]


def candidate_values(values: Floats) -> Floats:
    """Return the values of a column to try, sorted: all, up to 10, or the values that stand at the 5th, 15th, ..., 95th percentile."""
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    if len(distinct) <= _CANDIDATES:
        return distinct
    at = (np.arange(_CANDIDATES) + 0.5) / _CANDIDATES
    return np.unique(np.quantile(known, at, method="nearest"))


def infer_attribute(
    oracle: Oracle, members: tuple[Floats, Integers], others: tuple[Floats, Integers], column: int, *, level: float = 0.95, seed: int = 0
) -> AttributeLeak:
    """Guess ``column`` of each record from its other columns, its label, and the model's answers.

    Parameters
    ----------
    members, others
        Samples (n, d) and labels (n,) of records that the model was trained on, and of others from the same source.
    column
        Which column to guess. Of one with more than 10 values, the nearest of 10 typical ones is to be guessed.

    Raises
    ------
    UserError
        The column has only one value, or there are fewer than 20 records a side with a value in it.
    CapabilityError
        The model gives no scores.

    References
    ----------
    Yeom et al., Privacy risk in machine learning: analyzing the connection to overfitting (CSF 2018); Jayaraman, Evans, Are attribute inference attacks just imputation?
    (CCS 2022).
    """
    needs(oracle, Capability.SCORES, purpose="attribute inference")
    samples, y = np.concatenate([members[0], others[0]]), np.concatenate([members[1], others[1]])
    member = np.repeat([True, False], [len(members[1]), len(others[1])])
    known = np.isfinite(samples[:, column])
    samples, y, member = samples[known], y[known], member[known]
    if min(member.sum(), (~member).sum()) < _LEAST:
        raise UserError("there are too few records with a value in this column to say anything", fix=f"give at least {_LEAST} on each side")
    candidates = candidate_values(samples[:, column])
    if len(candidates) < 2:
        raise UserError(f"the column has one value only ({candidates[0]:g}): there is nothing to guess")
    truth = np.abs(samples[:, column, None] - candidates).argmin(axis=1)
    prior, known_of_all = _imputed(samples, y, truth, column, len(candidates), seed)
    memory = _odds(oracle, samples, y, column, candidates) - known_of_all
    rng = np.random.default_rng(seed)
    guesses = [_largest(part, rng) == truth for part in (memory, memory + prior, prior)]
    return AttributeLeak(
        likelihood=_compared(guesses[0], member, level),
        posterior=_compared(guesses[1], member, level),
        imputation=_compared(guesses[2], member, level),
        candidates=tuple(candidates.tolist()),
    )


def column_of(names: tuple[str, ...], wanted: str) -> int:
    """Return the number of a column. Raises ``UserError`` if there is none of that name."""
    if wanted not in names:
        fix = f"it is given {', '.join(inert(name, 40) for name in names[:12])}"
        raise UserError(f"the model is given no column {inert(wanted, 60)!r}", where="privacy.sensitive", fix=fix)
    return names.index(wanted)


def _odds(oracle: Oracle, samples: Floats, y: Integers, column: int, candidates: Floats) -> Floats:
    """The log odds of the right label with each candidate in place, shape (n, candidates).

    Odds rather than probabilities: whom a model knows by heart it is sure of with any value, and then a value makes no difference but in these.
    """
    found = []
    for value in candidates:
        changed = samples.copy()
        changed[:, column] = value
        found.append(of_label(oracle.scores(changed), y))
    sure = np.clip(np.stack(found, axis=1), _FLOOR, 1 - _FLOOR)
    return np.asarray(np.log(sure / (1 - sure)))


def _imputed(samples: Floats, y: Integers, truth: Integers, column: int, k: int, seed: int) -> tuple[Floats, Floats]:
    """What the other columns and the label tell of the column, learned from other records than the one in question, both of shape (n, candidates).

    The logarithm of the probability of each candidate v; and of p(v | rest, label) / p(v | rest, any other label): by Bayes' rule that is by how much v changes the
    odds of the label for anybody, up to what does not depend on v.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rest, labels = np.delete(samples, column, axis=1), np.unique(y)
    counts = np.bincount(y)
    labels = labels[np.argsort(-counts[labels], kind="stable")][:_LABELS]
    fold = np.random.default_rng(seed).permutation(len(truth)) % _FOLDS
    own, other = np.zeros((len(truth), k)), np.zeros((len(truth), k))
    for part in range(_FOLDS):
        inside, outside = fold != part, fold == part
        if len(set(truth[inside].tolist())) < 2:
            own[outside] = other[outside] = np.bincount(truth[inside], minlength=k)
            continue
        model = HistGradientBoostingClassifier(max_iter=20, learning_rate=0.3, max_leaf_nodes=8, max_bins=64, early_stopping=False, random_state=seed)
        model.fit(np.column_stack([rest[inside], y[inside]]), truth[inside])
        at = np.ix_(outside, np.asarray(model.classes_))
        own[at] = model.predict_proba(np.column_stack([rest[outside], y[outside]]))
        for label in labels:
            share = np.where(y[outside] == label, 0.0, counts[label])[:, None]
            other[at] += share * model.predict_proba(np.column_stack([rest[outside], np.full(outside.sum(), label)]))
    if len(labels) < 2:
        other = own
    other = other / other.sum(axis=1, keepdims=True)
    return np.asarray(np.log(own + 1e-9)), np.asarray(np.log(own + 1e-9) - np.log(other + 1e-9))


def _largest(scores: Floats, rng: np.random.Generator) -> Integers:
    """The largest of each row; of equal ones any, by the seed: forests often answer the same to two values, and the first must not win by its place."""
    tied = scores >= scores.max(axis=1, keepdims=True) - 1e-12
    return np.asarray(np.argmax(np.where(tied, rng.random(scores.shape), -1.0), axis=1), dtype=np.int64)


def _compared(right: np.ndarray, member: np.ndarray, level: float) -> Guessed:
    counts = int(right[member].sum()), int(member.sum()), int(right[~member].sum()), int((~member).sum())
    interval = newcombe(*counts, level)
    return Guessed(members_right=counts[0], members=counts[1], others_right=counts[2], others=counts[3], interval=interval)
