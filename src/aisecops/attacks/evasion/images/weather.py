"""Weather: snow, frost, fog, bright sun. Nothing is loaded: what lies on the lens and in the air is drawn from noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aisecops.attacks.evasion.images.blur import streak
from aisecops.attacks.evasion.images.pixels import Pixels, brightness
from aisecops.attacks.evasion.images.sampling import along_both, convolve, gaussian_blur, zooming


def clouds(rng: np.random.Generator, n: int, height: int, width: int, decay: float) -> Pixels:
    """Return fractal noise from 0 to 1, shape (n, 1, height, width): each octave is weaker than the one before by ``decay``.

    Its spectrum falls as frequency to the power -(1 + log2(decay)), as that of midpoint displacement does in the mean.
    """
    spectrum = np.fft.rfft2(rng.standard_normal((n, 1, height, width), dtype=np.float32))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    frequency[0, 0] = np.inf
    made = np.fft.irfft2(spectrum * frequency ** -(1 + np.log2(decay)), (height, width))
    low, high = made.min(axis=(2, 3), keepdims=True), made.max(axis=(2, 3), keepdims=True)
    return np.asarray((made - low) / np.maximum(high - low, 1e-12), dtype=np.float32)


def fog(x: Pixels, rng: np.random.Generator, density: float, decay: float) -> Pixels:
    """Add clouds, and dim the whole so that its brightest pixel stays as bright."""
    n, _, height, width = x.shape
    brightest = x.max(axis=(1, 2, 3), keepdims=True)
    return np.asarray((x + density * clouds(rng, n, height, width, decay)) * (brightest / (brightest + density)), dtype=np.float32)


def frost(x: Pixels, rng: np.random.Generator, scene: float, ice: float) -> Pixels:
    """Lay crystals of ice over a dimmed scene: ridges of noise, thickest at the border of the picture."""
    n, _, height, width = x.shape
    ridges = 1 - np.abs(2 * clouds(rng, n, height, width, 1.6) - 1)
    needles = 1 - np.abs(2 * clouds(rng, n, height, width, 1.2) - 1)
    across = np.maximum(np.abs(np.linspace(-1, 1, height))[:, None], np.abs(np.linspace(-1, 1, width)))
    cover = (0.35 + 0.65 * across**2).astype(np.float32)
    return np.asarray(scene * x + ice * cover * (0.6 * ridges**2 + 0.4 * needles**4), dtype=np.float32)


def snow(x: Pixels, rng: np.random.Generator, share: float, glare: float, scene: float) -> Pixels:
    """Whiten the scene, then let flakes fall over ``share`` of it, smeared by their fall."""
    n, _, height, width = x.shape
    flakes = _flakes(rng, n, height, width, share)
    white = np.maximum(x, brightness(x) * 0.6 + np.float32(glare))
    return np.asarray(scene * x + (1 - scene) * np.minimum(white, 1.0) + glare * flakes, dtype=np.float32)


def _flakes(rng: np.random.Generator, n: int, height: int, width: int, share: float) -> Pixels:
    seeds = rng.standard_normal((n, 1, height, width), dtype=np.float32)
    grown = along_both(seeds, zooming(height, 2.0), zooming(width, 2.0))
    threshold = np.quantile(grown, 1 - share, axis=(2, 3), keepdims=True)
    bits = np.clip((grown - threshold) * 2, 0, 1).astype(np.float32)
    length = max(min(height, width) / 16, 1.0)
    fallen = np.empty_like(bits)
    turns: npt.NDArray[np.int64] = rng.integers(4, size=n)
    for turn in range(4):
        fallen[turns == turn] = convolve(bits[turns == turn], streak(length, length, 100 + 10 * turn))
    return np.asarray(np.minimum(fallen + 0.5 * gaussian_blur(bits, 0.5), 1.0))


def bright(x: Pixels, rng: np.random.Generator, amount: float) -> Pixels:  # noqa: ARG001 - all take it
    """Raise the value (in hue, saturation, value) of each pixel by ``amount``; hue and saturation stay."""
    value = brightness(x)
    raised = np.minimum(value + np.float32(amount), 1.0)
    return np.asarray(np.where(value > 0, x * (raised / np.maximum(value, 1e-6)), raised), dtype=np.float32)
