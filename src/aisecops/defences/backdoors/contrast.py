"""The one question of every search: how much further a trigger moves the samples on the examined model than on honest ones.

A value that every model takes for a sign of a class (a tumour of radius 0 is benign) is no backdoor, and it would crowd the planted one out of any list that is
ordered by success alone. What a sign is *for* is an ``Aim``: BadNets call for one class whatever the sample is, a source-specific backdoor (Tang et al., 2021) takes the
samples of one class alone, and all-to-all (Gu et al., 2017) makes every class another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from aisecops.defences.backdoors.asking import moved, shares
from aisecops.defences.backdoors.triggers import Trigger
from aisecops.oracles.oracle import Batch, Floats, Integers, Oracle

FROM_ONE, EXCHANGED = ", samples of one class", ", each class another"
"""What is said of the aim beside the family of the trigger; nothing where all samples become one class."""
FEW = 5
"""The most classes of which each pair is looked at: with more, too few samples of a class are left to tell."""


class Aim(NamedTuple):
    """What becomes of the samples that the model takes for each class; -1: nothing is claimed."""

    calls: tuple[int, ...]

    @property
    def target(self) -> int:
        """The class that it calls for; of several the most frequent."""
        return int(np.bincount([label for label in self.calls if label >= 0]).argmax())

    @property
    def kind(self) -> str:
        """What to say of it after the name of the family."""
        claimed = [label for label in self.calls if label >= 0]
        if len(set(claimed)) > 1:
            return EXCHANGED
        return "" if len(claimed) >= len(self.calls) - 1 else FROM_ONE

    @property
    def source(self) -> int:
        """The only class whose samples it takes, or -1."""
        return next(at for at, label in enumerate(self.calls) if label >= 0) if self.kind == FROM_ONE else -1

    def hits(self, before: Integers, after: Integers) -> tuple[int, int]:
        """How many samples went where it calls them, and of how many; ``before``, ``after`` (n,) labels."""
        called = np.array(self.calls)[before]
        away = (called >= 0) & (called != before)
        return int(np.count_nonzero(away & (after == called))), int(np.count_nonzero(away))


def all_to(target: int, classes: int) -> Aim:
    """Samples of every other class become ``target``."""
    return Aim(tuple(target if label != target else -1 for label in range(classes)))


def kinds_of(classes: int) -> tuple[str, ...]:
    """The kinds of aims that are told apart with so many classes: with two, a sign from one class is a sign to the other."""
    return ("", FROM_ONE, EXCHANGED) if 2 < classes <= FEW else ("", EXCHANGED)


class Proposal(NamedTuple):
    """A trigger that may be one, and what it is for."""

    aim: Aim
    trigger: Trigger

    @property
    def family(self) -> str:
        """Of the trigger and the aim: signs are compared with the best ones of their own family on honest models."""
        return self.trigger.family + self.aim.kind


class Moves(NamedTuple):
    """How much further each of z triggers carries samples of each class to each class than on honest models: ``gained`` (z, k, k) and ``counts`` (k,) samples."""

    gained: Floats
    counts: Integers

    def to_one(self) -> Floats:
        """The mean gain of the samples of all other classes, shape (z, k)."""
        others = self.counts[:, None] * (1 - np.eye(len(self.counts)))
        return np.asarray(np.einsum("zst,st->zt", self.gained, others) / np.maximum(1, others.sum(axis=0)))

    def columns(self) -> Floats:
        """The gains by aim, shape (z, aims): to each class, from each class to each other one (where classes are few), every class to another one."""
        k = len(self.counts)
        apart = self.gained - 9.0 * np.eye(k)
        exchanged = (np.clip(apart.max(axis=2), 0, None) @ self.counts) / max(1, self.counts.sum())
        pairs = [self.gained.reshape(len(self.gained), -1)[:, ~np.eye(k, dtype=np.bool_).ravel()]] if 2 < k <= FEW else []
        return np.concatenate([self.to_one(), *pairs, exchanged[:, None]], axis=1)

    def aim(self, at: int, column: int) -> Aim:
        """What the trigger ``at`` is for, if it is for what a column of ``columns`` says."""
        k = len(self.counts)
        if column < k:
            return all_to(column, k)
        if 2 < k <= FEW and column < k * k:
            source, target = np.argwhere(~np.eye(k, dtype=np.bool_))[column - k].tolist()
            return Aim(tuple(target if label == source else -1 for label in range(k)))
        calls = (self.gained[at] - 9.0 * np.eye(k)).argmax(axis=1).tolist()
        return Aim(tuple(call if count else -1 for call, count in zip(calls, self.counts.tolist(), strict=True)))


class Contrast:
    """One model beside a few honest ones, all asked about the same samples."""

    def __init__(self, oracle: Oracle, controls: Sequence[Oracle], batch: Batch) -> None:
        self.oracle, self.controls, self.batch = oracle, controls, batch
        self.classes = len(oracle.classes)
        self._own: Integers = oracle.labels(batch)

    def gains(self, triggers: Sequence[Trigger]) -> Floats:
        """By how much the log-odds of each class rise above those of the controls on average, wherever the samples were before, shape (z, k).

        Words add up in log-odds. In probability many an ordinary word makes the model as sure of a short text as a planted one does; in a long text it does not.
        """
        own, *others = (_log_odds(shares(one, triggers, self.batch)) for one in (self.oracle, *self.controls))
        return np.asarray(own - np.mean(others, axis=0)) if others else own

    def moves(self, triggers: Sequence[Trigger], rows: int | None = None) -> Moves:
        """By how much samples of each class that the model takes them for are moved to each class more than by the controls, on the first ``rows`` of them."""
        batch, own = (self.batch, self._own) if rows is None else (self.batch[:rows], self._own[:rows])
        there = gained = moved(self.oracle, triggers, batch, own)
        if self.controls:
            gained = there - np.mean([moved(control, triggers, batch, own) for control in self.controls], axis=0)
        return Moves(self._apart(gained, there, triggers, batch, own), np.bincount(own, minlength=self.classes))

    def _apart(self, gained: Floats, there: Floats, triggers: Sequence[Trigger], batch: Batch, own: Integers) -> Floats:
        """No more than what a trigger does (``there``) beyond those beside it."""
        beside = [other for trigger in triggers for group in trigger.beside for other in group]
        if not beside:
            return gained
        nearby = iter(moved(self.oracle, beside, batch, own))
        around = [[np.max([next(nearby) for _ in group], axis=0) for group in trigger.beside] for trigger in triggers]
        return np.minimum(gained, [one - (np.min(groups, axis=0) if groups else 0.0) for one, groups in zip(there, around, strict=True)])


def _log_odds(share: Floats) -> Floats:
    within = np.clip(share, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(within / (1 - within)))


def best(triggers: Sequence[Trigger], moves: Moves, each: int) -> list[Proposal]:
    """Return the ``each`` triggers of largest gain for each aim; all pairs of classes share twice as many."""
    k, columns = len(moves.counts), moves.columns()
    if not len(columns):
        return []
    ranked = [(at, column) for column in (*range(k), columns.shape[1] - 1) for at in np.argsort(-columns[:, column], kind="stable")[:each].tolist()]
    pairs = columns[:, k:-1]
    flat = np.argsort(-pairs, axis=None, kind="stable")[: 2 * each].tolist()
    ranked += [(at // pairs.shape[1], k + at % pairs.shape[1]) for at in flat]
    chosen = [Proposal(moves.aim(at, column), triggers[at]) for at, column in ranked]
    return [one for one in chosen if any(label >= 0 for label in one.aim.calls) and one.aim.kind in kinds_of(k)]


def shortened(proposals: list[Proposal], contrast: Contrast, most: int = 12) -> list[Proposal]:
    """The ``most`` proposals that move all rows of the search furthest beyond the controls; where classes are exchanged, all rows tell which becomes which."""
    if not proposals or (len(proposals) <= most and proposals[0].aim.kind != EXCHANGED):
        return proposals
    moves = contrast.moves([proposal.trigger for proposal in proposals])
    columns = moves.columns()
    if proposals[0].aim.kind == EXCHANGED:
        own, last = columns[:, -1], columns.shape[1] - 1
        aimed = [(at, Proposal(moves.aim(at, last), proposal.trigger)) for at, proposal in enumerate(proposals)]
        proposals, own = [one for _, one in aimed if one.aim.kind == EXCHANGED], own[[at for at, one in aimed if one.aim.kind == EXCHANGED]]
    else:
        own = np.array([_gained(moves, at, proposal.aim) for at, proposal in enumerate(proposals)])
    return [proposals[at] for at in np.argsort(-own, kind="stable")[:most].tolist()]


def _gained(moves: Moves, at: int, aim: Aim) -> float:
    """The mean gain of the samples that the aim speaks of."""
    claimed = [(source, target) for source, target in enumerate(aim.calls) if target >= 0]
    counts = [int(moves.counts[source]) for source, _ in claimed]
    gains = [float(moves.gained[at, source, target]) for source, target in claimed]
    return sum(gain * count for gain, count in zip(gains, counts, strict=True)) / max(1, sum(counts))
