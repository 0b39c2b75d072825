"""A model behind each defence: trained, attacked and judged alike, so that the rows of the table can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.attacks.evasion.assessment import Assessment, Effort
from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.shares import Shares
from aisecops.attacks.inference.membership.confidences import of_label
from aisecops.attacks.inference.membership.evidence import Case
from aisecops.attacks.inference.membership.halves import complementary_halves
from aisecops.attacks.inference.membership.rates import area, rate_at
from aisecops.attacks.inference.membership.ratio import judge
from aisecops.checks.model.attacking import DISTANCES
from aisecops.checks.model.fairness import favourable_class, protected_values
from aisecops.checks.model.subject import AskedModel
from aisecops.checks.model.training import Sides
from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.defences.leakage.outputs import shown
from aisecops.defences.leakage.recommendation import Point, Price, accuracy_change
from aisecops.defences.leakage.retraining import IsolatedRetraining
from aisecops.defences.leakage.settings import Setting
from aisecops.metrics.fairness import audit
from aisecops.metrics.fairness.comparison import least, most
from aisecops.oracles.oracle import Capability, Flags, Floats, Integers, Oracle

_JUDGED = 5000
"""Test rows that accuracy and fairness are measured on, at most."""
_FPR = 0.01
_EFFORT = Effort(queries=200, seconds=0.2)
Transform = Callable[[Floats, Integers], Floats]


class Answers(msgspec.Struct, frozen=True):
    """What one model answers about the attacked records, shape (n, k) and (n,)."""

    scores: Floats
    labels: Integers


class Bench:
    """The records, test rows and shadow models that every setting of a model is measured with.

    Parameters
    ----------
    retraining
        Where models are trained anew; None: only defences of outputs are tried, and attacked by confidence alone.
    """

    def __init__(self, model: AskedModel, records: Sides, retraining: IsolatedRetraining | None, *, robust_samples: int, seed: int) -> None:
        self.model, self.seed, self._retraining, self._robust_samples = model, seed, retraining, robust_samples
        self.samples, self.y = (np.concatenate([mine, theirs]) for mine, theirs in zip(records.members, records.others, strict=True))
        self.members = len(records.members[1])
        self._rest = len(records.rest[1])
        self.rows = model.samples.drawn(_JUDGED, (), seed)
        self.inside = complementary_halves(len(self.y), model.declared.privacy.shadows or 4, seed)
        if retraining is not None:
            retraining.told(np.concatenate([self.samples, records.rest[0]]), np.concatenate([self.y, records.rest[1]]))
        self._plain = self._asked(model.oracle)
        self._labels = model.oracle.labels(model.samples.batch(self.rows))
        self._plain_shadows: list[Answers] | None = None

    # ---- the rows of the table

    def as_it_is(self) -> Price:
        """The model itself."""
        return self._priced(
            "as it is", None, self._plain, self._shadows(None), self._labels, self._gap(self._labels), self._robust(self.model.oracle)
        )

    def behind(self, setting: Setting, plain: Price) -> Price:
        """The model behind a defence of outputs: its labels stay, and with them accuracy, fairness, and what evades it."""

        def seen(answers: Answers) -> Answers:
            return Answers(shown(answers.scores, answers.labels, setting), answers.labels)

        shadows = [seen(one) for one in self._shadows(None)]
        return self._priced(setting.name, setting, seen(self._plain), shadows, self._labels, plain.gap, plain.robust)

    def retrained(self, setting: Setting) -> Price:
        """The model trained with other parameters."""
        shadows = self._shadows(setting)
        oracle = self._trained(setting, self._target(), self.seed)
        labels = oracle.labels(self.model.samples.batch(self.rows))
        return self._priced(setting.name, setting, self._asked(oracle), shadows, labels, self._gap(labels), self._robust(oracle))

    def _priced(
        self, name: str, setting: Setting | None, target: Answers, shadows: list[Answers], labels: Integers, gap: Point | None, robust: Point | None
    ) -> Price:
        truth = self.model.samples.y[self.rows]
        before, after = self._labels == truth, labels == truth
        n, gained, lost = len(truth), int((after & ~before).sum()), int((before & ~after).sum())
        change = accuracy_change(gained, lost, n)
        leak, rate, attack = self._leak(target, shadows)
        return Price(
            setting=name, family=setting.family if setting else None, attack=attack, leak=leak, rate=rate, gap=gap, robust=robust,
            accuracy=_share(after),
            change=_point((gained - lost) / n, change, n) if setting and not setting.family.of_outputs else Point(value=0.0, low=0.0, high=0.0, n=n),
        )  # fmt: skip

    # ---- training

    def _target(self) -> Flags:
        """The records that the model itself was trained on."""
        rows = np.ones(len(self.y) + self._rest, dtype=bool)
        rows[self.members : len(self.y)] = False
        return rows

    def _shadows(self, setting: Setting | None) -> list[Answers]:
        """What shadow models with this setting answer; none where nothing can be trained."""
        if self._retraining is None:
            return []
        if setting is None and self._plain_shadows is not None:
            return self._plain_shadows
        always = np.ones(self._rest, dtype=bool)
        found = [
            self._asked(self._trained(setting, np.concatenate([rows, always]), self.seed + 1 + number)) for number, rows in enumerate(self.inside)
        ]
        if setting is None:
            self._plain_shadows = found
        return found

    def _trained(self, setting: Setting | None, rows: Flags, seed: int) -> Oracle:
        assert self._retraining is not None
        return self._retraining.train(setting, rows, seed=seed)

    def _asked(self, oracle: Oracle) -> Answers:
        labels = oracle.labels(self.samples)
        if Capability.SCORES in oracle.capabilities:
            return Answers(oracle.scores(self.samples), labels)
        return Answers(np.asarray(np.arange(len(oracle.classes)) == labels[:, None], dtype=np.float64), labels)

    # ---- measuring

    def _leak(self, target: Answers, shadows: Sequence[Answers]) -> tuple[Point, Point | None, str]:
        confidence = of_label(target.scores, self.y)
        attack = "confidence"
        if shadows:
            case = Case(target=confidence, shadows=np.stack([of_label(one.scores, self.y) for one in shadows]), inside=self.inside)
            judged = judge(case, seed=self.seed)
            confidence, attack = judged.scores, judged.attack
        mine, theirs = confidence[: self.members], confidence[self.members :]
        whole, rate = area(mine, theirs), rate_at(mine, theirs, _FPR)
        n = len(self.y)
        return _point(whole.value, whole.interval, n), None if rate.value is None else _point(rate.value, rate.interval, n), attack

    def _gap(self, labels: Integers) -> Point | None:
        """The largest gap between groups over the declared metrics."""
        settings = self.model.declared.fairness
        if settings is None:
            return None
        favourable = favourable_class(self.model.samples.classes, settings.favourable)
        due, favoured = self.model.samples.y[self.rows] == favourable, labels == favourable
        groups = protected_values(self.model, self.rows)
        found = audit(groups, due, favoured, rates=settings.metrics, margin=settings.margin, depth=settings.intersections)
        known = [one for one in found.comparisons if one.difference is not None]
        if not known:
            return None
        value = max(abs(one.difference or 0.0) for one in known)
        return Point(value=value, low=max(map(least, known)), high=max(map(most, known)), n=found.n)

    def _robust(self, oracle: Oracle) -> Point | None:
        """Robust accuracy at the largest distance of the manifest, on a few rows, with little effort: to compare settings, not to certify one."""
        if not self._robust_samples:
            return None
        samples, wanted = self.model.samples, self.model.declared.evasion
        norm = Norm(wanted.norm)
        epsilon = max(wanted.epsilon or DISTANCES[norm])
        rows = samples.drawn(self._robust_samples, wanted.classes, self.seed)
        shares = Shares(oracle, samples.space, samples.numbers[rows], samples.whole)
        starts = shares.shares(samples.others(rows, self.seed))
        y = samples.y[rows]
        tried = Assessment(
            shares, shares.samples, y, space=shares, norm=norm, epsilons=[epsilon], effort=_EFFORT, seed=self.seed, starts=starts
        )  # fmt: skip
        tried.attack(np.arange(len(rows)), [])
        found = Attempts(
            norm=norm, points=tried.points, found=np.isfinite(tried.distance) & tried.correct, distance=tried.distance, queries=tried.queries
        )
        stood = shares.finished(found, y).distance
        return _share(tried.correct & (stood > epsilon))


def told(price: Price) -> Iterator[tuple[str, Any]]:
    """Yield the cells of a row of the table, for JSON: a name, and a number with its interval or a word."""
    yield "setting", price.setting
    for name in ("accuracy", "change", "leak", "rate", "gap", "robust"):
        point: Point | None = getattr(price, name)
        yield name, None if point is None else msgspec.to_builtins(point)
    yield "attack", price.attack


def _share(right: Flags) -> Point:
    return _point(float(right.mean()), clopper_pearson(int(right.sum()), len(right)), len(right))


def _point(value: float, interval: Interval, n: int) -> Point:
    return Point(value=value, low=interval.low, high=interval.high, n=n)
