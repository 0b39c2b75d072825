"""Confidence sequences and the sequential gate: their mathematics against scipy, their promises by exact computation over all paths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from aisecops.core.statistics import SequentialGate, Side, clopper_pearson, confidence_sequence, stake_below

counts = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def log_evidence(k, n, p):
    """The mixture as an integral over alternatives, in scipy's functions."""
    return special.betaln(0.5 + k, 0.5 + n - k) - special.betaln(0.5, 0.5) - special.xlogy(k, p) - special.xlog1py(n - k, -p)


def log_stake(k, n, p0):
    a, b = 8 * p0, 8 * (1 - p0)
    mass = np.log(special.betainc(a + k, b + n - k, p0)) - np.log(special.betainc(a, b, p0))
    return special.betaln(a + k, b + n - k) - special.betaln(a, b) - special.xlogy(k, p0) - special.xlog1py(n - k, -p0) + mass


@given(counts, st.sampled_from((0.5, 0.9, 0.95, 0.99)))
def test_the_ends_of_a_confidence_sequence_are_where_the_evidence_is_enough(count, level):
    k, n = count
    interval = confidence_sequence(k, n, level)
    assert interval.low <= k / n <= interval.high
    for end, inner in ((interval.low, 0), (interval.high, n)):
        if k != inner:
            assert log_evidence(k, n, end) == pytest.approx(math.log(1 / (1 - level)), rel=1e-6)


@given(counts)
def test_a_confidence_sequence_is_wider_than_a_fixed_interval_and_not_by_much(count):
    k, n = count
    fixed, sequence = clopper_pearson(k, n), confidence_sequence(k, n)
    assert sequence.high - sequence.low >= 0.8 * (fixed.high - fixed.low)
    assert sequence.high - sequence.low <= 2.1 * (fixed.high - fixed.low)


def test_huge_counts_keep_their_digits():
    interval = confidence_sequence(5 * 10**11, 10**12)
    assert interval.high - interval.low == pytest.approx(2 * 0.5e-6 * math.sqrt(2 * (math.log(20) + 0.5 * math.log(10**12 * math.pi / 2))), rel=1e-3)
    assert confidence_sequence(0, 10**12).high < 3e-11


def paths_ever_outside(p, n_max):
    """The probability that some prefix of n_max samples has an interval without p: a sum over all paths."""
    mass, outside = np.array([1.0]), 0.0
    for n in range(1, n_max + 1):
        mass = np.append(mass * (1 - p), 0) + np.append(0, mass * p)
        missed = np.array([not (interval := confidence_sequence(k, n)).low <= p <= interval.high for k in range(n + 1)])
        outside += mass[missed].sum()
        mass[missed] = 0
    return outside


@pytest.mark.slow
@pytest.mark.parametrize("p", [0.03, 0.5, 0.8])
def test_peeking_after_every_sample_errs_no_more_than_promised(p):
    assert paths_ever_outside(p, 60) <= 0.05


def test_a_fixed_interval_read_after_every_sample_errs_more():
    """What the sequence is for: the same sum for Clopper-Pearson."""
    mass, outside = np.array([1.0]), 0.0
    for n in range(1, 81):
        mass = np.append(mass * 0.5, 0) + np.append(0, mass * 0.5)
        missed = np.array([not (interval := clopper_pearson(k, n)).low <= 0.5 <= interval.high for k in range(n + 1)])
        outside += mass[missed].sum()
        mass[missed] = 0
    assert outside > 0.1


@given(counts, st.floats(0.02, 0.98))
def test_the_stake_is_the_mixture_of_bets(count, p0):
    k, n = count
    if special.betainc(8 * p0 + k, 8 * (1 - p0) + n - k, p0) > 1e-280 and -300 < (expected := log_stake(k, n, p0)) < 600:
        assert math.log(stake_below(k, n, p0)) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(st.floats(0.02, 0.98), st.integers(1, 60))
@settings(max_examples=60)
def test_at_the_threshold_a_stake_gains_nothing(p0, n):
    k = np.arange(n + 1)
    mass = np.exp(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1) + k * np.log(p0) + (n - k) * np.log1p(-p0))
    assert sum(m * stake_below(int(i), n, p0) for i, m in zip(k, mass, strict=True)) == pytest.approx(1.0, rel=1e-6)


def exact(p, p0, n_max=400):
    """Mean samples used and the probabilities of each answer: a sum over all paths."""
    mass, used, answers = np.array([1.0]), 0.0, {Side.ABOVE: 0.0, Side.BELOW: 0.0}
    for n in range(1, n_max + 1):
        used += mass.sum()
        mass = np.append(mass * (1 - p), 0) + np.append(0, mass * p)
        k = np.arange(n + 1)
        for side, stake in ((Side.BELOW, log_stake(k, n, p0)), (Side.ABOVE, log_stake(n - k, n, 1 - p0))):
            decided = stake >= math.log(20)
            answers[side] += mass[decided].sum()
            mass[decided] = 0
    return used, answers


@pytest.mark.parametrize("p0", [0.2, 0.5, 0.8, 0.9])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_far_from_the_threshold_100_samples_are_enough_on_average(p0):
    for p in (p0 - 0.15, p0 + 0.15):
        if 0 <= p <= 1:
            used, answers = exact(p, p0)
            right = Side.ABOVE if p > p0 else Side.BELOW
            assert used <= 100
            assert answers[right] >= 0.98


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_at_the_threshold_each_answer_has_at_most_its_error():
    _, answers = exact(0.8, 0.8, 1500)
    assert answers[Side.ABOVE] <= 0.05
    assert answers[Side.BELOW] <= 0.05


def test_the_gate_stops_where_it_decides_and_stays_there():
    gate = SequentialGate(0.8)
    assert gate.observe([True] * 200) is Side.ABOVE
    used = gate.used
    assert 5 < used < 40
    assert stake_below(0, used, 0.2) >= 20 > stake_below(0, used - 1, 0.2)
    assert gate.observe([False] * 500) is Side.ABOVE
    assert gate.used == used


def test_the_gate_remembers_what_it_saw_in_earlier_batches():
    outcomes = np.random.default_rng(1).random(500) < 0.6
    at_once, in_batches = SequentialGate(0.8), SequentialGate(0.8)
    at_once.observe(outcomes.tolist())
    for start in range(0, 500, 7):
        in_batches.observe(outcomes[start : start + 7].tolist())
    assert (at_once.side, at_once.used) == (in_batches.side, in_batches.used) == (Side.BELOW, at_once.used)


def test_too_few_samples_decide_nothing():
    gate = SequentialGate(0.8)
    assert gate.observe([True, False, True]) is Side.UNDECIDED
    assert gate.used == 3


@pytest.mark.parametrize("arguments", [(0.0, 0.05), (1.0, 0.05), (0.5, 0.0), (0.5, 0.5), (float("nan"), 0.05)])
def test_nonsense_is_refused(arguments):
    with pytest.raises(ValueError, match="must lie between"):
        SequentialGate(arguments[0], error=arguments[1])
