"""Small networks, trained in this process on the clean data."""

from __future__ import annotations

from typing import Any

import numpy as np

from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Floats, Integers, Oracle

_STEPS, _BATCH = 240, 64
_LONGER = (1, 1, 3)
"""How many times as long as need be: who trains for too long is honest, too, and his model is surer of itself."""


def trained(samples: Floats, y: Integers, classes: tuple[str, ...], seed: int, *, convolution: bool) -> Oracle:
    """Return the oracle of a network with one hidden layer, or two convolutions before it, on samples of shape (n, ...)."""
    import torch

    before = torch.get_rng_state()
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        network = _network(samples, len(classes), np.random.default_rng([seed, 72]), convolution=convolution)
        _fit(network, samples, y, seed)
    finally:
        torch.set_rng_state(before)
        torch.set_num_threads(threads)
    return oracle_of(network.eval(), classes=classes, shape=samples.shape[1:])


def _network(samples: Floats, k: int, rng: np.random.Generator, *, convolution: bool) -> Any:
    import torch
    from torch import nn

    mean, spread = float(samples.mean()), float(samples.std()) or 1.0
    shape, width = samples.shape[1:], int(rng.choice([48, 64, 96]))

    class Standardised(nn.Module):
        def forward(self, x: Any) -> Any:
            return (x - mean) / spread

    if not convolution:
        flat = int(np.prod(shape))
        return nn.Sequential(Standardised(), nn.Flatten(), nn.Linear(flat, width), nn.ReLU(), nn.Linear(width, k))
    channels, (height, across) = (1 if len(shape) == 2 else shape[0]), shape[-2:]
    a, b = int(rng.choice([8, 12])), int(rng.choice([16, 24]))
    layers: list[Any] = [
        Standardised(),
        nn.Unflatten(1, (1, height)) if len(shape) == 2 else nn.Identity(),
        nn.Conv2d(channels, a, 3, padding=1),
        nn.ReLU(),
    ]
    if min(height, across) >= 16:
        layers += [nn.MaxPool2d(2)]
        height, across = height // 2, across // 2
    layers += [nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    layers += [nn.Linear(b * (height // 2) * (across // 2), width), nn.ReLU(), nn.Linear(width, k)]
    network: Any = nn.Sequential(*layers)
    assert isinstance(network, torch.nn.Module)
    return network


def _fit(network: Any, samples: Floats, y: Integers, seed: int) -> None:
    import torch

    x, labels = torch.tensor(samples, dtype=torch.float32), torch.tensor(y)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    rng = np.random.default_rng([seed, 73])
    steps = int(rng.choice(_LONGER)) * max(_STEPS, 10 * len(samples) // _BATCH)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * (1 - step / steps)
        rows = torch.tensor(rng.integers(0, len(samples), _BATCH))
        loss = torch.nn.functional.cross_entropy(network(x[rows]), labels[rows])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
