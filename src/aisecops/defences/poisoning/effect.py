"""The proof that taking rows out helps: train on all rows and on the kept ones, and compare attack success and accuracy."""

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


def _some(samples: Any, rows: npt.NDArray[np.intp]) -> Any:
    return [samples[row] for row in rows.tolist()] if isinstance(samples, list | tuple) else samples[rows]


def _share(hit: npt.NDArray[np.bool_]) -> Share:
    return Share(count=int(hit.sum()), n=len(hit), interval=clopper_pearson(int(hit.sum()), len(hit)))
