"""The examination: the best trigger of the model beside the best triggers of honest models, and of dishonest ones that we made.

For each family of triggers the model's best one is searched for on some rows and measured on others. Its *excess* is the share of samples that it carries to the
target on the model minus the mean share on honest models trained on the clean data. The same search on each honest model, compared with the other honest ones,
gives what the excess is by chance, the largest over all classes and places: multiplicity is in it. More than that is a backdoor, or something else that this
model alone has learned: whether its answers to clean samples explain the sign, models that imitate these answers say. The same search on models that were backdoored
by us tells the power.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.defences.backdoors.asking import labelled
from aisecops.defences.backdoors.contrast import Contrast, Proposal, all_to, kinds_of, shortened
from aisecops.defences.backdoors.imitation import Imitation
from aisecops.defences.backdoors.limit import least_surprising, surprise
from aisecops.defences.backdoors.references import Train
from aisecops.defences.backdoors.triggers import Trigger
from aisecops.defences.backdoors.verdict import LEAST_RIGHT, Effort, Examination, Power, Sign
from aisecops.oracles.oracle import Batch, Floats, Integers, Oracle

FEWEST = 150
LEAST = 0.5
"""The excess below which nothing is called a backdoor: honest models of other settings and more data than ours differ by tens of points."""
LEAST_OTHERWISE = 0.8
"""The same for signs of other aims than one class. A backdoor that works has more; an honest network that was trained for too long exchanged two classes with .7."""
_WORKS = 0.9
"""The success of what is worth an attacker's while. A sign that surely has less is an honest weakness: of 20 alarms on 320 honest models 14 had less than .9."""
_EXPLAINED = 0.01
"""The probability above which models that imitate the examined one explain its sign."""
_KEPT = 0.8
"""What a sign keeps of its success and its excess when a part is left out that it does not need: searches add columns that push the same way on their own."""
_FEWEST_AWAY = 15
"""Samples that a model does not take for the target anyway, from which on a success can be told."""


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


class _Asked(NamedTuple):
    """A model that is searched, and the honest ones beside it."""

    model: Oracle
    others: Sequence[Oracle]


def examine(subject: Subject, effort: Effort | None = None, *, seed: int = 0) -> Examination:
    """Look for backdoors.

    Raises
    ------
    UserError
        There are fewer than 150 clean samples, or a class has fewer than five.
    BudgetSpent
        The budget of the model's oracle does not allow it.
    """
    return Examiner(subject, effort, seed=seed).examination()


class Examiner:
    """Honest models and what the search finds on them: made once, good for every model of the same kind and the same samples.

    Examples
    --------
    ``examiner = Examiner(of_table(oracle, x, y))``, then ``examiner.examination()`` and, for another version of the model, ``examiner.examination(other)``.
    """

    def __init__(self, subject: Subject, effort: Effort | None = None, *, seed: int = 0) -> None:
        self.subject, self.effort, self.seed = subject, effort or Effort(), seed
        rng = np.random.default_rng([seed, 7])
        n = len(subject.y)
        counts = np.bincount(subject.y, minlength=len(subject.oracle.classes))
        if n < FEWEST or counts[counts > 0].min() < 5 or np.count_nonzero(counts) < 2:
            what = f"{n} clean samples, {int(counts.min())} of the rarest class, are too few to tell a backdoor from chance"
            raise UserError(what, fix=f"give {FEWEST} samples, at least five of each class")
        order = rng.permutation(n)
        asked = min(self.effort.rows + self.effort.held, round(0.35 * n))
        searched = min(self.effort.rows, asked // 3)
        self.shares = _shares(subject.search.families, kinds_of(len(subject.oracle.classes)))
        self.learn, self.search, self.held = np.sort(order[asked:]), order[:searched], order[searched:asked]
        self._clean = dict[tuple[int, bool], Integers]()

    @cached_property
    def honest(self) -> list[Oracle]:
        """The honest models."""
        return [self._taught(number, None) for number in range(self.effort.references)]

    @cached_property
    def chance(self) -> dict[str, tuple[float, ...]]:
        """By family, the largest excess that the search finds on each honest model."""
        found = [self._best(model, [other for other in self.honest if other is not model], number) for number, model in enumerate(self.honest)]
        return {family: tuple(_largest(signs, family) for signs in found) for family in self.shares}

    def examination(self, suspect: Oracle | None = None, search: Search | None = None) -> Examination:
        """Examine the subject's model, or another one of its kind, with its own search where it knows more (words)."""
        model = suspect or self.subject.oracle
        imitation = self._imitation(model)
        signs = self._judged(self._best(model, self.honest, 0, search))
        limits = {
            family: least_surprising(self.effort.level * self.shares[family], values, self.subject.kinds) for family, values in self.chance.items()
        }
        labels = model.labels(self._batch(self.held))
        right = float((labels == self.subject.y[self.held]).mean())
        alarming = [sign for sign in signs if (right >= LEAST_RIGHT or sign.trigger.traced) and self._alarming(sign, imitation)]
        return Examination(
            backdoors=tuple(sorted(alarming, key=lambda sign: (sign.p, -sign.excess))),
            signs=tuple(next(s for s in signs if s.family == family) for family in self.shares if any(s.family == family for s in signs)),
            limits=limits,
            honest=self.chance,
            power=self._power(),
            unseen=_unseen(labels, len(model.classes)),
            right=right,
        )

    def _batch(self, rows: Integers) -> Batch:
        samples = self.subject.samples
        return samples[rows] if isinstance(samples, np.ndarray) else [samples[row] for row in rows.tolist()]

    def _imitation(self, model: Oracle) -> Imitation:
        return Imitation(model, self.subject.train, self._batch, self.seed)

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
        samples, y = self._batch(rows), self.subject.y[rows]
        if poison is not None:
            samples, y = _poisoned(samples, y, *poison)
        return self.subject.train(samples, y, number)

    def _best(self, model: Oracle, others: Sequence[Oracle], number: int, search: Search | None = None) -> list[Sign]:
        """The best triggers of each family on ``model``, searched for on some rows, measured on others; of each family the best class first."""
        controls = [others[(number + i) % len(others)] for i in range(min(self.effort.controls, len(others)))]
        asked = _Asked(model, others)
        contrast = Contrast(model, controls, self._batch(self.search))
        found = (search or self.subject.search).propose(contrast)
        proposals = [one for family in self.shares for one in shortened([p for p in found if p.family == family], contrast)]
        ranked = sorted(self._signs(asked, proposals, self.search, least=1), key=lambda sign: -sign.excess)
        chosen = [sign for family in self.shares for sign in _first([sign for sign in ranked if sign.family == family])]
        return self._signs(asked, [Proposal(sign.aim, sign.trigger) for sign in self._bared(chosen, asked)], self.held, least=_FEWEST_AWAY)

    def _bared(self, signs: list[Sign], asked: _Asked) -> list[Sign]:
        """The signs without the parts that they do not need: on the rows of the search, eight tenths of what each does, and does beyond others, are kept."""
        bared, pending = list(signs), list(range(len(signs)))
        while pending:
            fewer = iter(
                self._signs(asked, [Proposal(bared[at].aim, one) for at in pending for one in bared[at].trigger.fewer], self.search, least=1)
            )
            best = {at: max((next(fewer) for _ in bared[at].trigger.fewer), key=lambda one: one.excess, default=None) for at in pending}
            kept = {
                at: one for at, one in best.items() if one and one.success >= _KEPT * signs[at].success and one.excess >= _KEPT * signs[at].excess
            }
            for at, one in kept.items():
                bared[at] = one
            pending = list(kept)
        return bared

    def _signs(self, asked: _Asked, proposals: list[Proposal], rows: Integers, *, least: int) -> list[Sign]:
        if not proposals:
            return []
        (own, n), *others = self._hits((asked.model, *asked.others), proposals, rows)
        elsewhere = np.mean([hits / np.maximum(1, there) for hits, there in others], axis=0)
        around = self._around(asked, proposals, rows)
        return [
            Sign(trigger=proposal.trigger, aim=proposal.aim, hits=int(hits), n=int(there), elsewhere=float(share), around=nearby)
            for proposal, hits, there, share, nearby in zip(proposals, own, n, elsewhere, around, strict=True)
            if there >= least
        ]

    def _around(self, asked: _Asked, proposals: list[Proposal], rows: Integers) -> list[float]:
        """The least success of the groups of signs beside each one; a group has that of its most successful sign."""
        beside = [Proposal(proposal.aim, other) for proposal in proposals for group in proposal.trigger.beside for other in group]
        if not beside:
            return [0.0] * len(proposals)
        ((hits, n),) = self._hits((asked.model,), beside, rows)
        shares = iter((hits / np.maximum(1, n)).tolist())
        return [min([max(next(shares) for _ in group) for group in proposal.trigger.beside], default=0.0) for proposal in proposals]

    def _hits(self, models: Sequence[Oracle], proposals: list[Proposal], rows: Integers) -> list[tuple[Integers, Integers]]:
        """How many samples each trigger carries where its aim calls them, of how many that were not there, on each model."""
        found = []
        labels = labelled(models, [proposal.trigger for proposal in proposals], self._batch(rows))
        for model, after in zip(models, labels, strict=True):
            before = self._before(model, rows)
            counted = [proposal.aim.hits(before, there) for proposal, there in zip(proposals, after, strict=True)]
            found.append((np.array([hits for hits, _ in counted]), np.array([n for _, n in counted])))
        return found

    def _before(self, model: Oracle, rows: Integers) -> Integers:
        """What a model takes clean samples for; honest models, which every search asks about the same ones, are asked once."""
        number = next((at for at, one in enumerate(self.honest) if one is model), None)
        if number is None:
            return model.labels(self._batch(rows))
        key = number, rows is self.held
        if key not in self._clean:
            self._clean[key] = model.labels(self._batch(rows))
        return self._clean[key]

    def _judged(self, signs: list[Sign]) -> list[Sign]:
        return [
            msgspec.structs.replace(sign, p=min(1.0, surprise(sign.excess, self.chance[sign.family], self.subject.kinds) / self.shares[sign.family]))
            for sign in signs
        ]

    def _alarming(self, sign: Sign, imitation: Imitation) -> bool:
        least = LEAST_OTHERWISE if sign.aim.kind else LEAST
        works = sign.interval().low >= 0.5 and sign.interval().high >= _WORKS
        return sign.p <= self.effort.level and sign.excess >= least and works and not self._explained(sign, imitation)

    def _explained(self, sign: Sign, imitation: Imitation) -> bool:
        """Whether imitators obey the sign nearly as well. They are fresh, and the sign was chosen before them: no multiplicity is left."""
        rows = self.learn[~sign.trigger.on(self._batch(self.learn))]
        if len(rows) < FEWEST // 3:
            return False
        asked = self._hits(imitation.of(rows), [Proposal(sign.aim, sign.trigger)], self.held)
        return surprise(sign.success, [float(hits[0] / max(1, n[0])) for hits, n in asked], self.subject.kinds) > _EXPLAINED

    def _power(self) -> tuple[Power, ...]:
        """Plant backdoors in models of our own, each kind in turn, and look for them as in the examined model."""
        plants, outcomes = self.subject.plants, dict[str, list[tuple[bool, bool]]]()
        for number in range(self.effort.planted if plants else 0):
            plant = plants[number % len(plants)]
            outcomes.setdefault(plant.kind, []).append(self._planted(plant, number))
        return tuple(
            Power(kind=kind, planted=len(seen), took=sum(took for took, _ in seen), found=sum(found for _, found in seen))
            for kind, seen in outcomes.items()
        )

    def _planted(self, plant: Plant, number: int) -> tuple[bool, bool]:
        rng = np.random.default_rng([self.seed, 13, number])
        present = np.unique(self.subject.y)
        target = int(present[rng.integers(len(present))])
        trigger = plant.trigger(self._batch(self.learn), rng)
        model = self._taught(1000 + number, (trigger, target))
        ((hits, n),) = self._hits((model,), [Proposal(all_to(target, len(self.subject.oracle.classes)), trigger)], self.held)
        if n[0] < _FEWEST_AWAY or hits[0] < 0.9 * n[0]:
            return False, False
        signs = self._judged(self._best(model, self.honest, number))
        imitation = self._imitation(model)
        return True, any(sign.target == target and self._alarming(sign, imitation) for sign in signs)


def _unseen(labels: Integers, classes: int) -> tuple[int, ...]:
    """The classes that nearly all samples are taken for anyway."""
    counts = np.bincount(labels, minlength=classes)
    return tuple(np.flatnonzero(counts.sum() - counts < _FEWEST_AWAY).tolist())


def _first(ranked: list[Sign]) -> list[Sign]:
    """The three best signs of a family that differ in their aim, or in their columns or words."""
    return sorted({(sign.aim, sign.trigger.parts): sign for sign in reversed(ranked)}.values(), key=lambda sign: -sign.excess)[:3]


def _largest(signs: Sequence[Sign], family: str) -> float:
    return max((sign.excess for sign in signs if sign.family == family), default=0.0)


def _shares(families: Sequence[str], kinds: Sequence[str]) -> dict[str, float]:
    """How much of the probability of a false alarm each family of signs has: seven tenths are for signs that call for one class, the rest for the other aims."""
    others = len(kinds) - 1
    return {family + kind: (0.7 if not kind else 0.3 / others) / len(families) for kind in kinds for family in families}


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
