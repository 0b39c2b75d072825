"""torch: modules, TorchScript files, exported programs, pickled modules. Always in evaluation mode: samples go in as float32, answers come out as float64."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.checking import class_names, two_columns
from aisecops.oracles.layout import Layout
from aisecops.oracles.model import Model, Wanted, encoder, shaped
from aisecops.oracles.oracle import Floats
from aisecops.oracles.spec import Output

NUMBERS = 1 << 19
"""In the samples of one call, where the person does not say: the activations of a small network on 512 images of 32 x 32 stay below a gigabyte."""


def load(path: str, wanted: Wanted) -> Model:
    """Read a TorchScript file, an exported program (``torch.export``), or a pickled module."""
    import torch

    members = zipfile.ZipFile(path).namelist() if zipfile.is_zipfile(path) else []
    if any(name.endswith("constants.pkl") for name in members):
        scripted: Any = torch.jit
        return of_module(scripted.load(path, map_location="cpu"), wanted)
    if any(name.endswith("archive_format") for name in members):
        return _of_export(torch.export.load(path), wanted)
    module = load_module(path, wanted.name)
    return of_module(module, wanted)


def load_module(path: str, name: str) -> Any:
    """Return the pickled module at ``path``, its class and all: this runs what the file says."""
    import torch

    module = torch.load(path, map_location="cpu", weights_only=False)  # in the quarantine, or because the owner trusts the file
    if not isinstance(module, torch.nn.Module):
        raise UserError("the file holds weights without a module", where=name, fix="save the module itself, or as TorchScript or by torch.export")
    return module


def _of_export(program: Any, wanted: Wanted) -> Model:
    """Return an exported program as a ``Model``; one that was exported for one batch size is asked with exactly so many samples."""
    samples = [node for node in program.graph.nodes if node.op == "placeholder" and node.name in program.graph_signature.user_inputs]
    if len(samples) != 1:
        raise UserError(f"the program takes {len(samples)} inputs, and an oracle asks with one", where=wanted.name)
    sides = list(samples[0].meta["val"].shape)
    shape = wanted.shape or tuple(int(side) for side in sides[1:] if isinstance(side, int))
    fixed = sides[0] if isinstance(sides[0], int) else None
    return of_module(program.module(), wanted, shape=shape if len(shape) == len(sides) - 1 else (), exactly=fixed)


def of_module(module: Any, wanted: Wanted, *, shape: tuple[int, ...] = (), exactly: int | None = None) -> Model:
    """Return a module that answers logits (or what ``output`` says), shape (n, k), as a ``Model``.

    One column needs ``output`` said: it could be a logit or a probability of the second class, or a regression.
    """
    shape = wanted.shape or shape or _first_shape(module) or _row(wanted.layout)
    own = list(range(_classes(module, shape, wanted, exactly or 1)))
    probability = wanted.output is Output.PROBABILITIES
    forward = partial(_forward, module, len(own), probability)
    return Model(
        name=wanted.name,
        own=own,
        classes=class_names(own, wanted.classes, where=wanted.name),
        encode=encoder(wanted.layout, shape=wanted.shape),
        scores=forward,
        pull=partial(_pull, module, wanted.shape, probability),
        most=exactly or wanted.batch or _most(shape),
        exactly=exactly is not None,
    )


@contextmanager
def _evaluating(module: Any) -> Iterator[None]:
    """Switch dropout off and batch normalisation to its learnt statistics, and back. Exported programs hold one mode for ever."""
    training = [layer for layer in module.modules() if layer.training]
    try:
        if training:
            module.eval()
    except NotImplementedError:
        training = []
    try:
        yield
    finally:
        for layer in training:
            layer.training = True


def _tensor(module: Any, samples: Any) -> Any:
    """``samples`` where the module is and in the precision that it computes in."""
    import torch

    first = next((weight for weight in module.parameters() if weight.is_floating_point()), None)
    dtype, device = (torch.float32, "cpu") if first is None else (first.dtype, first.device)
    return torch.tensor(np.ascontiguousarray(samples), dtype=dtype, device=device)


def _most(shape: tuple[int, ...]) -> int:
    return int(np.clip(NUMBERS // int(np.prod(shape)), 64, 4096)) if shape else 512


def _first_shape(module: Any) -> tuple[int, ...]:
    """The shape of a sample where the first layer says it; () where it does not."""
    for layer in module.modules():
        if hasattr(layer, "weight") or hasattr(layer, "kernel_size"):
            columns = getattr(layer, "in_features", None)
            return (columns,) if isinstance(columns, int) else ()
    return ()


def _row(layout: Layout | None) -> tuple[int, ...]:
    """The shape of a sample of a table, all of whose columns are numbers."""
    return (len(layout.columns),) if layout is not None and not layout.frame else ()


def _classes(module: Any, shape: tuple[int, ...], wanted: Wanted, n: int) -> int:
    """How many classes there are: those given, or as many as it answers about a sample of zeros."""
    if not shape:
        if wanted.classes:
            return len(wanted.classes)
        raise UserError("it does not say its classes", where=wanted.name, fix="give `classes`, or the `shape` of a sample")
    width = _width(module, (n, *shape), wanted.name)
    if width == 1 and wanted.output not in (Output.LOGITS, Output.PROBABILITIES):
        what = "it answers one column: a logit or a probability of the second class, or a regression"
        raise UserError(what, where=wanted.name, fix="say `output: logits` or `output: probabilities`")
    return max(2, width)


def _width(module: Any, shape: tuple[int, ...], where: str) -> int:
    import torch

    try:
        with torch.no_grad(), _evaluating(module):
            answer = module(_tensor(module, np.zeros(shape)))
    except Exception as wrong:
        text = inert(" ".join(str(wrong).split()), 120)
        raise UserError(f"it does not take samples of shape {shape[1:]}: {text}", where=where, fix="give the `shape` of a sample") from wrong
    answer = _logits(answer)
    if answer.ndim not in (1, 2):
        raise UserError(f"it answers shape {tuple(answer.shape[1:])} for a sample, not a number for each class", where=where)
    return int(answer.shape[1]) if answer.ndim == 2 else 1


def _logits(answer: Any) -> Any:
    """The tensor in what a module answers: itself, the first of several, or ``logits`` of an object or mapping."""
    if isinstance(answer, dict) or hasattr(answer, "logits"):
        return answer["logits"] if isinstance(answer, dict) else answer.logits
    return answer[0] if isinstance(answer, tuple | list) else answer


def _forward(module: Any, k: int, probability: bool, samples: Any) -> Any:
    import torch

    with torch.no_grad(), _evaluating(module):
        answer = _logits(module(_tensor(module, samples)))
    scores = answer.detach().cpu().numpy().astype(np.float64)
    return two_columns(scores, probability=probability) if k == 2 and scores.shape in ((len(samples),), (len(samples), 1)) else scores


def _pull(module: Any, shape: tuple[int, ...], probability: bool, batch: Floats, slope: Callable[[Floats], Floats]) -> Floats:
    """Backpropagate. Of probabilities the loss is taken of their logarithms. A module that cuts the graph has a gradient of zero, as any attack would find."""
    import torch

    samples = _tensor(module, shaped(batch, shape) if shape else batch).requires_grad_()
    with torch.enable_grad(), _evaluating(module):
        answer = _logits(module(samples))
        if answer.ndim == 1 or answer.shape[1] == 1:
            second = answer.reshape(len(batch))
            answer = torch.stack([1 - second, second] if probability else [-second / 2, second / 2], dim=1)
        logits = torch.log(answer.clamp_min(torch.finfo(answer.dtype).tiny)) if probability else answer
        slopes = slope(logits.detach().cpu().numpy().astype(np.float64))
        if not logits.requires_grad:
            return np.zeros_like(batch)
        (gradient,) = torch.autograd.grad(logits, samples, torch.as_tensor(slopes).to(logits), allow_unused=True)
    return np.zeros_like(batch) if gradient is None else shaped(gradient.cpu().numpy().astype(np.float64), batch.shape[1:])
