"""Losses and slopes: against differences, against torch's autograd, and where single precision would see nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.oracles.losses import loss_of
from aisecops.oracles.oracle import CapabilityError, Loss


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 6), st.sampled_from(list(Loss)))
def test_slopes_are_those_of_the_loss(seed, k, loss):
    random = np.random.default_rng(seed)
    logits, y = random.normal(size=(4, k)) * 3, random.integers(0, k, 4)
    gaps = np.diff(np.sort(logits, axis=1), axis=1).min()
    if gaps < 1e-3:
        return  # at a kink there is no slope
    target = (y + 1) % k
    values, slopes = loss_of(logits, y, loss, target)
    step = 1e-6
    for column in range(k):
        moved = logits.copy()
        moved[:, column] += step
        ahead = loss_of(moved, y, loss, target)[0]
        moved[:, column] -= 2 * step
        behind = loss_of(moved, y, loss, target)[0]
        np.testing.assert_allclose((ahead - behind) / (2 * step), slopes[:, column], atol=1e-5, rtol=1e-4)
    np.testing.assert_allclose(slopes.sum(axis=1), 0, atol=1e-9)
    assert values.shape == (4,)


def test_cross_entropy_is_torchs():
    import torch

    random = np.random.default_rng(1)
    logits, y = random.normal(size=(50, 7)) * 10, random.integers(0, 7, 50)
    theirs = torch.tensor(logits, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(theirs, torch.tensor(y), reduction="sum")
    loss.backward()
    values, slopes = loss_of(logits, y, Loss.CROSS_ENTROPY)
    assert values.sum() == pytest.approx(loss.item())
    np.testing.assert_allclose(slopes, theirs.grad.numpy(), atol=1e-12)


def test_a_sure_model_still_has_a_slope():
    logits = np.array([[0.0, 200.0, -5.0]])
    values, slopes = loss_of(logits, np.array([1]), Loss.CROSS_ENTROPY)
    assert values == 0
    assert 0 < slopes[0, 0] < 1e-80
    assert slopes[0, 1] == -slopes[0, [0, 2]].sum()
    assert np.float32(np.exp(-200.0)) == 0, "in single precision it would have none"


def test_losses_grow_as_the_model_gets_more_wrong():
    right, wrong, y = np.array([[5.0, 0, 1]]), np.array([[0.0, 5, 1]]), np.array([0])
    for loss in Loss:
        assert loss_of(right, y, loss, np.array([1]))[0] < loss_of(wrong, y, loss, np.array([1]))[0]
    assert loss_of(right, y, Loss.MARGIN)[0] == -4
    assert loss_of(wrong, y, Loss.MARGIN)[0] == 5
    assert loss_of(right, y, Loss.DLR)[0] == pytest.approx(-4 / 5)
    np.testing.assert_allclose(loss_of(10 * right, y, Loss.DLR)[0], loss_of(right, y, Loss.DLR)[0], err_msg="scaling all logits changes nothing")


def test_what_a_loss_needs_is_said():
    with pytest.raises(CapabilityError, match="needs three classes"):
        loss_of(np.zeros((1, 2)), np.array([0]), Loss.DLR)
    with pytest.raises(ValueError, match="needs `target`"):
        loss_of(np.zeros((1, 2)), np.array([0]), Loss.TARGET)
    assert np.isfinite(loss_of(np.zeros((1, 3)), np.array([0]), Loss.DLR)[0]), "three equal logits"
