"""Rotations and translations: the least that fools a model, by trying them all."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.images.attempts import ImageAttempts, Weakest
from aisecops.attacks.evasion.images.pixels import Pixels, as_given, pixels
from aisecops.attacks.evasion.images.sampling import displaced
from aisecops.attacks.evasion.rounds import checked
from aisecops.core.errors import UserError
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Floats, Integers, Oracle

_ROWS_A_CALL = 20_000


def transform(
    images: Floats, angle: float, down: float, across: float, *, low: float = 0.0, high: float = 1.0, background: float | None = None
) -> Floats:
    """Rotate every image about its middle by ``angle`` degrees (counter-clockwise), then move it ``down`` and ``across`` by shares of its height and width.

    It is read between pixels (bilinear). What comes from outside is ``background``, ``low`` unless given.
    """
    x = pixels(images, low, high)
    empty = 0.0 if background is None else (background - low) / (high - low)
    return as_given(_transformed(x, angle, down, across, np.float32(empty)), images, low, high)


def _transformed(x: Pixels, angle: float, down: float, across: float, empty: np.float32) -> Pixels:
    height, width = x.shape[2:]
    y, z = np.mgrid[:height, :width].astype(np.float64)
    y, z = y - (height - 1) / 2 - down * height, z - (width - 1) / 2 - across * width
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    rows, columns = cosine * y + sine * z + (height - 1) / 2, cosine * z - sine * y + (width - 1) / 2
    margin = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=empty)
    at = [np.pad(place + 1, 1).astype(np.float32)[None] for place in (rows, columns)]
    return displaced(margin, *at)[:, :, 1:-1, 1:-1]


def rotate_and_move(
    oracle: Oracle,
    images: Floats,
    y: Integers,
    *,
    degrees: float = 30.0,
    shift: float = 0.1,
    angles: int = 31,
    shifts: int = 5,
    low: float = 0.0,
    high: float = 1.0,
    background: float | None = None,
    queries: int | None = None,
) -> ImageAttempts:
    """Try every rotation and translation of a grid, the weakest first, until the model is wrong: all images that it still gets right in one call a round.

    Parameters
    ----------
    oracle
        Labels are enough.
    images, y
        Shape (n, height, width) or (n, channels, height, width), and their labels.
    degrees, shift
        The largest rotation either way, and the largest translation as a share of height and width.
    angles, shifts
        How many of each the grid has; the defaults are 31 x 5 x 5 as in the paper.
    low, high, background
        As for ``transform``.
    queries
        The most queries an image.

    Returns
    -------
    ImageAttempts
        ``distance`` is the larger of the angle as a share of ``degrees`` and the translations as shares of ``shift``, 0 to 1; no found transformation of the grid is
        weaker.

    References
    ----------
    Engstrom, L., Tran, B., Tsipras, D., Schmidt, L. and Madry, A. (2019). Exploring the landscape of spatial robustness. ICML: a grid beats gradients here.
    """
    if angles < 1 or shifts < 1 or degrees < 0 or shift < 0:
        raise UserError("the grid of rotations and translations is empty", fix="give at least 1 angle and 1 shift, and ranges from 0 on")
    samples, labels, _ = checked(images, y, None, classes=len(oracle.classes))
    x = pixels(samples, low, high)
    empty = np.float32(0.0 if background is None else (background - low) / (high - low))
    weakest = Weakest(oracle, samples, labels, queries)
    try:
        for planned in _rounds(_grid(degrees, shift, angles, shifts), len(samples)):
            live = weakest.live
            turns = (
                planned if queries is None else planned[: queries - int(weakest.queries.max(initial=0))]
            )  # who is live was asked as often as anyone
            if not len(live) or not turns:
                break
            made = np.concatenate([_transformed(x[live], angle, down, across, empty) for _, angle, down, across in turns])
            rows = np.tile(live, len(turns))
            strength = np.repeat([size for size, *_ in turns], len(live))
            said = [f"rotated by {angle:g} degrees, moved {down:+.0%} down and {across:+.0%} across" for _, angle, down, across in turns]
            still = turns[0][0] == 0
            changed = samples[live] if still else as_given(made, samples[rows], low, high)
            weakest.offer(rows, changed, strength, [""] * len(live) if still else [text for text in said for _ in range(len(live))])
    except BudgetSpent as spent:
        weakest.stop(spent)
    return weakest.attempts()


_Turn = tuple[float, float, float, float]
"""How strong, degrees, share of the height, share of the width."""


def _grid(degrees: float, shift: float, angles: int, shifts: int) -> list[_Turn]:
    """Return all but the identity, the weakest first; the identity itself first of all."""
    turns = np.linspace(-degrees, degrees, angles) if angles > 1 else np.zeros(1)
    moves = np.linspace(-shift, shift, shifts) if shifts > 1 else np.zeros(1)
    grid = [
        (max(abs(angle) / (degrees or 1), abs(down) / (shift or 1), abs(across) / (shift or 1)), angle, down, across)
        for angle in turns.tolist()
        for down in moves.tolist()
        for across in moves.tolist()
    ]
    return [(0.0, 0.0, 0.0, 0.0), *sorted((turn for turn in grid if turn[0] > 0), key=lambda turn: (turn[0], sum(map(abs, turn))))]


def _rounds(grid: list[_Turn], n: int) -> list[list[_Turn]]:
    """Return the identity, then as many transformations a call as keep it small, doubling while images drop out of the rounds."""
    rounds, at, most = [grid[:1]], 1, max(_ROWS_A_CALL // max(n, 1), 1)
    size = 4
    while at < len(grid):
        rounds.append(grid[at : at + min(size, most)])
        at += min(size, most)
        size *= 2
    return rounds
