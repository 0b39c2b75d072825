"""Squares of any content in images, by gradients: stickers are chequered, coloured or noisy more often than plain black or white.

A few contents are tried everywhere; where they move a class furthest, the content is optimised (an adversarial patch: Brown et al., 2017). Honest models have such
patches, too: what counts is how much stronger one is here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.defences.backdoors.contrast import Contrast, Proposal, all_to
from aisecops.defences.backdoors.triggers import Values
from aisecops.oracles.oracle import Capability, Floats, Loss

_ROWS, _NEAR, _STEPS, _SHAPES = 10, 2, 12, 4


def side_of(shape: tuple[int, ...]) -> int:
    """Return how many pixels the side of a square has, by the size of the image: about an eighth of it."""
    smallest = min(shape[-2:])
    return 2 if smallest <= 10 else 3 if smallest <= 20 else 4


class ContentSearch:
    """Looks for squares of any content on images of ``shape`` (height, width) or (channels, height, width), pixels between ``low`` and ``high``."""

    def __init__(self, shape: tuple[int, ...], low: float, high: float) -> None:
        self._shape, self._low, self._high, self._side = shape, low, high, side_of(shape)
        self._plane = np.arange(int(np.prod(shape))).reshape(-1, *shape[-2:])
        self.families = (f"a square of {self._side} x {self._side} pixels of any value",)

    def propose(self, contrast: Contrast) -> list[Proposal]:
        """Return the best square of each class; nothing where the model has no gradient."""
        if Capability.GRADIENT not in contrast.oracle.capabilities:
            return []
        squares = [self._square(places, content) for places in self._windows() for content in self._contents(len(places))]
        gains = contrast.moves(squares, _ROWS).to_one()
        begun = [
            (target, squares[at])
            for target in range(contrast.classes)
            for at in _apart(squares, np.argsort(-gains[:, target], kind="stable").tolist())
        ]
        return [Proposal(all_to(target, contrast.classes), square) for target, square in self._refined(contrast, begun)]

    def _windows(self) -> list[list[int]]:
        """The places of each square, laid so that they overlap by half."""
        height, width = self._shape[-2:]
        down, across = (sorted({*range(0, size - self._side + 1, max(1, self._side // 2)), size - self._side}) for size in (height, width))
        return [self._plane[:, row : row + self._side, column : column + self._side].ravel().tolist() for row in down for column in across]

    def _contents(self, size: int) -> list[Floats]:
        """Both chequers and two noises."""
        cells = np.indices((self._side, self._side)).sum(axis=0) % 2
        chequer = np.broadcast_to(cells, (size // self._side**2, *cells.shape)).ravel()
        noise = np.random.default_rng(0).uniform(0, 1, (_SHAPES - 2, size))
        return [self._low + (self._high - self._low) * np.asarray(content, dtype=np.float64) for content in (chequer, 1 - chequer, *noise)]

    def _square(self, places: Sequence[int], content: Floats) -> Values:
        return Values(self.families[0], places, content.tolist())

    def _refined(self, contrast: Contrast, begun: list[tuple[int, Values]]) -> list[tuple[int, Values]]:
        """Sign steps on the content of all squares at once, from steps of a quarter of the range to small ones."""
        samples = np.asarray(contrast.batch, dtype=np.float64)[:_ROWS]
        places = np.array([square.places for _, square in begun])
        content = np.array([square.values for _, square in begun])
        targets = np.repeat([target for target, _ in begun], len(samples))
        for step in range(_STEPS):
            stamped = np.repeat(samples.reshape(1, len(samples), -1), len(begun), axis=0)
            np.put_along_axis(stamped, np.broadcast_to(places[:, None], (*stamped.shape[:2], places.shape[1])), content[:, None], axis=2)
            _, slope = contrast.oracle.gradient(stamped.reshape(-1, *samples.shape[1:]), targets, Loss.CROSS_ENTROPY)
            mean = np.asarray(slope).reshape(len(begun), len(samples), -1).mean(axis=1)
            reach = 0.25 * (self._high - self._low) * (1 - step / _STEPS)
            content = np.clip(content - reach * np.sign(np.take_along_axis(mean, places, axis=1)), self._low, self._high)
        return [(target, self._square(square.places, one)) for (target, square), one in zip(begun, content, strict=True)]


def _apart(squares: list[Values], order: list[int]) -> list[int]:
    """The first of the order that lie at different places."""
    first: dict[int, int] = {}
    for at in order:
        first.setdefault(squares[at].places[0], at)
        if len(first) == _NEAR:
            break
    return list(first.values())
