"""The proof that taking rows out helps: train on all rows and on the kept ones, and compare attack success and accuracy.

``effect`` stamps a trigger that is known on honest test rows. ``effect_within`` needs neither a stamp nor a test set: rows that carry the trigger are asked of models
that learned from others of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.statistics.clopper_pearson import clopper_pearson
from aisecops.core.statistics.interval import Interval
from aisecops.defences.poisoning.suspicion import Flags

_FOLDS = 3
_FEWEST = 2 * _FOLDS


class Model(Protocol):
    """A trained model, as scikit-learn has it."""

    def predict(self, samples: Any) -> npt.NDArray[Any]:
        """Return the labels, shape (n,)."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` of ``n``, with the exact 95 % interval."""

    count: int
    n: int
    interval: Interval

    @property
    def value(self) -> float:
        """The share."""
        return self.count / self.n


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """One model: how many honest test rows it gets right, and how many stamped ones of other classes it gives to the target."""

    accuracy: Share
    attack_success: Share


class CleaningEffect(msgspec.Struct, frozen=True, kw_only=True):
    """The same training and test before and after the flagged rows were taken out. ``removed``: how many these were."""

    before: Trained
    after: Trained
    removed: int


def effect(
    train: Callable[[Any, npt.NDArray[np.int64]], Model],
    samples: Any,
    y: npt.ArrayLike,
    flagged: Flags,
    *,
    test: Any,
    test_y: npt.ArrayLike,
    stamp: Callable[[Any], Any],
    target: int,
) -> CleaningEffect:
    """Train twice and compare.

    Parameters
    ----------
    train
        From samples and labels to a trained model; the same seed both times.
    samples, y, flagged
        The training set (an array or a list of texts) and what detection flagged, shape (n,).
    test, test_y
        Honest rows that were not trained on.
    stamp
        Puts the trigger on samples.
    target
        The class that the trigger calls for.

    Raises
    ------
    UserError
        All rows of a class were flagged, or the test set has no row of another class than ``target``.
    """
    labels, right, out = np.asarray(y, dtype=np.int64), np.asarray(test_y, dtype=np.int64), np.asarray(flagged, dtype=bool)
    kept = ~out
    if set(np.unique(labels[kept])) != set(np.unique(labels)):
        raise UserError("all rows of a class are flagged: without them there is no such class to learn", fix="look at the rows by hand")
    others = np.flatnonzero(right != target)
    if not len(others):
        raise UserError("the test set has no row of another class than the target", fix="give rows of all classes")
    stamped = stamp(_some(test, others))

    def judged(model: Model) -> Trained:
        return Trained(accuracy=_share(model.predict(test) == right), attack_success=_share(np.asarray(model.predict(stamped)) == target))

    before = judged(train(samples, labels))
    after = judged(train(_some(samples, np.flatnonzero(kept)), labels[kept]))
    return CleaningEffect(before=before, after=after, removed=int(out.sum()))


def effect_within(
    train: Callable[[Any, npt.NDArray[np.int64]], Model], samples: Any, y: npt.ArrayLike, flagged: Flags, carrying: Flags, *, seed: int = 0
) -> CleaningEffect | None:
    """Train on two thirds and compare on the third, three times over: shares are of all rows, each asked of models that have not seen it.

    Attack success is the share of the rows ``carrying`` the trigger, shape (n,), that get the label which the attacker gave them; accuracy is that on rows that are
    not ``flagged``. It works for triggers that nobody can stamp (a warp, a style of writing), and only where the label contradicts the rest of the row: with the right
    label a model gives it without the trigger, too. None: fewer than six rows carry it, or a class has none left to learn from.
    """
    labels = np.asarray(y, dtype=np.int64)
    if carrying.sum() < _FEWEST:
        return None
    fold, order = np.zeros(len(labels), dtype=np.int64), np.random.default_rng(seed).permutation(len(labels))
    for group in (order[carrying[order]], order[~carrying[order]]):
        fold[group] = np.arange(len(group)) % _FOLDS
    sides: list[Trained] = []
    for kept in (np.ones(len(labels), dtype=bool), ~flagged):
        given = np.full(len(labels), -1, dtype=np.int64)
        for number in range(_FOLDS):
            rows, asked = np.flatnonzero(kept & (fold != number)), np.flatnonzero((fold == number) & (carrying | ~flagged))
            if set(np.unique(labels[rows])) != set(np.unique(labels)):
                return None
            given[asked] = train(_some(samples, rows), labels[rows]).predict(_some(samples, asked))
        right = given == labels
        sides.append(Trained(accuracy=_share(right[~flagged]), attack_success=_share(right[carrying])))
    return CleaningEffect(before=sides[0], after=sides[1], removed=int(flagged.sum()))


def _some(samples: Any, rows: npt.NDArray[np.intp]) -> Any:
    return [samples[row] for row in rows.tolist()] if isinstance(samples, list | tuple) else samples[rows]


def _share(hit: npt.NDArray[np.bool_]) -> Share:
    return Share(count=int(hit.sum()), n=len(hit), interval=clopper_pearson(int(hit.sum()), len(hit)))
