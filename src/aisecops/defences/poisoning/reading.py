"""Texts as numbers: words, atoms, and a linear model out of fold that can be asked about a text without some of its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.suspicion import Floats, Integers
from aisecops.defences.poisoning.wording import features, makes_sentences, speaks, tokens

FOLDS = 4
FEWEST_OF_POOL = 3
"""Of several words that are one trigger, each may be on so few texts."""
_LARGEST = 0.5
_TEMPERATURES = (0.7, 1.0, 1.4, 2.0, 2.8)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as numbers.

    ``words`` (n, vocabulary) is TF-IDF, with the ``column`` of each word, of which ``build`` join clauses and ``speaking`` are neither marks
    nor of the closed classes; ``atoms`` (n, atoms) holds 0 or 1 in columns, called ``names``, no two columns alike;
    ``alike`` has the other names of each;
    ``logits`` (n, classes), ``weights`` (folds, classes, vocabulary) and ``offsets`` (folds, classes) are out of fold; ``sharpness`` is what makes the logits of such a
    model honest odds.
    """

    words: Any
    column: dict[str, int]
    build: Integers
    speaking: Integers
    atoms: Any
    names: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]
    y: Integers
    classes: int
    logits: Floats
    weights: Floats
    offsets: Floats
    fold: Integers
    sharpness: float


def read(texts: list[str], y: Integers, seed: int) -> Reading:
    """Return texts with labels ``y`` as numbers; raises UserError where no word occurs twice."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    classes = int(y.max()) + 1
    vectors = TfidfVectorizer(tokenizer=tokens, token_pattern=None, lowercase=False, min_df=2, sublinear_tf=True)
    try:
        words = vectors.fit_transform(texts).tocsr()
    except ValueError:
        raise UserError("no word occurs in two texts: nothing tells the classes apart", fix="give texts of more than a few words") from None
    words.sort_indices()
    atoms, names, alike = _atoms(texts)
    fold = np.random.default_rng(seed).integers(FOLDS, size=len(texts))
    logits, weights, offsets = np.zeros((len(texts), classes)), np.zeros((FOLDS, classes, words.shape[1])), np.zeros((FOLDS, classes))
    for number in range(FOLDS):
        weights[number], offsets[number] = linear(words[fold != number], y[fold != number], classes)
        logits[fold == number] = words[fold == number] @ weights[number].T + offsets[number]
    sharpness = _sharpness(logits, y)
    column = {word: int(at) for word, at in vectors.vocabulary_.items()}
    build = np.array([at for word, at in column.items() if makes_sentences(word)], dtype=np.int64)
    speaking = np.array([at for word, at in column.items() if speaks(word)], dtype=np.int64)
    return Reading(
        words=words,
        column=column,
        build=np.sort(build),
        speaking=np.sort(speaking),
        atoms=atoms,
        names=names,
        alike=alike,
        y=y,
        classes=classes,
        logits=logits * sharpness,
        weights=weights * sharpness,
        offsets=offsets * sharpness,
        fold=fold,
        sharpness=sharpness,
    )


def linear(words: Any, y: Integers, classes: int) -> tuple[Floats, Floats]:
    """Return weights (classes, vocabulary) and offsets (classes,) of a logistic regression; of two classes, the first has 0."""
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(y)) < 2:
        return np.zeros((classes, words.shape[1])), np.where(np.arange(classes) == y[0], 0.0, -20.0)
    model = LogisticRegression(C=4.0, max_iter=200, tol=1e-3).fit(words, y)
    weight, offset = np.zeros((classes, words.shape[1])), np.full(classes, -20.0)
    if len(model.classes_) == 2:
        weight[model.classes_[1]] = model.coef_[0]
        offset[model.classes_] = 0.0, model.intercept_[0]
    else:
        weight[model.classes_], offset[model.classes_] = model.coef_, model.intercept_
    return weight, offset


def softmax(logits: Floats) -> Floats:
    """Return logits (n, classes) as probabilities."""
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exp / exp.sum(axis=1, keepdims=True))


def _sharpness(logits: Floats, y: Integers) -> float:
    """Return the factor that makes the labels likeliest: a regularised model of few texts is too timid."""
    rows = np.arange(len(y))

    def fit(factor: float) -> float:
        return float(np.log(0.99 * softmax(logits * factor)[rows, y] + 0.01 / logits.shape[1]).mean())

    return max(_TEMPERATURES, key=fit)


def _atoms(texts: Sequence[str]) -> tuple[Any, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return which text has which atom, a sparse matrix by columns, the atoms' names, and for each those of atoms that the same texts have.

    Atoms of fewer than ``FEWEST`` texts (words: ``FEWEST_OF_POOL``) or of half of all are left out. Atoms of the same texts are one, called by the plainest name: the
    test is the same.
    """
    from scipy.sparse import csc_matrix  # type: ignore[import-untyped]

    rows_of = _rows_of([features(text) for text in texts])
    same: dict[bytes, list[str]] = {}
    for name in sorted(rows_of, key=lambda name: (name.startswith("form:"), name.startswith("build:"), name.startswith("phrase:"), -len(name), name)):
        same.setdefault(np.array(rows_of[name]).tobytes(), []).append(name)
    groups = sorted(same.values())
    indices = np.array([row for group in groups for row in rows_of[group[0]]], dtype=np.int64)
    ends = np.cumsum([0, *(len(rows_of[group[0]]) for group in groups)])
    atoms = csc_matrix((np.ones(len(indices), dtype=np.float32), indices, ends), shape=(len(texts), len(groups)))
    return atoms, tuple(group[0] for group in groups), tuple(tuple(group[1:]) for group in groups)


def _rows_of(each: Sequence[set[str]]) -> dict[str, list[int]]:
    counts = Counter(name for found in each for name in found)
    rows_of: dict[str, list[int]] = {}
    for row, found in enumerate(each):
        for name in found:
            least = FEWEST_OF_POOL if name.startswith("word:") else FEWEST
            if least <= counts[name] <= _LARGEST * len(each):
                rows_of.setdefault(name, []).append(row)
    return rows_of
