"""How a model stands the 15 common corruptions: its accuracy under each, and for each image the least severity that fools it."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import numpy as np

from aisecops.attacks.evasion.images.attempts import ImageAttempts, Weakest
from aisecops.attacks.evasion.images.corruptions import SEVERITIES, Corruption, corrupt
from aisecops.attacks.evasion.rounds import checked
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Floats, Integers, Oracle


class Weathered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of n images under corruptions.

    Parameters
    ----------
    attempts
        The worst case of each image: the least severity (0: the model is wrong anyway) at which any corruption fools the model, and that picture.
    correct
        (corruption, severity) to the number of the n images that the model got right; what the budget did not reach is missing.
    clean
        The same, uncorrupted.
    """

    attempts: ImageAttempts
    correct: dict[tuple[Corruption, int], int]
    clean: int

    @property
    def mean_accuracy(self) -> float:
        """The mean over all corruptions and severities that were tried, each weighing the same; NaN if none was."""
        n = len(self.attempts.found)
        return float(np.mean([count / n for count in self.correct.values()])) if self.correct and n else float("nan")


def weather(
    oracle: Oracle,
    images: Floats,
    y: Integers,
    *,
    kinds: Collection[Corruption] = tuple(Corruption),
    severities: Collection[int] = SEVERITIES,
    low: float = 0.0,
    high: float = 1.0,
    seed: int = 0,
) -> Weathered:
    """Ask about all images under every corruption and severity, one call for each of these, the mild severities first.

    Nobody searches here: these are things that happen. That makes the numbers a mean over chance, not the worst that an adversary can do, except in
    ``attempts``, which takes the worst of them for each image.

    Parameters
    ----------
    oracle
        Labels are enough.
    images, y
        As for ``corrupt``, and their labels.
    kinds, severities
        Which to try.
    low, high, seed
        As for ``corrupt``.
    """
    samples, labels, _ = checked(images, y, None, classes=len(oracle.classes))
    weakest = Weakest(oracle, samples, labels)
    everything = np.arange(len(samples))
    correct: dict[tuple[Corruption, int], int] = {}
    clean = 0
    try:
        clean = _right(weakest, everything, samples, labels, 0, "")
        for severity in sorted(severities):
            for kind in kinds:
                changed = corrupt(samples, Corruption(kind), severity, low=low, high=high, seed=seed)
                correct[Corruption(kind), severity] = _right(
                    weakest, everything, changed, labels, severity, f"{Corruption(kind)}, severity {severity}"
                )
    except BudgetSpent as spent:
        weakest.stop(spent)
    return Weathered(attempts=weakest.attempts(), correct=correct, clean=clean)


def _right(weakest: Weakest, rows: Integers, changed: Floats, y: Integers, severity: int, setting: str) -> int:
    answers = weakest.offer(rows, changed, np.full(len(rows), float(severity)), [setting] * len(rows))
    return int((answers == y).sum())
