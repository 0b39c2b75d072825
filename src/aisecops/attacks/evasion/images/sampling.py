"""Linear maps of images: resizing and blurring as one small matrix for each axis, reading between pixels, convolution."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from aisecops.attacks.evasion.images.pixels import Pixels

Matrix = npt.NDArray[np.float32]
_MOST_SHIFTS = 49
"""A kernel with more weights is applied by a Fourier transform, one with fewer by adding shifted copies."""


def along_both(x: Pixels, rows: Matrix, columns: Matrix) -> Pixels:
    """Apply ``rows`` (new height, height) down and ``columns`` (new width, width) across."""
    return np.asarray(np.matmul(np.matmul(rows, x), columns.T), dtype=np.float32)


def gaussian_blur(x: Pixels, sigma: float) -> Pixels:
    """Blur by a Gaussian of ``sigma`` pixels; borders are mirrored."""
    return along_both(x, _gaussian(x.shape[2], sigma), _gaussian(x.shape[3], sigma)) if sigma > 0 else x


@lru_cache(maxsize=256)
def _gaussian(size: int, sigma: float) -> Matrix:
    reach = max(int(4 * sigma + 0.5), 1)
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-(offsets**2) / (2 * sigma * sigma))
    matrix = np.zeros((size, size))
    places = mirrored(np.arange(size)[:, None] + offsets, size)
    np.add.at(matrix, (np.arange(size)[:, None], places), np.broadcast_to(weights / weights.sum(), places.shape))
    return matrix.astype(np.float32)


def mirrored(at: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Return indices beyond the border as those of the mirror image (d c b a | a b c d | d c b a)."""
    folded = np.mod(at, 2 * size)
    return np.asarray(np.minimum(folded, 2 * size - 1 - folded))


@lru_cache(maxsize=256)
def averaging(size: int, new: int) -> Matrix:
    """Return the matrix (new, size) that averages over areas: a pixel that lies partly in two counts for both by its share."""
    edges = np.linspace(0, size, new + 1)
    low, high = np.maximum(edges[:-1, None], np.arange(size)), np.minimum(edges[1:, None], np.arange(size) + 1)
    overlap = np.maximum(high - low, 0.0)
    return np.asarray(overlap / overlap.sum(axis=1, keepdims=True), dtype=np.float32)


@lru_cache(maxsize=256)
def nearest(size: int, new: int) -> Matrix:
    """Return the matrix (new, size) that repeats pixels."""
    matrix = np.zeros((new, size), dtype=np.float32)
    matrix[np.arange(new), np.minimum(((np.arange(new) + 0.5) * size / new).astype(int), size - 1)] = 1
    return matrix


@lru_cache(maxsize=256)
def interpolating(size: int, new: int) -> Matrix:
    """Return the matrix (new, size) that reads between the middles of pixels."""
    at = np.clip((np.arange(new) + 0.5) * size / new - 0.5, 0, size - 1)
    return _between(at, size)


@lru_cache(maxsize=256)
def zooming(size: int, factor: float) -> Matrix:
    """Return the matrix (size, size) that magnifies the middle by ``factor``, reading between pixels."""
    middle = (size - 1) / 2
    return _between(np.clip(middle + (np.arange(size) - middle) / factor, 0, size - 1), size)


def _between(at: npt.NDArray[np.float64], size: int) -> Matrix:
    left = np.minimum(at.astype(int), max(size - 2, 0))
    matrix = np.zeros((len(at), size), dtype=np.float32)
    np.add.at(matrix, (np.arange(len(at)), left), 1 - (at - left))
    np.add.at(matrix, (np.arange(len(at)), np.minimum(left + 1, size - 1)), at - left)
    return matrix


def convolve(x: Pixels, kernel: Matrix) -> Pixels:
    """Convolve every image with one kernel (odd height and width); borders are mirrored."""
    height, width = x.shape[2:]
    down, across = kernel.shape[0] // 2, kernel.shape[1] // 2
    rows, columns = mirrored(np.arange(-down, height + down), height), mirrored(np.arange(-across, width + across), width)
    padded = x[:, :, rows][:, :, :, columns]
    used = np.argwhere(kernel != 0)
    if len(used) > _MOST_SHIFTS:
        return _by_fourier(padded, kernel, height, width)
    total = np.zeros_like(x)
    for i, j in used.tolist():
        total += kernel[i, j] * padded[:, :, i : i + height, j : j + width]
    return total


def _by_fourier(padded: Pixels, kernel: Matrix, height: int, width: int) -> Pixels:
    shape = padded.shape[2:]
    turned = np.fft.rfft2(kernel[::-1, ::-1], shape)
    made = np.fft.irfft2(np.fft.rfft2(padded) * turned, shape)
    return np.asarray(made[:, :, kernel.shape[0] - 1 :, kernel.shape[1] - 1 :][:, :, :height, :width], dtype=np.float32)


def displaced(x: Pixels, rows: npt.NDArray[np.float32], columns: npt.NDArray[np.float32]) -> Pixels:
    """Read every image between its pixels at ``rows``, ``columns`` (n or 1, height, width, in pixels); places outside are those of the border."""
    n, channels, height, width = x.shape
    rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    top, left = rows.astype(np.int64), columns.astype(np.int64)
    down, across = (rows - top).astype(np.float32)[:, None], (columns - left).astype(np.float32)[:, None]
    below, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    flat = x.reshape(n, channels, height * width)

    def read(i: npt.NDArray[np.int64], j: npt.NDArray[np.int64]) -> Pixels:
        at = (i * width + j).reshape(len(i), 1, -1)
        got = np.take(flat, at[0, 0], axis=2) if len(at) == 1 else np.take_along_axis(flat, at, axis=2)
        return got.reshape(x.shape)

    upper = read(top, left) * (1 - across) + read(top, right) * across
    return np.asarray(upper * (1 - down) + (read(below, left) * (1 - across) + read(below, right) * across) * down, dtype=np.float32)
