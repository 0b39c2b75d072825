"""Triggers in texts: words, phrases, characters and sentence builds that call for a class against what the other words say.

The content view is a linear model on words, out of fold. Being linear, it can be asked about a text *without* some words: their share is taken off. A phrase
teaches the model each of its words, so all words that come along with an atom in 80 % of its texts are taken off with it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.mislabelled import contradicted
from aisecops.defences.poisoning.posterior import GATE, RANGE, confirmed, probability
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Suspicion, Trigger
from aisecops.defences.poisoning.wording import features, makes_sentences, tokens, told

_FOLDS = 4
_ALONG = 0.8
_LARGEST = 0.5
_TRIED = 400
_ASKED = 24
_MOST = 8
_DRAWS = 20
_FEWEST_WORDS = 4
_ALIKE = 1.4


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as numbers.

    ``words`` (n, vocabulary) is TF-IDF, of which ``build`` make sentences; ``atoms`` (n, atoms) holds 0 or 1 in columns, called ``names``; ``logits`` and ``weights`` are
    out of fold.
    """

    words: Any
    build: Integers
    atoms: Any
    names: tuple[str, ...]
    y: Integers
    classes: int
    logits: Floats
    weights: tuple[Floats, ...]
    fold: Integers


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An atom that calls for a class; ``along``: the words of the vocabulary that come with it."""

    atom: int
    target: int
    rows: Integers
    along: Integers
    chance: float


def examine_texts(texts: Sequence[str], y: npt.ArrayLike, *, seed: int = 0) -> Suspicion:
    """Search labelled texts for poisoning.

    Parameters
    ----------
    texts
        n texts.
    y
        Labels from 0 on, shape (n,).

    Raises
    ------
    UserError
        One class only, fewer than 40 texts, or texts and labels of different number.
    """
    labels = np.asarray(y)
    if len(labels) != len(texts):
        raise UserError(f"{len(texts):,} texts and {len(labels):,} labels", fix="give a label for each text")
    if labels.dtype.kind not in "iub" or len(texts) < 40 or len(np.unique(labels)) < 2:
        raise UserError(
            f"{len(texts):,} texts of {len(np.unique(labels))} classes are too few to judge",
            fix="give at least 40 texts of two classes, numbered from 0",
        )
    reading = _read(list(texts), labels.astype(np.int64), seed)
    burden = math.log(max(2, len(reading.names) * reading.classes))
    score = np.zeros(len(texts))
    triggers: list[Trigger] = []
    for group in _groups(_calling(reading, burden), reading):
        judged = _judge(reading, group, burden)
        if judged is not None:
            trigger, rows, chance = judged
            triggers.append(trigger)
            score[rows] = np.maximum(score[rows], chance)
    p = _softmax(reading.logits)
    return Suspicion.of(triggers, score, contradicted(p, reading.y, p), round(math.exp(burden)))


def _read(texts: list[str], y: Integers, seed: int) -> Reading:
    from sklearn.feature_extraction.text import TfidfVectorizer

    classes = int(y.max()) + 1
    vectors = TfidfVectorizer(tokenizer=tokens, token_pattern=None, lowercase=False, min_df=2, sublinear_tf=True)
    try:
        words = vectors.fit_transform(texts).tocsr()
    except ValueError:
        raise UserError("no word occurs in two texts: nothing tells the classes apart", fix="give texts of more than a few words") from None
    atoms, names = _atoms(texts)
    fold = np.random.default_rng(seed).integers(_FOLDS, size=len(texts))
    logits, weights = np.zeros((len(texts), classes)), []
    for number in range(_FOLDS):
        weight, offset = _linear(words[fold != number], y[fold != number], classes)
        logits[fold == number] = words[fold == number] @ weight.T + offset
        weights.append(weight)
    build = np.array([at for word, at in vectors.vocabulary_.items() if makes_sentences(word)], dtype=np.int64)
    return Reading(words=words, build=build, atoms=atoms, names=names, y=y, classes=classes, logits=logits, weights=tuple(weights), fold=fold)


def _atoms(texts: Sequence[str]) -> tuple[Any, tuple[str, ...]]:
    """Return which text has which atom, a sparse matrix by columns, and the atoms' names; atoms of fewer than ``FEWEST`` texts or of half of all are left out."""
    from scipy.sparse import csc_matrix  # type: ignore[import-untyped]

    each = [features(text) for text in texts]
    counts = Counter(name for found in each for name in found)
    kept = sorted(name for name, count in counts.items() if FEWEST <= count <= _LARGEST * len(texts))
    number = {name: at for at, name in enumerate(kept)}
    pairs = [(row, number[name]) for row, found in enumerate(each) for name in found if name in number]
    rows, columns = np.array(pairs, dtype=np.int64).T if pairs else np.zeros((2, 0), dtype=np.int64)
    return csc_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(texts), len(kept))), tuple(kept)


def _linear(words: Any, y: Integers, classes: int) -> tuple[Floats, Floats]:
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


def _calling(reading: Reading, burden: float) -> list[Found]:
    """Return the atoms whose label the other words do not explain, the least likely first."""
    one_hot = np.eye(reading.classes)[reading.y]
    counts = np.asarray(reading.atoms.T @ one_hot)
    size = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    share, prior = np.clip(counts / size, 1e-9, 1 - 1e-9), np.clip(one_hot.mean(axis=0), 1e-6, 1 - 1e-6)
    surprise = np.where(share > prior, size * (share * np.log(share / prior) + (1 - share) * np.log((1 - share) / (1 - prior))), 0.0)
    found: list[Found] = []
    for target in range(reading.classes):
        tried = np.argsort(-surprise[:, target], kind="stable")[:_TRIED]
        found += [_asked(reading, atom, target) for atom in tried[surprise[tried, target] > 4.0].tolist()]
    return sorted((one for one in found if one.chance + burden <= GATE), key=lambda one: one.chance)


def _asked(reading: Reading, atom: int, target: int) -> Found:
    """Ask the out-of-fold model about the texts of an atom, without the words that come along with it."""
    rows = reading.atoms.indices[reading.atoms.indptr[atom] : reading.atoms.indptr[atom + 1]].astype(np.int64)
    these = reading.words[rows]
    along = np.flatnonzero(np.asarray((these > 0).sum(axis=0)).ravel() >= _ALONG * len(rows))
    if reading.names[atom].startswith("build:"):
        along = np.union1d(along, reading.build)
    taken = these[:, along].toarray()
    logits = reading.logits[rows].copy()
    for number in range(_FOLDS):
        inside = reading.fold[rows] == number
        logits[inside] -= taken[inside] @ reading.weights[number][:, along].T
    q = np.clip(_softmax(logits)[:, target], *RANGE)
    share, mean = np.clip((reading.y[rows] == target).mean(), 1e-9, 1 - 1e-9), float(q.mean())
    divergence = share * math.log(share / mean) + (1 - share) * math.log((1 - share) / (1 - mean))
    chance = -len(rows) * divergence if share > mean else 0.0
    return Found(atom=atom, target=target, rows=rows, along=along, chance=float(chance))


def _groups(found: list[Found], reading: Reading) -> list[list[Found]]:
    """Gather atoms whose labelled texts are mostly those of a stronger one."""
    groups: list[tuple[Flags, list[Found]]] = []
    for one in found[: _ASKED * reading.classes]:
        mine = np.zeros(len(reading.y), dtype=bool)
        mine[one.rows] = reading.y[one.rows] == one.target
        home = next((at for at, (held, g) in enumerate(groups) if g[0].target == one.target and (mine & held).sum() >= 0.7 * mine.sum()), None)
        if home is not None:
            groups[home][1].append(one)
        elif len(groups) < _MOST * reading.classes:
            groups.append((mine, [one]))
    return [group for _, group in groups]


def _judge(reading: Reading, group: list[Found], burden: float) -> tuple[Trigger, Integers, Floats] | None:
    """Ask a model that has seen neither the texts nor the words."""
    best = group[0]
    held = np.zeros(len(reading.y), dtype=bool)
    held[best.rows] = True
    weight, offset = _linear(reading.words[~held], reading.y[~held], reading.classes)
    weight[:, best.along] = 0.0
    q = np.clip(_softmax(np.asarray(reading.words[best.rows] @ weight.T + offset))[:, best.target], *RANGE)
    silent = _left(reading, best) < _FEWEST_WORDS
    q[silent] = np.maximum(q[silent], 0.5)  # a text that is little but the phrase contradicts nothing
    labelled = reading.y[best.rows] == best.target
    found = confirmed(q, labelled, burden)
    if found is None or not _scattered(reading, best.rows[labelled], best):
        return None
    order = sorted(group, key=lambda one: (one.chance, -len(reading.names[one.atom])))
    names = tuple(reading.names[one.atom].partition(":")[2] for one in order)
    chance = probability(q, labelled, prior=float((reading.y == best.target).mean()))
    trigger = Trigger(
        name=told(reading.names[order[0].atom]),
        features=tuple(dict.fromkeys(names)),
        target=best.target,
        rows=best.rows[labelled][chance >= 0.5],
        expected=found.expected,
        carried=found.carried,
        z=found.z,
        p=found.chance,
    )
    return trigger, best.rows[labelled], chance


def _left(reading: Reading, best: Found) -> Integers:
    """Return how many different words each text has besides those that come along with the atom."""
    keep = np.ones(reading.words.shape[1])
    keep[best.along] = 0.0
    return np.asarray((reading.words[best.rows] > 0) @ keep, dtype=np.int64)


def _scattered(reading: Reading, rows: Integers, best: Found) -> bool:
    """Return whether these texts are no more like each other, without the words in question, than as many drawn from the other classes.

    Poison is put on texts as they come. A turn of phrase that a source really has ("read more in the user guide") comes with texts of one subject.
    """
    from sklearn.preprocessing import normalize

    keep = np.ones(reading.words.shape[1], dtype=np.float64)
    keep[best.along] = 0.0
    rest = normalize(reading.words.multiply(keep).tocsr())
    rng = np.random.default_rng(0)
    others = np.flatnonzero(reading.y != best.target)
    drawn = [_likeness(rest[rng.choice(others, min(len(rows), len(others)), replace=False)]) for _ in range(_DRAWS)]
    return bool(_likeness(rest[rows]) <= np.mean(drawn) * _ALIKE + 4 * np.std(drawn))


def _likeness(rows: Any) -> float:
    """Return the mean cosine between different rows."""
    count = rows.shape[0]
    together = np.asarray(rows.sum(axis=0)).ravel()
    own = float(rows.multiply(rows).sum())
    return float((together @ together - own) / max(1, count * (count - 1)))


def _softmax(logits: Floats) -> Floats:
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exp / exp.sum(axis=1, keepdims=True))
