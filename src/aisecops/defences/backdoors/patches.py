"""Triggers in images that need no gradient: a pixel or a square, black, white or chequered, anywhere.

Small images are covered whole. On larger ones squares of 3 x 3 are laid every second pixel, and the neighbourhood of those that do best is looked at in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from aisecops.defences.backdoors.contrast import Contrast, Proposal, best
from aisecops.defences.backdoors.triggers import Values

_SIDES = (1, 2, 3)
_WHOLE = 100
"""The most places of a pixel at which images are covered whole."""
_ROWS, _NEAR = 10, 2


def square(side: int) -> str:
    """Return the name of the family."""
    return "one pixel" if side == 1 else f"a square of {side} x {side} pixels"


class PatchSearch:
    """Looks for squares on images of ``shape`` (height, width) or (channels, height, width), set to ``low`` or ``high``, or to both by turns."""

    families = tuple(square(side) for side in _SIDES)

    def __init__(self, shape: tuple[int, ...], low: float, high: float, *, each: int = 2) -> None:
        self._shape, self._ends, self._each = shape, (low, high), each
        self._height, self._width = shape[-2:]

    def propose(self, contrast: Contrast) -> list[Proposal]:
        """Return the most telling squares of each size and class."""
        if self._height * self._width <= _WHOLE:
            return self._best(contrast, ((side, row, column) for side in _SIDES for row, column in self._corners(side, 1)))
        coarse = [patch for row, column in self._corners(3, 2) for patch in self._patches(3, row, column)]
        first = best(coarse, contrast.moves(coarse, _ROWS), _NEAR)
        corners = {self._corner(proposal.trigger) for proposal in first if isinstance(proposal.trigger, Values)}
        return self._best(contrast, sorted({near for corner in corners for near in self._around(*corner)}))

    def patch(self, side: int, row: int, column: int, value: float) -> Values:
        """Return the square whose upper left corner is at ``row``, ``column``."""
        plane = np.arange(int(np.prod(self._shape))).reshape(-1, self._height, self._width)
        places = plane[:, row : row + side, column : column + side].ravel()
        return Values(square(side), places.tolist(), [value] * len(places))

    def _patches(self, side: int, row: int, column: int) -> Iterator[Values]:
        """A square in both colours and both chequers: what a network learned of one it need not obey in another."""
        for first, second in (self._ends, self._ends[::-1]):
            plain = self.patch(side, row, column, first)
            yield plain
            if side > 1:
                odd = np.indices((side, side)).sum(axis=0).ravel() % 2
                yield Values(plain.family, plain.places, np.resize(np.where(odd, second, first), len(plain.places)).tolist())

    def _best(self, contrast: Contrast, squares: Iterable[tuple[int, int, int]]) -> list[Proposal]:
        found = list[Proposal]()
        patches = [patch for side, row, column in squares for patch in self._patches(side, row, column)]
        for family in self.families:
            some = [patch for patch in patches if patch.family == family]
            if some:
                found += best(some, contrast.moves(some, _ROWS), self._each)
        return found

    def _corners(self, side: int, step: int) -> list[tuple[int, int]]:
        down, across = self._height - side, self._width - side
        return [(row, column) for row in sorted({*range(0, down + 1, step), down}) for column in sorted({*range(0, across + 1, step), across})]

    def _corner(self, patch: Values) -> tuple[int, int]:
        place = patch.places[0] % (self._height * self._width)
        return place // self._width, place % self._width

    def _around(self, row: int, column: int) -> list[tuple[int, int, int]]:
        """Squares of all sizes that lie within one pixel around the 3 x 3 square at this corner."""
        return [
            (side, top, left)
            for side in _SIDES
            for top in range(max(0, row - 1), min(self._height, row + 4) - side + 1)
            for left in range(max(0, column - 1), min(self._width, column + 4) - side + 1)
        ]
