"""ONNX models, run by ONNX Runtime: tensors in, or one input for each column; label, probability and logit tensors out, or skl2onnx's lists of dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.checking import class_names, two_columns
from aisecops.oracles.layout import Layout
from aisecops.oracles.model import Model, Wanted, shaped
from aisecops.oracles.oracle import Batch, CapabilityError
from aisecops.oracles.spec import Output
from aisecops.oracles.tables import columns_of

_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}


class Answers(NamedTuple):
    """Which outputs hold what: the label of each sample, its scores; ``mapped``: the scores are a dictionary for each sample."""

    label: str | None
    score: str | None
    mapped: bool


def load(path: str, wanted: Wanted) -> Model:
    """Read a model file; on the processor, with one thread: attacks make many small calls."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return of_session(session, wanted, own=_written_labels(path))


def of_session(session: Any, wanted: Wanted, own: Sequence[Any] | None = None) -> Model:
    """Return an ``InferenceSession`` as a ``Model``; ``own``: its labels, where the file says them."""
    inputs = session.get_inputs()
    encode = partial(_tensors, inputs, wanted)
    answers = _answers(session, wanted.name)
    trial = _trial(session, inputs, wanted)
    width = _width(trial, answers, wanted)
    own = _keys(trial, answers) or (own if own and len(own) == width else None) or _given(wanted.classes, width, wanted.name)
    fixed = _batch_size(inputs)
    run = partial(_run, session)
    return Model(
        name=wanted.name,
        own=own,
        classes=class_names(own, wanted.classes, where=wanted.name),
        encode=encode,
        labels=partial(run, answers.label) if answers.label else None,
        scores=partial(_scores, run, answers, own, wanted.output) if answers.score else None,
        most=fixed or wanted.batch,
        exactly=fixed is not None,
    )


def _run(session: Any, output: str, feed: dict[str, Any]) -> Any:
    return session.run([output], feed)[0]


def _tensors(inputs: Sequence[Any], wanted: Wanted, batch: Batch) -> dict[str, Any]:
    """The tensors that a batch is."""
    if not isinstance(batch, np.ndarray):
        _only(inputs, wanted.name)
        return {inputs[0].name: np.array(list(batch), dtype=object).reshape(len(batch), *([1] * (len(inputs[0].shape) - 1)))}
    if len(inputs) > 1 or (wanted.layout is not None and wanted.layout.frame):
        return _column_tensors(inputs, wanted.layout, batch, wanted.name)
    shape = wanted.shape or tuple(side for side in inputs[0].shape[1:] if isinstance(side, int))
    whole = len(shape) == len(inputs[0].shape) - 1 and batch[:1].size == np.prod(shape)
    return {inputs[0].name: _cast(shaped(batch, shape) if whole else batch, inputs[0])}


def _only(inputs: Sequence[Any], where: str) -> None:
    if len(inputs) > 1:
        raise UserError(f"the model takes {len(inputs)} inputs, and texts are one", where=where)


def _column_tensors(inputs: Sequence[Any], layout: Layout | None, batch: Any, where: str) -> dict[str, Any]:
    if layout is None:
        names = inert(", ".join(wanted.name for wanted in inputs), 120)
        raise UserError(f"the model takes a tensor for each of its columns ({names})", where=where, fix="declare a `layout` with these names")
    columns = columns_of(batch, layout)
    if len(inputs) == 1 and inputs[0].name not in columns:
        return {inputs[0].name: _cast(np.stack([np.asarray(cells) for cells in columns.values()], axis=1), inputs[0])}
    absent = [wanted.name for wanted in inputs if wanted.name not in columns]
    if absent:
        raise UserError(f"the model takes the column `{inert(absent[0])}`, which the layout does not have", where=where)
    return {wanted.name: _cast(columns[wanted.name][:, None], wanted) for wanted in inputs}


def _cast(values: Any, tensor: Any) -> Any:
    """``values`` as the tensor's type; refused where the model would be asked about something else."""
    kind = _TYPES.get(tensor.type)
    if kind is None:
        raise UserError(f"inputs of type {tensor.type} cannot be given", where=f"input `{inert(tensor.name)}`")
    if kind is np.object_:
        if any(not isinstance(cell, str) for cell in np.asarray(values, dtype=object).ravel()):
            raise UserError("a cell is missing, or no text", where=f"input `{inert(tensor.name)}`", fix="declare the column as a category")
        return np.asarray(values, dtype=object)
    if any(isinstance(cell, str) for cell in values[:1].ravel()):
        raise UserError("a column of texts goes into a tensor of numbers", where=f"input `{inert(tensor.name)}`")
    numbers = np.asarray(values, dtype=np.float64)
    if np.issubdtype(kind, np.floating):
        return numbers.astype(kind)
    with np.errstate(invalid="ignore"):
        cast: Any = numbers.astype(kind)
    if not np.array_equal(cast.astype(np.float64), numbers):
        raise UserError(
            f"the model takes {tensor.type} here, and a value is none",
            where=f"input `{inert(tensor.name)}`",
            fix="keep to whole numbers of its range",
        )
    return cast


def _answers(session: Any, where: str) -> Answers:
    """Tell labels from scores by type: integers and strings are labels, floats and maps are scores."""
    outputs = session.get_outputs()
    maps = [output.name for output in outputs if output.type.startswith("seq(map(")]
    labels = [output.name for output in outputs if output.type in ("tensor(string)", "tensor(int64)", "tensor(int32)")]
    scores = maps or [output.name for output in outputs if output.type in ("tensor(float)", "tensor(double)", "tensor(float16)")]
    if len(scores) > 1:  # by name, then: `probabilities` beside an embedding
        scores = [name for name in scores if any(word in name.lower() for word in ("prob", "logit", "score"))] or scores
    if len(labels) > 1 or len(scores) > 1 or not labels + scores:
        names = inert(", ".join(f"{output.name} {output.type}" for output in outputs), 160)
        raise UserError(f"its outputs are not one label and one score tensor: {names}", where=where, fix="export the model with these alone")
    return Answers(labels[0] if labels else None, scores[0] if scores else None, bool(maps))


def _trial(session: Any, inputs: Sequence[Any], wanted: Wanted) -> dict[str, Any]:
    """What the model answers about zeros: its shapes say how many classes there are. Empty where it cannot be asked so."""
    first = _batch_size(inputs) or 1
    feed = _zeros(inputs, wanted, first) if wanted.layout is None else _tensors(inputs, wanted, np.zeros((first, len(wanted.layout.columns))))
    if not feed:
        return {}
    try:
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, feed), strict=True))
    except Exception:  # a category that it does not know, say
        return {}


def _batch_size(inputs: Sequence[Any]) -> int | None:
    """The only batch size that the model takes, if there is only one."""
    return inputs[0].shape[0] if inputs[0].shape and isinstance(inputs[0].shape[0], int) else None


def _zeros(inputs: Sequence[Any], wanted: Wanted, first: int) -> dict[str, Any]:
    feed = {}
    for tensor in inputs:
        rest = wanted.shape if wanted.shape and len(inputs) == 1 else tuple(tensor.shape[1:])
        if tensor.type not in _TYPES or not all(isinstance(side, int) for side in rest):
            return {}
        blank = "0" if tensor.type == "tensor(string)" else 0
        feed[tensor.name] = np.full((first, *rest), blank, dtype=_TYPES[tensor.type])
    return feed


def _keys(trial: dict[str, Any], answers: Answers) -> list[Any] | None:
    return list(trial[answers.score][0]) if answers.mapped and answers.score in trial else None


def _width(trial: dict[str, Any], answers: Answers, wanted: Wanted) -> int:
    """How many classes there are."""
    score = trial.get(answers.score or "")
    if score is None:
        if not wanted.classes:
            raise UserError("it does not say its classes", where=wanted.name, fix="give `classes`, or the `shape` of a sample")
        return len(wanted.classes)
    if answers.mapped:
        return len(score[0])
    width = score.shape[1] if score.ndim == 2 else 1 if score.ndim == 1 else 0
    if not width:
        raise CapabilityError(f"it answers shape {score.shape[1:]} for a sample, not a number for each class", where=wanted.name)
    if width == 1 and wanted.output not in (Output.LOGITS, Output.PROBABILITIES):
        what = "it answers one column: a logit or a probability of the second class, or a regression"
        raise CapabilityError(what, where=wanted.name, fix="say `output: logits` or `output: probabilities`")
    return max(2, int(width))


def _given(classes: tuple[str, ...], width: int, where: str) -> list[Any]:
    """The labels that it is taken to answer: 0 to k-1, or those given where they are numbers."""
    if classes and len(classes) != width:
        raise UserError(f"it has {width} classes, and {len(classes)} are named", where=where)
    return list(classes) if classes and all(name.lstrip("-").isdecimal() for name in classes) else list(range(width))


def _scores(run: Callable[[str, Any], Any], answers: Answers, own: Sequence[Any], output: Output | None, feed: dict[str, Any]) -> Any:
    assert answers.score is not None
    scores = run(answers.score, feed)
    if answers.mapped:
        return np.array([[row[label] for label in own] for row in scores], dtype=np.float64).reshape(len(scores), len(own))
    if len(own) == 2 and (scores.ndim == 1 or scores.shape[1] == 1):
        return two_columns(scores, probability=output is Output.PROBABILITIES)
    return scores


def _written_labels(path: str) -> list[Any] | None:
    """The class labels that a classifier node holds, where the onnx package is there to read them."""
    try:
        import onnx
    except ImportError:
        return None
    for node in reversed(onnx.load(path, load_external_data=False).graph.node):
        for attribute in node.attribute:
            if attribute.name in ("classlabels_int64s", "classlabels_ints") and attribute.ints:
                return list(attribute.ints)
            if attribute.name in ("classlabels_strings", "classlabels_string") and attribute.strings:
                return [bytes(label) for label in attribute.strings]
    return None
