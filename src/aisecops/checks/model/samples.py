"""The labelled samples that a model is asked about: rows of a table, texts or images, numbered as the model numbers its classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np

from aisecops.attacks.evasion.space import Box
from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.datasets.domain import Column, Domain
from aisecops.datasets.domain.inference import infer
from aisecops.datasets.reading import read_images, read_table, read_texts
from aisecops.datasets.table import Table, TableColumn
from aisecops.oracles.layout import ColumnType as CellType
from aisecops.oracles.layout import Layout, LayoutColumn
from aisecops.oracles.oracle import Batch, Flags, Floats, Integers
from aisecops.project.models import DeclaredModel, ModelTask, ModelUnderTest

_OTHERS = 500
"""Samples that attacks walk from, at most."""
_ABSURD = 1e9
_TRUTHS = {"true": "1", "false": "0"}


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What was read: samples and labels as they stand in the file. ``protected``: the columns whose groups are compared, given to the model or not."""

    where: str
    labels: tuple[str, ...]
    numbers: Floats
    texts: tuple[str, ...] = ()
    domain: Domain | None = None
    layout: Layout | None = None
    protected: tuple[TableColumn, ...] = ()
    pixels: tuple[float, float] | None = None

    def numbered(self, classes: Sequence[str]) -> Samples:
        """Return the samples with labels numbered as ``classes``.

        Raises
        ------
        UserError
            A label is none of the model's classes.
        """
        known = {key: number for number, name in reversed(list(enumerate(classes))) for key in _spellings(name)}
        numbers = [next((known[key] for key in _spellings(label) if key in known), -1) for label in self.labels]
        if -1 in numbers:
            row = numbers.index(-1)
            what = f"row {row} has the label {inert(self.labels[row], 40)!r}, and the model's classes are {', '.join(inert(name, 40) for name in classes[:10])}"
            raise UserError(what, where=self.where, fix="name the classes in the model's order: `classes` in aisecops.yaml")
        return Samples(data=self, y=np.array(numbers, dtype=np.int64), classes=tuple(classes))


class Samples(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Labelled samples. ``y``: labels as the model numbers them, shape (n,)."""

    data: Data
    y: Integers
    classes: tuple[str, ...]

    @property
    def numbers(self) -> Floats:
        """Rows or images, shape (n, ...); of texts none."""
        return self.data.numbers

    @property
    def texts(self) -> Sequence[str]:
        """The texts."""
        return self.data.texts

    @property
    def domain(self) -> Domain | None:
        """What rows make sense, with bounds everywhere; None for images and texts."""
        return self._bounded

    @cached_property
    def _bounded(self) -> Domain | None:
        return self.data.domain.bounded(self.numbers) if self.data.domain else None

    @cached_property
    def space(self) -> Domain | Box:
        """Where attacks may go: the domain, or the range of pixels."""
        if self._bounded is not None:
            return self._bounded
        return Box(*(self.data.pixels or pixel_range(self.numbers)))

    @property
    def whole(self) -> Flags | None:
        """The columns of whole numbers, shape (d,)."""
        if self._bounded is None:
            return None
        whole: Flags = self._bounded.rules.whole
        return whole

    def batch(self, rows: Integers) -> Batch:
        """The samples of ``rows`` as an oracle takes them."""
        return [self.texts[row] for row in rows] if self.texts else self.numbers[rows]

    def drawn(self, most: int, classes: Sequence[str], seed: int) -> Integers:
        """Return at most ``most`` row numbers, drawn by ``seed`` and sorted, of samples of ``classes`` (all, if empty).

        Raises
        ------
        UserError
            A class is none of the model's, or has no sample.
        """
        if unknown := [name for name in classes if name not in self.classes]:
            raise UserError(
                f"{inert(unknown[0], 40)!r} is none of its classes ({', '.join(self.classes[:10])})", where="evasion.classes", fix="name one of them"
            )
        wanted = [self.classes.index(name) for name in classes] or range(len(self.classes))
        rows = np.flatnonzero(np.isin(self.y, list(wanted)))
        if not len(rows):
            raise UserError("there is no sample to attack", where=self.data.where, fix="give a test set with labelled rows of these classes")
        return np.sort(np.random.default_rng(seed).permutation(rows)[:most])

    def others(self, rows: Integers, seed: int) -> Floats:
        """Return samples outside of ``rows`` (all, where there is no other), at most 500, of all classes."""
        rest = np.setdiff1d(np.arange(len(self.y)), rows)
        rest = rest if len(set(self.y[rest].tolist())) > 1 else np.arange(len(self.y))
        chosen: Integers = np.random.default_rng(seed).permutation(rest)[:_OTHERS]
        return self.numbers[chosen]


def read_samples(model: ModelUnderTest) -> Data:
    """Read the test set that the manifest declares for ``model``.

    Raises
    ------
    UserError
        There is none, it cannot be read, or it has no such column.
    """
    declared = model.declared
    pictures = declared.task is ModelTask.IMAGE and os.path.isdir(model.data)  # in folders named like the labels
    if not declared.data or not (declared.label or pictures):
        raise UserError("no labelled test set is declared", where=f"models: {inert(declared.name)}", fix="name `data` and `label` in aisecops.yaml")
    if declared.task is ModelTask.IMAGE:
        images, labels = images_for(declared, model.data)
        return Data(where=declared.data, labels=labels, numbers=images, pixels=declared.pixels)
    if declared.task is ModelTask.TEXT:
        texts = read_texts(model.data, column=declared.text, label=declared.label)
        protected = _protected(model, read_table(model.data)) if declared.fairness else ()
        return Data(where=declared.data, labels=texts.labels, numbers=np.zeros((len(texts.labels), 0)), texts=texts.texts, protected=protected)
    return _tabular(model, read_table(model.data))


def images_for(declared: DeclaredModel, path: str) -> tuple[Floats, tuple[str, ...]]:
    """Return the images at ``path`` as the model takes them, and their labels."""
    images, labels = read_images(path, label=declared.label)
    return _as_taken(images, declared), labels


def _as_taken(images: Floats, declared: DeclaredModel) -> Floats:
    """Images between the model's ``pixels``, and of colours, where its ``shape`` is known, a plane for each, as attacks work on them."""
    if images.ndim == 4 and sorted(declared.shape) == sorted(images.shape[1:]) and images.shape[3] <= 4 < min(images.shape[1:3]):
        images = np.moveaxis(images, 3, 1)
    if declared.pixels is None:
        return images
    (low, high), (dark, bright) = declared.pixels, pixel_range(images)
    return np.asarray(low + (high - low) * (images - dark) / (bright - dark))


def pixel_range(images: Floats) -> tuple[float, float]:
    """Return the values that a pixel can have: 0 to 1, 0 to 255, or what the images show."""
    low, high = float(images.min(initial=0.0)), float(images.max(initial=1.0))
    if low >= 0:
        return 0.0, 1.0 if high <= 1 else 255.0 if 16 < high <= 255 else high
    return low, high


def _spellings(label: str) -> tuple[str, ...]:
    """The ways in which a label may be written: ``1``, ``1.0``, ``True``."""
    text = label.strip()
    lower = _TRUTHS.get(text.lower(), text.lower())
    try:
        number = f"{float(lower):g}"
    except ValueError:
        number = lower
    return text, lower, number


def _tabular(model: ModelUnderTest, table: Table) -> Data:
    declared = model.declared
    labels = table.texts(declared.label)
    names = declared.columns or (declared.domain.names if declared.domain else tuple(name for name in table.names if name != declared.label))
    features = Table(columns=tuple(table.column(name) for name in names), where=table.where)
    domain = declared.domain or inferred(features)
    if names != domain.names:
        raise UserError(
            "the domain's columns are not those of the model", where=f"models: {inert(declared.name)}", fix="list the same columns in one order"
        )
    numbers = np.column_stack([_recoded(features.column(column.name), column, table.where) for column in domain.columns])
    _ranges_told(numbers, domain, declared.domain is not None, table.where)
    frame = declared.frame if declared.frame is not None else any(column.categories for column in domain.columns)
    cells = tuple(LayoutColumn(name=c.name, type=CellType(c.type.value), categories=c.categories) for c in domain.columns)
    layout, protected = Layout(columns=cells, frame=frame), _protected(model, table)
    return Data(where=declared.data, labels=labels, numbers=numbers, domain=domain, layout=layout, protected=protected)


def _ranges_told(numbers: Floats, domain: Domain, written: bool, where: str) -> None:
    """Distances are shares of ranges, which one absurd cell makes meaningless: every change is small beside 1e308.

    Raises
    ------
    UserError
        A value is a thousand million times farther out than the middle nine tenths of its column reach, and no domain that a person wrote says what is possible.
    """
    for place, column in enumerate(domain.columns):
        values = numbers[:, place]
        known = values[np.isfinite(values)]
        if column.categories or len(known) < 20 or (written and column.low is not None and column.high is not None):
            continue
        low, middle, high = np.quantile(known, (0.05, 0.5, 0.95))
        with np.errstate(over="ignore"):
            far = np.abs(values - middle) > _ABSURD * max(high - low, abs(middle))
        if high > low and far.any():
            row = int(np.argmax(far))
            raise UserError(
                f"column `{inert(column.name, 60)}` has the value {values[row]:g} in row {row}, and nearly all others lie between {low:g} and {high:g}",
                where=where,
                fix="mend the cell, or say what is possible: `low` and `high` of this column under `domain`",
            )


def _protected(model: ModelUnderTest, table: Table) -> tuple[TableColumn, ...]:
    fairness = model.declared.fairness
    return tuple(table.column(name) for name in fairness.protected) if fairness else ()


def _recoded(column: TableColumn, declared: Column, where: str) -> Floats:
    """The values of a column by the categories that the domain declares, in their order."""
    if declared.categories and not column.categories and (written := _written(column.values, declared.categories)) is not None:
        return written
    if bool(column.categories) != bool(declared.categories):
        holds = "categories" if column.categories else "numbers"
        raise UserError(
            f"the column {inert(column.name, 60)} holds {holds}, and the domain says otherwise", where=where, fix="mend its `type` in the domain"
        )
    if column.categories == declared.categories:
        return column.values
    if unknown := next((name for name in column.categories if name not in declared.categories), None):
        raise UserError(
            f"{inert(unknown, 40)!r} is none of the categories of {inert(column.name, 60)}", where=where, fix="add it to the domain's categories"
        )
    places = np.array([float(declared.categories.index(name)) for name in column.categories])
    known = ~np.isnan(column.values)
    return np.where(known, places[np.where(known, column.values, 0).astype(int)], np.nan)


def _written(values: Floats, categories: tuple[str, ...]) -> Floats | None:
    """Numbers, such as postal codes, and truth values by the categories that are written like them; None if one is written like none."""
    places = {name: float(place) for place, name in enumerate(categories)}
    places |= {_TRUTHS[name.lower()]: place for name, place in places.items() if name.lower() in _TRUTHS}
    found = [np.nan if np.isnan(value) else places.get(f"{value:.17g}", -1.0) for value in values.tolist()]
    return None if -1.0 in found else np.array(found)


def inferred(table: Table) -> Domain:
    """Return a domain read off the data. What merely held between columns is left out: an attack that spares it on our own guess would be false security."""
    return msgspec.structs.replace(infer(table), relations=())
