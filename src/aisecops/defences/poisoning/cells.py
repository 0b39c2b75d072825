"""Categories that are stamped: which values, and pairs of values, are asked about, and what is asked of models that know neither their rows nor their columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from aisecops.defences.poisoning import content
from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.categories import Cell, values
from aisecops.defences.poisoning.conjunctions import judged
from aisecops.defences.poisoning.crossings import added_up, crossings, expected, fitting
from aisecops.defences.poisoning.members import effect
from aisecops.defences.poisoning.mixture import STAMPED, crossed, planted
from aisecops.defences.poisoning.placement import of_one_kind
from aisecops.defences.poisoning.posterior import CONTRADICTED, GATE, RANGE, Confirmation, confirmed
from aisecops.defences.poisoning.searched import SURE, Candidate, Searched, also_stamped, called, columns_of, ordinary
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Trigger

_AS_MUCH = 0.75
"""Of the stamped share of the rows of a pair: what the other rows of one of its values need for that value to be the sign."""
_TOGETHER = math.log(0.05)
"""The same of several categories before anybody is asked, by a model that has learnt half of what it is asked about."""
_FEW_SURPLUS = 0.2
"""Of the rows of a category that need an explanation, the share that must have the label: honest ones outnumber those stamped on few."""
_OWNERS = 30
"""Different values of a column from which on it may name whose row it is."""
_NOT_AGAINST = 0.5
"""The logarithm of the ratio of likelihoods (``planted``) that is asked of rows that all have one label which content contradicts: of a rare class content says little.
Where a few have another one it is mostly an honest value: nine in ten have the label of the only column that tells."""
_HOPELESS = 0.0
"""The logarithm of the ratio up to which nobody is asked about a value."""
_CROSSED, _WORTH = 3.0, -3.0
"""By how much the logarithm of the ratio of a pair (``crossed``) must exceed that of the number of pairs, and from where on its rows are asked what they look like.
Of 69 clean tables the most was 0.3."""
_NO_MORE = 8.0
"""The same of a pair with no more rows than it ought to have: stamped rows add to them, unless honest rows shun the pair."""


def cells(table: Searched, without: Sequence[Floats], target: int) -> Iterator[list[Candidate]]:
    """Yield pairs of categories that call for ``target``, and single ones, those that are asked about first in front.

    ``without``: for each column what content says of the rows without it, each (n, classes).
    """
    if table.additive is not None:
        found = crossings(table.x, table.y, table.categories, table.additive, target, table.spread, _TOGETHER)
        yield [one for one in (_of_cell(table, cell) for cell in found) if not ordinary(table, one.rows, target)]
    found = [cell for cell in values(table.x, table.y, table.categories, without) if cell.target == target]
    single = [one for one in (_of_cell(table, cell) for cell in found) if not ordinary(table, one.rows, target)]
    likely = [(_as_planted(table, one, without[one.atoms[0].column][one.rows])[0], one) for one in single]
    yield [one for ratio, one in sorted(likely, key=lambda pair: -pair[0]) if ratio > _HOPELESS]


def of_categories(table: Searched, one: Candidate) -> bool:
    """Tell whether it is one value of each of some categories."""
    return not one.written and all(atom.low == atom.high and atom.column in table.categories for atom in one.atoms)


def stamped_cell(table: Searched, best: Candidate) -> tuple[Trigger, Integers, Floats] | None:
    """Ask whether some of the rows of categories are stamped; return the trigger, its rows and their probability of being poisoned, or None."""
    if len(best.atoms) == 1:
        return _asked_of(table, best)
    if table.additive is None or (len(best.atoms) > 2 and _by_chance(table.additive, best, table.y == best.target) + best.burden > _TOGETHER):
        return None
    found = _asked_of(table, best)
    if found is None:
        return None
    # Where as many of the other rows of one value are stamped it is that value, and the rest of the sign stands next to it by chance.
    inside = best.rows[found[0].rows].sum() / best.rows.sum()
    for atom in best.atoms:
        one = msgspec.structs.replace(best, atoms=(atom,), rows=atom.holds(table.x))
        alone = None if ordinary(table, one.rows, one.target) else _asked_of(table, one)
        if alone and (~best.rows[alone[0].rows]).sum() >= _AS_MUCH * inside * (one.rows & ~best.rows).sum():
            return alone
    return found


def _of_cell(table: Searched, one: Cell) -> Candidate:
    return Candidate(atoms=one.atoms, rows=one.holds(table.x), target=one.target, log_p=one.log_p, burden=one.burden)


def _asked_of(table: Searched, best: Candidate) -> tuple[Trigger, Integers, Floats] | None:
    """As ``stamped_cell``, of these very categories."""
    mine, columns = table.y == best.target, sorted(atom.column for atom in best.atoms)
    # A column of few values is no owner: what each says by itself is part of what an honest category may say, and of a pair is known.
    of_pair = len(best.atoms) == 2
    named = [one for one in table.members if one.count >= _OWNERS and not (of_pair and len(np.unique(one.codes[best.rows])) == 1)]
    shared = effect(tuple(named), best.rows, table.surplus, table.z) if table.surplus is not None else 1.0
    asked = (_as_pair if of_pair else _as_category)(table, best, columns, shared)
    if asked is None:
        return None
    found, chance = asked
    rows, chance = np.flatnonzero(best.rows & mine), chance[mine[best.rows]]
    if (chance >= 0.5).sum() < FEWEST:
        return None
    believed = np.isin(np.arange(len(mine)), rows[chance >= 0.5])
    # Honest rows among the carriers look like their label: of one kind may be those that are stamped.
    if of_one_kind(table.z, believed, ~best.rows & ~mine, columns, seed=table.seed):
        return None
    atoms = [*best.atoms, *(atom for atom in also_stamped(table, best.rows & mine, best.target) if atom.column not in columns)]
    return found.trigger(called(table, atoms), columns_of(table, atoms), best.target, rows[chance >= 0.5]), rows, chance


def _as_category(table: Searched, best: Candidate, columns: Sequence[int], shared: float) -> tuple[Confirmation, Floats] | None:
    """Return the confirmation of a category that may say of labels what it will, and how likely each of its rows is stamped; ``shared`` is their design effect."""
    told = content.unseen(table.z, table.y, table.classes, best.rows, columns, seed=table.seed)
    ratio, chance = _as_planted(table, best, told)
    ratio, q, labelled = ratio / shared, np.clip(told[:, best.target], *RANGE), (table.y == best.target)[best.rows]
    against = labelled.all() and (q < 0.5).mean() >= CONTRADICTED
    if ratio < (_NOT_AGAINST if against else STAMPED):
        return None
    # Honest rows of a category may hardly have the label, so that there is no surplus of it: how labels go with content is evidence by itself.
    gate = GATE if ratio - best.burden >= -GATE else SURE
    found = confirmed(q, labelled, best.burden, middle=1.0, gate=gate, effect=shared, surplus=_FEW_SURPLUS, ratio=max(0.0, ratio))
    return None if found is None else (found, chance)


def _as_pair(table: Searched, best: Candidate, columns: Sequence[int], shared: float) -> tuple[Confirmation, Floats] | None:
    """As ``_as_category``, of two categories: what either says is known from rows without the other."""
    if table.indicated is None:
        return None
    labelled, prior = (table.y == best.target)[best.rows], float((table.y[~best.rows] == best.target).mean())
    q = np.clip(added_up(table.indicated, table.y, table.classes, best.rows)[:, best.target], *RANGE)
    ought = expected(table.x, *best.atoms)
    if crossed(q, labelled, prior, ought, table.spread)[0] / shared < best.burden + _WORTH:
        return None
    alone = np.clip(content.unseen(table.z, table.y, table.classes, best.rows, columns, seed=table.seed)[:, best.target], *RANGE)
    looks = alone, fitting(_besides(table, columns), table.x, best.atoms, best.rows)
    ratio, chance = crossed(q, labelled, prior, ought, table.spread, looks)
    if ratio / shared < best.burden + (_CROSSED if best.rows.sum() > ought else _NO_MORE):
        return None
    found = confirmed(q, labelled, best.burden, middle=1.0, gate=GATE, effect=shared, surplus=_FEW_SURPLUS, ratio=ratio / shared)
    return None if found is None else (found, chance)


def _besides(table: Searched, columns: Sequence[int]) -> Floats:
    """Return the columns of a table but for some, categories as indicators."""
    kept = [column for column in range(table.z.shape[1]) if column not in columns]
    categories = [at for at, column in enumerate(kept) if column in table.categories]
    return content.indicated(table.z[:, kept], table.x[:, kept], categories, FEWEST)


def _as_planted(table: Searched, one: Candidate, q: Floats) -> tuple[float, Floats]:
    """Return ``planted`` of the rows of a candidate; ``q``: what content says of them, (rows, classes)."""
    q = np.clip(q, *RANGE)
    prior = np.bincount(table.y[~one.rows], minlength=table.classes) / max(1, int((~one.rows).sum()))
    return planted(q / q.sum(axis=1, keepdims=True), table.y[one.rows], prior, one.target)


def _by_chance(p: Floats, one: Candidate, mine: Flags) -> float:
    """Return the logarithm of the chance of as many labels on the rows of a candidate."""
    return float(judged(one.rows[None, one.rows], mine[one.rows], np.clip(p[one.rows, one.target], *RANGE))[0][0])
