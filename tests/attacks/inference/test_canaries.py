"""Exposure: the exact rank among all secrets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.attacks.inference.canaries import exposures, most_likely, planted


class Chain:
    """A Markov chain over symbols; its state is the last one."""

    def __init__(self, first: np.ndarray, following: np.ndarray) -> None:
        self.first, self.following = np.log(first), np.log(following)
        self.steps = 0

    def start(self):
        return np.array([-1]), self.first[None]

    def step(self, state, symbols):
        self.steps += len(symbols)
        return symbols, self.following[symbols]


def chain(alphabet: int, seed: int) -> Chain:
    rng = np.random.default_rng(seed)
    return Chain(rng.dirichlet(np.ones(alphabet)), rng.dirichlet(np.ones(alphabet), size=alphabet))


def every(model: Chain, alphabet: int, length: int) -> dict[tuple[int, ...], float]:
    return {
        secret: model.first[secret[0]] + sum(model.following[a, b] for a, b in itertools.pairwise(secret))
        for secret in itertools.product(range(alphabet), repeat=length)
    }


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 5), st.integers(1, 4), st.integers(0, 10**6))
def test_the_rank_is_that_of_counting_all(alphabet, length, seed):
    model = chain(alphabet, seed)
    scores = every(model, alphabet, length)
    secrets = list(scores)[:: max(1, len(scores) // 5)]
    found = exposures(model, np.array(secrets), alphabet)
    for secret, bits in zip(secrets, found, strict=True):
        rank = (
            sum(score > scores[secret] + 1e-9 for score in scores.values()) + (1 + sum(abs(s - scores[secret]) <= 1e-9 for s in scores.values())) / 2
        )
        assert bits == pytest.approx(np.log2(len(scores)) - np.log2(rank))
        assert bits <= np.log2(len(scores)) + 1e-12
    best = most_likely(model, length, 3)
    assert [score for _, score in best] == pytest.approx(sorted(scores.values(), reverse=True)[:3])


def test_a_million_secrets_are_ranked_by_a_tenth_of_the_steps():
    model = chain(10, 0)
    (secret,) = (most_likely(model, 6, 1)[0][0],)
    model.steps = 0
    assert exposures(model, np.array([secret]), 10)[0] == pytest.approx(np.log2(1e6))
    assert model.steps < 120_000


def test_a_model_that_knows_nothing_exposes_half_a_rank():
    model = Chain(np.full(10, 0.1), np.full((10, 10), 0.1))
    assert exposures(model, np.array([[1, 2, 3]]), 10)[0] == pytest.approx(np.log2(1000) - np.log2(500.5))


def test_a_memorised_secret_of_nine_digits_is_extracted():
    following = np.full((10, 10), 0.05)
    for digit in range(10):
        following[digit, (digit + 1) % 10] = 0.55
    model = Chain(np.eye(10)[3] * 0.91 + 0.009, following)
    assert most_likely(model, 9, 1)[0][0] == (3, 4, 5, 6, 7, 8, 9, 0, 1)
    with pytest.raises(ValueError, match="too many"):
        exposures(model, np.array([[1] * 9]), 10)


def test_planted_secrets_are_different_and_repeat():
    canaries = planted(10, 4, 10, seed=1)
    assert len({canary.secret for canary in canaries}) == 10
    assert {canary.repeats for canary in canaries} == {1, 2, 4, 8, 16}
    assert canaries == planted(10, 4, 10, seed=1)
    with pytest.raises(ValueError, match="not 20"):
        planted(20, 1, 10)


class Rounding(Chain):
    """In float32, summed in another order when more are asked at once: the last digits of its answers differ, as those of networks do."""

    def step(self, state, symbols):
        after, logs = super().step(state, symbols)
        return after, (logs.astype(np.float32) + np.float32(1e-6 * (len(symbols) > 1))).astype(np.float64)


def test_the_last_digits_of_float32_cost_the_favourite_no_bit():
    exact = chain(10, 0)
    secret = most_likely(exact, 4, 1)[0][0]
    rounding = Rounding(np.exp(exact.first), np.exp(exact.following))
    assert exposures(rounding, np.array([secret]), 10)[0] == pytest.approx(np.log2(10_000))
