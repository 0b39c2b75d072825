"""Memorisation in generators of sequences: planted secrets, and how far up the model ranks them among all that they could have been.

Exposure (Carlini et al., The secret sharer, USENIX Security 2019) is log2 of the number of possible secrets minus log2 of the rank of the planted one. It is estimated by
sampling as a rule, and extrapolated with a fitted distribution, which may report more bits than the secret has. Here the rank is exact: all secrets are walked as a
tree, so that a prefix is computed once however many secrets begin with it.
"""

from __future__ import annotations

import heapq
import math
from typing import Any, Protocol

import msgspec
import numpy as np

from aisecops.oracles.oracle import Floats, Integers

_LARGEST_SPACE = 10**8


class Steps(Protocol):
    """A generator as it is asked: states of any kind with the rows of a batch as first axis (a recurrent network's, or prefixes)."""

    def start(self) -> tuple[Any, Floats]:
        """Return the state before the secret, one row, and the log probability of each first symbol, shape (1, a)."""

    def step(self, state: Any, symbols: Integers) -> tuple[Any, Floats]:
        """Return the states after one more symbol each, shape (n,), and the log probabilities of the next, shape (n, a)."""


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """A planted secret, and how often the training data hold it."""

    secret: tuple[int, ...]
    repeats: int


def planted(count: int, length: int, alphabet: int, *, repeats: tuple[int, ...] = (1, 2, 4, 8, 16), seed: int = 0) -> tuple[Canary, ...]:
    """Return ``count`` different secrets of ``length`` symbols, numbers below ``alphabet``, to be put into the training data so often. They are the key: keep them apart.

    Raises
    ------
    ValueError
        There are not so many secrets.
    """
    if count > alphabet**length:
        raise ValueError(f"there are {alphabet**length} secrets of {length} symbols, not {count}")
    rng = np.random.default_rng(seed)
    found: dict[tuple[int, ...], None] = {}
    while len(found) < count:
        found[tuple(rng.integers(alphabet, size=length).tolist())] = None
    return tuple(Canary(secret=secret, repeats=repeats[place % len(repeats)]) for place, secret in enumerate(found))


def exposures(steps: Steps, secrets: Integers, alphabet: int) -> Floats:
    """Return the exact exposure of each secret in bits, shape (c,): at most log2(alphabet ** length), of a secret that the model prefers to all others.

    Parameters
    ----------
    secrets
        Shape (c, length), symbols 0 to alphabet - 1. Equal probabilities count half.

    Raises
    ------
    ValueError
        More than 10^8 secrets are possible: ask ``most_likely`` whether they are among the first.
    """
    secrets = np.asarray(secrets, dtype=np.int64)
    space = alphabet ** secrets.shape[1]
    if space > _LARGEST_SPACE:
        raise ValueError(f"{space:,} secrets are too many to rank")
    leaves = _leaves(steps, secrets.shape[1])
    places = secrets[:, 1:] @ alphabet ** np.arange(secrets.shape[1] - 2, -1, -1, dtype=np.int64)
    own = np.array(
        [leaves[first][place] for first, place in zip(secrets[:, 0], places, strict=True)]
    )  # asked again, a float32 model says another last digit
    near = 1e-9 * np.maximum(1.0, np.abs(own))
    above, equal = np.zeros(len(own)), np.zeros(len(own))
    for part in leaves:
        ordered = np.sort(part)
        low, high = np.searchsorted(ordered, own - near, "left"), np.searchsorted(ordered, own + near, "right")
        above += len(ordered) - high
        equal += high - low
    rank = above + (np.maximum(1.0, equal) + 1.0) / 2.0
    return np.asarray(np.log2(float(space)) - np.log2(rank))


def most_likely(steps: Steps, length: int, k: int) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Return the ``k`` most probable secrets with their log probability, in order: exact, by best-first search, for no prefix is less probable than what begins with it.

    A secret is k-extractable if it is among them.
    """
    state, first = steps.start()
    queue: list[tuple[float, int, tuple[int, ...], Any]] = []
    numbered = 0
    for symbol, log in enumerate(first[0].tolist()):
        heapq.heappush(queue, (-log, numbered := numbered + 1, (symbol,), state))
    found: list[tuple[tuple[int, ...], float]] = []
    while queue and len(found) < k:
        cost, _, prefix, before = heapq.heappop(queue)
        if len(prefix) == length:
            found.append((prefix, -cost))
            continue
        after, logs = steps.step(before, np.array([prefix[-1]]))
        for symbol, log in enumerate(logs[0].tolist()):
            if log > -math.inf:
                heapq.heappush(queue, (cost - log, numbered := numbered + 1, (*prefix, symbol), after))
    return tuple(found)


def _leaves(steps: Steps, length: int) -> list[Floats]:
    """The log probabilities of all secrets, in parts that begin with the same symbol, each in the order of the numbers that they are."""
    state, first = steps.start()
    if length == 1:
        return [np.asarray(first[0, symbol : symbol + 1]) for symbol in range(first.shape[1])]
    parts = []
    for symbol in range(first.shape[1]):
        states, logs = steps.step(state, np.array([symbol]))
        totals = first[0, symbol] + logs[0]
        for _ in range(length - 2):
            alphabet = logs.shape[1]
            rows, symbols = np.divmod(np.arange(len(totals)), alphabet)
            states, logs = steps.step(states[rows], symbols)
            totals = (totals[:, None] + logs).ravel()
        parts.append(totals)
    return parts
