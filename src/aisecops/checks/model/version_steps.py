"""What two versions are asked about: columns of rows, patches of pictures, words of texts, and what the new one was trained on."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.checks.model.explanation import columns_of
from aisecops.checks.model.inversions import training_records
from aisecops.checks.model.samples import Data
from aisecops.checks.model.subject import AskedModel
from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.datasets.reading import read_texts
from aisecops.explain import movements, patches, row_pairs, words_of
from aisecops.oracles.oracle import Batch, Capability, Floats, Integers, Oracle
from aisecops.project.models import ModelTask

_PAIRS, _LEAST, _TEXTS = 300, 30, 120
_QUESTIONS = 200_000
"""That one model is asked, at most: rows of many columns come in fewer pairs."""


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """The same for every model that is asked.

    Parameters
    ----------
    samples
        Test samples whose answers are compared.
    names
        Of what is changed.
    questions
        That one model is asked, at most.
    moved
        From what answers a batch to how far each name moves it, shape (n, names).
    """

    samples: Batch
    names: tuple[str, ...]
    questions: int
    moved: Callable[[Callable[[Batch], Floats]], Floats]


def steps_of(model: AskedModel, seed: int) -> Steps:
    """Return what to ask about.

    Raises
    ------
    UserError
        The test set is too small.
    """
    rows = model.samples.drawn(5000, (), seed)
    return _words(model, rows, seed) if model.declared.task is ModelTask.TEXT else _numbers(model, rows, seed)


def _numbers(model: AskedModel, rows: Integers, seed: int) -> Steps:
    x = model.samples.numbers[rows]
    shape = x.shape[1:]
    blocks = columns_of(model.samples.domain) if model.samples.domain else patches(shape)
    orders, walk = 2, len(blocks) + 1
    one, two = row_pairs(len(x), min(_PAIRS, _QUESTIONS // (2 * orders * walk)), seed)
    _enough(model, len(one), "pairs of rows", 2 * _LEAST)
    flat = x.reshape(len(x), -1)

    def moved(answers: Callable[[Batch], Floats]) -> Floats:
        return movements(lambda points: answers(points.reshape(len(points), *shape)), flat[one], flat[two], blocks, orders=orders, seed=seed)

    return Steps(samples=x, names=tuple(blocks), questions=len(one) * 2 * orders * walk + len(x), moved=moved)


def _words(model: AskedModel, rows: Integers, seed: int) -> Steps:
    texts = [model.samples.texts[row] for row in rows]
    _enough(model, len(texts), "texts", _LEAST)
    found = words_of(texts[:_TEXTS], model.samples.y[rows], among=texts)

    def moved(answers: Callable[[Batch], Floats]) -> Floats:
        def told(points: Floats) -> Floats:
            written, which = found.written(points)
            return answers(written)[which]

        return movements(told, found.points(kept=True), found.points(kept=False), found.blocks, orders=1, seed=seed)

    names = tuple(name if place == len(found.names) - 1 else f"`{inert(name, 60)}`" for place, name in enumerate(found.names))
    return Steps(samples=texts, names=names, questions=len(found.texts) * 2 * (len(names) + 1) + len(texts), moved=moved)


def _enough(model: AskedModel, count: int, what: str, needed: int) -> None:
    if count < _LEAST:
        raise UserError(f"{count} {what} are too few to compare versions", where=model.samples.data.where, fix=f"give {needed} test rows")


def trained_on(model: AskedModel) -> tuple[Batch, Integers]:
    """Return the training data of ``model`` as it takes them, and their labels. Raises ``UserError`` where they cannot be read."""
    declared = model.declared
    if declared.task is not ModelTask.TEXT:
        records = training_records(model)
        return records.numbers, records.y
    read = read_texts(model.under_test.training, column=declared.text, label=declared.label)
    data = Data(where=declared.training_data, labels=read.labels, numbers=np.zeros((len(read.labels), 0)), texts=read.texts)
    return list(read.texts), data.numbered(model.oracle.classes).y


def taken(batch: Batch, rows: Integers) -> Batch:
    """These samples of a batch."""
    return batch[rows] if isinstance(batch, np.ndarray) else [batch[row] for row in rows]


def answering(oracle: Oracle, scored: bool) -> Callable[[Batch], Floats]:
    """Return what ``oracle`` says of a batch: scores, or which label it is, shape (n, k)."""

    def told(batch: Batch) -> Floats:
        if scored:
            return np.asarray(oracle.scores(batch), dtype=np.float64)
        return np.asarray(oracle.labels(batch)[:, None] == np.arange(len(oracle.classes)), dtype=np.float64)

    return told


def both_scored(one: Oracle, two: Oracle, samples: Batch) -> bool:
    """Whether both give scores of one kind: probabilities, or none."""
    if any(Capability.SCORES not in oracle.capabilities for oracle in (one, two)):
        return False
    few = samples[:50]
    kinds = {bool((scores >= 0).all() and np.allclose(scores.sum(axis=1), 1.0, atol=1e-3)) for scores in (one.scores(few), two.scores(few))}
    return len(kinds) == 1
