"""What an attack on images returns beside the best evasions: what was done to each."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle, OracleError, needs


class ImageAttempts(Attempts, frozen=True, kw_only=True):
    """``Attempts`` whose ``distance`` is how strong the change had to be, by the attack's own measure (``norm`` is ``cost``).

    Parameters
    ----------
    settings
        What was done to each image in words (``rotated by 12 degrees``); empty where nothing was found, and where the model was wrong anyway.
    """

    settings: tuple[str, ...] = ()


class Weakest:
    """The weakest change that fools the model, for each of n images: attacks offer changed images from weak to strong.

    ``live`` are the images that nothing fooled yet; ``queries`` counts what was asked for each.
    """

    def __init__(self, oracle: Oracle, images: Floats, y: Integers, queries: int | None = None) -> None:
        needs(oracle, Capability.LABELS, purpose="attacking images")
        self._oracle, self._y, self._limit = oracle, y, queries
        self.points = np.array(images, dtype=np.float64)
        self.distance = np.full(len(images), np.inf)
        self.queries = np.zeros(len(images), dtype=np.int64)
        self.settings = [""] * len(images)
        self._curve: list[tuple[int, Floats]] = []
        self.stopped = ""

    @property
    def live(self) -> Integers:
        """Images that are not fooled yet and may be asked about."""
        limit = np.inf if self._limit is None else self._limit
        return np.flatnonzero(np.isinf(self.distance) & (self.queries < limit))

    def offer(self, rows: Integers, changed: Floats, strength: Floats, settings: list[str]) -> Integers:
        """Ask about all, each on behalf of an image of ``rows``, and keep for each image its weakest change that fools the model; return the labels."""
        labels = np.asarray(self._oracle.labels(changed))
        if labels.shape != (len(changed),):
            raise OracleError(f"the model gave labels of shape {labels.shape} for {len(changed)} images", where=self._oracle.name)
        self._keep(rows, changed, labels, strength, settings)
        return labels

    def margins(self, rows: Integers, changed: Floats, strength: Floats, settings: list[str]) -> Floats:
        """As ``offer``, of an oracle with scores; return by how much the true class of each is ahead of the best other."""
        scores = np.asarray(self._oracle.scores(changed), dtype=np.float64)
        if scores.shape != (len(changed), len(self._oracle.classes)) or np.isnan(scores).any():
            raise OracleError(f"the model gave scores of shape {scores.shape}, or NaN, for {len(changed)} images", where=self._oracle.name)
        self._keep(rows, changed, scores.argmax(axis=1), strength, settings)
        here, true = np.arange(len(rows)), self._y[rows]
        others = scores.copy()
        others[here, true] = -np.inf
        return np.asarray(scores[here, true] - others.max(axis=1))

    def _keep(self, rows: Integers, changed: Floats, labels: Integers, strength: Floats, settings: list[str]) -> None:
        self.queries += np.bincount(rows, minlength=len(self.queries))
        wrong = np.flatnonzero(labels != self._y[rows])
        for at in wrong[np.argsort(strength[wrong], kind="stable")].tolist():
            row = rows[at]
            if strength[at] < self.distance[row]:
                self.distance[row], self.points[row], self.settings[row] = strength[at], changed[at], settings[at]
        self._curve.append((int(self.queries.max(initial=0)), self.distance.copy()))

    def stop(self, spent: BudgetSpent) -> None:
        """Note that the budget refused a call."""
        self.stopped = f"budget: {spent}"

    def attempts(self) -> ImageAttempts:
        """Return what was found."""
        return ImageAttempts(
            norm=Norm.COST,
            points=self.points,
            found=np.isfinite(self.distance),
            distance=self.distance,
            queries=self.queries,
            curve=tuple(dict(self._curve).items()),
            stopped=self.stopped,
            settings=tuple(self.settings),
        )
