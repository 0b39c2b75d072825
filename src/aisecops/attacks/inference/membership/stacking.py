"""Several networks as one: their weights stacked, drawn anew, called in a loop where they cannot be called at once, and moved by one optimiser."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aisecops.oracles.recipes import reset
from aisecops.oracles.training import NetworkTraining

_BETAS, _TINY = (0.9, 0.999), 1e-8


def drawn(module: Any, count: int) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Return a copy of the module as a shell, the weights of ``count`` networks, each drawn anew, stacked, and what their layers remember beside weights."""
    import torch

    shell = copy.deepcopy(module)
    weights, memory = [], []
    for _ in range(count):
        for layer in shell.modules():
            draw = reset(layer)
            if draw is not None and any(True for _ in (*layer.parameters(recurse=False), *layer.buffers(recurse=False))):
                draw()
        weights.append({name: weight.detach().clone() for name, weight in shell.named_parameters()})
        memory.append({name: buffer.detach().clone() for name, buffer in shell.named_buffers()})
    stacked = ({name: torch.stack([part[name] for part in parts]) for name in parts[0]} for parts in (weights, memory))
    return shell, *stacked


def looped(function: Callable[..., Any], *, in_dims: tuple[int | None, ...]) -> Callable[..., Any]:
    """Do what ``torch.func.vmap`` does, one network after the other. Parts are views, so that what layers remember is changed in place as there."""
    import torch

    def one(given: Any, place: int) -> Any:
        return {name: tensor[place] for name, tensor in given.items()} if isinstance(given, Mapping) else given[place]

    def each(weights: dict[str, Any], *rest: Any) -> Any:
        count = len(next(iter(weights.values())))
        found = [
            function(*(given if dim is None else one(given, place) for given, dim in zip((weights, *rest), in_dims, strict=True)))
            for place in range(count)
        ]
        return torch.stack(found)

    return each


def optimiser(recipe: NetworkTraining, weights: dict[str, Any]) -> Callable[[dict[str, Any], Sequence[Any]], None]:
    """Return a step of Adam or SGD over stacked weights, in place: both work on each number by itself, so that K networks are one."""
    import torch

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
