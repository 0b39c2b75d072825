"""From what attacks did to numbers that one may act on: robust accuracy with its interval, curve and certificate, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec.structs import replace

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.masking.symptom import Symptom, blocked
from aisecops.attacks.evasion.worst_case import Trial, Worst, worst
from aisecops.core.errors import UserError
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import clopper_pearson, dkw_band, quantile_interval
from aisecops.oracles.oracle import Flags, Floats

CURVE_POINTS = 50


def robustness(
    trials: Sequence[Trial],
    correct: Flags,
    *,
    epsilons: Mapping[Norm, Sequence[float]] | None = None,
    taken: Mapping[float, Floats] | None = None,
    level: float = 0.95,
    symptoms: Iterable[Symptom] = (),
) -> tuple[Reading, ...]:
    """Return the readings of an evaluation of n samples.

    ``clean-accuracy`` first: no robust accuracy is worth reading without it. Then for each norm and each of its ``epsilons``, with a subject such as
    ``linf <= 0.1``:

    - ``robust-accuracy``: the share of all n samples that the model has right and for which *no* attack with *any* seed found an evasion within epsilon, with
      the Clopper-Pearson interval at this n. The truth is lower still: an attack bounds it from above (``bound`` attack). Its curve is over epsilon,
      (x, value, low, high), with a band that holds everywhere at once (Dvoretzky-Kiefer-Wolfowitz); at 0 stands the clean accuracy.
    - ``attack-success``: the share evaded among the samples that the model had right. Its curve, where ``taken`` is given, is over the queries a sample that
      the attacks have asked by then, with such a band.
    - ``certified-accuracy``: the share right and *proven* to have no evasion within epsilon, where an attack proves any (``bound`` certificate). It lies
      below robust accuracy; the truth for these samples is between the two.

    And for each norm ``evasion-distance-median``, over all samples that the model had right. Samples for which no evasion was found count as infinitely far
    (censored): where they are more than half the median has no value, only a lower end.

    Parameters
    ----------
    trials
        On the same samples.
    correct
        Whether the model has each sample right before any attack, shape (n,).
    epsilons
        The distances to report at.
    taken
        For some of these distances, the queries until each sample's first evasion within it, shape (n,), infinite where there is none (``Assessment.taken``).
    level
        Confidence of each interval, and of each band as a whole.
    symptoms
        Of masking, from ``masking.diagnose``: a number all of whose attacks they undermine is ``blocked``.

    Raises
    ------
    UserError
        If there are no samples, or trials disagree with ``correct`` about their number.

    References
    ----------
    Carlini, N. et al. (2019). On Evaluating Adversarial Robustness. arXiv:1902.06705.
    """
    correct, symptoms = np.asarray(correct, dtype=bool), tuple(symptoms)
    if correct.ndim != 1 or not len(correct):
        raise UserError("robustness needs at least one sample")
    readings = [_clean(correct, level)]
    for norm in dict.fromkeys(trial.attempts.norm for trial in trials):
        case = worst([trial for trial in trials if trial.attempts.norm is norm], correct)
        for epsilon in (epsilons or {}).get(norm, ()):
            readings += _at(case, float(epsilon), (taken or {}).get(epsilon), level, symptoms)
        readings.append(_median(case, level, symptoms))
    return tuple(readings)


def _clean(correct: Flags, level: float) -> Reading:
    reading = Reading(name="clean-accuracy", value=float(correct.mean()), unit="1", n=len(correct), better=Better.HIGHER, bound=Bound.ESTIMATE)
    return reading.within(clopper_pearson(int(correct.sum()), len(correct), level))


def _at(case: Worst, epsilon: float, taken: Floats | None, level: float, symptoms: tuple[Symptom, ...]) -> list[Reading]:
    """The readings at one distance."""
    subject, right = f"{case.norm} <= {epsilon:g}", int(case.correct.sum())
    kept = int(np.count_nonzero(case.correct & (case.distance > epsilon)))
    why = _why(case, epsilon, kept, symptoms)
    readings = [_robust(case, epsilon, kept, level, why)]
    if right:
        success = Reading(
            name="attack-success",
            subject=subject,
            value=(right - kept) / right,
            unit="1",
            n=right,
            better=Better.LOWER,
            bound=Bound.ATTACK,
            blocked=why,
            curve=_over_queries(taken[case.correct], level) if taken is not None else (),
        )
        readings.append(success.within(clopper_pearson(right - kept, right, level)))
    if case.lower is not None:
        readings.append(_certified(case, case.lower, epsilon, level))
    return readings


def _robust(case: Worst, epsilon: float, kept: int, level: float, why: str) -> Reading:
    n = len(case.correct)
    reading = Reading(
        name="robust-accuracy", subject=f"{case.norm} <= {epsilon:g}", value=kept / n, unit="1", n=n, better=Better.HIGHER, bound=Bound.ATTACK, blocked=why,
        curve=_curve(case, epsilon, level),
    )  # fmt: skip
    return reading.within(clopper_pearson(kept, n, level))


def _why(case: Worst, epsilon: float, kept: int, symptoms: tuple[Symptom, ...]) -> str:
    """Why a robust accuracy must not be used; empty: it may.

    A real evasion stays one whatever ails the attack, unless the model answers at random: where no sample was left standing, nothing can be overstated.
    """
    if epsilon > case.reach:
        return f"no attack searched beyond {case.norm} {case.reach:g}"
    if kept == 0 and not any(symptom.name == "randomness" for symptom in symptoms):
        return ""
    return blocked(symptoms, case.relied_on)


def _certified(case: Worst, lower: Floats, epsilon: float, level: float) -> Reading:
    n, certified = len(case.correct), int(np.count_nonzero(case.correct & (lower > epsilon)))
    refuted = case.refuted
    reading = Reading(
        name="certified-accuracy", subject=f"{case.norm} <= {epsilon:g}", value=certified / n, unit="1", n=n, better=Better.HIGHER, bound=Bound.CERTIFICATE,
        blocked=f"unsound: {refuted} samples have an evasion below their proven distance" if refuted else "",
        curve=_survival(np.where(case.correct, lower, -1.0), _points(lower[case.correct], 2.0 * epsilon, epsilon), level),
    )  # fmt: skip
    return reading.within(clopper_pearson(certified, n, level))


def _curve(case: Worst, epsilon: float, level: float) -> tuple[tuple[float, ...], ...]:
    """Robust accuracy over distances up to twice epsilon, or as far as an attack searched. At 0 a sample stands that the model has right."""
    farthest = min(2.0 * epsilon, max(case.reach, epsilon))
    return _survival(np.where(case.correct, case.distance, -1.0), _points(case.distance[case.correct], farthest, epsilon), level)


def _over_queries(taken: Floats, level: float) -> tuple[tuple[float, ...], ...]:
    """(queries a sample, share evaded by then, low, high); empty where one question was enough: what is known of the model's structure told the rest."""
    last = float(np.max(taken[np.isfinite(taken)], initial=0.0))
    if last < 10:
        return ()
    return tuple((x, 1.0 - share, 1.0 - high, 1.0 - low) for x, share, low, high in _survival(taken, _points(taken, last), level))


def _points(distances: Floats, *always: float) -> list[float]:
    """0, ``always``, and where the curve steps up to the largest of them: all the steps, or quantiles of them."""
    steps = np.unique(distances[np.isfinite(distances) & (distances <= max(always))])
    if len(steps) > CURVE_POINTS:
        steps = steps[np.linspace(0, len(steps) - 1, CURVE_POINTS).round().astype(int)]
    return sorted({0.0, *always, *steps.tolist()})


def _survival(values: Floats, points: Sequence[float], level: float) -> tuple[tuple[float, ...], ...]:
    """(x, share of ``values`` beyond x, low, high), the band simultaneous."""
    band = dkw_band(values.tolist(), points, level)
    return tuple((x, 1.0 - share, 1.0 - interval.high, 1.0 - interval.low) for x, (share, interval) in zip(points, band, strict=True))


def _median(case: Worst, level: float, symptoms: tuple[Symptom, ...]) -> Reading:
    """The median distance of the nearest evasion, where the model was right."""
    distances = case.distance[case.correct].tolist()
    empty = Reading(
        name="evasion-distance-median",
        value=None,
        unit=str(case.norm),
        subject=str(case.norm),
        n=len(distances),
        better=Better.HIGHER,
        bound=Bound.ATTACK,
    )
    if not distances:
        return replace(empty, blocked="the model has no sample right")
    value, interval = quantile_interval(distances, 0.5, level)
    why = blocked(symptoms, case.relied_on)
    if not why and value > case.reach:
        why = f"no attack searched beyond {case.norm} {case.reach:g}"
    return replace(empty.within(interval), value=value if np.isfinite(value) else None, low=max(0.0, interval.low), blocked=why)
