"""Attack a model of numbers by everything that its capabilities allow, and say what came of it: readings, examples, and a finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aisecops.attacks.evasion.assessment import Assessment, Effort
from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.carriers import carried
from aisecops.attacks.evasion.catalogue import Kind
from aisecops.attacks.evasion.robustness import robustness
from aisecops.attacks.evasion.sequential import Stopped, sequential
from aisecops.attacks.evasion.shares import Shares
from aisecops.attacks.evasion.worst_case import Trial
from aisecops.checks.model.diagnosis import symptoms_of
from aisecops.checks.model.showing import SHOWN, keep_examples, keep_pictures
from aisecops.checks.model.undoing import Undoing, undoing
from aisecops.core.check import Context, Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Reading
from aisecops.core.statistics import clopper_pearson
from aisecops.core.taxonomy import Confidence, Severity

if TYPE_CHECKING:
    from aisecops.attacks.evasion.masking.symptom import Symptom
    from aisecops.checks.model.subject import AskedModel
    from aisecops.oracles.oracle import Floats, Integers

DISTANCES = {Norm.LINF: (0.02, 0.05), Norm.L2: (0.1, 0.25), Norm.L1: (0.1, 0.25)}
"""Where the manifest names none: shares of each column's range."""


def attacked(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield what comes of attacking ``model``."""
    yield from NumberAttack(model, ctx, symptoms_of(model, ctx)).results()


class NumberAttack:
    """One assessment of one model, in shares of each column's range."""

    def __init__(self, model: AskedModel, ctx: Context, symptoms: tuple[Symptom, ...]) -> None:
        self.model, self.ctx, self.symptoms = model, ctx, symptoms
        wanted = model.declared.evasion
        self.norm = Norm(wanted.norm)
        self.epsilons = sorted(wanted.epsilon) or DISTANCES[self.norm]
        self.rows = model.samples.drawn(wanted.samples, wanted.classes, ctx.seed)
        samples, self.y = model.samples.numbers[self.rows], model.samples.y[self.rows]
        self.space = model.samples.space
        self.shares = Shares(model.oracle, self.space, samples, model.samples.whole)
        self.values = samples
        self.assessment = Assessment(
            self.shares,
            self.shares.samples,
            self.y,
            space=self.shares,
            norm=self.norm,
            epsilons=self.epsilons,
            kind=Kind.IMAGE if samples.ndim > 2 else Kind.TABLE,
            effort=Effort(queries=wanted.queries, seconds=wanted.seconds, seeds=wanted.seeds),
            seed=ctx.seed,
            starts=self.shares.shares(model.samples.others(self.rows, ctx.seed)),
            symptoms=symptoms,
        )

    def results(self) -> Iterator[Result]:
        """Attack, and yield readings, gaps and at most one finding."""
        required = self.model.declared.evasion.require
        extra = [("replay", self._replay), ("constrained-search", self._constrained)]
        extra = [(name, attack) for name, attack in extra if self._applies(name)]
        stopped = None
        rows = np.arange(len(self.rows))
        if required is None:
            self.assessment.attack(rows, extra)
        else:
            stopped = sequential(
                lambda some: self.assessment.attack(some, extra),
                len(rows),
                threshold=required,
                seed=self.ctx.seed,
                subject=self._within(self.epsilons[-1]),
            )
            rows = np.sort(stopped.rows)
        best = self._finished(rows)
        trials = [_without(trial, self.assessment.correct[rows] & ~best.found) for trial in self.assessment.trials(rows)]
        kept = self._keep(rows, best)
        readings = robustness(
            trials,
            self.assessment.correct[rows],
            epsilons={self.norm: self.epsilons},
            taken={epsilon: np.where(best.distance <= epsilon, taken[rows], np.inf) for epsilon, taken in self.assessment.taken.items()},
            symptoms=self.symptoms,
        )
        yield from (self._complete(reading, stopped, kept) for reading in readings)
        yield from self._gaps()
        robust = next(r for r in readings if r.name == "robust-accuracy" and r.subject == self._within(self.epsilons[-1]))
        why = None if robust.blocked else self._undoing(rows, best)
        yield from why.readings() if why else ()
        yield from self._finding(rows, best, stopped, robust, why)

    def _undoing(self, rows: Integers, best: Attempts) -> Undoing | None:
        """Which columns carry the evasions within the largest distance."""
        within = self.assessment.correct[rows] & (best.distance <= self.epsilons[-1])
        nearest = np.flatnonzero(within)[np.argsort(best.distance[within], kind="stable")]
        return undoing(self.model, self.values[rows[nearest]], best.points[nearest], self.ctx.seed)

    def _within(self, epsilon: float) -> str:
        return f"{self.norm} <= {epsilon:g}"

    # ---- attacks beside those of the catalogue

    def _applies(self, name: str) -> bool:
        return bool(self.model.under_test.replay) if name == "replay" else self.model.samples.domain is not None and not self.space.plain

    def _constrained(self, rows: Integers, seed: int) -> Attempts:
        """The search for possible rows, by what a change costs (shares of ranges); of its evasions the nearest by this assessment's norm."""
        from aisecops.attacks.evasion.tabular import constrained_search

        domain = self.model.samples.domain
        assert domain is not None
        others = self.model.samples.others(self.rows, seed)
        found = constrained_search(
            self.model.oracle,
            self.values[rows],
            self.y[rows],
            space=domain,
            queries=self.assessment.effort.queries,
            seed=seed,
            starts=others,
            measure=lambda points, samples: self.norm.distance(self.shares.shares(points), self.shares.shares(samples)),
        )
        return msgspec.structs.replace(self._measured(rows, found.points, found.found, found.queries, found.stopped), curve=found.curve)

    def _replay(self, rows: Integers, seed: int) -> Attempts:  # noqa: ARG002 the signature of every attack
        """Ask again about what fooled the model before, for samples that are the same rows of data."""
        with np.load(self.model.under_test.replay, allow_pickle=False) as kept:
            origin, points = np.asarray(kept["origin"], dtype=np.float64), np.asarray(kept["points"], dtype=np.float64)
        if origin.shape != points.shape or origin.shape[1:] != self.values.shape[1:]:
            origin = points = np.empty((0, *self.values.shape[1:]))
        known = {row.tobytes(): number for number, row in enumerate(origin)}
        matches = [(place, known[self.values[row].tobytes()]) for place, row in enumerate(rows) if self.values[row].tobytes() in known]
        tried, found, queries = self.values[rows].copy(), np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=np.int64)
        if matches:
            places, numbers = (np.array(side) for side in zip(*matches, strict=True))
            tried[places] = self.space.project(points[numbers], self.values[rows[places]])
            found[places] = self.model.oracle.labels(tried[places]) != self.y[rows[places]]
            queries[places] = 1
        return self._measured(rows, tried, found, queries)

    def _measured(self, rows: Integers, points: Floats, found: Any, queries: Integers, stopped: str = "") -> Attempts:
        shares, origin = self.shares.shares(points), self.shares.samples[rows]
        distance = np.where(found, self.norm.distance(shares.reshape(len(rows), -1), origin.reshape(len(rows), -1)), np.inf)
        return Attempts(
            norm=self.norm, points=np.where(_over(found, shares), shares, origin), found=found, distance=distance, queries=queries, stopped=stopped
        )

    # ---- what came of it

    def _finished(self, rows: Integers) -> Attempts:
        """The best evasion of each row, as values, asked about once more."""
        assessment = self.assessment
        best = Attempts(
            norm=self.norm,
            points=assessment.points,
            found=np.isfinite(assessment.distance) & assessment.correct & np.isin(np.arange(len(self.y)), rows),
            distance=assessment.distance,
            queries=assessment.queries,
        )
        finished = self.shares.finished(best, self.y)
        lost = best.found & ~finished.found
        assessment.distance[lost] = np.inf
        return Attempts(
            norm=self.norm,
            points=finished.points[rows],
            found=finished.found[rows] | ~best.found[rows],
            distance=finished.distance[rows],
            queries=finished.queries[rows],
        )

    def _keep(self, rows: Integers, best: Attempts) -> tuple[str, ...]:
        """Attach what fooled the model."""
        fooled = np.isfinite(best.distance) & self.assessment.correct[rows]
        if not fooled.any():
            return ()
        facts = {
            "norm": self.norm.value,
            "epsilons": list(self.epsilons),
            "seed": self.ctx.seed,
            "model": self.model.asset.digest,
            "name": self.model.declared.name,
        }
        origin, points = self.values[rows][fooled], best.points[fooled]
        kept = [keep_examples(self.ctx, origin, points, self.y[rows][fooled], facts)]
        if origin.ndim > 2:
            kept.append(keep_pictures(self.ctx, origin, points, float(np.min(self.space.low)), float(np.max(self.space.high))))
        return tuple(filter(None, kept))

    def _complete(self, reading: Reading, stopped: Stopped | None, kept: tuple[str, ...]) -> Reading:
        """Where the assessment stopped early, the interval is one that holds in spite of that."""
        if stopped is not None and reading.name == "robust-accuracy" and reading.subject == stopped.reading.subject:
            low, high, method = stopped.reading.low, stopped.reading.high, stopped.reading.method
            reading = msgspec.structs.replace(reading, low=low, high=high, method=method)
        return msgspec.structs.replace(reading, attachments=kept) if reading.name == "attack-success" else reading

    def _gaps(self) -> Iterator[NotExamined]:
        for name, why in self.assessment.stopped.items():
            if why.startswith("budget"):
                yield NotExamined(
                    code=Code.TRUNCATED, reason=f"{name} stopped early ({why})", remedy="allow a larger `budget` for this model in aisecops.yaml"
                )

    def _finding(self, rows: Integers, best: Attempts, stopped: Stopped | None, robust: Reading, why: Undoing | None) -> Iterator[Weakness]:
        right = self.assessment.correct[rows]
        within = right & (best.distance <= self.epsilons[-1])
        beaten, n = int(within.sum()), int(right.sum())
        if not beaten or robust.blocked:
            return
        least = clopper_pearson(beaten, n).low
        required = self.model.declared.evasion.require
        missed = stopped is not None and stopped.side.value == "below"
        if least < 0.05 and not missed:
            return
        examples = self._examples(rows[within], best.points[within])
        told = [why.sentence()] if why else []
        told += [f"For example: {examples[0]}."] if examples else []
        demand = (
            f" The project requires a robust accuracy of {required:g}; that is not kept ({stopped.used} samples decided it)."
            if missed and stopped
            else ""
        )
        yield Weakness(
            category="evasion",
            identity=(self.model.declared.name, self.norm.value),
            title="Small changes make the model answer wrong",
            message=(
                f"Changes of at most {self.epsilons[-1]:g} ({self.norm}, in shares of each column's range) turned {beaten} of {n} right answers wrong, "
                f"at least {least:.0%} of all such samples with 95 % confidence.{demand}" + "".join(f" {one}" for one in told if one)
            ),
            severity=Severity.HIGH if missed else Severity.MEDIUM if least >= 0.5 else Severity.LOW,
            confidence=Confidence.HIGH,
            evidence={"examples": examples, "evaded": beaten, "right": n, "attacks": sorted({self.assessment.by[row] for row in rows[within]})}
            | (why.evidence() if why else {}),
            fix=Fix(
                "Train with such examples among the data (adversarial training), take away columns that an outsider can choose freely, limit how often one may "
                "ask, and put what must not be evaded behind a second, different detector; run again to see what it buys."
            ),
        )

    def _examples(self, rows: Integers, points: Floats) -> list[str]:
        """The nearest evasions in words: the changes that carry the flip."""
        domain = self.model.samples.domain
        if domain is None or points.ndim != 2:
            return []
        order = np.argsort(self.assessment.distance[rows])[:SHOWN]
        origin = self.values[rows[order]]
        points, _ = carried(self.model.oracle, points[order], origin, self.y[rows[order]], space=self.space)
        classes, told = self.model.oracle.classes, []
        for before, after, row, label in zip(origin, points, rows[order], self.model.oracle.labels(points), strict=True):
            changes = ", ".join(f"{change.column} {change.before} -> {change.after}" for change in domain.changes(after, before)[:6])
            told.append(f"row {self.rows[row]}: {changes} makes {classes[self.y[row]]} into {classes[label]}")
        return told


def _over(found: Any, like: Floats) -> Any:
    return np.reshape(found, (-1, *(1,) * (like.ndim - 1)))


def _without(trial: Trial, lost: Any) -> Trial:
    """``trial`` in which evasions that did not stand the last question do not count."""
    distance = np.where(lost, np.inf, trial.attempts.distance)
    return msgspec.structs.replace(trial, attempts=msgspec.structs.replace(trial.attempts, distance=distance, found=np.isfinite(distance)))
