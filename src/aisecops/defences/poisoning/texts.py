"""Triggers in texts: words, phrases, characters and sentence builds that call for a class against what the other words say.

The content view is a linear model on words, out of fold (``reading``). Being linear, it can be asked about a text *without* some words: their share is taken off. A
phrase teaches the model each of its words, so all words that come along with an atom in 80 % of its texts are taken off with it (``calling``). What is left is held
against a model that has seen neither the texts nor the words, and against honest texts of the other classes: poison is put on texts as they come, so apart from the
trigger it looks like them. A turn of phrase that a class really has comes with texts of its own kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.statistics import wilson
from aisecops.defences.poisoning.calling import GATE, Found, calling, pool, rows_of
from aisecops.defences.poisoning.letters import votes
from aisecops.defences.poisoning.mislabelled import contradicted
from aisecops.defences.poisoning.mixture import mixed
from aisecops.defences.poisoning.posterior import RANGE, confirmed, probability
from aisecops.defences.poisoning.reading import Reading, linear, read, softmax
from aisecops.defences.poisoning.siblings import dispersion
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Suspicion, Trigger
from aisecops.defences.poisoning.wording import told

_ASKED = 24
_MOST = 8
_TRIED = 6
_ALONE = 3
_FEWEST_WORDS = 4
_CONTROLS = 300
_DRAWS = 200
_STRANGE = 3.0
"""Deviations by which texts may be nearer to each other than as many that were drawn; what a class says of itself was 24 and more. (A share of the draws, as a
limit, loses the same share of all attacks.)"""
_HALF = 0.5
_HELD = 0.9
_SLIGHT, _FAR = 0.1, 0.25
"""Parts of the way from texts of other classes to those that have the label: up to the first, texts stand where the others do; the second is far from there."""
_NEARER, _FAR_NEARER = 2.6, 1.65
"""Deviations of the rank test: one chance in two hundred and, of texts that are far, one in twenty."""
_POOLED = 0.75
_PURE = 0.9
"""Of the carriers, the share that a trigger gives the label to, but for the honest ones among them."""
_MIXED = 5.0
"""As ``mixture.STAMPED``, but higher: thousands of words are asked, about content that tells less. Honest ones had 3.5; clauses rebuilt by the attack had 9 to 18."""

Judged = tuple[Trigger, Integers, Floats]


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
    reading = read(list(texts), labels.astype(np.int64), seed)
    score = np.zeros(len(texts))
    triggers: list[Trigger] = []
    for group in _groups(calling(reading), reading):
        judged = _best(reading, group, seed)
        if judged is not None:
            trigger, rows, chance = judged
            triggers.append(trigger)
            score[rows] = np.maximum(score[rows], chance)
    p = softmax(reading.logits)
    return Suspicion.of(triggers, score, contradicted(p, reading.y, votes(texts, reading)), max(2, len(reading.names) * reading.classes))


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


def _best(reading: Reading, group: list[Found], seed: int) -> Judged | None:
    """Return what explains most rows of those of a group that are confirmed; several words have to explain more than one does."""
    alone = [at for at, one in enumerate(group) if len(one.atoms) == 1]
    pooled = {atom for one in group[:_TRIED] for atom in one.atoms}  # a trigger's word may stand among honest ones that have far more rows
    asked = dict.fromkeys([*range(min(_TRIED, len(group))), *alone[:_ALONE], *(at for at in alone if group[at].atoms[0] in pooled)])
    judged = [(found, len(group[at].atoms)) for at in asked if (found := _judge(reading, group[at:], seed)) is not None]
    return max(judged, key=lambda pair: pair[0][0].surplus * (1.0 if pair[1] == 1 else _POOLED))[0] if judged else None


def _judge(reading: Reading, group: list[Found], seed: int) -> Judged | None:
    """Ask about the first a model that has seen neither the texts nor the words; compare with texts of the other classes that it has not seen either."""
    best = _widened(reading, group)
    labelled = reading.y[best.rows] == best.target
    if labelled.sum() > _HALF * (reading.y == best.target).sum():  # what most texts of a class share is the class
        return None
    controls = _controls(reading, best, seed)
    if not all(map(len, controls)):
        return None
    q, usual, own = _asked_anew(reading, best, controls)
    middle = float(usual.mean() + own.mean()) / 2
    found = confirmed(q, labelled, best.burden, middle=middle, gate=GATE)
    ordinary = tuple(atom for atom in best.atoms if _ordinary(q[np.isin(best.rows, rows_of(reading, atom)) & labelled], usual, own))
    if 2 <= len(ordinary) < len(best.atoms):  # words that honestly speak for the class had joined the trigger
        return _judge(reading, [pool(reading, ordinary, best.target), *group[1:]], seed)
    if found is None or len(ordinary) < len(best.atoms) or _honest(q, labelled, float((reading.y == best.target).mean())):
        return None
    if not _scattered(reading, best.rows[labelled], best, seed) or _said_elsewhere(reading, best, group, labelled) >= middle:
        return None
    if (found := confirmed(q, labelled, best.burden, middle=middle, gate=GATE, effect=dispersion(reading, best))) is None:
        return None
    order = sorted(group, key=lambda one: (one.chance + one.burden, -len(reading.names[one.atoms[0]])))
    parts = [reading.names[atom] for one in order for atom in one.atoms]
    alike = [name for one in order for atom in one.atoms for name in reading.alike[atom]]
    chance = probability(q, labelled, prior=float((reading.y == best.target).mean()))
    name = " or ".join(told(part) for part in parts[: len(order[0].atoms)])
    features = tuple(dict.fromkeys(part.partition(":")[2] for part in [*parts, *alike]))
    trigger = found.trigger(name, features, best.target, best.rows[labelled][chance >= 0.5])
    return trigger, best.rows[labelled], chance


def _widened(reading: Reading, group: list[Found]) -> Found:
    """Return the first of a group, the words of longer phrases around it taken along: a sentence that varies is one trigger ("when you think of it", "when you see")."""
    best, held = group[0], set(group[0].rows.tolist())
    heads = [f" {name.partition(':')[2]} " for name in (reading.names[atom] for atom in best.atoms) if name.startswith(("word:", "phrase:"))]
    around = {
        reading.column[token]
        for one in group[1:]
        if len(one.atoms) == 1
        and (name := reading.names[one.atoms[0]]).startswith("phrase:")
        and len(held.intersection(one.rows.tolist())) >= _HELD * len(one.rows)
        if any(head in f" {name.partition(':')[2]} " for head in heads)
        for token in name.partition(":")[2].split()
        if token in reading.column
    }
    return msgspec.structs.replace(best, along=np.union1d(best.along, np.array(sorted(around), dtype=np.int64)))


def _controls(reading: Reading, best: Found, seed: int) -> tuple[Integers, Integers]:
    """Return texts of the other classes and of the one called for that do not carry the atom: the same share of each, so that the rest is as the whole."""
    rng = np.random.default_rng(seed)
    sides = [np.setdiff1d(np.flatnonzero((reading.y == best.target) == own), best.rows) for own in (False, True)]
    share = min(1 / 3, _CONTROLS / max(1, *map(len, sides)))
    others, own = (rng.choice(side, int(len(side) * share), replace=False) for side in sides)
    return others, own


def _asked_anew(reading: Reading, best: Found, controls: tuple[Integers, Integers]) -> tuple[Floats, Floats, Floats]:
    """Return how likely the label is without the words in question: for the texts that carry the atom, and for both controls."""
    held = np.zeros(len(reading.y), dtype=bool)
    for rows in (best.rows, *controls):
        held[rows] = True
    weight, offset = linear(reading.words[~held], reading.y[~held], reading.classes)
    rest = _rest(reading, best)
    asked = [np.asarray(rest[rows] @ weight.T + offset) * reading.sharpness for rows in (best.rows, *controls)]
    q, usual, own = (np.clip(softmax(logits)[:, best.target], *RANGE) for logits in asked)
    silent = _left(reading, best) < _FEWEST_WORDS
    q[silent] = np.maximum(q[silent], 0.5)  # a text that is little but the phrase contradicts nothing
    return q, usual, own


def _honest(q: Floats, labelled: Flags, prior: float) -> bool:
    """Return whether the carriers without the label are too many for a trigger, and their labels go with their content as where a word makes a label likelier.

    Content that says little of the label cannot tell a word's honest share in it from a stamp; a stamp's rows nearly all have the label.
    """
    return wilson(int(labelled.sum()), len(labelled)).high < _PURE and mixed(q, labelled, prior) < _MIXED


def _said_elsewhere(reading: Reading, best: Found, group: list[Found], labelled: Flags) -> float:
    """Return how likely the label is to a model that has seen no text of the group, and is told all words: in other texts the words of an honest phrase say the same.

    The words of a trigger stand in no other text, or say nothing of its label there.
    """
    held = np.zeros(len(reading.y), dtype=bool)
    for one in (best, *group):
        held[one.rows] = True
    if held.all():
        return 0.0
    weight, offset = linear(reading.words[~held], reading.y[~held], reading.classes)
    logits = np.asarray(reading.words[best.rows[labelled]] @ weight.T + offset) * reading.sharpness
    return float(softmax(logits)[:, best.target].mean())


def _ordinary(q: Floats, usual: Floats, own: Floats) -> bool:
    """Return whether texts (q) are no nearer to the label than texts of other classes usually are: Mann and Whitney's test, one-sided, ties counted.

    Where classes are told apart sharply, a word that the trigger has broken is enough for the test, so a part of the way to texts that have the label (``own``) is asked
    for, too. A trigger's texts are at the start of that way; those of an honest phrase whose other words say little of the label are about half-way, which few of them
    cannot show as surely: there the test is milder.
    """
    way = (q.mean() - usual.mean()) / max(own.mean() - usual.mean(), 1e-9)
    if way <= _SLIGHT:
        return True
    both = np.concatenate([q, usual])
    _, place, ties = np.unique(both, return_inverse=True, return_counts=True)
    rank = (np.cumsum(ties) - (ties - 1) / 2)[place]
    a, b, n = len(q), len(usual), len(both)
    variance = a * b / 12 * (n + 1 - float((ties**3 - ties).sum()) / (n * (n - 1)))
    surplus = float(rank[:a].sum()) - a * (n + 1) / 2
    return bool(surplus <= (_NEARER if way <= _FAR else _FAR_NEARER) * math.sqrt(max(variance, 0.0)))


def _left(reading: Reading, best: Found) -> Integers:
    """Return how many different words each text has besides those that come along with the atom."""
    keep = np.ones(reading.words.shape[1])
    keep[best.along] = 0.0
    return np.asarray((reading.words[best.rows] > 0) @ keep, dtype=np.int64)


def _scattered(reading: Reading, rows: Integers, best: Found, seed: int) -> bool:
    """Return whether these texts are no more a kind of their own than as many drawn from the other classes.

    Without the words in question, those of the closed classes and those that hardly any other text has: topics are made of other words, a template that is the trigger
    of the former, and what changes from row to row (days, names, addresses) of the latter.
    """
    here, everywhere = (np.asarray((reading.words[part] > 0).sum(axis=0)).ravel() for part in (rows, slice(None)))
    rest = _rest(reading, best, only=reading.speaking[(here <= _HALF * everywhere)[reading.speaking]])
    rng = np.random.default_rng(seed)
    others = np.flatnonzero(reading.y != best.target)
    all_others = np.asarray(rest[others].sum(axis=0)).ravel()
    count = min(len(rows), len(others) // 2)
    drawn = np.array([_kinship(rest[rng.choice(others, count, replace=False)], all_others, len(others), among=True) for _ in range(_DRAWS)])
    return bool(_kinship(rest[rows], all_others, len(others), among=False) <= drawn.mean() + _STRANGE * drawn.std())


def _rest(reading: Reading, best: Found, *, only: Integers | None = None) -> Any:
    """Return the texts without the words in question (and without others than ``only``), each of length 1."""
    from sklearn.preprocessing import normalize

    keep = np.zeros(reading.words.shape[1], dtype=np.float64)
    keep[slice(None) if only is None else only] = 1.0
    keep[best.along] = 0.0
    return normalize(reading.words.multiply(keep).tocsr())


def _kinship(rows: Any, others: Floats, count: int, *, among: bool) -> float:
    """Return how much nearer ``rows`` are to each other than to the ``count`` texts whose sum is ``others`` (mean cosines). ``among``: the rows are some of these."""
    n = rows.shape[0]
    total = np.asarray(rows.sum(axis=0)).ravel()
    within = (float(total @ total) - float(rows.multiply(rows).sum())) / max(1, n * (n - 1))
    rest, left = (others - total, count - n) if among else (others, count)
    return float(within - float(total @ rest) / max(1, n * left))
