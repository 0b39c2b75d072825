"""Triggers in images: found by atoms and their conjunctions, confirmed by models that have seen neither the rows nor the columns, and named.

In four steps: (1) what the content of each row says of its label (``content``); (2) atoms and conjunctions that call for a class against it (``atoms``,
``conjunctions``), with the chance of as much in clean data after correction for all that was looked at; (3) each is confirmed: trees and neighbours that never
saw its rows or its columns must still think that these rows belong elsewhere, which takes out every honest column that the first view has not understood; (4)
conjunctions that share their rows are one trigger. Stickers that stand anywhere, and signs by which each class takes the label of another: ``stickers``.
Blends and warps before backgrounds of any colour: ``strangers``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.defences.poisoning import content
from aisecops.defences.poisoning.atoms import Atom, Called, atoms_that_call
from aisecops.defences.poisoning.company import keep_company
from aisecops.defences.poisoning.conjunctions import Conjunction, conjunctions
from aisecops.defences.poisoning.judge import Judge
from aisecops.defences.poisoning.marks import marks
from aisecops.defences.poisoning.mislabelled import contradicted
from aisecops.defences.poisoning.places import of_sign
from aisecops.defences.poisoning.posterior import GATE, RANGE, confirmed, probability
from aisecops.defences.poisoning.stickers import stickers
from aisecops.defences.poisoning.strangers import GRAIN, strangers
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Suspicion, Trigger
from aisecops.defences.poisoning.tables import checked, ranking
from aisecops.defences.poisoning.warps import warps
from aisecops.defences.poisoning.windows import without_windows

_SHARED = 0.6
_AS_PURE = 0.75
"""Of the best candidate's share of labelled rows: what another one needs to be part of the same trigger."""
_PURE = 0.75
_MOST = 6
_MOST_LABELLED = 0.15
"""Share of all pictures: what more of them have is a fact of the data ("0" is even, and blank in the middle), and so many keep each other's company anyway."""

Unseen = Callable[[Flags, Sequence[int]], Floats]
Naming = Callable[[Sequence[Atom], Integers], tuple[str, tuple[str, ...]]]
"""What atoms that were proven are called, on the rows that carry them."""
Company = Callable[[Integers, int, Sequence[int]], bool]
"""Whether rows of a class are like each other without these columns."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A conjunction of class ``target`` with the rows that have it."""

    atoms: tuple[Atom, ...]
    rows: Flags
    target: int
    log_p: float
    z: float


def examine_images(
    images: npt.ArrayLike, y: npt.ArrayLike, *, seed: int = 0, quick: bool = False, enough: Callable[[Suspicion], bool] = lambda _: False
) -> Suspicion:
    """Search images for poisoning; errors as of ``tables.examine_table``.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels).
    y, seed, quick
        As of ``tables.examine_table``.
    enough
        Whether a verdict so far will do: warps, which cost most by far, are sought only if it says no.
    """
    pictures = np.asarray(images, dtype=np.float64)
    if pictures.ndim not in (3, 4):
        raise UserError(f"images of {pictures.ndim - 1} dimensions", fix="give (n, height, width) or (n, height, width, channels)")
    x, y = checked(pictures.reshape(len(pictures), -1), y)
    z, classes = (x - x.mean()) / (x.std() or 1.0), int(y.max()) + 1
    near = content.neighbours(z, y, classes, seed=seed)  # trees learn a bright corner at once, neighbours hardly notice it
    judge = Judge(pictures, y, classes, seed=seed)
    votes = near if quick else ranking(near, z, y, seed, told=[z, judge.answers()] if judge.has_pieces else [])

    def unseen(held: Flags, without: Sequence[int]) -> Floats:
        # Pieces of a picture hardly notice a few pixels, and have not been shown any that carries them.
        return judge.unseen(held) if judge.by_pieces else content.unseen(z, y, classes, held, without, seed=seed)

    def named(atoms: Sequence[Atom], rows: Integers) -> tuple[str, tuple[str, ...]]:
        return of_sign([np.unravel_index(a.column, pictures.shape[1:]) for a in atoms], rows, pictures)

    p = content.calibrated(near, y)

    def alike(rows: Integers, target: int, without: Sequence[int]) -> bool:
        return keep_company(x, y, rows, target, without, seed=seed)

    doubt = contradicted(p if quick else votes, y, votes)
    stuck = stickers(pictures, y, classes, judge, seed=seed)
    if stuck and enough(found := Suspicion.of([], np.zeros(len(y)), doubt, 0).joined(stuck)):
        return found
    found = _searched(x, y, p, doubt, unseen, named, without_windows(pictures, y, classes, seed=seed), alike).joined(stuck)
    if enough(found):
        return found
    strange = strangers(pictures, y, classes, judge)
    found = found.joined([one for one in strange if GRAIN not in one[0].features])
    further = [one for one in strange if GRAIN in one[0].features] + marks(pictures, y, classes, seed=seed)
    if enough(found.joined(further)):
        return found.joined(further)
    return found.joined(warps(pictures, y, classes, seed=seed)).joined(further)  # a warp says more than a grain


def _searched(
    x: Floats,
    y: Integers,
    p: Floats,
    doubt: tuple[Floats, Flags, bool],
    unseen: Unseen,
    named: Naming,
    windows: Sequence[tuple[Integers, Floats]] = (),
    alike: Company = lambda *_: False,
) -> Suspicion:
    """``p`` is what content says of each row, ``doubt`` what contradicts its label: what is called a candidate has to be confirmed by models that have not seen it.

    ``windows``: columns, and what the content of all *other* columns says; atoms of these columns are sought once more against that.
    """
    views = [(p, atoms_that_call(x, y, p)), *((seen, atoms_that_call(x, y, seen, columns=columns)) for columns, seen in windows)]
    burden = sum(called.looked_at for _, called in views) * p.shape[1]
    triggers: list[Trigger] = []
    score = np.zeros(len(y))
    for target, (seen, called) in product(range(p.shape[1]), views):
        candidates = _candidates(x, y, seen, called, target, burden)
        if seen is not p:
            # Without a window content knows less, and honest values seem to call, too: a sign that is there to be obeyed has the label wherever it is.
            told = np.concatenate([trigger.rows for trigger in triggers if trigger.target == target] or [np.zeros(0, dtype=np.int64)])
            candidates = [one for one in candidates if (y[one.rows] == target).mean() >= _PURE and not _told(one, y, told)]
        for group in _groups(candidates, y):
            found = _confirmed(group, y, unseen, burden, named, alike)
            if found is not None:
                trigger, rows, probability = found
                triggers.append(trigger)
                score[rows] = np.maximum(score[rows], probability)
    return Suspicion.of(triggers, score, doubt, burden)


def _told(one: Candidate, y: Integers, rows: Integers) -> bool:
    """Return whether most labelled rows of a candidate are among ``rows``."""
    return bool(np.isin(np.flatnonzero(one.rows & (y == one.target)), rows).mean() >= _SHARED)


def _candidates(x: Floats, y: Integers, p: Floats, called: Called, target: int, burden: int) -> list[Candidate]:
    """Return the conjunctions for ``target`` that chance does not explain, the least likely first."""
    mine = np.flatnonzero(called.target == target)
    if not len(mine):
        return []
    has = np.stack([called.atoms[at].holds(x) for at in mine])
    found = [c for c in conjunctions(has, y == target, p[:, target], burden) if c.log_p <= GATE]
    return [_candidate(one, has, [called.atoms[at] for at in mine], target) for one in found]


def _candidate(one: Conjunction, has: Flags, atoms: Sequence[Atom], target: int) -> Candidate:
    rows = np.logical_and.reduce([has[at] for at in one.atoms])
    return Candidate(atoms=tuple(atoms[at] for at in one.atoms), rows=rows, target=target, log_p=one.log_p, z=one.z)


def _groups(candidates: list[Candidate], y: Integers) -> list[list[Candidate]]:
    """Gather candidates whose labelled rows are mostly those of a stronger one."""
    groups: list[tuple[Flags, list[Candidate]]] = []
    for one in candidates:
        mine = one.rows & (y == one.target)
        home = next((at for at, (held, _) in enumerate(groups) if (mine & held).sum() >= 0.5 * mine.sum()), None)
        if home is not None:
            groups[home] = (groups[home][0] | mine, [*groups[home][1], one])
        elif len(groups) < _MOST:
            groups.append((mine, [one]))
    return [group for _, group in groups]


def _confirmed(
    group: list[Candidate], y: Integers, unseen: Unseen, burden: int, named: Naming, alike: Company
) -> tuple[Trigger, Integers, Floats] | None:
    """Ask models that know neither the rows nor the columns; return the trigger, its rows and their probability of being poisoned, or None."""
    best, length = group[0], len(group[0].atoms)
    mine = y == best.target
    # What most rows have holds the poisoned ones, too, and is far from chance for that alone.
    group = [one for one in group if mine[one.rows].mean() >= _AS_PURE * mine[best.rows].mean()]
    atoms = _one_a_column([one for one in group if _alike(best.rows & mine, one.rows & mine)])
    carried = np.logical_or.reduce([one.rows for one in group])
    if (carried & mine).sum() > _MOST_LABELLED * len(y):
        return None
    q = np.clip(unseen(carried, sorted({atom.column for atom in atoms}))[:, best.target], *RANGE)
    within, labelled = best.rows[carried], mine[carried]
    found = confirmed(q[within], labelled[within], length * math.log(max(2, burden)) - math.lgamma(length + 1))
    if found is None or alike(np.flatnonzero(best.rows & mine), best.target, sorted({atom.column for one in group for atom in one.atoms})):
        return None
    rows, chance = np.flatnonzero(carried)[labelled], probability(q, labelled, prior=float(mine.mean()))
    name, features = named(atoms, rows[chance >= 0.5])
    return found.trigger(name, features, best.target, rows[chance >= 0.5]), rows, chance


def _alike(a: Flags, b: Flags) -> bool:
    return bool((a & b).sum() >= _SHARED * (a | b).sum())


def _one_a_column(group: list[Candidate]) -> list[Atom]:
    """Return the strongest atom of each column, in the order of the candidates; atoms that hold the rows alone, where there are such."""
    first: dict[int, Atom] = {}
    for one in [alone for alone in group if len(alone.atoms) == 1] or group:
        for atom in one.atoms:
            first.setdefault(atom.column, atom)
    return list(first.values())


def _value(atom: Atom) -> str:
    return f"= {atom.low:.6g}" if atom.low == atom.high else f"in [{atom.low:.6g}, {atom.high:.6g}]"
