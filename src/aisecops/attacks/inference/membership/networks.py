"""Shadow models of a network, all trained at once: their weights are stacked, and one step of one optimiser moves them all.

Sixteen small networks trained one after the other spend most of their time outside arithmetic. ``torch.func.vmap`` makes one batched product of sixteen small ones.
What a layer remembers beside its weights (the statistics of batch normalisation) is stacked with them. Networks that vmap cannot batch (recurrent layers, control flow
that depends on the data) are trained one after the other.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.confidences import of_label
from aisecops.attacks.inference.membership.shadows import Shadows
from aisecops.attacks.inference.membership.stacking import drawn, looped, optimiser
from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.oracle import Flags, Floats, Integers
from aisecops.oracles.recipes import undrawn
from aisecops.oracles.training import NetworkTraining

_ROWS = 2048
"""Records that all shadows are asked about in one call."""


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
        A layer cannot draw its weights anew: such a network needs ``shadows_of`` and a recipe of its own. Or it cannot be trained at all.
    """
    _refuse(module)
    n = len(y)
    samples = X if always is None or not len(always[1]) else np.concatenate([X, always[0]])
    labels = y if always is None else np.concatenate([y, always[1]])
    batched = _batched(module, samples, labels, recipe)
    together = recipe.together if batched else 1

    def confidences(inside: Flags, first: int = 0) -> Floats:
        inside = np.hstack([inside, np.ones((len(inside), len(labels) - n), dtype=np.bool_)])
        found: list[Floats] = []
        for start in range(0, len(inside), together):
            part = inside[start : start + together]
            answers = _Trained(module, samples, labels, recipe, part, seed + first + start, batched=batched).answers(X)
            found.extend(of_label(scores, y) for scores in answers)
        return np.stack(found)

    return confidences


def one_by_one(module: Any, X: Floats, y: Integers, recipe: Recipe, *, seed: int = 0) -> Shadows:  # noqa: N803
    """Return the same with a loop of single trainings: what ``networks`` is measured against."""
    single = networks(module, X, y, msgspec.structs.replace(recipe, together=1), seed=seed)
    return lambda inside, first=0: np.concatenate([single(rows[None], first + number) for number, rows in enumerate(inside)])


def _refuse(module: Any) -> None:
    if left := undrawn(module):
        fix = "give its layer a method `reset_parameters`, take norms off (`remove_parametrizations`, `remove_spectral_norm`), or `shadows: 0` to go without"
        raise UserError(f"nothing says how to draw {inert(left, 90)} anew", fix=fix)


def _batched(module: Any, X: Floats, y: Integers, recipe: Recipe) -> bool:  # noqa: N803
    """Whether ``torch.func.vmap`` trains and asks several of it at once: found out on a step with four records."""
    few = msgspec.structs.replace(recipe, epochs=1, batch=4)
    X, y = X[:4], y[:4]  # noqa: N806
    wrong: Exception | None = None
    for batched in (True, False):
        try:
            _Trained(module, X, y, few, np.ones((2, len(y)), dtype=np.bool_), 0, batched=batched).answers(X)
        except Exception as error:
            wrong = error
        else:
            return batched
    said = inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 200)
    raise UserError(f"no shadow of this network can be trained ({said})", fix="give `shadows: 0` to go without") from wrong


class _Trained:
    """K networks with stacked weights, trained on the records that ``inside``, shape (K, n), gives each; all in one call, or in a loop if not ``batched``."""

    def __init__(self, module: Any, X: Floats, y: Integers, recipe: Recipe, inside: Flags, seed: int, *, batched: bool) -> None:  # noqa: N803
        import torch

        self._torch, self._recipe = torch, recipe
        self._each = partial(torch.func.vmap, randomness="different") if batched else looped
        first = next(module.parameters())
        self._like = {"dtype": first.dtype, "device": first.device}
        rng = np.random.default_rng(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**31)))
            shell, self.weights, self._memory = drawn(module, len(inside))
            shell.train()
            self._shell = shell
            self._fit(torch.tensor(X, **self._like), torch.tensor(y, device=first.device), inside, rng)

    def answers(self, X: Floats) -> list[Floats]:  # noqa: N803
        """The logits of each network, K arrays of shape (n, k)."""
        torch = self._torch
        self._shell.eval()
        ask = self._each(self._logits, in_dims=(0, 0, None))
        with torch.no_grad():
            parts = [ask(self.weights, self._memory, torch.tensor(X[start : start + _ROWS], **self._like)) for start in range(0, len(X), _ROWS)]
        together = torch.cat(parts, dim=1).double().cpu().numpy()
        return [np.asarray(scores) for scores in together]

    def _fit(self, samples: Any, labels: Any, inside: Flags, rng: np.random.Generator) -> None:
        torch, recipe = self._torch, self._recipe
        count = inside.sum(axis=1)
        steps = -(-int(count.max()) // recipe.batch)
        losses = self._each(self._loss, in_dims=(0, 0, 0, 0, 0))
        step = optimiser(recipe, self.weights)
        for _ in range(recipe.epochs):
            order, weight = _orders(inside, steps * recipe.batch, rng)
            for start in range(0, order.shape[1], recipe.batch):
                chosen = torch.from_numpy(order[:, start : start + recipe.batch]).to(labels.device)
                counted = torch.from_numpy(weight[:, start : start + recipe.batch]).to(**self._like)
                for stacked in self.weights.values():
                    stacked.requires_grad_()
                # the gradient of each network is that of its own loss
                total = losses(self.weights, self._memory, samples[chosen], labels[chosen], counted).sum()
                step(self.weights, torch.autograd.grad(total, list(self.weights.values()), materialize_grads=True))

    def _logits(self, weights: Any, memory: Any, batch: Any) -> Any:
        return self._torch.func.functional_call(self._shell, (weights, memory), (batch,))

    def _loss(self, weights: Any, memory: Any, batch: Any, labels: Any, counted: Any) -> Any:
        losses = self._torch.nn.functional.cross_entropy(self._logits(weights, memory, batch), labels, reduction="none")
        return (losses * counted).sum() / counted.sum().clamp(min=1.0)


def _orders(inside: Flags, length: int, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Each network's own records in an order of their own, shapes (K, length).

    Filled up with more of its own, which do not count for the loss: they are among those whose mean and variance batch normalisation takes.
    """
    order, weight = np.zeros((len(inside), length), dtype=np.int64), np.zeros((len(inside), length))
    for number, rows in enumerate(inside):
        own = rng.permutation(np.flatnonzero(rows))
        order[number], weight[number, : len(own)] = np.resize(own, length), 1.0
    return order, weight
