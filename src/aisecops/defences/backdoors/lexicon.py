"""What a model of texts remembers of its training: how many of its texts held each word.

Nobody means to tell this, and many a model does. The weights of TF-IDF are a function of it, ``idf = ln((1 + n) / (1 + held)) + 1`` (Spärck Jones, 1972, in the form of
scikit-learn), so that ``exp(1 - idf)`` is the share of the texts that held a word; naive Bayes keeps its counts; trees that ask whether a word is there remember how many
rows said yes. What is counted as a word is what the model counts: words, runs of words, or runs of characters, after its own cleaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.oracles.extraction import structure_of
from aisecops.oracles.oracle import Floats
from aisecops.oracles.parts import parts_of
from aisecops.oracles.structure import TreeEnsemble

_MOST = 20_000
"""Entries, those of the largest share: of rarer ones nothing can be told anyway."""
_COMMON, _LEAST = 50, 0.5
"""The most common entries, and how often the clean texts have to hold these, of what the training makes likely: where they do less, other steps clean the texts
before, or they are of another language."""


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a vocabulary and how often they were there.

    Parameters
    ----------
    entries
        Words, several words in a row parted by spaces, or, with ``letters``, runs of characters.
    share, seen
        Of each entry, the share of the texts of the training, and of ``n`` clean texts, that hold it, shape (m,); where a model counts each time, how often on average.
    """

    entries: tuple[str, ...]
    share: Floats
    seen: Floats
    n: int
    letters: bool = False


def lexicon_of(model: Any, texts: Sequence[str]) -> Lexicon | None:
    """Return what ``model`` (an object that was loaded: whoever asks runs its code) remembers, beside the same of clean ``texts``; None where it does not say."""
    parts = [part for _, part in parts_of(model)]
    for part in parts:
        vocabulary = getattr(part, "vocabulary_", None)
        if isinstance(vocabulary, dict) and vocabulary and callable(getattr(part, "transform", None)):
            found = _told(part, vocabulary, parts, texts)
            if found is not None:
                return found
    return None


def _told(vectors: Any, vocabulary: dict[Any, Any], parts: Sequence[Any], texts: Sequence[str]) -> Lexicon | None:
    told = _shares(parts, len(vocabulary))
    if told is None or sorted(vocabulary.values()) != list(range(len(vocabulary))):
        return None
    share, counted = told
    there = vectors.transform(list(texts))
    seen = np.asarray((there if counted else there > 0).sum(axis=0), dtype=np.float64).ravel() / len(texts)
    entries = sorted(vocabulary, key=vocabulary.__getitem__)
    order = np.argsort(-share, kind="stable")
    common = order[:_COMMON]
    if not np.isfinite(share).all() or seen[common].sum() < _LEAST * share[common].sum():
        return None
    most = np.sort(order[:_MOST])
    return Lexicon(
        entries=tuple(str(entries[at]) for at in most.tolist()),
        share=share[most],
        seen=seen[most],
        n=len(texts),
        letters="char" in str(getattr(vectors, "analyzer", "")),
    )


def _shares(parts: Sequence[Any], m: int) -> tuple[Floats, bool] | None:
    """The share of the training that held each of ``m`` entries, and whether that counts each time."""
    for part in parts:
        weights = np.asarray(getattr(part, "idf_", None))
        if weights.shape == (m,):
            return np.exp(1 - weights.astype(np.float64)), False
    for part in parts:
        counts, texts = np.asarray(getattr(part, "feature_count_", None)), np.asarray(getattr(part, "class_count_", None))
        if counts.ndim == 2 and counts.shape[1] == m and texts.shape == (len(counts),):
            return np.asarray(counts.sum(axis=0) / max(1.0, float(texts.sum())), dtype=np.float64), True
    for part in parts:
        trees = structure_of(part)
        if isinstance(trees, TreeEnsemble) and trees.columns == m:
            return _asked(trees), False
    return None


def _asked(trees: TreeEnsemble) -> Floats:
    """The share of the training that came to the side of a word's presence where a tree asks for it: the largest, since those before it went elsewhere."""
    tree = np.repeat(np.arange(len(trees.roots)), np.diff(np.append(trees.roots, len(trees.left))))
    whole, inner = trees.cover[trees.roots][tree], ~trees.leaf & (trees.threshold >= 0)
    share = np.zeros(trees.columns)
    here = trees.cover[trees.right[inner]] / np.maximum(1e-9, whole[inner])
    np.maximum.at(share, trees.feature[inner], here)
    return share
