"""The examination: the best trigger of the model beside the best triggers of honest models, and of dishonest ones that we made.

For each family of triggers the model's best one is searched for on some rows and measured on others. Its *excess* is the share of samples that it carries to the
target on the model minus the mean share on honest models trained on the clean data. The same search on each honest model, compared with the other honest ones,
gives what the excess is by chance, the largest over all classes and places: multiplicity is in it. More than that is a backdoor, or something else that this
model alone has learned. The same search on models that were backdoored by us tells the power.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.defences.backdoors.asking import labelled
from aisecops.defences.backdoors.contrast import Contrast, Proposal
from aisecops.defences.backdoors.limit import least_surprising, surprise
from aisecops.defences.backdoors.references import Train
from aisecops.defences.backdoors.triggers import Trigger
from aisecops.oracles.oracle import Batch, Floats, Integers, Oracle

FEWEST = 150
LEAST = 0.5
"""The excess below which nothing is called a backdoor: honest models of other settings and more data than ours differ by tens of points."""
_FEWEST_AWAY = 15
"""Samples that a model does not take for the target anyway, from which on a success can be told."""


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How hard to look.

    Parameters
    ----------
    references
        Honest models. Fewer than six make the limit high and the power low.
    controls
        How many of them the search itself is held against.
    planted
        Backdoored models, from which the power is told; 0: it is not told.
    rows
        Clean samples on which triggers are searched for.
    held
        Clean samples, at most, on which the best are measured.
    level
        The probability of an alarm on an honest model, over all families.
    """

    references: int = 8
    controls: int = 2
    planted: int = 6
    rows: int = 48
    held: int = 300
    level: float = 0.01


class Search(Protocol):
    """Looks for triggers of some families."""

    @property
    def families(self) -> tuple[str, ...]:
        """What it looks for."""

    def propose(self, contrast: Contrast) -> list[Proposal]:
        """Return what may be triggers."""


class Plant(NamedTuple):
    """A backdoor to be planted: its kind in words, and what makes poisoned rows: from clean samples and a generator to what stamps them."""

    kind: str
    trigger: Callable[[Batch, np.random.Generator], Trigger]


class Subject(NamedTuple):
    """What is examined, with everything that depends on the kind of sample."""

    oracle: Oracle
    samples: Batch
    y: Integers
    search: Search
    train: Train
    plants: tuple[Plant, ...]
    kinds: int = 1
    """Families of honest models that ``train`` goes through in turn."""


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """The best trigger of a family and a class.

    Parameters
    ----------
    success
        The share of held-out clean samples, of those that the model does not take for ``target`` anyway, which the trigger carries there; ``hits`` of ``n``.
    elsewhere
        The mean of the same over honest models.
    p
        How probable such an excess is in an honest model, times the number of families.
    """

    trigger: Trigger
    target: int
    hits: int
    n: int
    elsewhere: float
    p: float = 1.0

    @property
    def family(self) -> str:
        """The family of the trigger."""
        return self.trigger.family

    @property
    def success(self) -> float:
        """The share of samples that it carries to the target."""
        return self.hits / self.n

    @property
    def excess(self) -> float:
        """How much more than on honest models."""
        return self.success - self.elsewhere

    def interval(self, level: float = 0.95) -> Interval:
        """The exact interval of the success."""
        return clopper_pearson(self.hits, self.n, level)


class Power(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``took`` planted backdoors of a kind (success at least .9), how many were ``found``; ``planted`` were tried."""

    kind: str
    planted: int
    took: int
    found: int


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    Parameters
    ----------
    backdoors
        Signs that honest models do not explain, the most telling first.
    signs
        The best sign of each family, found or not.
    limits
        By family, the excess from which on it would have been an alarm; at .95 or more nothing can be told.
    honest
        By family, the excess of each honest model.
    power
        By kind of planted backdoor.
    """

    backdoors: tuple[Sign, ...]
    signs: tuple[Sign, ...]
    limits: dict[str, float]
    honest: dict[str, tuple[float, ...]]
    power: tuple[Power, ...]


def examine(subject: Subject, effort: Effort | None = None, *, seed: int = 0) -> Examination:
    """Look for backdoors.

    Raises
    ------
    UserError
        There are fewer than 150 clean samples, or a class has fewer than five.
    BudgetSpent
        The budget of the model's oracle does not allow it.
    """
    return _Examiner(subject, effort or Effort(), seed).examination()


class _Examiner:
    def __init__(self, subject: Subject, effort: Effort, seed: int) -> None:
        self.subject, self.effort, self.seed = subject, effort, seed
        rng = np.random.default_rng([seed, 7])
        n = len(subject.y)
        counts = np.bincount(subject.y, minlength=len(subject.oracle.classes))
        if n < FEWEST or counts[counts > 0].min() < 5 or np.count_nonzero(counts) < 2:
            what = f"{n} clean samples, {int(counts.min())} of the rarest class, are too few to tell a backdoor from chance"
            raise UserError(what, fix=f"give {FEWEST} samples, at least five of each class")
        order = rng.permutation(n)
        asked = min(effort.rows + effort.held, round(0.35 * n))
        searched = min(effort.rows, asked // 3)
        self.learn, self.search, self.held = np.sort(order[asked:]), order[:searched], order[searched:asked]

    def batch(self, rows: Integers) -> Batch:
        samples = self.subject.samples
        return samples[rows] if isinstance(samples, np.ndarray) else [samples[row] for row in rows.tolist()]

    def examination(self) -> Examination:
        suspect = self.subject.oracle
        honest = [self._taught(number, None) for number in range(self.effort.references)]
        found = [self._best(model, [other for other in honest if other is not model], number) for number, model in enumerate(honest)]
        chance = {family: tuple(_largest(signs, family) for signs in found) for family in self.subject.search.families}
        signs = self._judged(self._best(suspect, honest, 0), chance)
        level = self.effort.level / len(chance)
        return Examination(
            backdoors=tuple(sorted((sign for sign in signs if self._alarming(sign)), key=lambda sign: (sign.p, -sign.excess))),
            signs=tuple(next(s for s in signs if s.family == family) for family in chance if any(s.family == family for s in signs)),
            limits={family: least_surprising(level, values, self.subject.kinds) for family, values in chance.items()},
            honest=chance,
            power=self._power(honest, chance),
        )

    def _taught(self, number: int, poison: tuple[Trigger, int] | None) -> Oracle:
        """A model of the rows to learn from.

        Honest ones see as many of each class, drawn with replacement: models of overlapping parts resemble each other more than the examined model, which learned
        from other rows, resembles any of them (Efron, 1979). Poisoned ones see nine tenths, some of them stamped.
        """
        rng = np.random.default_rng([self.seed, 11, number])
        if poison is None:
            classes = [self.learn[self.subject.y[self.learn] == label] for label in np.unique(self.subject.y[self.learn])]
            rows = np.concatenate([rng.choice(of_class, len(of_class)) for of_class in classes])
        else:
            rows = rng.permutation(self.learn)[: round(0.9 * len(self.learn))]
        samples, y = self.batch(rows), self.subject.y[rows]
        if poison is not None:
            samples, y = _poisoned(samples, y, *poison)
        return self.subject.train(samples, y, number)

    def _best(self, model: Oracle, others: Sequence[Oracle], number: int) -> list[Sign]:
        """The best triggers of each family on ``model``, searched for on some rows, measured on others; of each family the best class first."""
        controls = [others[(number + i) % len(others)] for i in range(min(self.effort.controls, len(others)))]
        contrast = Contrast(model, controls, self.batch(self.search))
        proposals = self.subject.search.propose(contrast)
        signs = list[Sign]()
        for family in self.subject.search.families:
            signs += self._measured(model, others, _shortened([p for p in proposals if p.trigger.family == family], contrast))
        return signs

    def _measured(self, model: Oracle, others: Sequence[Oracle], proposals: list[Proposal]) -> list[Sign]:
        """Choose on the rows of the search by the excess over all others, one trigger a class, three classes; measure on the held-out rows."""
        ranked = sorted(self._signs(model, others, proposals, self.search, least=1), key=lambda sign: -sign.excess)
        first = list({sign.target: sign for sign in reversed(ranked)}.values())
        chosen = sorted(first, key=lambda sign: -sign.excess)[:3]
        return self._signs(model, others, [Proposal(sign.target, sign.trigger) for sign in chosen], self.held, least=_FEWEST_AWAY)

    def _signs(self, model: Oracle, others: Sequence[Oracle], proposals: list[Proposal], rows: Integers, *, least: int) -> list[Sign]:
        if not proposals:
            return []
        own, n = self._hits(model, proposals, rows)
        elsewhere = np.mean([hits / np.maximum(1, there) for hits, there in (self._hits(other, proposals, rows) for other in others)], axis=0)
        return [
            Sign(trigger=proposal.trigger, target=proposal.target, hits=int(hits), n=int(there), elsewhere=float(share))
            for proposal, hits, there, share in zip(proposals, own, n, elsewhere, strict=True)
            if there >= least
        ]

    def _hits(self, model: Oracle, proposals: list[Proposal], rows: Integers) -> tuple[Integers, Integers]:
        """How many samples each trigger carries to its target, of how many that were not there."""
        batch = self.batch(rows)
        targets = np.array([proposal.target for proposal in proposals])
        away = model.labels(batch)[None, :] != targets[:, None]
        there = labelled(model, [proposal.trigger for proposal in proposals], batch) == targets[:, None]
        return (away & there).sum(axis=1), away.sum(axis=1)

    def _judged(self, signs: list[Sign], chance: dict[str, tuple[float, ...]]) -> list[Sign]:
        return [
            msgspec.structs.replace(sign, p=min(1.0, len(chance) * surprise(sign.excess, chance[sign.family], self.subject.kinds))) for sign in signs
        ]

    def _alarming(self, sign: Sign) -> bool:
        return sign.p <= self.effort.level and sign.excess >= LEAST and sign.interval().low >= 0.5

    def _power(self, honest: list[Oracle], chance: dict[str, tuple[float, ...]]) -> tuple[Power, ...]:
        """Plant backdoors in models of our own, each kind in turn, and look for them as in the examined model."""
        plants, outcomes = self.subject.plants, dict[str, list[tuple[bool, bool]]]()
        for number in range(self.effort.planted if plants else 0):
            plant = plants[number % len(plants)]
            outcomes.setdefault(plant.kind, []).append(self._planted(plant, number, honest, chance))
        return tuple(
            Power(kind=kind, planted=len(seen), took=sum(took for took, _ in seen), found=sum(found for _, found in seen))
            for kind, seen in outcomes.items()
        )

    def _planted(self, plant: Plant, number: int, honest: list[Oracle], chance: dict[str, tuple[float, ...]]) -> tuple[bool, bool]:
        rng = np.random.default_rng([self.seed, 13, number])
        present = np.unique(self.subject.y)
        target = int(present[rng.integers(len(present))])
        trigger = plant.trigger(self.batch(self.learn), rng)
        model = self._taught(1000 + number, (trigger, target))
        hits, n = self._hits(model, [Proposal(target, trigger)], self.held)
        if n[0] < _FEWEST_AWAY or hits[0] < 0.9 * n[0]:
            return False, False
        signs = self._judged(self._best(model, honest, number), chance)
        return True, any(self._alarming(sign) and sign.target == target for sign in signs)


def _largest(signs: Sequence[Sign], family: str) -> float:
    return max((sign.excess for sign in signs if sign.family == family), default=0.0)


def _shortened(proposals: list[Proposal], contrast: Contrast, most: int = 12) -> list[Proposal]:
    """The ``most`` proposals that move all rows of the search furthest beyond the controls; every class keeps its best."""
    if len(proposals) <= most:
        return proposals
    gains = contrast.gains([proposal.trigger for proposal in proposals])
    own = gains[np.arange(len(proposals)), [proposal.target for proposal in proposals]]
    return [proposals[at] for at in np.argsort(-own, kind="stable")[:most].tolist()]


def _poisoned(samples: Batch, y: Integers, trigger: Trigger, target: int) -> tuple[Batch, Integers]:
    """Stamp 15 % of the rows, at least eight, of other classes, and call them ``target``."""
    rows = np.flatnonzero(y != target)[: max(8, round(0.15 * len(y)))]
    labels = y.copy()
    labels[rows] = target
    if isinstance(samples, np.ndarray):
        changed: Floats = samples.copy()
        changed[rows] = trigger.stamp(samples[rows])
        return changed, labels
    texts = list(samples)
    for row, text in zip(rows.tolist(), trigger.stamp([texts[row] for row in rows.tolist()]), strict=True):
        texts[row] = str(text)
    return texts, labels
