"""How many samples an endpoint takes in one request: found while asking, never by extra queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from aisecops.oracles.http.client import RefusedError

MOST = 1024


class Batches:
    """Asks in parts of a growing size.

    It begins with one sample (a request that fails then is wrong in itself), doubles as long as that makes a sample cheaper, and halves where the server refuses.
    What was refused is asked again: at most log2 of the batch more requests.
    """

    def __init__(self, ask: Callable[[Any], list[Any]], most: int | None, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._ask, self._clock = ask, clock
        self._most = most or MOST
        self.size = 1
        self._before: float | None = None

    def __call__(self, samples: Sequence[Any]) -> list[Any]:
        """Return the answer to each sample, in order."""
        answers: list[Any] = []
        while len(answers) < len(samples):
            part = samples[len(answers) : len(answers) + self.size]
            started = self._clock()
            try:
                answers += self._ask(part)
            except RefusedError:
                if len(part) == 1:
                    raise
                self._most = self.size = len(part) // 2
                continue
            if len(part) == self.size:
                self._grow((self._clock() - started) / len(part))
        return answers

    def _grow(self, seconds: float) -> None:
        """Double, unless the last doubling made a sample hardly cheaper."""
        if self._before is None or seconds < 0.9 * self._before:
            self._before = seconds
            self.size = min(self.size * 2, self._most)
