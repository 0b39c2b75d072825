"""Shadow models: the target's recipe, trained on records whose membership is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

from aisecops.attacks.inference.membership.confidences import of_label
from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.oracle import Flags, Floats, Integers
from aisecops.oracles.recipes import untrained

Fit: TypeAlias = Callable[[Floats, Integers, int], Callable[[Floats], Floats]]
"""A recipe: from samples (n, d), labels (n,) and a seed to a function from samples to scores (n, k)."""


class Shadows(Protocol):
    """Models whose training records are known."""

    def __call__(self, inside: Flags, first: int = 0) -> Floats:
        """From which records each shadow is trained on, shape (K, n), to its confidence in the right label of every record, shape (K, n).

        ``first``: the number of the first one; its seed follows from that.
        """


def shadows_of(fit: Fit, X: Floats, y: Integers, *, always: tuple[Floats, Integers] | None = None, seed: int = 0) -> Shadows:  # noqa: N803
    """Return the shadow models of a recipe.

    Parameters
    ----------
    fit
        Trains one model.
    X, y
        The records, shape (n, d), and their labels, 0 to k-1.
    always
        Records that every shadow is trained on as well: training data of the target that are not among the records.
    """

    def confidences(inside: Flags, first: int = 0) -> Floats:
        found = []
        for number, rows in enumerate(inside, first):
            samples, labels = (X[rows], y[rows]) if always is None else (np.concatenate([X[rows], always[0]]), np.concatenate([y[rows], always[1]]))
            if len(absent := np.setdiff1d(y, labels)):
                raise UserError(f"a half of the records has no sample of class {absent[0]}", fix="give more records of each class")
            found.append(of_label(fit(samples, labels, seed + number)(X), y))
        return np.stack(found)

    return confidences


def clones(
    estimator: Any,
    X: Floats,  # noqa: N803
    y: Integers,
    *,
    encode: Callable[[Floats], Any] | None = None,
    own: Sequence[Any] | None = None,
    always: tuple[Floats, Integers] | None = None,
    seed: int = 0,
) -> Shadows:
    """Return shadow models with the parameters of a scikit-learn estimator (or booster with that interface, or pipeline), fitted or not, in this process.

    Parameters
    ----------
    encode
        From a matrix to what the estimator eats; the matrix itself, if not given.
    own
        The labels as the estimator knows them, in the order of their numbers; the numbers, if not given.
    always
        As ``shadows_of``.

    Raises
    ------
    UserError
        It cannot be cloned, or gives no scores.
    """
    encoded: Callable[[Floats], Any] = encode or (lambda batch: batch)
    names = None if own is None else np.array(own)

    def fit(samples: Floats, labels: Integers, number: int) -> Callable[[Floats], Floats]:
        return _fitted(estimator, encoded, samples, labels if names is None else names[labels], number)

    return shadows_of(fit, X, y, always=always, seed=seed)


def _fitted(estimator: Any, encode: Callable[[Floats], Any], samples: Floats, labels: Any, seed: int) -> Callable[[Floats], Floats]:
    try:
        shadow = _seeded(untrained(estimator), seed).fit(encode(samples), labels)
    except Exception as wrong:
        what = inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 200)
        raise UserError(
            f"no shadow model can be trained with the parameters of this model ({what})", fix="give `shadows: 0` to go without"
        ) from wrong
    answer = getattr(shadow, "predict_proba", None) or getattr(shadow, "decision_function", None)
    if answer is None:
        raise UserError("a model without scores has no shadows", fix="give `shadows: 0` to go without")

    def scores(batch: Floats) -> Floats:
        given = np.asarray(answer(encode(batch)), dtype=np.float64)
        return np.stack([0 * given, given], axis=1) if given.ndim == 1 else given

    return scores


def _seeded(estimator: Any, seed: int) -> Any:
    """Give every part that has a ``random_state`` its own: shadows that share the target's would agree with it where other models do not; one thread each."""
    params = estimator.get_params()
    changed: dict[str, Any] = {name: seed for name in params if name.rpartition("__")[2] == "random_state"}
    changed |= {name: 1 for name, value in params.items() if name.rpartition("__")[2] == "n_jobs" and value not in (None, 1)}
    return estimator.set_params(**changed)
