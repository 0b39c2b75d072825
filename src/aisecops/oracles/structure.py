"""What a model computes, as data: the tree ensembles and linear maps that can be attacked exactly."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
import numpy as np

from aisecops.oracles.oracle import Flags, Floats, Integers


class LinearMap(msgspec.Struct, frozen=True, kw_only=True):
    """Scores ``x @ weights.T + offset``: ``weights`` (k, d), ``offset`` (k,); the label is the largest, ties go to the lower class.

    A model of two classes with one score s is written with the rows (0, s).
    """

    weights: Floats
    offset: Floats

    @property
    def columns(self) -> int:
        """How many features a sample has."""
        return int(self.weights.shape[1])

    def decide(self, samples: Floats) -> Integers:
        """The label of each row. A model may sum in another order: it can differ where two scores agree to rounding."""
        scores = np.asarray(samples, dtype=np.float64) @ self.weights.T + self.offset
        return np.asarray(np.argmax(scores, axis=1), dtype=np.int64)

    def tied(self, samples: Floats) -> Flags:
        """Where the two largest scores differ by no more than the rounding of sums explains, shape (n,)."""
        if len(self.weights) < 2:
            return np.zeros(len(samples), dtype=np.bool_)
        top = np.sort(samples @ self.weights.T + self.offset, axis=1)
        size = np.max(np.abs(samples) @ np.abs(self.weights).T + np.abs(self.offset), axis=1)
        return np.asarray(top[:, -1] - top[:, -2] <= 8 * self.columns * np.finfo(np.float64).eps * size)


class Decision(StrEnum):
    """How sums of leaves become a label.

    ``largest``: the class with the largest sum, ties to the lower class. ``softmax``: the same after a softmax in the precision of the sums, whose rounding makes
    near ties ties. The others are of one sum for two classes, label 1 where it is ``positive`` (> 0), ``not-negative`` (>= 0), or where its ``logistic``
    function, rounded to the precision of the sums, exceeds 1/2.
    """

    LARGEST = "largest"
    SOFTMAX = "softmax"
    POSITIVE = "positive"
    NOT_NEGATIVE = "not-negative"
    LOGISTIC = "logistic"


class TreeEnsemble(msgspec.Struct, frozen=True, kw_only=True):
    """Trees whose leaves add up to scores: N nodes in T trees as flat arrays.

    Frameworks compare differently (``<`` or ``<=``, after rounding the input to float32 or not, zeros and missing values apart). Every such rule splits the float64
    numbers at one place, so the threshold here is the *largest float64 that goes left*: the comparison is always ``x <= threshold`` in float64, exactly.

    Parameters
    ----------
    columns
        Features of a sample.
    feature, threshold, left, right, missing_left
        Of each node, shape (N,): the feature that it asks about, the last value that goes left, the numbers of its children, whether a missing value (NaN) goes
        left. A leaf is its own two children.
    value
        What each leaf adds to each output, shape (N, k); k is 1 where two classes share one sum.
    cover
        How many rows of the training each node saw, by their weight and up to a factor for each tree, shape (N,); 0 where the model does not say.
    roots
        The root of each tree in the order in which the model adds them up, shape (T,).
    base
        Where the sums start, shape (k,).
    last
        Whether ``base`` is added after the leaves, not before them.
    divisor
        What the sums are divided by in the end (forests average).
    single
        Whether sums are float32.
    decision
        How they become a label.
    """

    columns: int
    feature: Integers
    threshold: Floats
    left: Integers
    right: Integers
    missing_left: Flags
    value: Floats
    cover: Floats
    roots: Integers
    base: Floats
    decision: Decision
    last: bool = False
    divisor: float = 1.0
    single: bool = False

    @property
    def leaf(self) -> Flags:
        """Which nodes are leaves, shape (N,)."""
        return np.asarray(self.left == np.arange(len(self.left)))

    @property
    def labels(self) -> int:
        """How many classes there are."""
        k = int(self.value.shape[1])
        return k if self.decision is Decision.LARGEST else max(2, k)

    def leaves(self, samples: Floats) -> Integers:
        """The leaf that each sample reaches in each tree, as numbers of nodes, shape (n, T)."""
        samples = np.asarray(samples, dtype=np.float64)
        row = np.arange(len(samples))[:, None]
        nodes = np.tile(self.roots, (len(samples), 1))
        while True:
            x = samples[row, self.feature[nodes]]
            goes_left = np.where(np.isnan(x), self.missing_left[nodes], x <= self.threshold[nodes])
            following = np.where(goes_left, self.left[nodes], self.right[nodes])
            if np.array_equal(following, nodes):
                return nodes
            nodes = following

    def sums(self, leaves: Integers) -> Floats:
        """The outputs for leaves (n, T), shape (n, k), added up one tree after the other in the model's own precision: the last digits are the model's."""
        precision: Any = np.float32 if self.single else np.float64
        terms = self.value.astype(precision)[leaves]
        base = np.broadcast_to(self.base.astype(precision), (len(leaves), 1, terms.shape[2]))
        terms = np.concatenate([terms, base] if self.last else [base, terms], axis=1)
        total = np.add.accumulate(terms, axis=1)[:, -1]
        return np.asarray(total if self.divisor == 1.0 else total / precision(self.divisor))

    def label(self, sums: Floats) -> Integers:
        """The labels that these outputs mean, shape (n,)."""
        one = sums.dtype.type(1)
        with np.errstate(over="ignore"):
            match self.decision:
                case Decision.LARGEST:
                    answer = np.argmax(sums, axis=1)
                case Decision.SOFTMAX:
                    powers = np.exp(sums - np.max(sums, axis=1, keepdims=True))
                    answer = np.argmax(powers / np.sum(powers, axis=1, keepdims=True), axis=1)
                case Decision.POSITIVE:
                    answer = sums[:, 0] > 0
                case Decision.NOT_NEGATIVE:
                    answer = sums[:, 0] >= 0
                case Decision.LOGISTIC:
                    answer = one / (one + np.exp(-sums[:, 0])) > sums.dtype.type(0.5)
        return np.asarray(answer, dtype=np.int64)

    def decide(self, samples: Floats) -> Integers:
        """The label of each row, shape (n,), as the model itself gives it."""
        return np.concatenate([np.empty(0, np.int64), *(self.label(self.sums(self.leaves(part))) for part in self._parts(samples))])

    def _parts(self, samples: Floats) -> list[Floats]:
        """``samples`` in parts whose walk down all trees fits the processor's cache."""
        size = max(1, 200_000 // max(1, len(self.roots)))
        return [samples[start : start + size] for start in range(0, len(samples), size)]


Structure: TypeAlias = LinearMap | TreeEnsemble
