"""Who is compared: the groups that the values of protected columns make, alone and where they meet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.oracle import Integers

CATEGORIES = 10
"""A column of numbers with more different values than this is cut into ``PARTS`` of about equal size."""
PARTS = 4
MISSING = "missing"
_DENSE = 1 << 22


class Groups(msgspec.Struct, frozen=True, kw_only=True):
    """A partition of the samples.

    Parameters
    ----------
    columns
        The protected columns that make it: one, or several that meet.
    names
        Of the g groups; each has at least one sample.
    member
        The group of each sample, 0 to g-1, shape (n,).
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    member: Integers


def group_by(columns: Mapping[str, Sequence[Any]], *, depth: int = 2) -> tuple[Groups, ...]:
    """Return the partition that each column makes, and each combination of up to ``depth`` columns.

    Missing values (None, NaN, an empty string) are a group of their own: who is left out of a column may be treated worse, too.

    Raises
    ------
    UserError
        The columns have different lengths, or there is none.
    """
    if not columns:
        raise UserError("no protected column is named", fix="name the columns whose groups are compared")
    if len({len(values) for values in columns.values()}) > 1:
        raise UserError("the protected columns have different lengths", fix="give one value for each sample")
    single = {name: _single(name, values) for name, values in columns.items()}
    found = list(single.values())
    for size in range(2, min(depth, len(single)) + 1):
        found += [_meeting([single[name] for name in chosen]) for chosen in combinations(single, size)]
    return tuple(found)


def _single(name: str, values: Sequence[Any]) -> Groups:
    title = inert(name, 60)
    column = np.asarray(values)
    if column.dtype.kind in "iub" or (column.dtype.kind == "f" and not np.isnan(column).all()):
        return _numbers(title, column)
    texts = [MISSING if value is None or value != value or value == "" else inert(str(value), 60) for value in np.asarray(values, dtype=object)]
    names, member = np.unique(texts, return_inverse=True)
    return Groups(columns=(title,), names=tuple(f"{title} = {value}" for value in names), member=member.astype(np.int64))


def _numbers(title: str, column: Any) -> Groups:
    gone = np.isnan(column) if column.dtype.kind == "f" else np.zeros(len(column), dtype=bool)
    distinct, place = np.unique(column[~gone], return_inverse=True)
    if len(distinct) <= CATEGORIES:
        names = [f"{title} = {value.item():g}" if column.dtype.kind != "b" else f"{title} = {str(bool(value)).lower()}" for value in distinct]
    else:
        edges = np.unique(np.quantile(column[~gone], np.arange(1, PARTS) / PARTS, method="higher"))
        place = np.searchsorted(edges, column[~gone], side="right")
        shown = [f"{edge:.4g}" for edge in edges]
        names = [f"{title} < {shown[0]}", *(f"{a} <= {title} < {b}" for a, b in pairwise(shown)), f"{title} >= {shown[-1]}"]
    member = np.full(len(column), len(names), dtype=np.int64)
    member[~gone] = place
    return _present((title,), [*names, f"{title} {MISSING}"], member)


def _present(columns: tuple[str, ...], names: Sequence[str], member: Integers) -> Groups:
    """Without groups that nobody is in."""
    inhabited = np.flatnonzero(np.bincount(member, minlength=len(names)))
    number = np.full(len(names), -1, dtype=np.int64)
    number[inhabited] = np.arange(len(inhabited))
    return Groups(columns=columns, names=tuple(names[i] for i in inhabited.tolist()), member=number[member])


def _meeting(parts: Sequence[Groups]) -> Groups:
    if math.prod(len(part.names) for part in parts) >= 1 << 62:
        raise UserError(
            "the protected columns have too many values to meet", fix="compare fewer columns at once, or leave out columns that name single persons"
        )
    code = parts[0].member
    for part in parts[1:]:
        code = code * len(part.names) + part.member
    sizes = [len(part.names) for part in parts]
    if math.prod(sizes) <= _DENSE:
        inhabited = np.flatnonzero(np.bincount(code, minlength=math.prod(sizes)))
        number = np.full(math.prod(sizes), -1, dtype=np.int64)
        number[inhabited] = np.arange(len(inhabited))
        member = number[code]
    else:
        inhabited, member = np.unique(code, return_inverse=True)
    places = np.stack(np.unravel_index(inhabited, sizes), axis=1).tolist()
    names = tuple(" and ".join(part.names[at] for part, at in zip(parts, row, strict=True)) for row in places)
    return Groups(columns=tuple(name for part in parts for name in part.columns), names=names, member=member)
