"""Numbers from attempts: worst case, censoring, bands, certificates, blocks, and coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined, blocked
from aisecops.attacks.evasion.robustness import Trial, robustness
from aisecops.attacks.evasion.sequential import sequential
from aisecops.core.errors import UserError
from aisecops.core.measurement import Bound
from aisecops.core.statistics import Side, clopper_pearson
from aisecops.oracles.oracle import Capability

INF = np.inf


def attempts(distance, *, lower=None, norm=Norm.LINF):
    distance = np.asarray(distance, dtype=float)
    n = len(distance)
    lower = None if lower is None else np.asarray(lower, dtype=float)
    return Attempts(norm=norm, points=np.zeros((n, 2)), found=np.isfinite(distance), distance=distance, queries=np.ones(n, dtype=int), lower=lower)


def trial(distance, *, attack="a", capability=Capability.LABELS, epsilon=None, seed=0, **more):
    return Trial(attack=attack, capability=capability, attempts=attempts(distance, **more), epsilon=epsilon, seed=seed)


def named(readings, name, subject=""):
    (reading,) = [r for r in readings if r.name == name and (not subject or r.subject == subject)]
    return reading


CORRECT = np.array([True, True, True, True, False])
AT = {Norm.LINF: (0.1,)}


def test_a_sample_is_robust_only_if_no_attack_with_any_seed_evades_it():
    trials = [trial([0.05, INF, INF, INF, INF]), trial([INF, 0.1, INF, 0.3, 0.02], seed=1), trial([INF, INF, INF, INF, INF], attack="b")]
    readings = robustness(trials, CORRECT, epsilons=AT)
    robust = named(readings, "robust-accuracy", "linf <= 0.1")
    assert (robust.value, robust.n, robust.bound) == (0.4, 5, Bound.ATTACK)  # the wrong sample counts against it, exactly 0.1 is within 0.1
    exact = clopper_pearson(2, 5)
    assert (robust.low, robust.high, robust.method) == (exact.low, exact.high, "clopper-pearson")
    success = named(readings, "attack-success")
    assert (success.value, success.n) == (0.5, 4)
    clean = named(readings, "clean-accuracy")
    assert (clean.value, clean.n) == (0.8, 5)


def test_the_curve_starts_at_clean_accuracy_never_rises_and_stays_in_its_band():
    rng = np.random.default_rng(0)
    readings = robustness([trial(rng.exponential(0.1, 300))], rng.random(300) < 0.9, epsilons=AT)
    robust, clean = named(readings, "robust-accuracy"), named(readings, "clean-accuracy")
    points = np.array(robust.curve)
    assert points[0, :2] == pytest.approx([0.0, clean.value])
    assert (np.diff(points[:, 0]) > 0).all()
    assert (np.diff(points[:, 1]) <= 0).all()
    assert ((points[:, 2] <= points[:, 1]) & (points[:, 1] <= points[:, 3])).all()
    assert points[points[:, 0] == 0.1, 1] == pytest.approx(robust.value)
    assert len(points) < 60


def test_the_curve_over_queries_ends_at_the_share_evaded_within_its_band():
    rng = np.random.default_rng(0)
    correct = rng.random(300) < 0.9
    distance = rng.exponential(0.1, 300)
    taken = np.where(distance <= 0.1, rng.integers(1, 500, 300), INF)
    success = named(robustness([trial(distance)], correct, epsilons=AT, taken={0.1: taken}), "attack-success")
    points = np.array(success.curve)
    assert points[0, 1] == 0 and points[-1, 1] == pytest.approx(success.value)
    assert (np.diff(points[:, 0]) > 0).all() and (np.diff(points[:, 1]) >= 0).all()
    assert ((points[:, 2] <= points[:, 1]) & (points[:, 1] <= points[:, 3])).all()
    at = points[len(points) // 2]
    assert at[1] == pytest.approx(np.mean(taken[correct] <= at[0]))


def test_an_evasion_is_counted_from_the_first_query_that_was_near_enough():
    said = Attempts(
        norm=Norm.LINF, points=np.zeros((3, 2)), found=np.array([True, True, False]), distance=np.array([0.05, 0.2, INF]), queries=np.array([90, 90, 90]),
        curve=((10, np.array([0.3, INF, INF])), (40, np.array([0.08, 0.4, INF])), (90, np.array([0.05, 0.2, INF]))),
    )  # fmt: skip
    assert said.queries_within(0.1).tolist() == [40, INF, INF]
    assert said.queries_within(0.3).tolist() == [10, 90, INF]


def test_a_median_counts_those_for_which_nothing_was_found():
    readings = robustness([trial([0.1] * 9 + [INF] * 11)], np.ones(20, dtype=bool))
    median = named(readings, "evasion-distance-median")
    assert median.value is None
    assert median.low == 0.1
    assert median.high is None
    assert median.n == 20


def test_a_certificate_lies_below_the_attack_and_says_so():
    readings = robustness([trial([0.05, 0.2, INF, 0.15, 0.0], lower=[0.05, 0.12, 0.3, 0.02, 0.2])], CORRECT, epsilons=AT)
    certified, robust = named(readings, "certified-accuracy"), named(readings, "robust-accuracy")
    assert certified.bound is Bound.CERTIFICATE
    assert not certified.blocked
    assert (certified.value, robust.value) == (0.4, 0.6)
    assert np.array(certified.curve)[:, 1].max() <= 0.8


def test_a_certificate_that_an_evasion_refutes_is_blocked():
    readings = robustness([trial([0.05] * 5), trial([INF] * 5, lower=[0.2] * 5, capability=Capability.STRUCTURE)], CORRECT, epsilons=AT)
    assert "unsound: 4 samples" in named(readings, "certified-accuracy").blocked


def test_attacks_on_the_right_samples_alone_are_put_in_their_places():
    readings = robustness([trial([0.05, INF, 0.05, 0.05])], np.array([True, False, True, True, True]), epsilons=AT)
    assert named(readings, "robust-accuracy").value == 0.2
    with pytest.raises(UserError, match="tried 3 samples"):
        robustness([trial([0.1] * 3)], CORRECT)


def test_an_attack_within_a_fixed_distance_says_nothing_beyond():
    readings = robustness([trial([INF] * 5, epsilon=0.1)], CORRECT, epsilons={Norm.LINF: (0.1, 0.2)})
    assert not named(readings, "robust-accuracy", "linf <= 0.1").blocked
    assert "beyond linf 0.1" in named(readings, "robust-accuracy", "linf <= 0.2").blocked
    assert "beyond linf 0.1" in named(readings, "evasion-distance-median").blocked


def symptom(name, *undermines):
    return Symptom(name=name, message="seen", evidence=(), undermines=undermines, advice="")


ZERO = symptom("zero-gradients", Undermined.GRADIENT_ATTACKS)
RANDOM = symptom("randomness", Undermined.SINGLE_EVALUATION)


def test_a_number_is_blocked_if_all_of_its_attacks_are_undermined():
    gradient, decision = trial([INF] * 5, capability=Capability.GRADIENT), trial([INF] * 5)
    assert "zero-gradients" in named(robustness([gradient], CORRECT, epsilons=AT, symptoms=[ZERO]), "robust-accuracy").blocked
    assert not named(robustness([gradient, decision], CORRECT, epsilons=AT, symptoms=[ZERO]), "robust-accuracy").blocked
    assert "randomness" in named(robustness([gradient, decision], CORRECT, epsilons=AT, symptoms=[ZERO, RANDOM]), "robust-accuracy").blocked
    assert blocked([ZERO], [Capability.GRADIENT, Capability.SCORES]) == ""


def test_evasion_of_every_sample_overstates_nothing_unless_answers_are_random():
    beaten = trial([0.01] * 5, capability=Capability.GRADIENT)
    assert not named(robustness([beaten], CORRECT, epsilons=AT, symptoms=[ZERO]), "robust-accuracy").blocked
    assert named(robustness([beaten], CORRECT, epsilons=AT, symptoms=[RANDOM]), "robust-accuracy").blocked


def test_a_model_that_is_never_right_has_no_attack_success():
    readings = robustness([trial([0.1] * 5)], np.zeros(5, dtype=bool), epsilons=AT)
    assert not [r for r in readings if r.name == "attack-success"]
    assert named(readings, "evasion-distance-median").blocked
    assert named(readings, "robust-accuracy").value == 0


def test_no_samples_are_refused():
    with pytest.raises(UserError, match="at least one sample"):
        robustness([], np.zeros(0, dtype=bool))


def test_the_band_of_the_curve_holds_as_a_whole():
    """Against the true curve .9 exp(-x), at every step of each curve."""
    rng, held = np.random.default_rng(7), 0
    for _ in range(300):
        readings = robustness([trial(rng.exponential(size=60))], rng.random(60) < 0.9, epsilons={Norm.LINF: (1.0,)})
        x, _, low, high = np.array(named(readings, "robust-accuracy").curve).T
        held += bool(np.all((low <= 0.9 * np.exp(-x)) & (0.9 * np.exp(-x) <= high)))
    assert held >= 0.95 * 300


def test_a_sequential_evaluation_stops_early_on_the_right_side():
    robust = np.random.default_rng(2).random(2000) < 0.5
    seen = []

    def evaluate(rows):
        seen.extend(rows.tolist())
        return robust[rows]

    result = sequential(evaluate, 2000, threshold=0.8, seed=3, subject="linf <= 0.1")
    assert result.side is Side.BELOW
    assert result.used <= result.evaluated == len(seen) == len(set(seen)) <= 100
    assert result.rows.tolist() == seen
    assert result.reading.n == result.evaluated
    assert result.reading.method == "beta-binomial-sequence"
    assert result.reading.low <= 0.5 <= result.reading.high


def test_where_the_samples_do_not_decide_it_says_so_and_has_used_all():
    robust = np.arange(50) % 5 != 0
    result = sequential(lambda rows: robust[rows], 50, threshold=0.8, seed=0)
    assert (result.side, result.used, result.evaluated, result.reading.value) == (Side.UNDECIDED, 50, 50, 0.8)


def test_a_sorted_data_set_does_not_fool_it():
    robust = np.arange(1000) >= 500  # all failures first
    sides = [sequential(lambda rows: robust[rows], 1000, threshold=0.3, seed=seed).side for seed in range(20)]
    assert sides.count(Side.ABOVE) >= 19


def test_the_interval_covers_in_spite_of_stopping():
    rng, held = np.random.default_rng(11), 0
    for _ in range(200):
        robust = rng.random(200) < 0.7
        reading = sequential(lambda rows, robust=robust: robust[rows], 200, threshold=0.6, seed=0, batch=8).reading
        held += reading.low <= 0.7 <= reading.high
    assert held >= 190
