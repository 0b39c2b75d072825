"""What an adapter hands over: a loaded model as functions, in the model's own terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from aisecops.core.errors import UserError
from aisecops.oracles.layout import Layout
from aisecops.oracles.oracle import Batch, Floats
from aisecops.oracles.spec import Output
from aisecops.oracles.tables import frame_of

if TYPE_CHECKING:
    from aisecops.oracles.structure import Structure


class Pull(Protocol):
    """Backpropagation: from a batch, and a function from logits (n, k) to slopes (n, k), to the gradient by the batch. The function is called once."""

    def __call__(self, batch: Floats, slope: Callable[[Floats], Floats]) -> Floats:
        """Return the gradient, the shape of ``batch``."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A loaded model.

    Parameters
    ----------
    own
        The labels as the model gives them, in the order of its score columns.
    classes
        Their names.
    encode
        From a batch to what the model eats. Raises ``UserError`` for a batch that it cannot mean.
    labels
        From there to one of ``own`` for each sample, any array; None: the largest score.
    scores
        From there to scores, shape (n, k); None: it has none.
    pull
        Backpropagation, where there is any.
    structure
        What it computes, as data; called at most once. None: not known.
    most
        The most samples in a call; ``exactly``: a call takes so many, neither more nor fewer.
    bisect
        Whether a failing batch may be asked again in parts, to name the failing row: not where each call costs.
    """

    name: str
    own: Sequence[Any]
    classes: tuple[str, ...]
    encode: Callable[[Batch], Any]
    labels: Callable[[Any], Any] | None = None
    scores: Callable[[Any], Any] | None = None
    pull: Pull | None = None
    structure: Callable[[], Structure | None] | None = None
    most: int | None = None
    exactly: bool = False
    bisect: bool = True


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the person says about the model: the part of a ``ModelSpec`` that adapters of loaded objects read."""

    name: str
    classes: tuple[str, ...] = ()
    output: Output | None = None
    layout: Layout | None = None
    shape: tuple[int, ...] = ()
    batch: int | None = None
    structure: bool = True

    def with_layout(self, layout: Layout | None) -> Wanted:
        """The same with another layout."""
        return replace(self, layout=layout)


def shaped(batch: Floats, shape: tuple[int, ...]) -> Floats:
    """``batch`` as samples of ``shape``: of images whose channels stand at the other end the axes are moved; to reshape these would scatter their pixels."""
    own = batch.shape[1:]
    if len(own) == len(shape) == 3 and own != shape:
        if (own[2], *own[:2]) == shape:
            return np.moveaxis(batch, 3, 1)
        if (*own[1:], own[0]) == shape:
            return np.moveaxis(batch, 1, 3)
    return batch.reshape(len(batch), *shape)


def encoder(
    layout: Layout | None,
    *,
    columns: int | None = None,
    shape: tuple[int, ...] = (),
    frame: Callable[[Floats, Layout], Any] = frame_of,
) -> Callable[[Batch], Any]:
    """Return the function from a batch to a matrix, a frame or a list of texts.

    ``columns``: how many the model was trained on. ``shape``: what a sample is reshaped to.
    """

    def encode(batch: Batch) -> Any:
        if not isinstance(batch, np.ndarray):
            return _texts(list(batch), layout)
        if layout is not None and layout.frame:
            return frame(batch, layout)
        samples = shaped(batch, shape) if shape and batch[:1].size == np.prod(shape) else batch
        width = samples.shape[1] if samples.ndim == 2 else None
        if shape and samples.shape[1:] != shape:
            raise UserError(f"the samples have shape {batch.shape[1:]}, and the model takes {shape}", fix="give samples of the model's shape")
        if not shape and columns is not None and width != columns:
            raise UserError(
                f"the samples have shape {batch.shape[1:]}, and the model takes {columns} columns", fix="give the columns it was trained on"
            )
        return samples

    return encode


def _texts(texts: list[str], layout: Layout | None) -> Any:
    if layout is None or not layout.frame:
        return texts
    if len(layout.columns) > 1:
        raise UserError("texts alone do not make a table of several columns", fix="declare a layout of one column, the text")
    import pandas

    return pandas.DataFrame({layout.columns[0].name: texts})
