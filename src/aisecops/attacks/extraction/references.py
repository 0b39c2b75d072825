"""References for a fingerprint: models for the same task, trained without the owner's, in the ways in which somebody else would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Floats, Integers, Loss
from aisecops.oracles.recipes import untrained
from aisecops.oracles.structure import Structure

_FRESH = 50
"""Rows from which models can be trained that are like others'."""


class Reference:
    """A trained model as far as it is asked: its labels."""

    capabilities = frozenset({Capability.LABELS})

    def __init__(self, name: str, classes: tuple[str, ...], answer: Callable[[Floats], Integers]) -> None:
        self.name, self.classes, self._answer = name, classes, answer

    def labels(self, batch: Batch) -> Integers:
        """The number of each sample's label."""
        return self._answer(np.asarray(batch))

    def scores(self, batch: Batch) -> Floats:  # noqa: ARG002
        """None are kept."""
        raise CapabilityError("a reference gives labels alone", where=self.name)

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:  # noqa: ARG002
        """There is none."""
        raise CapabilityError("a reference gives labels alone", where=self.name)

    def structure(self) -> Structure:
        """It is not known."""
        raise CapabilityError("a reference gives labels alone", where=self.name)


def references_of(
    estimator: Any,
    X: Floats,  # noqa: N803
    y: Integers,
    classes: tuple[str, ...],
    *,
    count: int = 60,
    encode: Callable[[Floats], Any] | None = None,
    own: Sequence[Any] | None = None,
    fresh: tuple[Floats, Integers] | None = None,
    seed: int = 0,
) -> tuple[dict[str, list[Reference]], tuple[str, ...]]:
    """Train ``count`` references of each family, and return them with the names of the families that were left out.

    ``other-seed``: the parameters of ``estimator`` on the same rows with another seed; left out where two of these are one model, for such a learner nobody
    can tell training from copying. ``other-rows``: the same parameters on rows drawn with replacement. ``forest``: another learner, on rows drawn so. ``fresh-rows``:
    the same parameters on rows of which the owner's model has seen none, drawn with replacement; what all models of the owner's rows have in common they have not.

    Parameters
    ----------
    X, y
        The training data, shapes (n, d) and (n,).
    encode, own
        From a matrix to what the estimator eats, and its labels in the order of their numbers; the matrix and the numbers, if not given.
    fresh
        Rows from the same source that the owner's model was not trained on. Without them, with less than 50, or with a class missing ``fresh-rows`` is left out.

    Raises
    ------
    UserError
        It cannot be cloned or trained.
    """
    from sklearn.ensemble import RandomForestClassifier

    eaten: Callable[[Floats], Any] = encode or (lambda batch: batch)
    names = np.arange(len(classes)) if own is None else np.array(own)
    numbers = {name: number for number, name in enumerate(names.tolist())}

    def trained(recipe: Any, take: Callable[[Floats], Any], rows: Integers, number: int) -> Reference:
        model = _fitted(recipe, take(X[rows]), names[y[rows]], number)
        return Reference(
            f"reference {number}", classes, lambda batch: np.array([numbers[label] for label in np.asarray(model.predict(take(batch))).tolist()])
        )

    rng = np.random.default_rng(seed)
    if fresh is not None and (len(fresh[1]) < _FRESH or len(np.unique(fresh[1])) < len(np.unique(y))):
        fresh = None
    n, everything = len(y), np.arange(len(y))
    if fresh is not None:  # behind the owner's
        X, y = np.concatenate([X, fresh[0]]), np.concatenate([y, fresh[1]])  # noqa: N806
    seeds = [int(number) for number in rng.integers(1, 2**31 - 1, size=4 * count)]
    draws = [_drawn(y[:n], rng) for _ in range(2 * count)]
    pair = [trained(estimator, eaten, everything, number) for number in seeds[:2]]
    probe = _crossed(X[:n], rng)
    same = bool((pair[0].labels(probe) == pair[1].labels(probe)).all())
    families: dict[str, list[Reference]] = {}
    if not same:
        families["other-seed"] = pair + [trained(estimator, eaten, everything, number) for number in seeds[2:count]]
    families["other-rows"] = [trained(estimator, eaten, rows, number) for rows, number in zip(draws[:count], seeds[count:], strict=False)]
    forest = RandomForestClassifier(30, n_jobs=1)
    families["forest"] = [trained(forest, lambda batch: batch, rows, number) for rows, number in zip(draws[count:], seeds[2 * count :], strict=False)]
    if fresh is not None:
        other = [n + _drawn(y[n:], rng) for _ in range(count)]
        families["fresh-rows"] = [trained(estimator, eaten, rows, number) for rows, number in zip(other, seeds[3 * count :], strict=True)]
    return families, ("other-seed",) if same else ()


def _fitted(recipe: Any, samples: Any, labels: Any, seed: int) -> Any:
    import warnings

    try:
        model = untrained(recipe)
        params = model.get_params()
        changed: dict[str, Any] = {name: seed for name in params if name.rpartition("__")[2] == "random_state"}
        changed |= {name: 1 for name, value in params.items() if name.rpartition("__")[2] == "n_jobs" and value not in (None, 1)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it could be trained longer
            return model.set_params(**changed).fit(samples, labels)
    except Exception as wrong:
        what = inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 200)
        raise UserError(
            f"no reference can be trained with the parameters of this model ({what})", fix="give references of your own: docs/privacy/fingerprints.md"
        ) from wrong


def _drawn(y: Integers, rng: np.random.Generator) -> Integers:
    """Row numbers drawn with replacement, every class among them."""
    firsts = np.unique(y, return_index=True)[1]
    return np.concatenate([firsts, rng.integers(0, len(y), size=len(y) - len(firsts))])


def _crossed(X: Floats, rng: np.random.Generator) -> Floats:  # noqa: N803
    one, two = rng.integers(len(X), size=(2, 2000))
    return np.asarray(np.where(rng.random((2000, *X.shape[1:])) < 0.5, X[one], X[two]))
