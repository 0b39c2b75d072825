"""LightGBM: ``Booster`` objects and their text files, and the scikit-learn API."""

from __future__ import annotations

from functools import partial
from typing import Any

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.adapters.sklearn import of_estimator
from aisecops.oracles.adapters.structures import structure_in
from aisecops.oracles.arranging import arranged
from aisecops.oracles.checking import class_names, name_of_label, two_columns
from aisecops.oracles.layout import ColumnType, Layout, LayoutColumn
from aisecops.oracles.model import Model, Wanted, encoder
from aisecops.oracles.oracle import CapabilityError, Floats
from aisecops.oracles.spec import Output
from aisecops.oracles.tables import columns_of

_MANY = ("multiclass", "multiclassova")


def load(path: str, wanted: Wanted) -> Model:
    """Read a text file."""
    import lightgbm

    return of_booster(lightgbm.Booster(model_file=path), wanted)


def of_classifier(classifier: Any, wanted: Wanted) -> Model:
    """Return an ``LGBMClassifier`` as a ``Model``."""
    names = list(getattr(classifier, "feature_name_", ()))
    if wanted.layout is None and names == [f"Column_{place}" for place in range(len(names))]:  # it was fitted with a matrix
        wanted = wanted.with_layout(Layout(columns=tuple(LayoutColumn(name=name) for name in names), frame=False))
    return of_estimator(classifier, wanted, frame=partial(_frame, classifier.booster_))


def of_booster(booster: Any, wanted: Wanted) -> Model:
    """Return a ``Booster`` as a ``Model``: as many classes as its objective has."""
    return arranged(booster.feature_name(), wanted, partial(_as_it_is, booster), spelt=lambda name: name.replace(" ", "_"))


def _as_it_is(booster: Any, wanted: Wanted) -> Model:
    objective, k = _objective(booster, wanted.name)
    own = list(range(k))
    margin = wanted.output is Output.LOGITS
    return Model(
        name=wanted.name,
        own=own,
        classes=class_names(own, wanted.classes, where=wanted.name),
        encode=encoder(wanted.layout, columns=booster.num_feature(), frame=partial(_frame, booster)),
        scores=partial(_many if objective in _MANY else _two, booster, margin),
        structure=partial(structure_in, booster, wanted.layout),
        most=wanted.batch,
    )


def _objective(booster: Any, where: str) -> tuple[str, int]:
    """The objective and how many classes it has, from the head of the text form."""
    head = booster.model_to_string(num_iteration=1).partition("\nTree=")[0].splitlines()
    words = next((line[len("objective=") :].split() for line in head if line.startswith("objective=")), [""])
    if words[0] == "binary":
        return "binary", 2
    if words[0] in _MANY:
        return words[0], int(booster.num_model_per_iteration())
    what = (
        f"its objective {inert(words[0], 40)} has no classes"
        if words[0]
        else "it was trained with an objective of its own, and does not say its classes"
    )
    raise CapabilityError(f"{what}, and attacks need labels", where=where)


def _two(booster: Any, margin: bool, samples: Any) -> Floats:
    return two_columns(booster.predict(samples, raw_score=margin), probability=not margin)


def _many(booster: Any, margin: bool, samples: Any) -> Any:
    return booster.predict(samples, raw_score=margin)


def _frame(booster: Any, matrix: Floats, layout: Layout) -> Any:
    """A frame whose categories are the booster's own values, in its own order: LightGBM takes a category that it does not know for a missing cell, silently."""
    import pandas

    columns: dict[str, Any] = dict(columns_of(matrix, layout))
    known = list(booster.pandas_categorical or [])
    categories = [column for column in layout.columns if column.type is ColumnType.CATEGORY]
    if len(known) != len(categories):
        what = f"the model was trained with {len(known)} category columns, and the layout has {len(categories)}"
        raise UserError(what, fix="declare as categories exactly the columns that were of pandas' `category` type")
    for column, values in zip(categories, known, strict=True):
        own = {name_of_label(value): value for value in values}
        unseen = next((name for name in column.categories if name not in own), None)
        if unseen is not None:
            raise UserError(
                f"the model was trained without the category `{inert(unseen, 60)}`", where=f"column `{inert(column.name)}`", fix="leave it out"
            )
        cells = [own.get(cell) if isinstance(cell, str) else None for cell in columns[column.name]]
        columns[column.name] = pandas.Categorical(cells, categories=values)
    return pandas.DataFrame(columns)[_in_its_order(booster, layout)]


def _in_its_order(booster: Any, layout: Layout) -> list[str]:
    """The layout's columns in the booster's order: LightGBM reads a frame by place and does not look at names. It keeps spaces as underscores."""
    names = list(booster.feature_name())
    if names == [f"Column_{place}" for place in range(len(names))]:
        return [column.name for column in layout.columns]
    own = {"_".join(column.name.split(" ")): column.name for column in layout.columns}
    if set(own) != set(names):
        absent = next(iter({*own} ^ {*names}))
        raise UserError(
            f"the model and the layout do not have the same columns: `{inert(absent)}` is in one alone", fix="name the columns as in training"
        )
    return [own[name] for name in names]
