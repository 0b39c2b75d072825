"""The rows that a model was trained on, read as its test set was, and the two beside each other as an inference attack needs them."""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.audit import LEAST, disjoint
from aisecops.checks.model.opening import second_quarantine
from aisecops.checks.model.samples import Data, Samples
from aisecops.checks.model.subject import AskedModel
from aisecops.core.check import Context
from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.datasets.domain import Column
from aisecops.datasets.reading import read_table
from aisecops.datasets.table import TableColumn
from aisecops.defences.leakage.retraining import IsolatedRetraining
from aisecops.oracles.oracle import Flags, Floats, Integers


def retraining(model: AskedModel, ctx: Context) -> IsolatedRetraining:
    """Return a quarantine in which models like ``model`` are trained. Raises ``UserError`` where there is none."""
    given = second_quarantine(model, ctx)
    return ctx.isolate(lambda: IsolatedRetraining(given.spec, recipe=given.recipe, limits=given.limits, allow_weak=given.allow_weak))


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """Members and as many other records, drawn by the seed, and the rest of the training data.

    ``members``, ``others``, ``rest``: samples (n, d) and labels (n,). ``left_out``: in words, what was taken out first; empty: nothing.
    """

    members: tuple[Floats, Integers]
    others: tuple[Floats, Integers]
    rest: tuple[Floats, Integers]
    left_out: str = ""


def sides(model: AskedModel, seed: int, *, most_rest: int = 20_000) -> Sides:
    """Return the records of an attack on ``model``.

    Raises
    ------
    UserError
        No training data are declared, they have not the columns of the test set, or there are too few.
    """
    wanted = model.declared.privacy
    trained, known = training_samples(model)
    test = model.samples
    mine, theirs = disjoint(np.column_stack([trained.numbers, trained.y]), np.column_stack([test.numbers, test.y]))
    rng = np.random.default_rng(seed)
    inside, outside = rng.permutation(np.flatnonzero(mine)), rng.permutation(np.flatnonzero(theirs))
    n = min(wanted.samples, len(inside), len(outside))
    if n < LEAST:
        what = f"{len(inside)} records of the training data and {len(outside)} others are too few to say anything"
        raise UserError(what, where=f"models: {inert(model.declared.name)}", fix=f"give at least {LEAST} of each")
    said = [
        f"{count:,} {what}"
        for count, what in (
            (int((~theirs).sum()), "rows of the test set, which are training data or stand there twice"),
            (int((~mine).sum()), "rows of the training data that stand there twice"),
            (int((~known).sum()), "rows of the training data with categories that the test set has not"),
        )
        if count
    ]
    members, others, rest = np.sort(inside[:n]), np.sort(outside[:n]), np.sort(inside[n : n + most_rest])
    return Sides(
        members=(trained.numbers[members], trained.y[members]),
        others=(test.numbers[others], test.y[others]),
        rest=(trained.numbers[rest], trained.y[rest]),
        left_out="; ".join(said),
    )


def training_samples(model: AskedModel) -> tuple[Samples, Flags]:
    """Return the training data of ``model`` in the columns and categories of its test set, and which rows of the file those are, shape (rows,)."""
    declared, domain = model.declared, model.samples.data.domain
    if not declared.training_data:
        raise UserError("no training data are declared", where=f"models: {inert(declared.name)}", fix="name `training-data` in aisecops.yaml")
    assert domain is not None  # a table has one
    table = read_table(model.under_test.training)
    numbers = np.column_stack([_recoded(table.column(column.name), column, table.where) for column in domain.columns])
    unknown = (numbers < 0) & np.array([bool(column.categories) for column in domain.columns])
    known = ~unknown.any(axis=1)
    labels = table.texts(declared.label)
    data = Data(
        where=declared.training_data,
        labels=tuple(label for label, kept in zip(labels, known, strict=True) if kept),
        numbers=numbers[known],
        domain=domain,
        layout=model.samples.data.layout,
    )
    return data.numbered(model.oracle.classes), known


def _recoded(column: TableColumn, declared: Column, where: str) -> Floats:
    """The values of a column by the categories that the domain declares; -1 for a category that it does not."""
    if bool(column.categories) != bool(declared.categories):
        holds = "categories" if column.categories else "numbers"
        fix = "mend its `type` in the domain"
        raise UserError(f"the column {inert(column.name, 60)} holds {holds}, and that of the test set does not", where=where, fix=fix)
    if column.categories == declared.categories:
        return column.values
    numbers = {name: float(number) for number, name in enumerate(declared.categories)}
    places = np.array([numbers.get(name, -1.0) for name in column.categories])
    present = ~np.isnan(column.values)
    return np.where(present, places[np.where(present, column.values, 0).astype(int)], np.nan)
