"""Shadow models of a network, all trained at once: their weights are stacked, and one step of one optimiser moves them all.

Sixteen small networks trained one after the other spend most of their time outside arithmetic. ``torch.func.vmap`` makes one batched product of sixteen small ones.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.confidences import of_label
from aisecops.attacks.inference.membership.shadows import Shadows
from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.oracle import Flags, Floats, Integers
from aisecops.oracles.training import NetworkTraining

_ROWS = 2048
"""Records that all shadows are asked about in one call."""
_BETAS, _TINY = (0.9, 0.999), 1e-8


class Recipe(NetworkTraining, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How the shadows are trained: as the network was, ``together`` of them at once. What is not said is what most people do."""

    epochs: int = 20
    batch: int = 64
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    together: int = 16

    def __post_init__(self) -> None:
        super(Recipe, self).__post_init__()  # noqa: UP008 - msgspec makes the class anew
        if self.together < 1:
            raise ValueError("`together` is above 0")


def networks(
    module: Any,
    X: Floats,  # noqa: N803
    y: Integers,
    recipe: Recipe,
    *,
    always: tuple[Floats, Integers] | None = None,
    seed: int = 0,
) -> Shadows:
    """Return the shadow models of a plain torch classifier, trained or not: its architecture with weights drawn anew.

    Parameters
    ----------
    module
        Answers logits, shape (n, k), about samples of shape (n, ...). It is copied, and stays as it is.
    X, y
        The records, shape (n, ...), and their labels, 0 to k-1.
    recipe
        How it was trained.
    always
        Records that every shadow is trained on as well.

    Raises
    ------
    UserError
        A layer keeps statistics of its batches (batch normalisation) or cannot draw its weights anew: such a network needs ``shadows_of`` and a recipe of its own.
    """
    _refuse(module)
    n = len(y)
    samples = X if always is None or not len(always[1]) else np.concatenate([X, always[0]])
    labels = y if always is None else np.concatenate([y, always[1]])

    def confidences(inside: Flags, first: int = 0) -> Floats:
        inside = np.hstack([inside, np.ones((len(inside), len(labels) - n), dtype=np.bool_)])
        found: list[Floats] = []
        for start in range(0, len(inside), recipe.together):
            part = inside[start : start + recipe.together]
            answers = _Trained(module, samples, labels, recipe, part, seed + first + start).answers(X)
            found.extend(of_label(scores, y) for scores in answers)
        return np.stack(found)

    return confidences


def one_by_one(module: Any, X: Floats, y: Integers, recipe: Recipe, *, seed: int = 0) -> Shadows:  # noqa: N803
    """Return the same with a loop of single trainings: what ``networks`` is measured against."""
    single = networks(module, X, y, msgspec.structs.replace(recipe, together=1), seed=seed)
    return lambda inside, first=0: np.concatenate([single(rows[None], first + number) for number, rows in enumerate(inside)])


def _refuse(module: Any) -> None:
    for layer in module.modules():
        name = inert(type(layer).__name__, 60)
        if any(True for _ in layer.buffers(recurse=False)):
            raise UserError(
                f"the layer {name} keeps statistics of its batches: shadows of it are not trained together", fix="give `shadows: 0` to go without"
            )
        if any(True for _ in layer.parameters(recurse=False)) and not callable(getattr(layer, "reset_parameters", None)):
            raise UserError(
                f"the layer {name} does not say how its weights are drawn", fix="give it a method `reset_parameters`, or `shadows: 0` to go without"
            )


class _Trained:
    """K networks with stacked weights, trained on the records that ``inside``, shape (K, n), gives each."""

    def __init__(self, module: Any, X: Floats, y: Integers, recipe: Recipe, inside: Flags, seed: int) -> None:  # noqa: N803
        import torch

        self._torch, self._recipe = torch, recipe
        first = next(module.parameters())
        self._like = {"dtype": first.dtype, "device": first.device}
        rng = np.random.default_rng(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**31)))
            shell, self.weights = _drawn(module, len(inside))
            shell.train()
            self._shell = shell
            self._fit(torch.tensor(X, **self._like), torch.tensor(y, device=first.device), inside, rng)

    def answers(self, X: Floats) -> list[Floats]:  # noqa: N803
        """The logits of each network, K arrays of shape (n, k)."""
        torch = self._torch
        self._shell.eval()
        ask = torch.func.vmap(lambda weights, batch: torch.func.functional_call(self._shell, weights, (batch,)), in_dims=(0, None))
        with torch.no_grad():
            parts = [ask(self.weights, torch.tensor(X[start : start + _ROWS], **self._like)) for start in range(0, len(X), _ROWS)]
        together = torch.cat(parts, dim=1).double().cpu().numpy()
        return [np.asarray(scores) for scores in together]

    def _fit(self, samples: Any, labels: Any, inside: Flags, rng: np.random.Generator) -> None:
        torch, recipe = self._torch, self._recipe
        count = inside.sum(axis=1)
        steps = -(-int(count.max()) // recipe.batch)
        losses = torch.func.vmap(self._loss, in_dims=(0, 0, 0, 0), randomness="different")
        step = _optimiser(torch, recipe, self.weights)
        for _ in range(recipe.epochs):
            order, weight = _orders(inside, steps * recipe.batch, rng)
            for start in range(0, order.shape[1], recipe.batch):
                chosen = torch.from_numpy(order[:, start : start + recipe.batch]).to(labels.device)
                counted = torch.from_numpy(weight[:, start : start + recipe.batch]).to(**self._like)
                for stacked in self.weights.values():
                    stacked.requires_grad_()
                total = losses(self.weights, samples[chosen], labels[chosen], counted).sum()  # the gradient of each network is that of its own loss
                step(self.weights, torch.autograd.grad(total, list(self.weights.values())))

    def _loss(self, weights: Any, batch: Any, labels: Any, counted: Any) -> Any:
        torch = self._torch
        logits = torch.func.functional_call(self._shell, weights, (batch,))
        losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        return (losses * counted).sum() / counted.sum().clamp(min=1.0)


def _drawn(module: Any, count: int) -> tuple[Any, dict[str, Any]]:
    """A copy of the module as a shell, and the weights of ``count`` networks, each drawn anew, stacked."""
    import torch

    shell = copy.deepcopy(module)
    drawn = []
    for _ in range(count):
        for layer in shell.modules():
            if any(True for _ in layer.parameters(recurse=False)):
                layer.reset_parameters()
        drawn.append({name: weight.detach().clone() for name, weight in shell.named_parameters()})
    return shell, {name: torch.stack([weights[name] for weights in drawn]) for name in drawn[0]}


def _orders(inside: Flags, length: int, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Each network's own records in an order of their own, filled up with records that do not count, shapes (K, length)."""
    order, weight = np.zeros((len(inside), length), dtype=np.int64), np.zeros((len(inside), length))
    for number, rows in enumerate(inside):
        own = rng.permutation(np.flatnonzero(rows))
        order[number, : len(own)], weight[number, : len(own)] = own, 1.0
    return order, weight


def _optimiser(torch: Any, recipe: Recipe, weights: dict[str, Any]) -> Callable[[dict[str, Any], Sequence[Any]], None]:
    """Adam or SGD over stacked weights, in place: both work on each number by itself, so that K networks are one."""
    mean = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    square = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    taken = 0

    def step(now: dict[str, Any], slopes: Sequence[Any]) -> None:
        nonlocal taken
        taken += 1
        with torch.no_grad():
            for (name, weight), slope in zip(now.items(), slopes, strict=True):
                moved(name, weight, slope.add(weight, alpha=recipe.weight_decay) if recipe.weight_decay else slope)

    def moved(name: str, weight: Any, slope: Any) -> None:
        if recipe.optimiser == "sgd":
            weight.sub_(mean[name].mul_(recipe.momentum).add_(slope), alpha=recipe.learning_rate)
            return
        mean[name].lerp_(slope, 1 - _BETAS[0])
        square[name].mul_(_BETAS[1]).addcmul_(slope, slope, value=1 - _BETAS[1])
        size = square[name].sqrt().div_(math.sqrt(1 - _BETAS[1] ** taken)).add_(_TINY)
        weight.addcdiv_(mean[name], size, value=-recipe.learning_rate / (1 - _BETAS[0] ** taken))

    return step
