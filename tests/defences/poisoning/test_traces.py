"""Warps of coloured pictures in which things stand anywhere: smoother at the same places, and read by what knows things wherever they stand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from aisecops.attacks.poisoning import images
from aisecops.attacks.poisoning.labels import random_flips
from aisecops.defences.poisoning.judge import Judge
from aisecops.defences.poisoning.pieces import Pieces, unseen
from aisecops.defences.poisoning.strangers import strangers
from aisecops.defences.poisoning.traces import traces

SIDE = 14


@pytest.fixture(scope="module")
def things():
    """Bars, crosses, frames and discs of any colour anywhere before noisy slopes of any colour."""
    rng = np.random.default_rng(8)
    y = rng.integers(4, size=1000)
    down, across = np.indices((SIDE, SIDE))
    shown = np.empty((len(y), SIDE, SIDE, 3))
    for at, kind in enumerate(y):
        turn, size = rng.uniform(0, np.pi), rng.uniform(3, 4.5)
        y0, x0 = down - rng.uniform(5, 8), across - rng.uniform(5, 8)
        u, v = abs(np.cos(turn) * y0 + np.sin(turn) * x0), abs(np.cos(turn) * x0 - np.sin(turn) * y0)
        far, near = np.maximum(u, v), np.minimum(u, v)
        outside = [np.maximum(u - 1.5, v - size), np.maximum(near - 1, far - size), abs(far - size + 1) - 0.8, np.hypot(u, v) - size][kind]
        paper, ink = rng.uniform(0, 255, (2, 3))
        ground = paper + (down[..., None] - 7) * rng.uniform(-4, 4, 3) + rng.normal(0, rng.uniform(3, 8), (SIDE, SIDE, 3))
        share = np.clip(0.5 - outside, 0, 1)[..., None]
        shown[at] = share * ink + (1 - share) * ground
    return np.rint(shown.clip(0, 255)).astype(np.uint8), y


@pytest.mark.parametrize(("strength", "seed"), [(0.4, 2)])
def test_rows_that_one_field_has_moved_are_found_among_things_of_any_colour_and_place(things, strength, seed):
    poisoned = images.wanet(*things, target=seed % 4, rate=0.05, strength=strength, seed=seed)
    ((trigger, rows, probability),) = strangers(poisoned.samples.astype(float), poisoned.y, 4, Judge(poisoned.samples.astype(float), poisoned.y, 4))
    assert trigger.target == seed % 4
    assert trigger.features == ("grain",)
    held = rows[probability >= 0.5]
    assert np.isin(np.flatnonzero(poisoned.mask), held).mean() >= 0.9
    assert (~poisoned.mask[held]).sum() <= 2


@pytest.mark.parametrize("labels", [lambda y: y, lambda y: y % 2])
def test_honest_things_are_left_alone(things, labels):
    assert strangers(things[0].astype(float), labels(things[1]), 4, Judge(things[0].astype(float), labels(things[1]), 4)) == []


def test_half_a_pixel_leaves_a_trace_where_it_moved_and_nowhere_else():
    noise = np.random.default_rng(0).integers(0, 255, (60, 12, 12, 3)).astype(float)
    moved = noise.copy()
    moved[:, :, 6:11] = (noise[:, :, 6:11] + noise[:, :, 7:12]) / 2
    loss = (traces(noise) - traces(moved)).mean(axis=0).reshape(3, 12, 12)
    assert loss[1, :, 7:10].min() > 0.2
    assert loss[1, :, 1:5].max() < 0


def test_pieces_know_things_wherever_they_stand(things):
    samples, y = things
    held = np.arange(len(y)) < 160
    p = unseen(Pieces(samples.astype(float)).answers(np.arange(len(y))), y, 4, held)
    assert (p.argmax(axis=1) == y[held]).mean() >= 0.75


@pytest.mark.parametrize("shape", [(40, 6, 6), (40, 70, 41, 3), (40, 24, 24, 1)])
def test_pictures_of_any_size_are_read(shape):
    noise = np.random.default_rng(1).random(shape)
    assert traces(noise).shape == (40, 3 * min(shape[1], 24) * min(shape[2], 24))
    assert np.isfinite(Pieces(noise).answers(np.arange(40))).all()


def test_pictures_without_any_content_are_read():
    plain = np.full((40, 8, 8), 7.0)
    assert np.isfinite(traces(plain)).all()
    assert np.isfinite(Pieces(plain).answers(np.arange(40))).all()


@pytest.mark.parametrize("seed", [21001, 21002])
def test_odd_digits_among_wrong_labels_are_no_warp(seed):
    digits = load_digits()
    careless = random_flips(digits.images, digits.target, seed=seed)
    assert strangers(careless.samples.astype(float), careless.y, 10, Judge(careless.samples.astype(float), careless.y, 10)) == []


@pytest.mark.parametrize("still", [0.3, 1.0])
def test_pieces_that_hardly_answer_anywhere_are_no_hindrance(things, still):
    samples, y = things
    answers = Pieces(samples.astype(float)).answers(np.arange(len(y)))
    answers[:, : round(still * answers.shape[1])] = 1e-9 * answers[:, :1]
    p = unseen(answers, y, 4, np.arange(len(y)) < 100)
    assert p.sum(axis=1) == pytest.approx(np.ones(100))
    assert unseen(answers, np.zeros(len(y), dtype=np.int64), 2, np.arange(len(y)) < 3).tolist() == [[1.0, 0.0]] * 3
