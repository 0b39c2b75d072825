"""Differentially private training of networks: each record's gradient is clipped and drowned in noise, so that no attack whatever can learn more than epsilon allows.

The accounting and the per-record gradients are Opacus' (extra ``privacy``).
"""

from __future__ import annotations

import copy
import functools
import warnings
from typing import Any

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.defences.leakage.settings import Family, Setting
from aisecops.oracles.oracle import Floats, Integers
from aisecops.oracles.recipes import reset, undrawn
from aisecops.oracles.training import NetworkTraining

_EPSILONS = (8.0, 1.0)
_CLIP = 1.0
_ACCOUNTANT = "rdp"


def private_settings() -> tuple[Setting, ...]:
    """Return what is tried: epsilon 8, which many projects call private, and 1, which is."""
    return tuple(Setting(family=Family.DIFFERENTIAL_PRIVACY, told=f"epsilon {epsilon:g}", value=epsilon) for epsilon in _EPSILONS)


def delta_of(records: int) -> float:
    """The delta that goes with an epsilon: a tenth of one in so many records."""
    return 0.1 / records


def trained_network(module: Any, X: Floats, y: Integers, recipe: NetworkTraining, *, epsilon: float | None = None, seed: int = 0) -> Any:  # noqa: N803
    """Return a copy of ``module`` trained from new weights.

    Parameters
    ----------
    module
        Answers logits, shape (n, k). It stays as it is.
    X, y
        Samples, shape (n, ...), and labels, 0 to k-1.
    epsilon
        Train with differential privacy of at most this (``delta_of`` the records; neighbours differ in one record more or less). None: without.

    Raises
    ------
    UserError
        A layer does not draw its weights anew, or Opacus cannot train it (batch normalisation mixes records).
    ModuleNotFoundError
        Opacus is needed and not installed.
    """
    import torch

    network = copy.deepcopy(module)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        _draw(network)
        network.train()
        samples = torch.tensor(X, dtype=next(network.parameters()).dtype)
        data = torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(samples, torch.tensor(y)),
            batch_size=recipe.batch,
            shuffle=True,
            generator=torch.Generator().manual_seed(seed),
        )
        optimiser = _optimiser(torch, network, recipe)
        trained = network
        if epsilon is not None:
            trained, optimiser, data = _private(network, optimiser, data, recipe, epsilon, len(y), seed)
        for _ in range(recipe.epochs):
            for batch, labels in data:
                if not len(labels):  # Poisson sampling draws none at times
                    continue
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(trained(batch), labels).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
    return getattr(trained, "_module", trained).eval()


def _private(network: Any, optimiser: Any, data: Any, recipe: NetworkTraining, epsilon: float, records: int, seed: int) -> tuple[Any, Any, Any]:
    import torch
    from opacus import PrivacyEngine  # type: ignore[import-untyped]
    from opacus.validators import ModuleValidator  # type: ignore[import-untyped]

    if wrong := ModuleValidator.validate(network, strict=False):
        raise UserError(f"it cannot be trained privately ({inert(str(wrong[0]), 160)})", fix="replace batch normalisation by group normalisation")
    try:
        noise = _noise(epsilon, delta_of(records), len(data), recipe.epochs)
    except ValueError as wrong:  # no noise is large enough for so few records and so many steps
        said = inert(str(wrong), 100)
        raise UserError(f"epsilon {epsilon:g} cannot be kept with {records:,} records ({said})", fix="train on more, or for fewer epochs") from wrong
    made: tuple[Any, Any, Any] = PrivacyEngine(accountant=_ACCOUNTANT).make_private(
        module=network,
        optimizer=optimiser,
        data_loader=data,
        noise_multiplier=noise,
        max_grad_norm=_CLIP,
        noise_generator=torch.Generator().manual_seed(seed),
    )
    return made


@functools.cache
def _noise(epsilon: float, delta: float, batches: int, epochs: int) -> float:
    """The noise that keeps ``epsilon``, as a multiple of the clip: a search of seconds, which every model of a sweep would do again."""
    from opacus.accountants.utils import get_noise_multiplier  # type: ignore[import-untyped]

    found: float = get_noise_multiplier(target_epsilon=epsilon, target_delta=delta, sample_rate=1 / batches, epochs=epochs, accountant=_ACCOUNTANT)
    return found


def _draw(network: Any) -> None:
    if left := undrawn(network):
        raise UserError(f"nothing says how to draw {inert(left, 90)} anew", fix="give its layer a method `reset_parameters`, or take norms off")
    for layer in network.modules():
        if (draw := reset(layer)) is not None and any(True for _ in layer.parameters(recurse=False)):
            draw()


def _optimiser(torch: Any, network: Any, recipe: NetworkTraining) -> Any:
    if recipe.optimiser == "adam":
        return torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    return torch.optim.SGD(network.parameters(), lr=recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay)
