"""What pictures and texts are made of, so that versions can be asked about it as about the columns of a table: patches of a picture, words of a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import msgspec
import numpy as np

from aisecops.oracles.oracle import Floats, Integers

_WORD = re.compile(r"\w+")
_SIDE = 4
_MOST = 40
"""Words that are looked at one by one."""
_RARE, _SHARE = 5, 0.01
"""A word that stands in fewer texts, or in a smaller share of them, is nobody's business alone: it may be a name."""
OTHER = "all other words"


def patches(shape: Sequence[int], side: int = _SIDE) -> Mapping[str, Sequence[int]]:
    """Return which pixels of a picture, flattened, belong to each patch of a grid of ``side`` x ``side``; all colours of a pixel are in one patch.

    Parameters
    ----------
    shape
        (h, w), (h, w, c) or (c, h, w); of a flat vector of h · h pixels (h · h,), else its parts of equal length.
    """
    size = int(np.prod(shape))
    root = round(size**0.5)
    places = np.arange(size).reshape((root, root) if len(shape) == 1 and root * root == size else tuple(shape))
    if places.ndim == 1:
        return {f"pixels {part[0] + 1} to {part[-1] + 1}": part.tolist() for part in np.array_split(places, min(size, side * side))}
    if places.ndim == 3 and places.shape[0] <= 4 < min(places.shape[1:]):
        places = np.moveaxis(places, 0, 2)
    rows, columns = (np.array_split(np.arange(length), min(length, side)) for length in places.shape[:2])
    named = {}
    for down in rows:
        for across in columns:
            name = f"rows {down[0] + 1} to {down[-1] + 1}, columns {across[0] + 1} to {across[-1] + 1}"
            named[name] = places[np.ix_(down, across)].ravel().tolist()
    return named


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as points: the number of the text, and for each word in ``names`` whether it still stands there, 1 or 0.

    Parameters
    ----------
    texts
        As they are.
    names
        The words, folded; the last is all others together.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def blocks(self) -> Mapping[str, Sequence[int]]:
        """Which column of a point is which word's."""
        return {name: [place] for place, name in enumerate(self.names, 1)}

    def points(self, kept: bool) -> Floats:
        """All texts with all words, or with none, shape (n, 1 + words)."""
        n = len(self.texts)
        return np.concatenate([np.arange(n)[:, None], np.full((n, len(self.names)), float(kept))], axis=1)

    def written(self, points: Floats) -> tuple[list[str], Integers]:
        """Return the texts that points stand for, each once, and which is each point's."""
        place = {name: number for number, name in enumerate(self.names[:-1], 1)}
        other = len(self.names)
        told: dict[str, int] = {}
        which = np.zeros(len(points), dtype=np.int64)
        for row, point in enumerate(np.asarray(points) > 0.5):
            text = self.texts[int(points[row, 0])]
            kept = {name for name, number in place.items() if point[number]}
            left = text if point[1:].all() else _left(text, kept, bool(point[other]), place.keys())
            which[row] = told.setdefault(left, len(told))
        return list(told), which


def _left(text: str, kept: Collection[str], others: bool, named: Collection[str]) -> str:
    """A text without the words that are not ``kept``; ``others``: those that are not ``named`` stay."""

    def told(found: re.Match[str]) -> str:
        word = found[0].casefold()
        return found[0] if (word in kept if word in named else others) else ""

    return _WORD.sub(told, text)


def words_of(texts: Sequence[str], labels: Sequence[int] | Integers, *, most: int = _MOST, among: Sequence[str] = ()) -> Words:
    """Return ``texts`` with the words that are worth asking about: half the most frequent, half those that go most with one label.

    Words with a digit, and words that stand in few texts, are among the others: they may be somebody's.

    Parameters
    ----------
    labels
        Of ``among``, numbers from 0.
    among
        The texts by which the words are chosen; ``texts``, if left out.
    """
    told = list(among or texts)
    y = np.asarray(labels, dtype=np.int64)
    held = [{word.casefold() for word in _WORD.findall(text)} for text in told]
    count = Counter(word for words in held for word in words if not any(letter.isdigit() for letter in word))
    least = max(_RARE, _SHARE * len(told))
    common = sorted((word for word, n in count.items() if n >= least), key=lambda word: (-count[word], word))
    frequent = common[: most // 2]
    rest = set(common) - set(frequent)
    classes = np.bincount(y, minlength=1)
    inside: dict[str, Integers] = {word: np.zeros(len(classes), dtype=np.int64) for word in rest}
    for words, label in zip(held, y.tolist(), strict=True):
        for word in words & rest:
            inside[word][label] += 1
    ranked = sorted(rest, key=lambda word: (-_association(inside[word], classes), word))
    return Words(texts=tuple(texts), names=(*frequent, *ranked[: most - len(frequent)], OTHER))


def _association(inside: Integers, classes: Integers) -> float:
    """Pearson's chi-squared of a word and the labels."""
    n, total = classes.sum(), inside.sum()
    expected = classes * total / n
    spread = np.where(classes > 0, expected * (1 - total / n), 1.0)
    return float((np.where(classes > 0, (inside - expected) ** 2, 0.0) / np.where(spread > 0, spread, 1.0)).sum())
