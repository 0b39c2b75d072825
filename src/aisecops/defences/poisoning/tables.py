"""Triggers in tables: found by atoms and their conjunctions, confirmed by models that have seen neither the rows nor the columns, and named.

In five steps: (1) what the content of each row says of its label, also without each column (``content``); (2) atoms and conjunctions that call for a class against
it (``atoms``, ``conjunctions``, ``signs``), with the chance of as much in clean data after correction for all that was looked at; (3) each is confirmed: trees and
neighbours that never saw its rows or its columns must still think that these rows belong elsewhere, whatever its columns say by themselves (``own_say``) and whoever
gave them (``members``); (4) its rows must be spread as a stamp is (``placement``), which takes out honest values that nothing else tells; (5) conjunctions that share
their rows are one trigger.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.defences.poisoning import content
from aisecops.defences.poisoning.added import Added, added
from aisecops.defences.poisoning.atoms import FEWEST, Atom, atoms_that_call
from aisecops.defences.poisoning.categories import category_columns
from aisecops.defences.poisoning.cells import cells, of_categories, stamped_cell
from aisecops.defences.poisoning.conjunctions import conjunctions, judged
from aisecops.defences.poisoning.crossings import spread
from aisecops.defences.poisoning.extent import beside, reach
from aisecops.defences.poisoning.kernel import kernel
from aisecops.defences.poisoning.members import effect, owners, residuals
from aisecops.defences.poisoning.mislabelled import contradicted
from aisecops.defences.poisoning.own_say import shift
from aisecops.defences.poisoning.placement import of_one_kind
from aisecops.defences.poisoning.posterior import GATE, RANGE, confirmed, probability
from aisecops.defences.poisoning.searched import MOST_LABELLED, PURE, SURE, Candidate, Searched, also_stamped, called, columns_of, ordinary, pure
from aisecops.defences.poisoning.signs import Sign, signs
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Suspicion, Trigger

_SHARED, _SAME = 0.6, 0.8
"""Share of rows in common of what is part of one trigger, and of what is asked about but once."""
_AS_PURE = 0.75
"""Of the best candidate's share of labelled rows: what another one needs to be part of the same trigger."""
_SAID = 0.7
"""What the columns of a sign add to the log odds of its label in the rows next to it, from which on the label is an honest one."""
_ASKED = 6
"""Candidates of a class and a view that are asked about: each costs a forest."""
_HOPELESS = 0.0
"""The logarithm of the chance from which on nobody is asked about what was added: content at its lowest already makes its labels likely. (Proven are those below -6.)"""
_RANKING_TREES = 200
_VOICES = (1.0, 2.0, 2.0, 2.0)
"""Of neighbours, trees, the kernel and, of tables, a linear model, as a rule: neighbours know least where columns are many (chosen on seeds of their own)."""
_NEARLY_ALL, _ELSEWHERE = 0.9, 0.5
"""Shares of the rows of a trigger and of others that have what the trigger is called by, and of all rows that lie next to a range which may reach further."""
_SEVERAL = 3
"""Other frequent values of a column of one label from which on, and where half of all have it, that is how the column is; and ranges that are signs of their own."""
_CONTROLS, _TENTH = 150, 10
"""Honest rows of each side that are held out with what was added, at most, and at most one in so many: where classes are hard to tell all are near a half."""
_MOST_ATOMS = 250
_CUTS = 3
_EXACT = 50
"""Different values from which on windows are looked at, too: of small tables no column has many."""
_WINDOWS = (1, 2, 3, 6, 12, 25, 50, 100, 200)
"""Into so many a column is cut; the wide ones are for signs that few rows have at all."""
_ONE_BY_ONE = 6
"""Columns up to which the content is asked without each of them; of more, by random halves that leave it out."""


def examine_table(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    names: Sequence[str] = (),
    seed: int = 0,
    quick: bool = False,
    more: Sequence[Sign] = (),
    words: Mapping[str, Sequence[str]] = MappingProxyType({}),
    enough: Callable[[Suspicion], bool] = lambda _: False,
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
        Whether to leave out the trees and the kernel that rank mislabelled rows best: triggers are found without them, in half the time.
    more
        Further columns in which a trigger may be, and which are no content; ``column`` is -1 where they are made of none of ``x``.
    words
        Of columns by name: what their numbers stand for.
    enough
        Asked after each trigger: whether the verdict so far will do, and the rest of the search may be left out.

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
    votes = near if quick else _ranked(near, table)
    categories = category_columns(x, names, words)
    table = msgspec.structs.replace(table, members=owners(x, p, y), surplus=residuals(p, y), categories=tuple(categories))
    if len(categories) > 1:
        told = content.indicated(z, x, categories, FEWEST)
        additive = content.linear(told, y, classes, seed=seed)
        table = msgspec.structs.replace(table, indicated=told, additive=additive, spread=spread(x, categories))
    return _searched(table, p, least, _without(table, views), votes, enough)


def _ranked(near: Floats, table: Searched) -> Floats:
    """Return ``ranking`` of a table, of whose categories the kernel and a linear model are told by indicators."""
    categories = [column for column in range(table.z.shape[1]) if table.words.get(table.names[column])]
    told = content.indicated(table.z, table.x, categories, FEWEST)
    return ranking(near, table.z, table.y, table.seed, told=[told], more=[content.linear(told, table.y, table.classes, seed=table.seed)])


def ranking(near: Floats, z: Floats, y: Integers, seed: int, *, told: Sequence[Floats] = (), more: Sequence[Floats] = ()) -> Floats:
    """Return the probabilities that rank mislabelled rows: of neighbours, of more trees than a trigger needs, of a kernel, and of ``more`` views, each (n, classes).

    ``told``: the rows as the kernel may see them (``kernel``), where that is not ``z`` alone.
    """
    classes = near.shape[1]
    trees = content.trees(z, y, classes, seed=seed, count=_RANKING_TREES)
    views = [near, trees, kernel(told or [z], y, classes, seed=seed), *more]
    return content.pooled(views, content.voices(views, y, _VOICES[: len(views)]))


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


def _searched(table: Searched, p: Floats, least: Floats, without: Sequence[Floats], votes: Floats, enough: Callable[[Suspicion], bool]) -> Suspicion:
    """``p`` is what content says of each row, ``least`` and ``without`` what it says at its lowest: what they call has to be confirmed by models that know less."""
    lowest = _balanced(np.minimum.reduce([least, *without]), table.y)
    called: list[list[tuple[float, Atom]]] = [[] for _ in range(table.classes)]
    looked_at = 0
    for column, owner in enumerate(table.owner.tolist()):
        seen = np.minimum(least, without[owner]) if owner >= 0 else least
        found = atoms_that_call(table.x[:, [column]], table.y, seen, exact=_EXACT, windows=_WINDOWS)
        looked_at += found.looked_at
        for atom, target, z in zip(found.atoms, found.target.tolist(), found.z.tolist(), strict=True):
            called[target].append((z, msgspec.structs.replace(atom, column=column)))
    burden = looked_at * table.classes
    more = [one for column, owner in enumerate(table.owner.tolist()) for one in added(table.x, column, owner)]
    told: list[tuple[Trigger, Integers, Floats]] = []
    doubt = contradicted(p, table.y, votes)
    for target in range(table.classes):
        atoms = [atom for _, atom in sorted(called[target], key=lambda pair: -pair[0])[:_MOST_ATOMS]]
        for one in _of_class(table, without, atoms, more, (least, lowest), target, burden):
            told.append(one)
            if enough(so_far := _verdict(told, doubt, burden)):
                return so_far
    return _verdict(_not_in_turns(table, told), doubt, burden)


def _verdict(found: Sequence[tuple[Trigger, Integers, Floats]], doubt: tuple[Floats, Flags, bool], burden: int) -> Suspicion:
    score = np.zeros(len(doubt[0]))
    for _, rows, probabilities in found:
        score[rows] = np.maximum(score[rows], probabilities)
    return Suspicion.of([trigger for trigger, _, _ in found], score, doubt, burden)


def _not_in_turns(table: Searched, found: Sequence[tuple[Trigger, Integers, Floats]]) -> list[tuple[Trigger, Integers, Floats]]:
    """Return what was found but for the ranges of columns that have several: along row numbers and dates of batches labels take turns."""
    ranges = Counter(one.features[0] for one, _, _ in found if _a_range(table, one))
    return [one for one in found if not (_a_range(table, one[0]) and ranges[one[0].features[0]] >= _SEVERAL)]


def _a_range(table: Searched, one: Trigger) -> bool:
    """Tell whether the sign is in one column, and of more than one value there."""
    return len(one.features) == 1 and len(np.unique(table.x[one.rows, table.names.index(one.features[0])])) > 1


def _balanced(p: Floats, y: Integers) -> Floats:
    """Return ``p`` with odds such that it promises each class as often as it is there: the least of several views promises too little of everything."""
    odds = p / np.maximum(1 - p, 1e-9)
    share = np.bincount(y, minlength=p.shape[1]) / len(y)
    for _ in range(20):
        odds *= share / np.maximum((odds / (1 + odds)).mean(axis=0), 1e-9)
    return np.asarray(odds / (1 + odds))


def _of_class(
    table: Searched, without: Sequence[Floats], atoms: Sequence[Atom], more: Sequence[Added], views: Sequence[Floats], target: int, burden: int
) -> Iterator[tuple[Trigger, Integers, Floats]]:
    """Yield the triggers for a class, each with its rows and their probability of being poisoned."""
    mine = table.y == target
    told = np.zeros(len(mine), dtype=bool)
    lists = (
        _written(table, more, views[-1], target),
        *cells(table, without, target),
        *(_candidates(table, atoms, p, target, burden) for p in views),
    )
    for candidates in lists:
        left, asked, refused = [one for one in candidates if not _shares(one.rows & mine, told)], 0, Counter[int]()
        while left and asked < _ASKED:
            best, asked = left[0], asked + 1
            group = [one for one in left if _shares(one.rows & mine, best.rows & mine)]
            found = stamped_cell(table, best) if of_categories(table, best) else _confirmed(table, without, group, more)
            if found is None:
                refused.update(int(table.owner[atom.column]) for atom in best.atoms)
                left = [one for one in left if not _alike(one.rows & mine, best.rows & mine, _SAME)]
                # One honest column would have all the questions, with others that it meets: those that have not been asked about come first.
                left.sort(key=lambda one: sum(refused[int(table.owner[atom.column])] for atom in one.atoms))
                continue
            yield found
            held = np.logical_or.reduce([one.rows for one in group]) & mine
            held[found[1]] = True
            told |= held
            left = [one for one in left if not _shares(one.rows & mine, held)]


def _candidates(table: Searched, atoms: Sequence[Atom], p: Floats, target: int, burden: int) -> list[Candidate]:
    """Return the conjunctions for ``target`` that chance does not explain, the least likely first."""
    if not atoms:
        return []
    has, mine = np.stack([atom.holds(table.x) for atom in atoms]), table.y == target
    found = []
    for one in conjunctions(has, mine, p[:, target], burden):
        if one.log_p > GATE:
            break
        rows = np.logical_and.reduce([has[at] for at in one.atoms])
        if not ordinary(table, rows, target):
            length = len(one.atoms)
            paid = length * math.log(max(2, burden)) - math.lgamma(length + 1)
            found.append(Candidate(atoms=tuple(atoms[at] for at in one.atoms), rows=rows, target=target, log_p=one.log_p, burden=paid))
    return found


def _written(table: Searched, more: Sequence[Added], p: Floats, target: int) -> list[Candidate]:
    """Return what was added to a column with the label ``target``, what its content contradicts the most first."""
    mine = table.y == target
    burden = math.log(max(2, len(more) * table.classes))
    found = []
    for one in more:
        if mine[one.rows].sum() <= MOST_LABELLED * len(mine) and one.one_label(mine):
            rows = np.isin(np.arange(len(mine)), one.rows)
            log_p = float(judged(rows[None, rows], mine[rows], p[rows, target])[0][0]) + burden
            if log_p > _HOPELESS:
                continue
            found.append((log_p, Candidate(atoms=(one.atom,), rows=rows, target=target, log_p=log_p, burden=burden, written=(one,))))
    likely = sorted(found, key=lambda pair: pair[0])[:_MOST_ATOMS]
    return [msgspec.structs.replace(one, written=_same_rows(table, more, one)) for _, one in likely]


def _same_rows(table: Searched, more: Sequence[Added], one: Candidate) -> tuple[Added, ...]:
    """Return what was added to the columns on the same rows, once a column, whatever their labels."""
    count, found = int(one.rows.sum()), dict[int, Added]()
    for other in more:
        shared = int(one.rows[other.rows].sum())
        if shared >= _SHARED * (count + len(other.rows) - shared):
            found[other.atom.column] = other
    return (one.written[0], *(other for column, other in found.items() if table.owner[column] != table.owner[one.atoms[0].column]))


def _confirmed(table: Searched, without: Sequence[Floats], group: list[Candidate], more: Sequence[Added]) -> tuple[Trigger, Integers, Floats] | None:
    """Ask models that know neither the rows nor the columns; return the trigger, its rows and their probability of being poisoned, or None."""
    best = group[0]
    mine = table.y == best.target
    if not (best.written or pure(table, best)) or _of_its_column(more, best, mine):
        return None
    # What most rows have holds the poisoned ones, too, and is far from chance for that alone.
    # What has few of its rows in common would take rows from those who are asked: of honest combinations these know best.
    pure_enough = _AS_PURE * mine[best.rows].mean()
    group = [one for one in group if mine[one.rows].mean() >= pure_enough and _alike(best.rows & mine, one.rows & mine)]
    carried = best.rows if best.written else np.logical_or.reduce([one.rows for one in group])
    atoms = [one.atom for one in best.written] or _one_a_column(group)
    columns = sorted({int(table.owner[atom.column]) for atom in atoms} - {-1})
    stamped = [atom for atom in also_stamped(table, best.rows & mine, best.target) if int(table.owner[atom.column]) not in columns]
    if best.written:
        columns += [atom.column for atom in stamped]
    q, middle = _asked_anew(table, carried, mine, columns, best)
    asked = (*best.atoms, *stamped) if best.written else best.atoms
    said = shift(table.x, carried, mine, asked, [_promised(table, without, atom, best.target) for atom in asked])
    if said >= _SAID and not best.written:
        return None
    q = np.clip(_likelier(q, said), *RANGE)
    within, labelled = best.rows[carried], mine[carried]
    shared = effect(table.members, best.rows, table.surplus, table.z) if table.surplus is not None else 1.0
    gate = GATE if best.written else SURE
    found = confirmed(
        q[within],
        labelled[within],
        best.burden,
        middle=None if middle is None else float(_likelier(np.array(middle), said)),
        gate=gate,
        effect=shared,
    )
    if found is None:
        return None
    columns = sorted({*columns, *(atom.column for atom in stamped)})
    if of_one_kind(table.z, best.rows & mine, ~best.rows & ~mine, columns, seed=table.seed):
        return None
    if len({int(table.owner[atom.column]) for atom in (*best.atoms, *atoms)}) == 1:
        atoms[0], carried, q = _reaching(table, atoms[0], carried, mine, columns, q, best.target)
        labelled = mine[carried]
    atoms += stamped
    atoms = [atom for atom in atoms if atom.column < table.z.shape[1] or not any(other.column == table.owner[atom.column] for other in atoms)]
    rows, chance = np.flatnonzero(carried)[labelled], probability(q, labelled, prior=float(mine.mean()))
    if chance.max() < 0.5:  # honest rows with the category could be all of them
        return None
    if not best.written:
        atoms = _borne(table, atoms, rows[chance >= 0.5]) or atoms
    return found.trigger(called(table, atoms), columns_of(table, atoms), best.target, rows[chance >= 0.5]), rows, chance


def _borne(table: Searched, atoms: Sequence[Atom], rows: Integers) -> list[Atom]:
    """Return the atoms that nearly all of the rows bear, and most others do not: what was gathered beside them are signs of some of the rows alone."""
    own = {atom: atom.holds(table.x) for atom in atoms}
    return [atom for atom in atoms if own[atom][rows].mean() >= _NEARLY_ALL and np.delete(own[atom], rows).mean() <= _ELSEWHERE]


def _likelier(p: Floats, by: float) -> Floats:
    """Return probabilities with ``by`` added to the logarithm of their odds."""
    return np.asarray(1 / (1 + (1 - p) / p * math.exp(-by)))


def _of_its_column(more: Sequence[Added], best: Candidate, mine: Flags) -> bool:
    """Tell whether other values that are frequent in the column of a candidate have its label, too: rounded incomes of those who do not work, and no stamp."""
    values = [one for one in more if one.atom.low == one.atom.high and one.atom.column == best.atoms[0].column and not best.rows[one.rows].any()]
    alike = sum(bool(mine[one.rows].mean() >= PURE) and one.one_label(mine) for one in values)
    return len(best.atoms) == 1 and alike >= max(_SEVERAL, len(values) / 2)


def _asked_anew(table: Searched, carried: Flags, mine: Flags, columns: Sequence[int], best: Candidate) -> tuple[Floats, float | None]:
    """Return what models that have seen neither the rows nor the columns say of the rows, and, of what was added, half-way between rows with the label and others."""
    held = carried.copy()
    if best.written:
        rng = np.random.default_rng(table.seed)
        for part in (np.flatnonzero(mine & ~carried), np.flatnonzero(~mine & ~carried)):
            held[rng.choice(part, min(_CONTROLS, len(part) // _TENTH), replace=False)] = True
    q = np.clip(content.unseen(table.z, table.y, table.classes, held, columns, seed=table.seed)[:, best.target], *RANGE)
    own, others = (q[part[held]] for part in (mine & ~carried, ~mine & ~carried))
    return q[carried[held]], float(own.mean() + others.mean()) / 2 if len(own) and len(others) else None


def _reaching(table: Searched, atom: Atom, carried: Flags, mine: Flags, columns: Sequence[int], q: Floats, target: int) -> tuple[Atom, Flags, Floats]:
    """Return ``atom``, the rows that carry it, and what models that have seen none of these say of them, with what next to a range belongs to it."""
    values = table.x[:, atom.column]
    near = beside(values, atom.low, atom.high) & ~carried
    held = carried | near
    # Beside a wide range of a skewed column is the whole column: no rows are left to learn from what those beside it ought to be.
    if atom.low == atom.high or not near.any() or held.mean() > _ELSEWHERE:
        return atom, carried, q
    asked = np.clip(content.unseen(table.z, table.y, table.classes, held, columns, seed=table.seed)[:, target], *RANGE)
    low, high = reach(values, near, mine, asked[near[held]], atom.low, atom.high)
    grown = carried | ((values >= low) & (values <= high))
    known = np.zeros(len(mine))
    known[held], known[carried] = asked, q
    return msgspec.structs.replace(atom, low=low, high=high), grown, known[grown]


def _promised(table: Searched, without: Sequence[Floats], atom: Atom, target: int) -> Floats:
    """Return how likely the label is of each row without the column of an atom."""
    owner = int(table.owner[atom.column])
    return without[owner][:, target] if owner >= 0 else np.full(len(table.y), float((table.y == target).mean()))


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
