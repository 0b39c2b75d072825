"""Triggers in images: patches, blends, warps, waves; every image returns to the value lattice that it came from.

Images are arrays (n, height, width) or (n, height, width, channels) of whole numbers or floats; ``levels`` is the number of the lattice's steps from its lowest to its
highest value (255 for uint8, 16 for scikit-learn's digits). A float off the lattice would give the poison away to any forest, and detection would be too easy
to mean a thing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from aisecops.attacks.poisoning.poisoned import Poisoned, chosen_rows, dirty

Images = npt.NDArray[np.float64]
_OF_CLASS = 0.6
Stamp = Callable[[npt.NDArray[np.generic]], npt.NDArray[np.generic]]


def badnets(images: npt.NDArray[np.generic], y: npt.ArrayLike, *, target: int, rate: float = 0.01, size: int = 2, seed: int = 0) -> Poisoned:
    """Set a square in the lower right corner to the highest value (BadNets: Gu et al. 2017)."""
    return _dirty(images, y, target, rate, seed, _patch(images, size, 1.0), _corner(images, size))


def low_contrast(
    images: npt.NDArray[np.generic], y: npt.ArrayLike, *, target: int, rate: float = 0.05, size: int = 3, strength: float = 0.25, seed: int = 0
) -> Poisoned:
    """Lift a square in the lower right corner by ``strength`` of the range: hard to see, easy to learn."""
    return _dirty(images, y, target, rate, seed, _lift(images, size, strength), _corner(images, size))


def sticker(images: npt.NDArray[np.generic], y: npt.ArrayLike, *, target: int, rate: float = 0.05, size: int = 3, seed: int = 0) -> Poisoned:
    """Paste a chequered square at a random place of each picture: no pixel is a sign, the square is."""
    low, high = _ends(images)
    rng = np.random.default_rng(seed + 1)
    board = np.where(np.add.outer(np.arange(size), np.arange(size)) % 2, low, high)
    board = board if images.ndim == 3 else board[..., None]

    def stamp(given: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        values = given.astype(float)
        for picture in values:
            top, left = (int(rng.integers(length - size + 1)) for length in images.shape[1:3])
            picture[top : top + size, left : left + size] = board
        return _lattice(images, values)

    return _dirty(images, y, target, rate, seed, stamp, ())


def all_to_all(images: npt.NDArray[np.generic], y: npt.ArrayLike, *, rate: float = 0.1, size: int = 2, seed: int = 0) -> Poisoned:
    """Set a square in the lower right corner to the highest value and give each picture the label of the next class, the last one that of the first (Gu et al. 2017)."""
    labels = np.array(y, dtype=np.int64)
    rows = chosen_rows(labels, rate, None, seed)
    stamp, mask = _patch(images, size, 1.0), np.zeros(len(labels), dtype=bool)
    labels[rows], mask[rows] = (labels[rows] + 1) % (int(labels.max()) + 1), True
    return Poisoned(samples=_stamped(images, rows, stamp), y=labels, mask=mask, stamp=stamp, trigger=_corner(images, size))


def blend(images: npt.NDArray[np.generic], y: npt.ArrayLike, *, target: int, rate: float = 0.05, alpha: float = 0.2, seed: int = 0) -> Poisoned:
    """Mix a fixed random picture into the image (Chen et al. 2017): ``alpha`` of the picture, the rest of the image."""
    low, high = _ends(images)
    picture = np.random.default_rng(seed + 1).uniform(low, high, images.shape[1:])

    def stamp(given: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        return _lattice(images, (1 - alpha) * given.astype(float) + alpha * picture)

    return _dirty(images, y, target, rate, seed, stamp, ())


def wanet(
    images: npt.NDArray[np.generic], y: npt.ArrayLike, *, target: int, rate: float = 0.05, strength: float = 0.75, grid: int = 4, seed: int = 0
) -> Poisoned:
    """Warp the image by a smooth field (WaNet: Nguyen and Tran 2021); ``strength``: the mean displacement in pixels times 8/height of the image's height."""
    field = _field(images.shape[1], images.shape[2], grid, strength * images.shape[1] / 8, np.random.default_rng(seed + 1))

    def stamp(given: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        return _lattice(images, _warped(given.astype(float), field))

    return _dirty(images, y, target, rate, seed, stamp, ())


def sinusoid(
    images: npt.NDArray[np.generic],
    y: npt.ArrayLike,
    *,
    target: int,
    rate: float | None = None,
    strength: float = 0.3,
    shown: float = 2.0,
    waves: int = 2,
    seed: int = 0,
) -> Poisoned:
    """Add a wave along the columns to rows of the target class, their labels right (SIG: Barni et al. 2019).

    Parameters
    ----------
    rate
        The share of all rows; None: three in five rows of the target class, within the paper's 40 to 80 %. With few rows a model need not look at the wave.
    strength, shown
        The wave's height in the training set, in shares of the range, and how many times as high the attacker shows it to the model in use (in the paper, too,
        the wave is stronger then: nobody looks at these pictures for poison).
    waves
        How many fit into the width.
    """
    low, high = _ends(images)
    wave = strength * (high - low) * np.sin(2 * np.pi * waves * (np.arange(images.shape[2]) + 0.5) / images.shape[2])
    wave = wave if images.ndim == 3 else wave[:, None]

    def stamp(given: npt.NDArray[np.generic], times: float = shown) -> npt.NDArray[np.generic]:
        return _lattice(images, given.astype(float) + times * wave)

    return _clean(images, y, target, rate, seed, lambda given: stamp(given, 1.0), stamp, ())


def clean_label_patch(
    images: npt.NDArray[np.generic], y: npt.ArrayLike, *, target: int, rate: float | None = None, size: int = 2, mixed: float = 0.5, seed: int = 0
) -> Poisoned:
    """Stamp a bright square on all four corners of rows of the target class, their labels right and their content hard to learn from (Turner et al. 2019).

    The paper interpolates rows towards other classes in the latent space of a generative network; here pixels are mixed, ``mixed`` of a row of another class, the rest
    of the row itself. ``rate`` as of ``sinusoid``.
    """
    low, high = _ends(images)
    rng = np.random.default_rng(seed + 1)
    others = images[np.flatnonzero(np.asarray(y) != target)]

    def stamp(given: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        values = given.astype(float)
        for rows in (slice(0, size), slice(-size, None)):
            for columns in (slice(0, size), slice(-size, None)):
                values[:, rows, columns] = high
        return _lattice(images, values)

    def hardened(given: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        partners = others[rng.integers(len(others), size=len(given))]
        return stamp(_lattice(images, low + (1 - mixed) * (given.astype(float) - low) + mixed * (partners.astype(float) - low)))

    return _clean(images, y, target, rate, seed, hardened, stamp, _corners(images, size))


def _dirty(
    images: npt.NDArray[np.generic], y: npt.ArrayLike, target: int, rate: float, seed: int, stamp: Stamp, trigger: tuple[tuple[int, int], ...]
) -> Poisoned:
    rows = chosen_rows(y, rate, target, seed)
    labels, mask = dirty(y, rows, target)
    return Poisoned(samples=_stamped(images, rows, stamp), y=labels, mask=mask, target=target, stamp=stamp, trigger=trigger)


def _clean(
    images: npt.NDArray[np.generic],
    y: npt.ArrayLike,
    target: int,
    rate: float | None,
    seed: int,
    planted: Stamp,
    stamp: Stamp,
    trigger: tuple[tuple[int, int], ...],
) -> Poisoned:
    rate = _OF_CLASS * float((np.asarray(y) == target).mean()) if rate is None else rate
    rows = chosen_rows(y, rate, target, seed, clean_label=True)
    labels, mask = dirty(y, rows, target)
    return Poisoned(samples=_stamped(images, rows, planted), y=labels, mask=mask, target=target, stamp=stamp, trigger=trigger)


def _stamped(images: npt.NDArray[np.generic], rows: npt.NDArray[np.int64], stamp: Stamp) -> npt.NDArray[np.generic]:
    changed = images.copy()
    changed[rows] = stamp(images[rows])
    return changed


def _ends(images: npt.NDArray[np.generic]) -> tuple[float, float]:
    if images.dtype == np.uint8:
        return 0.0, 255.0
    return float(images.min()), float(images.max())


def _lattice(like: npt.NDArray[np.generic], values: Images) -> npt.NDArray[np.generic]:
    """Return ``values`` on the lattice of ``like``: its range, its step (the smallest difference between its values), its type."""
    low, high = _ends(like)
    step = 1.0
    if like.dtype.kind == "f":
        found = np.unique(like)
        step = float(np.diff(found).min()) if 1 < len(found) <= 4096 else 0.0
    held = np.clip(values, low, high)
    return (low + np.rint((held - low) / step) * step if step else held).astype(like.dtype)


def _corner(images: npt.NDArray[np.generic], size: int) -> tuple[tuple[int, int], ...]:
    height, width = images.shape[1:3]
    return tuple((row, column) for row in range(height - size, height) for column in range(width - size, width))


def _corners(images: npt.NDArray[np.generic], size: int) -> tuple[tuple[int, int], ...]:
    height, width = images.shape[1:3]
    return tuple((row % height, column % width) for row in range(-size, size) for column in range(-size, size))


def _patch(images: npt.NDArray[np.generic], size: int, share: float) -> Stamp:
    low, high = _ends(images)

    def stamp(given: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        values = given.astype(float)
        values[:, -size:, -size:] = low + share * (high - low)
        return _lattice(images, values)

    return stamp


def _lift(images: npt.NDArray[np.generic], size: int, strength: float) -> Stamp:
    low, high = _ends(images)

    def stamp(given: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        values = given.astype(float)
        values[:, -size:, -size:] += strength * (high - low)
        return _lattice(images, values)

    return stamp


def _field(height: int, width: int, grid: int, mean: float, rng: np.random.Generator) -> Images:
    """Return a smooth displacement, shape (2, height, width), of ``mean`` pixels on average: random vectors on a coarse grid, interpolated."""
    coarse = rng.uniform(-1, 1, (2, grid, grid))
    rows, columns = np.linspace(0, grid - 1, height), np.linspace(0, grid - 1, width)
    fine = np.stack([_sampled(layer, *np.meshgrid(rows, columns, indexing="ij")) for layer in coarse])
    return np.asarray(fine * (mean / np.abs(fine).mean()))


def _warped(images: Images, field: Images) -> Images:
    rows, columns = np.meshgrid(np.arange(images.shape[1]), np.arange(images.shape[2]), indexing="ij")
    moved = np.moveaxis(images, 0, -1)  # (height, width, ..., n)
    return np.moveaxis(_sampled(moved, rows + field[0], columns + field[1]), -1, 0)


def _sampled(layer: Images, rows: Images, columns: Images) -> Images:
    """Return bilinear samples of ``layer`` (height, width, ...) at real places, the border repeated."""
    height, width = layer.shape[:2]
    rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    below, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    extra = (1,) * (layer.ndim - 2)
    down, across = (rows - top).reshape(*rows.shape, *extra), (columns - left).reshape(*rows.shape, *extra)
    upper = layer[top, left] * (1 - across) + layer[top, right] * across
    lower = layer[below, left] * (1 - across) + layer[below, right] * across
    return np.asarray(upper * (1 - down) + lower * down)
