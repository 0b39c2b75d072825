"""A thief who has texts: asks about them, the most doubtful first, and learns answers from the words and the pieces of words in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from aisecops.attacks.extraction.students import answers_of, chosen, most_doubtful, soft
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle

_MOST, _CHOSEN_ON = 4000, 1000
"""Answers that a student learns from, and those that it is chosen with: its time grows with the third power."""
_RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
_CANDIDATES = 2000
_WORDS: dict[str, Any] = {"ngram_range": (1, 2), "sublinear_tf": True, "token_pattern": r"\w+|[^\w\s]"}
_PIECES: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True}
Similarity: TypeAlias = Callable[[Sequence[str]], Floats]
"""From texts to how alike each is to those that were asked about, shape (m, n)."""


class TextThief:
    """Knows texts and answers, and the copy made of them."""

    def __init__(self, oracle: Oracle, pool: Sequence[str], seed: int) -> None:
        self._oracle, self._rng = oracle, np.random.default_rng(seed)
        self._pool = tuple(pool)
        self._fresh = self._rng.permutation(len(self._pool))
        self.texts: tuple[str, ...] = ()
        self.answers = np.zeros((0, len(oracle.classes)))
        self._student: Callable[[Sequence[str]], Floats] | None = None

    @property
    def asked(self) -> int:
        """How many questions that were."""
        return len(self.texts)

    @property
    def exact(self) -> bool:
        """Nobody solves for a model whose words are not known."""
        return False

    def ask(self, total: int, *, active: bool) -> None:
        """Ask until ``total`` questions have been asked: half of them where the present copy is least sure."""
        more = total - len(self.texts)
        if active and self._student is not None:
            drawn = self._drawn(more - more // 2)
            self._answer([*drawn, *self._doubtful(more // 2, self._student)])
        else:
            self._answer(self._drawn(more))

    def _answer(self, batch: Sequence[str]) -> None:
        self.texts, self.answers = (*self.texts, *batch), np.concatenate([self.answers, answers_of(self._oracle, batch)])

    def _drawn(self, count: int) -> list[str]:
        taken, self._fresh = self._fresh[:count], self._fresh[count:]
        return [*(self._pool[place] for place in taken), *self.mixed(count - len(taken))]

    def _doubtful(self, count: int, student: Callable[[Sequence[str]], Floats]) -> list[str]:
        """Texts that nobody asked about yet and mixtures, of which the copy's first two classes are closest."""
        own = self._fresh[:_CANDIDATES]
        candidates = [*(self._pool[place] for place in own), *self.mixed(2 * count)]
        best = most_doubtful(student(candidates), count)
        self._fresh = self._fresh[~np.isin(self._fresh, own[best[best < len(own)]])]
        return [candidates[place] for place in best]

    def mixed(self, count: int) -> list[str]:
        """The beginning of a text and the end of another."""
        found = []
        for one, two in self._rng.integers(len(self._pool), size=(count, 2)):
            first, second = self._pool[one].split(), self._pool[two].split()
            start, end = self._rng.integers(1, len(first) + 1) if first else 0, self._rng.integers(0, len(second)) if second else 0
            found.append(" ".join((*first[:start], *second[end:])))
        return found

    def copy(self, judged: Sequence[str]) -> tuple[str, Integers]:
        """The name of the best copy and its labels of ``judged``."""
        scores = Capability.SCORES in self._oracle.capabilities
        name, self._student = text_student(self.texts, self.answers, self._rng, scores=scores)
        return name, chosen(self._student(judged))


def text_student(texts: Sequence[str], answers: Floats, rng: np.random.Generator, *, scores: bool) -> tuple[str, Callable[[Sequence[str]], Floats]]:
    """Return the name and the student that agrees best with labels that it has not seen, each left out in turn.

    It is a ridge regression of the answers over TF-IDF weights of words, of pieces of words, or of both, on scores or on labels, whichever agrees best.

    Parameters
    ----------
    texts, answers
        n texts, and scores or one-hot labels, shape (n, k).
    scores
        Whether ``answers`` are scores.
    """
    rows = rng.permutation(len(texts))[:_MOST]
    texts, answers = [texts[row] for row in rows], answers[rows]
    label = chosen(answers)
    hard = np.eye(answers.shape[1])[label]
    lessons = [("labels", hard), *([("scores", soft(answers))] if scores else [])]
    some = slice(_CHOSEN_ON)
    views = {name: _similarity(texts, kinds) for name, kinds in _VIEWS.items()}
    best, name, ridge, taught, known = -1.0, "", 1.0, hard, next(iter(views.values()))
    for view, similarity in views.items():
        values, vectors = np.linalg.eigh(similarity(texts[some])[:, some] + 1.0)
        for _, lesson in reversed(lessons):
            for strength in _RIDGES:
                agreement = float((chosen(_left_out(values, vectors, lesson[some], strength)) == label[some]).mean())
                if agreement > best:
                    best, name, ridge, taught, known = agreement, view, strength, lesson, similarity
    gram = known(texts)
    weights = np.linalg.solve(gram + 1.0 + ridge * np.eye(len(texts)), taught)
    return name, lambda batch: np.asarray((known(batch) + 1.0) @ weights)


_VIEWS: dict[str, tuple[dict[str, Any], ...]] = {"words": (_WORDS,), "pieces of words": (_PIECES,), "words and their pieces": (_WORDS, _PIECES)}


def _similarity(texts: Sequence[str], kinds: Sequence[dict[str, Any]]) -> Similarity:
    from sklearn.feature_extraction.text import TfidfVectorizer

    parts = []
    for kind in kinds:
        try:
            vectoriser = TfidfVectorizer(**kind)
            parts.append((vectoriser, vectoriser.fit_transform(texts)))
        except ValueError:  # texts without a word
            continue

    def alike(batch: Sequence[str]) -> Floats:
        found = np.zeros((len(batch), len(texts)))
        for vectoriser, known in parts:
            found += (vectoriser.transform(batch) @ known.T).toarray() / len(parts)
        return found

    return alike


def _left_out(values: Floats, vectors: Floats, answers: Floats, ridge: float) -> Floats:
    """What a ridge regression says of each row that is trained on all others, from the eigenvalues of the similarities, shape (n, k)."""
    shrunk = vectors / (np.maximum(values, 0.0) + ridge)
    weights = shrunk @ (vectors.T @ answers)
    return np.asarray(answers - weights / (shrunk * vectors).sum(axis=1)[:, None])
