"""What processing does: contrast, warping, coarse pixels, JPEG."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aisecops.attacks.evasion.images.pixels import Pixels
from aisecops.attacks.evasion.images.sampling import along_both, averaging, displaced, gaussian_blur, interpolating, nearest

LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=np.float32,
)
CHROMINANCE = np.full((8, 8), 99, dtype=np.float32)
CHROMINANCE[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]
"""The quantisation tables of ITU-T T.81, annex K."""
_YCBCR = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], dtype=np.float32)
_RGB = np.linalg.inv(_YCBCR.astype(np.float64)).astype(np.float32)
_WAVES = np.cos((2 * np.arange(8) + 1) * np.arange(8)[:, None] * np.pi / 16) / 2
_WAVES[0] /= np.sqrt(2)
_COSINES: npt.NDArray[np.float32] = _WAVES.astype(np.float32)
"""The orthonormal discrete cosine transform of 8 values, one wave a row."""


def contrast(x: Pixels, rng: np.random.Generator, share: float) -> Pixels:  # noqa: ARG001 - all take it
    """Move every pixel to the mean of its image and channel, so that ``share`` of its distance is left."""
    mean = x.mean(axis=(2, 3), keepdims=True)
    return np.asarray((x - mean) * share + mean, dtype=np.float32)


def elastic(x: Pixels, rng: np.random.Generator, reach: float) -> Pixels:
    """Warp by a smooth random field whose root mean square is ``reach`` pixels."""
    n, _, height, width = x.shape
    field = gaussian_blur(rng.uniform(-1, 1, (n, 2, height, width)).astype(np.float32), max(0.06 * min(height, width), 1.0))
    size = np.sqrt(np.mean(field**2, axis=(1, 2, 3), keepdims=True)) * np.sqrt(2)
    field = field * (reach / np.maximum(size, 1e-12)).astype(np.float32)
    rows, columns = np.arange(height, dtype=np.float32)[:, None] + field[:, 0], np.arange(width, dtype=np.float32) + field[:, 1]
    return displaced(x, rows, columns)


def pixelate(x: Pixels, rng: np.random.Generator, share: float) -> Pixels:  # noqa: ARG001 - all take it
    """Keep ``share`` of the resolution each way; where that is no whole number of pixels, the two nearest are mixed."""
    kept = min(x.shape[2:]) * share
    part = np.float32(kept - int(kept))
    coarse = _at_resolution(x, int(kept) / min(x.shape[2:]))
    finer = _at_resolution(x, min((int(kept) + 1) / min(x.shape[2:]), 1.0))
    return np.asarray(coarse + part * (finer - coarse), dtype=np.float32)


def _at_resolution(x: Pixels, share: float) -> Pixels:
    height, width = x.shape[2:]
    down, across = max(round(height * share), 1), max(round(width * share), 1)
    small = along_both(x, averaging(height, down), averaging(width, across))
    return along_both(small, nearest(down, height), nearest(across, width))


def jpeg(x: Pixels, rng: np.random.Generator, quality: float) -> Pixels:  # noqa: ARG001 - all take it
    """Compress as baseline JPEG does and back: luminance and halved colour in blocks of 8, cosine transform, quantised by ``quality`` (1 to 100).

    Entropy coding loses nothing and is left out. Images that do not have three channels are compressed channel by channel as luminance.
    """
    if x.shape[1] != 3:
        return np.asarray((_coded(255 * x - 128, _table(LUMINANCE, quality)) + 128) / 255, dtype=np.float32)
    height, width = x.shape[2:]
    components = np.einsum("ij,njhw->nihw", _YCBCR, 255 * x)
    luminance = _coded(components[:, :1] - 128, _table(LUMINANCE, quality)) + 128
    half = -(-height // 2), -(-width // 2)
    small = along_both(components[:, 1:], averaging(height, half[0]), averaging(width, half[1]))
    colour = along_both(_coded(small, _table(CHROMINANCE, quality)), interpolating(half[0], height), interpolating(half[1], width))
    return np.asarray(np.einsum("ij,njhw->nihw", _RGB, np.concatenate([luminance, colour], axis=1)) / 255, dtype=np.float32)


def _table(base: npt.NDArray[np.float32], quality: float) -> npt.NDArray[np.float32]:
    """Scale a table as the reference implementation (libjpeg) does."""
    scale = 5000 / quality if quality < 50 else 200 - 2 * quality
    return np.clip(np.floor((base * scale + 50) / 100), 1, 255).astype(np.float32)


def _coded(x: Pixels, table: npt.NDArray[np.float32]) -> Pixels:
    """Quantise blocks of 8; incomplete ones are filled with their last row and column."""
    n, channels, height, width = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (0, -height % 8), (0, -width % 8)), mode="edge")
    down, across = padded.shape[2] // 8, padded.shape[3] // 8
    blocks = padded.reshape(n, channels, down, 8, across, 8).transpose(0, 1, 2, 4, 3, 5)
    waves = _COSINES @ blocks @ _COSINES.T / table
    waves = np.trunc(waves + np.copysign(np.float32(0.5), waves)) * table  # halves go away from zero, as in libjpeg
    back = (_COSINES.T @ waves @ _COSINES).transpose(0, 1, 2, 4, 3, 5).reshape(padded.shape)
    return np.asarray(back[:, :, :height, :width], dtype=np.float32)
