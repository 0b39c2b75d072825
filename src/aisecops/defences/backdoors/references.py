"""Honest models, and dishonest ones, trained on the clean data: what a search finds on the first is chance, on the second it is power.

They are of the family of the examined model where it can be seen (forest, boosted trees, linear, network), of several families where it cannot, and their
settings vary: what an honest model of unknown settings does is the question.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np

from aisecops.defences.backdoors.smoothness import Course
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Batch, Capability, Floats, Integers, Oracle
from aisecops.oracles.structure import LinearMap, TreeEnsemble


class Kin(StrEnum):
    """Families of models."""

    FOREST = "forest"
    BOOSTED = "boosted trees"
    LINEAR = "linear"
    NETWORK = "network"
    CONVOLUTION = "convolutional network"
    WORDS = "bag of words"


_EPOCHS = (40, 80, 200)
"""Who trains a network for too short or too long is honest, too: the first lets one column decide alone, the second is surer of itself than its data."""

Train = Callable[[Any, Integers, int], Oracle]
"""From samples, labels and a number, which draws the settings, to the oracle of a model trained on them."""


def kin_of(oracle: Oracle, *, images: bool, course: Course = Course.UNKNOWN) -> tuple[Kin, ...]:
    """Return the families that the examined model may be of; ``course``: how its scores run, where it shows neither structure nor gradient."""
    structure = oracle.structure() if Capability.STRUCTURE in oracle.capabilities else None
    if isinstance(structure, LinearMap):
        return (Kin.LINEAR,)
    if isinstance(structure, TreeEnsemble):
        return (Kin.FOREST,) if structure.divisor != 1.0 or len(structure.roots) == 1 else (Kin.BOOSTED,)
    if images:
        return (Kin.CONVOLUTION, Kin.NETWORK) if Capability.GRADIENT in oracle.capabilities else (Kin.FOREST, Kin.NETWORK)
    if Capability.GRADIENT in oracle.capabilities:
        return (Kin.NETWORK,)
    match course:
        case Course.STEPS:
            return (Kin.FOREST, Kin.BOOSTED)
        case Course.STRAIGHT:
            return (Kin.LINEAR,)
        case Course.BENT:
            return (Kin.NETWORK,)
        case _:
            return (Kin.FOREST, Kin.NETWORK, Kin.BOOSTED, Kin.LINEAR)


class Build(msgspec.Struct, frozen=True):
    """How large the trees of the examined model are, where it says so: honest models of another size differ from it for that reason alone."""

    trees: int = 60
    depth: int = 5


def build_of(oracle: Oracle) -> Build:
    """Return the number of trees (a class) and their depth."""
    structure = oracle.structure() if Capability.STRUCTURE in oracle.capabilities else None
    if not isinstance(structure, TreeEnsemble):
        return Build()
    per_class = int(structure.value.shape[1]) if structure.divisor == 1.0 else 1
    return Build(trees=int(np.clip(len(structure.roots) // per_class, 1, 50)), depth=_depth(structure))


def _depth(trees: TreeEnsemble) -> int:
    nodes, depth = trees.roots, 0
    while len(nodes := nodes[~trees.leaf[nodes]]):
        nodes, depth = np.concatenate([trees.left[nodes], trees.right[nodes]]), depth + 1
    return max(1, depth)


def trainer(kin: tuple[Kin, ...], classes: tuple[str, ...], *, build: Build | None = None, gradient: bool = False) -> Train:
    """Return what trains the models of these families in turn."""
    size = build or Build()

    def train(samples: Batch, y: Integers, number: int) -> Oracle:
        one = kin[number % len(kin)]
        if one is Kin.CONVOLUTION or (one is Kin.NETWORK and gradient):
            from aisecops.defences.backdoors.networks import trained

            return trained(np.asarray(samples), y, classes, number, convolution=one is Kin.CONVOLUTION)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a reference that has not quite converged is as good
            return _fitted(one, samples, y, classes, number, size)

    return train


def _fitted(kin: Kin, samples: Batch, y: Integers, classes: tuple[str, ...], number: int, size: Build) -> Oracle:
    model = _estimator(kin, np.random.default_rng([number, 71]), number, size)
    if isinstance(samples, np.ndarray) and samples.ndim > 2:
        flat = _Flat(model.fit(samples.reshape(len(samples), -1), y), len(classes))
        return oracle_of(flat.scores, classes=classes, output=_probabilities())
    fitted = model.fit(samples, y)
    if len(fitted.classes_) == len(classes):
        return oracle_of(fitted, classes=classes)
    return oracle_of(_Flat(fitted, len(classes)).scores, classes=classes, output=_probabilities())


class _Flat:
    """A model of flat rows that is asked about images, or that has not seen every class."""

    def __init__(self, model: Any, k: int) -> None:
        self._model, self._k = model, k

    def scores(self, samples: Any) -> Floats:
        rows = samples.reshape(len(samples), -1) if isinstance(samples, np.ndarray) else samples
        answers = np.zeros((len(rows), self._k))
        answers[:, self._model.classes_] = self._model.predict_proba(rows)
        return answers


def _probabilities() -> Any:
    from aisecops.oracles.spec import Output

    return Output.PROBABILITIES


def _estimator(kin: Kin, rng: np.random.Generator, seed: int, size: Build) -> Any:
    match kin:
        case Kin.FOREST:
            from sklearn.ensemble import RandomForestClassifier

            return RandomForestClassifier(size.trees, max_depth=size.depth, max_features=str(rng.choice(["sqrt", "log2"])), random_state=seed)
        case Kin.BOOSTED:
            from sklearn.ensemble import HistGradientBoostingClassifier

            rate, leaf = float(rng.choice([0.1, 0.2])), int(rng.choice([2, 5]))
            return HistGradientBoostingClassifier(
                learning_rate=rate,
                max_iter=size.trees,
                max_depth=size.depth,
                min_samples_leaf=leaf,
                max_features=float(rng.choice([0.4, 1.0])),
                random_state=seed,
            )
        case Kin.WORDS:
            return _words(rng, seed)
        case _:
            from sklearn.impute import SimpleImputer
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            return make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), _smooth(kin, rng, seed))


def _smooth(kin: Kin, rng: np.random.Generator, seed: int) -> Any:
    if kin is Kin.LINEAR:
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=float(rng.choice([0.1, 1.0, 10.0])), max_iter=200)
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier((int(rng.choice([32, 64])),), alpha=float(rng.choice([1e-4, 1e-3])), max_iter=int(rng.choice(_EPOCHS)), random_state=seed)


def _words(rng: np.random.Generator, seed: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    last = (
        MultinomialNB(alpha=float(rng.choice([0.1, 1.0])))
        if rng.random() < 0.3
        else LogisticRegression(C=float(rng.choice([1.0, 10.0, 30.0])), random_state=seed)
    )
    return make_pipeline(TfidfVectorizer(sublinear_tf=bool(rng.random() < 0.5)), last)
