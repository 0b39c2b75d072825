"""What a model answered, checked and numbered: the one door by which labels and scores come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.oracle import Batch, Floats, Integers, OracleError


def name_of_label(label: Any) -> str:
    """The name of a label as models keep it: 1, 1.0 and numpy's 1 are "1", True is "True", bytes are read as UTF-8; inert, for names are printed."""
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, bytes):
        label = label.decode("utf-8", "backslashreplace")
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return inert(str(label))


def class_names(own: Iterable[Any], given: Sequence[str] | None, *, where: str) -> tuple[str, ...]:
    """Return the names of a model's classes in its own order: those of its labels, or ``given`` where they rename them.

    Raises
    ------
    UserError
        ``given`` has another length, or is the model's own labels in another order, or mixes its labels with others: renaming would swap classes.
    """
    names = tuple(name_of_label(label) for label in own)
    if len(set(names)) < len(names):
        raise UserError(f"two classes have one name: {_listed(names)}", where=where)
    if not given:
        return names
    wanted = tuple(name_of_label(label) for label in given)
    if wanted == names:
        return names
    in_order = f"give them in the model's order: {_listed(names)}"
    if len(wanted) != len(names) or len(set(wanted)) < len(wanted):
        raise UserError(f"{_listed(wanted)} are not names for the {len(names)} classes of the model", where=where, fix=in_order)
    if set(wanted) & set(names):
        raise UserError(f"the classes {_listed(wanted)} are not in the model's order", where=where, fix=in_order)
    return wanted


def _listed(names: Sequence[str]) -> str:
    return inert(", ".join(names), limit=120)


def checked_batch(batch: Any, *, where: str) -> Batch:
    """Return a batch as oracles take it: float64, or a list of texts.

    Raises
    ------
    UserError
        It is neither: a frame, for one, is not the matrix that stands for it.
    """
    if isinstance(batch, np.ndarray) and batch.dtype.kind in "biuf" and batch.ndim:
        return np.asarray(batch, dtype=np.float64)
    texts = batch.tolist() if isinstance(batch, np.ndarray) else batch
    if isinstance(texts, list | tuple) and all(isinstance(text, str) for text in texts):
        return list(texts)
    raise UserError(
        "a batch is an array of numbers, first axis the samples, or a list of texts", where=where, fix="make a frame a matrix by its layout"
    )


class LabelNumbers:
    """From a model's own labels to their numbers."""

    def __init__(self, own: Sequence[Any], *, where: str) -> None:
        self._numbers = {name_of_label(label): number for number, label in enumerate(own)}
        self._plain = list(self._numbers) == [str(number) for number in range(len(own))]
        self._where = where

    def __call__(self, answer: Any, n: int) -> Integers:
        """Return the number of each label of ``answer``, shape (n,).

        Raises
        ------
        OracleError
            Not one label for each of ``n`` samples, or one that the model is not known to have.
        """
        array = np.asarray(answer)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.shape != (n,):
            raise OracleError(f"the model answered labels of shape {array.shape} for {n} samples", where=self._where)
        if self._plain and array.dtype.kind in "iu" and (not n or (array.min() >= 0 and array.max() < len(self._numbers))):
            return array.astype(np.int64)
        if array.dtype.kind in "OUS":
            known = self._numbers
            return np.array(
                [known[label] if type(label) is str and label in known else self._number(label) for label in array.tolist()], dtype=np.int64
            )
        values, places = np.unique(array, return_inverse=True)
        return np.array([self._number(value) for value in values], dtype=np.int64)[places]

    def _number(self, label: Any) -> int:
        name = name_of_label(label)
        if name not in self._numbers:
            known = _listed(list(self._numbers))
            raise OracleError(f"the model answered the label `{inert(name, 60)}`, which is none of its classes ({known})", where=self._where)
        return self._numbers[name]


def checked_scores(answer: Any, n: int, k: int, *, where: str, at: int = 0) -> Floats:
    """Return ``answer`` as float64, shape (n, k), every element finite; messages count samples from ``at``.

    Raises
    ------
    OracleError
    """
    try:
        array = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        raise OracleError("the model answered scores that are not numbers", where=where) from None
    if array.shape != (n, k):
        raise OracleError(
            f"the model answered scores of shape {array.shape}, not {(n, k)}: a row for each sample, a column for each class", where=where
        )
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        raise OracleError(f"the model's scores of sample {at + int(np.argmin(finite))} are not finite", where=where)
    return array


def two_columns(column: Any, *, probability: bool) -> Floats:
    """Two columns from the score of the second class, shape (n,) or (n, 1).

    A probability p gives (1 - p, p). A logit or margin z gives (-z/2, z/2): their softmax is the logistic function of z, their difference z itself.
    """
    second = np.asarray(column, dtype=np.float64).reshape(len(column))
    return np.stack([1.0 - second, second] if probability else [-second / 2, second / 2], axis=1)
