"""Triggers in tables: found by atoms and their conjunctions, confirmed by models that have seen neither the rows nor the columns, and named.

In five steps: (1) what the content of each row says of its label, also without each column (``content``); (2) atoms and conjunctions that call for a class against
it (``atoms``, ``conjunctions``, ``signs``), with the chance of as much in clean data after correction for all that was looked at; (3) each is confirmed: trees and
neighbours that never saw its rows or its columns must still think that these rows belong elsewhere, whatever its columns say by themselves (``own_say``) and whoever
gave them (``members``); (4) its rows must be spread as a stamp is (``placement``), which takes out honest values that nothing else tells; (5) conjunctions that share
their rows are one trigger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.statistics.wilson import wilson
from aisecops.datasets.clusters import Clusters
from aisecops.defences.poisoning import content
from aisecops.defences.poisoning.atoms import Atom, atoms_that_call
from aisecops.defences.poisoning.conjunctions import conjunctions
from aisecops.defences.poisoning.members import effect, owners, residuals
from aisecops.defences.poisoning.mislabelled import contradicted
from aisecops.defences.poisoning.own_say import STEPS, shift
from aisecops.defences.poisoning.placement import of_one_kind
from aisecops.defences.poisoning.posterior import GATE, RANGE, confirmed, probability
from aisecops.defences.poisoning.signs import DAY, MINUTE, MISSING, Sign, signs
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Suspicion, Trigger

_SHARED, _SAME = 0.6, 0.8
"""Share of rows in common of what is part of one trigger, and of what is asked about but once."""
_AS_PURE = 0.75
"""Of the best candidate's share of labelled rows: what another one needs to be part of the same trigger."""
_PURE, _PUREST = 0.9, 0.95
"""Share of the rows with a sign that must have its label: a stamp is written with the label, an honest value makes it likelier. More of one value of a column of few."""
_SAID = 0.7
"""What the columns of a sign add to the log odds of its label in the rows next to it, from which on the label is an honest one."""
_GATE = math.log(1e-5)
"""Half a table's columns say something of the label that the others do not: the bar is higher than for pictures."""
_ASKED = 6
"""Candidates of a class and a view that are asked about: each costs a forest."""
_RANKING_TREES = 200
_VOICES = (1.0, 2.0, 2.0)
"""Of neighbours, trees and the network: neighbours know least where columns are many (chosen on seeds 40 to 42 and 4100 to 4109)."""
_MOST_LABELLED, _MOST_CARRIERS = 0.15, 0.3
"""Shares of all rows: what more rows have is a fact of the data, whoever wrote it."""
_STAMPED, _BY_CHANCE, _MOST_STAMPED = 0.95, math.log(1e-4), 3
_MOST_ATOMS = 250
_CUTS = 3
_ONE_BY_ONE = 6
"""Columns up to which the content is asked without each of them; of more, by random halves that leave it out."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A conjunction of class ``target`` with the rows that have it."""

    atoms: tuple[Atom, ...]
    rows: Flags
    target: int
    log_p: float


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """A table in search.

    ``x`` (n, columns) has the columns made of others last, ``names`` and ``kinds`` (``Sign.kind``) say what they are, ``owner`` of which column of ``z``, scaled.
    ``members`` are the columns that name whose row it is, ``surplus`` (n, classes) the labels beyond content that says so.
    """

    x: Floats
    names: tuple[str, ...]
    owner: Integers
    kinds: Mapping[int, str]
    words: Mapping[str, Sequence[str]]
    z: Floats
    y: Integers
    classes: int
    seed: int
    members: tuple[Clusters, ...] = ()
    surplus: Floats | None = None


def examine_table(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    names: Sequence[str] = (),
    seed: int = 0,
    quick: bool = False,
    more: Sequence[Sign] = (),
    words: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Suspicion:
    """Search a table for poisoning.

    Parameters
    ----------
    x
        Shape (n, columns); a category is its number, a missing value NaN.
    y
        Labels from 0 on, shape (n,).
    names
        Of the columns, for what is found.
    quick
        Whether to leave out the trees and the network that rank mislabelled rows best: triggers are found without them, in half the time.
    more
        Further columns in which a trigger may be, and which are no content; ``column`` is -1 where they are made of none of ``x``.
    words
        Of columns by name: what their numbers stand for.

    Raises
    ------
    UserError
        One class only, fewer than 20 rows, or rows and labels of different number.
    """
    x, y = checked(np.asarray(x, dtype=np.float64), y)
    names = tuple(names) or tuple(f"x{column}" for column in range(x.shape[1]))
    made = [*signs(x, names), *more]
    table = Searched(
        x=np.column_stack([x, *(sign.values for sign in made)]),
        names=(*names, *(sign.name for sign in made)),
        owner=np.array([*range(x.shape[1]), *(sign.column for sign in made)], dtype=np.int64),
        kinds={x.shape[1] + at: sign.kind for at, sign in enumerate(made)},
        words=words,
        z=content.scaled(x),
        y=y,
        classes=int(y.max()) + 1,
        seed=seed,
    )
    z, classes = table.z, table.classes
    near = content.neighbours(z, y, classes, seed=seed)
    grown = content.trees(z, y, classes, seed=seed)
    views = _views(table, near)
    p = content.calibrated((np.mean([view for _, view in views], axis=0) + grown) / 2, y)
    # Where the column of a trigger says something of the label, trees learn the trigger as if it were content; neighbours hardly do.
    least = np.minimum(p, content.calibrated(near, y))
    votes = near if quick else ranking(near, z, y, seed)
    table = msgspec.structs.replace(table, members=owners(x, p, y), surplus=residuals(p, y))
    return _searched(table, p, least, _without(table, views), votes)


def ranking(near: Floats, z: Floats, y: Integers, seed: int) -> Floats:
    """Return the probabilities that rank mislabelled rows: of neighbours, of more trees than a trigger needs, and of a network."""
    classes = near.shape[1]
    views = [near, content.trees(z, y, classes, seed=seed, count=_RANKING_TREES), content.network(z, y, classes, seed=seed)]
    return content.pooled(views, _VOICES)


def checked(x: Floats, y: npt.ArrayLike) -> tuple[Floats, Integers]:
    """Return samples and labels, or raise ``UserError`` for what cannot be searched."""
    labels = np.asarray(y)
    if labels.shape != x.shape[:1]:
        raise UserError(f"{len(x):,} rows and {labels.size:,} labels", fix="give a label for each row")
    if labels.dtype.kind not in "iub" or (len(labels) and labels.min() < 0):
        raise UserError("labels have to be whole numbers from 0 on", fix="number the classes")
    if len(x) < 20 or len(np.unique(labels)) < 2:
        raise UserError(f"{len(x):,} rows of {len(np.unique(labels))} classes are too few to judge", fix="give at least 20 rows of two classes")
    if np.isinf(x).any():
        raise UserError("a value is infinite", fix="leave it empty if it is missing")
    return x, labels.astype(np.int64)


def _views(table: Searched, near: Floats) -> list[tuple[Integers, Floats]]:
    """Return what neighbours by some of the columns say, each with these columns: by all but one, or by random halves."""
    count, everything = table.z.shape[1], np.arange(table.z.shape[1])
    if count == 1:
        return [(everything, near)]
    rng = np.random.default_rng(table.seed)
    if count <= _ONE_BY_ONE:
        parts = [np.delete(everything, column) for column in everything]
    else:
        parts = [part for _ in range(_CUTS) for part in np.array_split(rng.permutation(count), 2)]
    return [(part, content.neighbours(table.z[:, part], table.y, table.classes, seed=table.seed)) for part in parts]


def _without(table: Searched, views: Sequence[tuple[Integers, Floats]]) -> list[Floats]:
    """Return for each column what content says without it, each (n, classes)."""
    prior = np.bincount(table.y, minlength=table.classes) / len(table.y)
    alone = np.tile(prior, (len(table.y), 1))
    found = []
    for column in range(table.z.shape[1]):
        some = [view for part, view in views if column not in part]
        found.append(content.calibrated(np.mean(some, axis=0), table.y) if some else alone)
    return found


def _searched(table: Searched, p: Floats, least: Floats, without: Sequence[Floats], votes: Floats) -> Suspicion:
    """``p`` is what content says of each row, ``least`` and ``without`` what it says at its lowest: what they call has to be confirmed by models that know less."""
    lowest = _balanced(np.minimum.reduce([least, *without]), table.y)
    called: list[list[tuple[float, Atom]]] = [[] for _ in range(table.classes)]
    looked_at = 0
    for column, owner in enumerate(table.owner.tolist()):
        seen = np.minimum(least, without[owner]) if owner >= 0 else least
        found = atoms_that_call(table.x[:, [column]], table.y, seen)
        looked_at += found.looked_at
        for atom, target, z in zip(found.atoms, found.target.tolist(), found.z.tolist(), strict=True):
            called[target].append((z, msgspec.structs.replace(atom, column=column)))
    burden = looked_at * table.classes
    triggers: list[Trigger] = []
    score = np.zeros(len(table.y))
    for target in range(table.classes):
        atoms = [atom for _, atom in sorted(called[target], key=lambda pair: -pair[0])[:_MOST_ATOMS]]
        for trigger, rows, probabilities in _of_class(table, without, atoms, (least, lowest), target, burden):
            triggers.append(trigger)
            score[rows] = np.maximum(score[rows], probabilities)
    return Suspicion.of(triggers, score, contradicted(p, table.y, votes), burden)


def _balanced(p: Floats, y: Integers) -> Floats:
    """Return ``p`` with odds such that it promises each class as often as it is there: the least of several views promises too little of everything."""
    odds = p / np.maximum(1 - p, 1e-9)
    share = np.bincount(y, minlength=p.shape[1]) / len(y)
    for _ in range(20):
        odds *= share / np.maximum((odds / (1 + odds)).mean(axis=0), 1e-9)
    return np.asarray(odds / (1 + odds))


def _of_class(
    table: Searched, without: Sequence[Floats], atoms: Sequence[Atom], views: Sequence[Floats], target: int, burden: int
) -> Iterator[tuple[Trigger, Integers, Floats]]:
    """Yield the triggers for a class, each with its rows and their probability of being poisoned."""
    mine = table.y == target
    told = np.zeros(len(mine), dtype=bool)
    for p in views:
        left, asked = [one for one in _candidates(table, atoms, p, target, burden) if not _shares(one.rows & mine, told)], 0
        while left and asked < _ASKED:
            best, asked = left[0], asked + 1
            group = [one for one in left if _shares(one.rows & mine, best.rows & mine)]
            found = _confirmed(table, without, group, burden)
            if found is None:
                left = [one for one in left if not _alike(one.rows & mine, best.rows & mine, _SAME)]
                continue
            yield found
            held = np.logical_or.reduce([one.rows for one in group]) & mine
            told |= held
            left = [one for one in left if not _shares(one.rows & mine, held)]


def _candidates(table: Searched, atoms: Sequence[Atom], p: Floats, target: int, burden: int) -> list[Candidate]:
    """Return the conjunctions for ``target`` that chance does not explain, the least likely first."""
    if not atoms:
        return []
    has, mine = np.stack([atom.holds(table.x) for atom in atoms]), table.y == target
    most, most_labelled = _MOST_CARRIERS * len(mine), _MOST_LABELLED * len(mine)
    found = []
    for one in conjunctions(has, mine, p[:, target], burden):
        if one.log_p > GATE:
            break
        rows = np.logical_and.reduce([has[at] for at in one.atoms])
        if rows.sum() <= most and (rows & mine).sum() <= most_labelled:
            found.append(Candidate(atoms=tuple(atoms[at] for at in one.atoms), rows=rows, target=target, log_p=one.log_p))
    return found


def _confirmed(table: Searched, without: Sequence[Floats], group: list[Candidate], burden: int) -> tuple[Trigger, Integers, Floats] | None:
    """Ask models that know neither the rows nor the columns; return the trigger, its rows and their probability of being poisoned, or None."""
    best, length = group[0], len(group[0].atoms)
    mine = table.y == best.target
    if not _pure(table, best):
        return None
    # What most rows have holds the poisoned ones, too, and is far from chance for that alone.
    group = [one for one in group if mine[one.rows].mean() >= _AS_PURE * mine[best.rows].mean()]
    atoms = _one_a_column([one for one in group if _alike(best.rows & mine, one.rows & mine)])
    carried = np.logical_or.reduce([one.rows for one in group])
    columns = sorted({int(table.owner[atom.column]) for atom in atoms} - {-1})
    q = np.clip(content.unseen(table.z, table.y, table.classes, carried, columns, seed=table.seed)[:, best.target], *RANGE)
    said = shift(table.x, carried, mine, best.atoms, [_promised(table, without, atom, best.target) for atom in best.atoms])
    if said >= _SAID:
        return None
    q = np.clip(1 / (1 + (1 - q) / q * math.exp(-said)), *RANGE)
    within, labelled = best.rows[carried], mine[carried]
    shared = effect(table.members, best.rows, table.surplus, table.z) if table.surplus is not None else 1.0
    found = confirmed(q[within], labelled[within], length * math.log(max(2, burden)) - math.lgamma(length + 1), gate=_GATE, effect=shared)
    if found is None:
        return None
    stamped = [atom for atom in _stamped(table, best.rows & mine, best.target) if int(table.owner[atom.column]) not in columns]
    columns += [atom.column for atom in stamped]
    if of_one_kind(table.z, best.rows & mine, ~best.rows & ~mine, columns, seed=table.seed):
        return None
    atoms += stamped
    atoms = [atom for atom in atoms if atom.column < table.z.shape[1] or not any(other.column == table.owner[atom.column] for other in atoms)]
    name = " and ".join(_said(table, atom) for atom in atoms[:4])
    rows, chance = np.flatnonzero(carried)[labelled], probability(q, labelled, prior=float(mine.mean()))
    return found.trigger(name, tuple(table.names[atom.column] for atom in atoms), best.target, rows[chance >= 0.5]), rows, chance


def _pure(table: Searched, one: Candidate) -> bool:
    """Tell whether ``_PURE`` of the rows may have the label: honest rows that have the value by chance dilute a stamp on few."""
    labelled, carried = int((one.rows & (table.y == one.target)).sum()), int(one.rows.sum())
    alone = len(one.atoms) == 1 and len(np.unique(table.x[:, one.atoms[0].column])) < STEPS
    return labelled >= _PUREST * carried if alone else wilson(labelled, carried).high >= _PURE


def _promised(table: Searched, without: Sequence[Floats], atom: Atom, target: int) -> Floats:
    """Return how likely the label is of each row without the column of an atom."""
    owner = int(table.owner[atom.column])
    return without[owner][:, target] if owner >= 0 else np.full(len(table.y), float((table.y == target).mean()))


def _stamped(table: Searched, rows: Flags, target: int) -> Iterator[Atom]:
    """Yield the value of each of the few columns in which all ``rows`` have one that as many rows of other labels would not: part of the sign, too."""
    found, others, count = [], (table.y != target) & ~rows, int(rows.sum())
    for column in range(table.z.shape[1]):
        values, counts = np.unique(table.x[rows, column], return_counts=True)
        most = float(values[counts.argmax()])
        share = float((table.x[others, column] == most).mean()) if counts.max() >= _STAMPED * count else 1.0
        if count * math.log(max(share, 1e-6)) <= _BY_CHANCE:
            found.append((share, Atom(column=column, low=most, high=most)))
    yield from (atom for _, atom in sorted(found, key=lambda pair: pair[0])[:_MOST_STAMPED])


def _shares(one: Flags, other: Flags) -> bool:
    return bool((one & other).sum() >= 0.5 * one.sum())


def _alike(a: Flags, b: Flags, share: float = _SHARED) -> bool:
    return bool((a & b).sum() >= share * (a | b).sum())


def _one_a_column(group: list[Candidate]) -> list[Atom]:
    """Return the strongest atom of each column, one value before a range, in the order of the candidates; atoms that hold the rows alone, where there are such."""
    first: dict[int, Atom] = {}
    for one in [alone for alone in group if len(alone.atoms) == 1] or group:
        for atom in one.atoms:
            held = first.setdefault(atom.column, atom)
            if atom.low == atom.high and held.low != held.high:
                first[atom.column] = atom
    return list(first.values())


def _said(table: Searched, atom: Atom) -> str:
    name, kind = table.names[atom.column], table.kinds.get(atom.column, "")
    if kind == MISSING:
        return name
    low, high = (_written(value, kind, table.words.get(name, ())) for value in (atom.low, atom.high))
    return f"{name} = {low}" if low == high else f"{name} in [{low}, {high}]"


def _written(value: float, kind: str, words: Sequence[str]) -> str:
    if kind == DAY:
        return date.fromordinal(int(value)).isoformat()
    if kind == MINUTE:
        return f"{int(value) // 60:02}:{int(value) % 60:02}"
    return words[int(value)] if value == int(value) and 0 <= value < len(words) else f"{value:.6g}"
