"""How robust a model is, by every attack that its capabilities allow: each sample's worst case, no attack wasted on a sample that is beaten.

The order is by what an attack gains for a call: what fooled the model before, then its structure (exact), gradients, scores, labels alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.catalogue import ATTACKS, Kind
from aisecops.attacks.evasion.masking.symptom import Symptom
from aisecops.attacks.evasion.space import Space
from aisecops.attacks.evasion.worst_case import Trial
from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Capability, Flags, Floats, Integers, Oracle
from aisecops.oracles.trees.planting import StructureError

Extra = Callable[[Integers, int], Attempts]
"""An attack of the caller's: from row numbers and a seed to what became of these rows."""


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How hard to try: queries a sample for each attack that asks, seconds a sample for the exact one, seeds for attacks that draw."""

    queries: int = 1000
    seconds: float = 2.0
    seeds: int = 1


class Assessment:
    """The attacks on n samples, run on as many of them as somebody asks for.

    Parameters
    ----------
    oracle, samples, y, space
        As for every attack (``aisecops.attacks.evasion``).
    epsilons
        The distances at which robust accuracy will be told, rising; attacks that need a distance get each in turn.
    kind
        What the samples are.
    starts
        Samples of all classes that attacks by labels walk from.
    symptoms
        Of masking: attacks that they undermine are followed by those that they do not.
    """

    def __init__(
        self,
        oracle: Oracle,
        samples: Floats,
        y: Integers,
        *,
        space: Space,
        norm: Norm,
        epsilons: Sequence[float],
        kind: Kind = Kind.TABLE,
        effort: Effort = Effort(),  # noqa: B008 - frozen
        seed: int = 0,
        starts: Floats | None = None,
        symptoms: Sequence[Symptom] = (),
    ) -> None:
        self.oracle, self.samples, self.y, self.space, self.norm = oracle, samples, y, space, norm
        self.epsilons, self.kind, self.effort, self.seed, self.starts = sorted(epsilons), kind, effort, seed, starts
        self.symptoms = tuple(symptoms)
        self.correct = np.asarray(oracle.labels(samples) == y)
        self.points = samples.copy()
        self.distance = np.where(self.correct, np.inf, 0.0)
        self.by = [""] * len(samples)
        self.taken = {epsilon: np.full(len(samples), np.inf) for epsilon in self.epsilons}
        """Queries until each sample's first evasion within a distance, all attacks in the order in which they ran; infinite where there is none."""
        self.refused: dict[str, str] = {}
        """Attacks that could not be used, and why."""
        self.stopped: dict[str, str] = {}
        """Attacks that ended before their own end, and why."""
        self._tried: dict[tuple[str, int, float | None], _Tried] = {}

    @property
    def farthest(self) -> float:
        """The largest distance of interest: a sample with an evasion within the smallest is beaten."""
        return self.epsilons[-1]

    def attack(self, rows: Integers, extra: Sequence[tuple[str, Extra]] = ()) -> Flags:
        """Attack ``rows`` and return which of them the model has right and keeps right within the largest distance."""
        for name, attack in extra:
            self._try(name, Capability.LABELS, rows, attack, seed=self.seed)
        for name, capability in self._plan():
            for epsilon in self._distances(name):
                for seed in self._seeds(name):
                    self._try(name, capability, rows, self._asking(name, epsilon), seed=seed, epsilon=epsilon)
        return np.asarray(self.distance[rows] > self.farthest)

    def trials(self, rows: Integers) -> list[Trial]:
        """Return what every attack did to ``rows``, all of which were attacked."""
        return [tried.trial(rows) for tried in self._tried.values()]

    @property
    def queries(self) -> Integers:
        """What all attacks together have asked about each sample, shape (n,), its own label included."""
        return np.ones(len(self.y), dtype=np.int64) + sum(tried.queries for tried in self._tried.values())

    # ---- which attacks

    def _plan(self) -> Iterator[tuple[str, Capability]]:
        able = self.oracle.capabilities
        exact = Capability.STRUCTURE in able and self.kind is Kind.TABLE
        if exact:
            yield "exact", Capability.STRUCTURE
        if exact and "exact" not in self.refused and self.space.plain:
            return  # it has found the nearest evasion of every sample, or says how far it got
        if self.norm not in (Norm.LINF, Norm.L2):
            return
        gradient = Capability.GRADIENT in able and self.space.plain
        if gradient:
            yield from (("apgd-ce", Capability.GRADIENT), ("apgd-t", Capability.GRADIENT))
        if Capability.SCORES in able and (not gradient or self._undermined(Capability.GRADIENT)):
            yield "square", Capability.SCORES
        if not gradient or self._undermined(Capability.GRADIENT):
            yield "cgba" if self.norm is Norm.L2 and self.space.plain else "hop-skip-jump", Capability.LABELS

    def _undermined(self, capability: Capability) -> bool:
        return any(kind.covers(capability) for symptom in self.symptoms for kind in symptom.undermines)

    def _distances(self, name: str) -> Sequence[float | None]:
        return self.epsilons if ATTACKS[name].fixed else (None,)

    def _seeds(self, name: str) -> range:
        return range(self.seed, self.seed + (1 if name == "exact" else self.effort.seeds))

    def _asking(self, name: str, epsilon: float | None) -> Extra:
        options: dict[str, Any] = {"space": self.space, "norm": self.norm, "queries": self.effort.queries, "starts": self.starts}
        attack = ATTACKS[name].load()
        if name == "exact":
            options["seconds"] = self.effort.seconds
        else:
            options["epsilon"] = epsilon if epsilon is not None else self.epsilons[0]
        return lambda rows, seed: attack(self.oracle, self.samples[rows], self.y[rows], seed=seed, **options)

    # ---- one attack

    def _try(self, name: str, capability: Capability, rows: Integers, attack: Extra, *, seed: int, epsilon: float | None = None) -> None:
        """Run ``attack`` on those of ``rows`` that are not beaten yet, and keep what is better."""
        tried = self._tried.setdefault((name, seed, epsilon), _Tried(name, capability, seed, epsilon, self.norm, self.samples, self.correct))
        enough = self.epsilons[0] if epsilon is None else epsilon
        left = rows[self.correct[rows] & ((self.distance[rows] > enough) | (name == "exact"))]
        if not len(left):
            return
        try:
            attempts = attack(left, seed)
        except StructureError as error:
            self.refused[name] = str(error)
            del self._tried[name, seed, epsilon]
            return
        asked = self.queries[left]
        tried.take(left, attempts)
        for epsilon, taken in self.taken.items():
            taken[left] = np.minimum(taken[left], asked + attempts.queries_within(epsilon))
        if attempts.stopped:
            self.stopped[name] = attempts.stopped
        better = attempts.found & (attempts.distance < self.distance[left])
        self.distance[left[better]], self.points[left[better]] = attempts.distance[better], attempts.points[better]
        for row in left[better]:
            self.by[row] = name


class _Tried:
    """One attack with one seed and distance, on all n samples."""

    def __init__(self, name: str, capability: Capability, seed: int, epsilon: float | None, norm: Norm, samples: Floats, correct: Flags) -> None:
        n = len(samples)
        self.name, self.capability, self.seed, self.epsilon, self.norm = name, capability, seed, epsilon, norm
        self.points, self.queries, self.lower = samples.copy(), np.zeros(n, dtype=np.int64), np.zeros(n)
        self.distance = np.where(correct, np.inf, 0.0)
        self.certifies = False

    def take(self, rows: Integers, attempts: Attempts) -> None:
        """Keep what became of ``rows``."""
        if attempts.norm is not self.norm:
            raise UserError(f"{self.name} measures by {attempts.norm}, this assessment by {self.norm}")
        self.points[rows], self.distance[rows], self.queries[rows] = attempts.points, attempts.distance, attempts.queries
        if attempts.lower is not None:
            self.certifies, self.lower[rows] = True, attempts.lower

    def trial(self, rows: Integers) -> Trial:
        """What it did to ``rows``."""
        distance = self.distance[rows]
        attempts = Attempts(
            norm=self.norm,
            points=self.points[rows],
            found=np.isfinite(distance),
            distance=distance,
            queries=self.queries[rows],
            lower=self.lower[rows] if self.certifies else None,
        )
        return Trial(attack=self.name, capability=self.capability, attempts=attempts, seed=self.seed, epsilon=self.epsilon)
