"""All comparisons of a domain at once: linear ones as one matrix product, the others one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.datasets.domain.binding import Cell, Claim, Operation, Term
from aisecops.datasets.domain.evaluation import Flags, Floats, value

ROUNDING = 1e-9
"""Relative error of float arithmetic that an inequality forgives."""


class Claims:
    """The comparisons, numbered in their order.

    Parameters
    ----------
    claims
        What has to hold.
    columns
        How many columns the table has.
    tolerance
        By how much, relative to its sides, an equality may be off; a linear one between whole numbers may not.
    whole
        The columns of whole numbers, shape (columns,).
    """

    def __init__(self, claims: Sequence[Claim], whole: Flags, tolerance: float) -> None:
        self.claims = tuple(claims)
        columns = len(whole)
        exact = [bool(whole[sorted(c.columns)].all()) and None not in (linear(c.left), linear(c.right)) for c in claims]
        self.tolerance = np.where(np.array(exact, dtype=np.bool_), ROUNDING, tolerance)
        self.uses = np.zeros((columns, len(claims)))
        self.sides = [np.zeros((columns, len(claims))) for _ in range(2)]
        self.constants = [np.zeros(len(claims)) for _ in range(2)]
        self.other: list[tuple[int, int, Term]] = []
        """Side, claim and term of what is not linear."""
        for number, claim in enumerate(claims):
            self.uses[sorted(claim.columns), number] = 1.0
            for side, term in enumerate((claim.left, claim.right)):
                self._add(side, number, term)
        self.signs = {
            sign: np.array([n for n, claim in enumerate(claims) if claim.sign == sign], dtype=np.int64) for sign in {c.sign for c in claims}
        }

    def _add(self, side: int, number: int, term: Term) -> None:
        line = linear(term)
        if line is None:
            self.other.append((side, number, term))
            return
        for column, slope in line[0].items():
            self.sides[side][column, number] = slope
        self.constants[side][number] = line[1]

    def broken(self, points: Floats) -> tuple[Flags, Flags]:
        """Return which claims each row breaks and which it leaves open because a value is missing, both of shape (n, claims).

        A side that is not defined (0 / 0, the root of a negative number) breaks its claim.
        """
        known = np.where(np.isfinite(points), points, 0.0)
        left, right = (known @ side + constant for side, constant in zip(self.sides, self.constants, strict=True))
        for side, number, term in self.other:
            (right if side else left)[:, number] = value(term, points)
        open_ = (np.isnan(points).astype(np.float64) @ self.uses) > 0
        with np.errstate(invalid="ignore"):
            difference = left - right
            size = 1.0 + np.maximum(np.abs(left), np.abs(right))
        holds = np.zeros(difference.shape, dtype=np.bool_)
        for sign, numbers in self.signs.items():
            holds[:, numbers] = self._holds(sign, difference[:, numbers], size[:, numbers], self.tolerance[numbers])
        return ~holds & ~open_, open_

    def _holds(self, sign: str, difference: Floats, size: Floats, tolerance: Floats) -> Flags:
        with np.errstate(invalid="ignore"):
            match sign:
                case "<=":
                    return np.asarray(difference <= ROUNDING * size)
                case ">=":
                    return np.asarray(difference >= -ROUNDING * size)
                case "<":
                    return np.asarray(difference < 0)
                case ">":
                    return np.asarray(difference > 0)
                case "==":
                    return np.asarray(np.abs(difference) <= tolerance * size)
                case _:
                    return np.asarray(np.abs(difference) > ROUNDING * size)


def linear(term: Term) -> tuple[dict[int, float], float] | None:
    """Return a term as slopes by column and a constant; None where it is not linear."""
    match term:
        case Cell(column):
            return {column: 1.0}, 0.0
        case Operation(function, arguments):
            lines = [linear(argument) for argument in arguments]
            return None if None in lines else _combined(function, [line for line in lines if line is not None])
        case _:
            return {}, float(term)


def _combined(function: str, lines: list[tuple[dict[int, float], float]]) -> tuple[dict[int, float], float] | None:
    (slopes, constant), last = lines[0], lines[-1]
    match function:
        case "negate":
            return _scaled((slopes, constant), -1.0)
        case "+" | "-":
            other, offset = _scaled(last, 1.0 if function == "+" else -1.0)
            return {column: slopes.get(column, 0.0) + other.get(column, 0.0) for column in {**slopes, **other}}, constant + offset
        case "*" if not slopes:
            return _scaled(last, constant)
        case "*" if not last[0]:
            return _scaled((slopes, constant), last[1])
        case "/" if not last[0] and last[1]:
            return _scaled((slopes, constant), 1.0 / last[1])
        case _:
            return None


def _scaled(line: tuple[dict[int, float], float], factor: float) -> tuple[dict[int, float], float]:
    return {column: factor * slope for column, slope in line[0].items()}, factor * line[1]
