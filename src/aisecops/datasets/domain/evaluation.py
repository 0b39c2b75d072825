"""Terms computed for all rows at once, plainly or with their gradient (forward mode: each value carries its derivatives by the columns)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from aisecops.datasets.domain.binding import Cell, Operation, Term

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Indices: TypeAlias = npt.NDArray[np.int64]
Gradient: TypeAlias = dict[int, Floats]

_PLAIN: dict[str, Callable[..., Floats]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "negate": np.negative,
    "abs": np.abs, "sqrt": np.sqrt, "log1p": np.log1p, "round": np.rint, "floor": np.floor, "ceil": np.ceil,
    "max": lambda *values: np.max(np.broadcast_arrays(*values), axis=0), "min": lambda *values: np.min(np.broadcast_arrays(*values), axis=0),
}  # fmt: skip


def value(term: Term, points: Floats) -> Floats:
    """Return the term for each row, shape (n,): NaN or infinite where it is not defined (0 / 0, the root of a negative number)."""
    with np.errstate(all="ignore"):
        return np.broadcast_to(_value(term, points), (len(points),))


def _value(term: Term, points: Floats) -> Floats:
    match term:
        case Cell(column):
            return points[:, column]
        case Operation(function, arguments):
            return np.asarray(_PLAIN[function](*(_value(argument, points) for argument in arguments)), dtype=np.float64)
        case _:
            return np.float64(term)  # type: ignore[return-value]  # a scalar broadcasts


class Dual(NamedTuple):
    """A value for each row and its derivatives by the columns that it rests on."""

    value: Floats
    gradient: Gradient


def dual(term: Term, points: Floats, derived: Mapping[int, Term]) -> Dual:
    """Return the term with its gradient by the columns that are not derived: those in ``derived`` are followed to what they come from."""
    with np.errstate(all="ignore"):
        return _dual(term, points, derived, {})


def _dual(term: Term, points: Floats, derived: Mapping[int, Term], known: dict[int, Dual]) -> Dual:
    match term:
        case Cell(column) if column in derived:
            if column not in known:  # once, however many columns rest on it
                known[column] = _dual(derived[column], points, derived, known)
            return known[column]
        case Cell(column):
            return Dual(points[:, column], {column: np.ones(len(points))})
        case Operation(function, arguments):
            duals = [_dual(argument, points, derived, known) for argument in arguments]
            result = np.asarray(_PLAIN[function](*(item.value for item in duals)), dtype=np.float64)
            return Dual(result, _combine(duals, _partials(function, [item.value for item in duals], result)))
        case _:
            return Dual(np.full(len(points), term, dtype=np.float64), {})


def _combine(duals: list[Dual], partials: list[Floats | float]) -> Gradient:
    """The chain rule: each argument's gradient times the derivative by it, summed."""
    gradient: Gradient = {}
    for item, partial in zip(duals, partials, strict=True):
        for column, slope in item.gradient.items():
            gradient[column] = gradient.get(column, 0.0) + partial * slope
    return gradient


def _partials(function: str, values: list[Floats], result: Floats) -> list[Floats | float]:
    """The derivative of a function by each of its arguments (of ``max`` and ``min``: by the first that decides; of ``round``: as if it were not there)."""
    a, b = values[0], values[-1]
    match function:
        case "+":
            return [1.0, 1.0]
        case "-":
            return [1.0, -1.0]
        case "*":
            return [b, a]
        case "/":
            return [1.0 / b, -a / (b * b)]
        case "negate":
            return [-1.0]
        case "abs":
            return [np.sign(a)]
        case "sqrt":
            return [0.5 / result]
        case "log1p":
            return [1.0 / (1.0 + a)]
        case "max" | "min":
            stacked = np.stack(np.broadcast_arrays(*values))
            first = np.argmax(stacked, axis=0) if function == "max" else np.argmin(stacked, axis=0)
            return [(first == number).astype(np.float64) for number in range(len(values))]
        case _:
            return [1.0]
