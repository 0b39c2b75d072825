"""MLflow's pyfunc models: a folder with an ``MLmodel`` file, asked as MLflow's server would ask it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.adapters.declared import of_declared
from aisecops.oracles.arranging import arranged
from aisecops.oracles.checking import class_names, name_of_label
from aisecops.oracles.layout import ColumnType, Layout, LayoutColumn
from aisecops.oracles.model import Model, Wanted, encoder
from aisecops.oracles.oracle import Batch
from aisecops.oracles.spec import Output

_TYPES = {
    "double": ColumnType.REAL,
    "float": ColumnType.REAL,
    "long": ColumnType.INTEGER,
    "integer": ColumnType.INTEGER,
    "boolean": ColumnType.BOOLEAN,
}


def load(path: str, wanted: Wanted) -> Model:
    """Load the folder ``path``."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow.pyfunc

    return of_pyfunc(mlflow.pyfunc.load_model(path), wanted)


def of_pyfunc(model: Any, wanted: Wanted) -> Model:
    """Return a loaded pyfunc model as a ``Model``. Its answers are labels unless ``output`` says otherwise."""
    schema = model.metadata.get_input_schema()
    named = schema is not None and not schema.is_tensor_spec() and schema.has_input_names()
    if named and wanted.layout is not None and wanted.layout.columns:
        wanted = wanted.with_layout(msgspec.structs.replace(wanted.layout, frame=True))  # MLflow takes no matrix where the signature names columns
    return arranged(schema.input_names() if named else None, wanted, partial(_as_it_is, model))


def _as_it_is(model: Any, wanted: Wanted) -> Model:
    schema = model.metadata.get_input_schema()
    layout = wanted.layout or _layout(schema, wanted)
    encode = _typed(encoder(layout, shape=wanted.shape), schema)
    own = _own_labels(model)
    classes = class_names(own, wanted.classes, where=wanted.name) if own else wanted.classes
    named = Wanted(name=wanted.name, classes=classes, output=wanted.output or Output.LABELS, batch=wanted.batch)
    ask = partial(_labels, model, own, classes) if own and named.output is Output.LABELS else partial(_answer, model, own, classes)
    return of_declared(ask, encode, named)


def _own_labels(model: Any) -> list[Any]:
    """The labels of the estimator inside, where MLflow shows it; empty: not known."""
    try:
        inside = model.get_raw_model()
    except Exception:  # not every flavour has one
        return []
    classes = getattr(inside, "classes_", None)
    return list(np.asarray(classes)) if classes is not None and np.ndim(classes) == 1 else []


def _labels(model: Any, own: list[Any], classes: tuple[str, ...], samples: Any) -> Any:
    """The model's own labels by the names that they have here."""
    names = dict(zip(class_names(own, None, where=""), classes, strict=True))
    answer = np.asarray(_answer(model, own, classes, samples))
    return np.array([names.get(name_of_label(label), name_of_label(label)) for label in answer.reshape(len(answer))], dtype=object)


def _answer(model: Any, own: list[Any], classes: tuple[str, ...], samples: Any) -> Any:
    """What the model predicts; a frame with a column for each class is put in the order of the classes."""
    answer = model.predict(samples)
    columns = [str(name) for name in getattr(answer, "columns", ())]
    for names in ([str(label) for label in own], list(classes)):
        if len(columns) > 1 and columns != names and sorted(columns) == sorted(names):
            return answer.to_numpy()[:, [columns.index(name) for name in names]]
    return answer


def _layout(schema: Any, wanted: Wanted) -> Layout | None:
    """The columns of the model's signature; None where it takes a matrix, or texts."""
    if schema is None or schema.is_tensor_spec() or not schema.has_input_names():
        return None
    types = [(str(column.name), getattr(column.type, "name", "")) for column in schema.inputs]
    if len(types) == 1 and types[0][1] == "string":
        return Layout(columns=(LayoutColumn(name=types[0][0], type=ColumnType.CATEGORY, categories=("",)),))
    unknown = next((name for name, kind in types if kind not in _TYPES), None)
    if unknown is not None:
        raise UserError(f"its column `{inert(unknown)}` holds texts", where=wanted.name, fix="declare a `layout` with its categories")
    return Layout(columns=tuple(LayoutColumn(name=name, type=_TYPES[kind]) for name, kind in types))


def _typed(encode: Callable[[Batch], Any], schema: Any) -> Callable[[Batch], Any]:
    """MLflow takes no type but the signature's: float64 is refused for single precision, int64 for 32 bits, any other for a tensor."""
    if schema is None:
        return encode
    if schema.is_tensor_spec():
        return lambda batch: _tensor(encode(batch), schema.inputs)
    numbers = {"integer": "int32", "long": "int64", "float": "float32", "double": "float64"}
    narrow = {str(column.name): numbers.get(getattr(column.type, "name", "")) for column in schema.inputs}

    def typed(batch: Batch) -> Any:
        frame = encode(batch)
        if not hasattr(frame, "columns"):
            return frame
        fitting = {"int32": "i", "int64": "i", "float32": "if", "float64": "if"}
        return frame.astype({name: kind for name, kind in narrow.items() if kind and name in frame and frame[name].dtype.kind in fitting[kind]})

    return typed


def _tensor(samples: Any, inputs: Any) -> Any:
    cast = np.asarray(samples).astype(inputs[0].type)
    return cast if inputs[0].name is None else {inputs[0].name: cast}
