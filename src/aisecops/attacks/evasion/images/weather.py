"""Weather: snow, frost, fog, bright sun. Nothing is loaded: what lies on the lens and in the air is drawn from noise."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.images.blur import streak
from aisecops.attacks.evasion.images.pixels import Pixels, brightness
from aisecops.attacks.evasion.images.sampling import along_both, convolve, zooming

_ICE, _ICE_ROUGH, _ICE_TINT = (0.47, 0.81), 0.11, (0.9, 1.0, 1.06)
"""The least and greatest mean of the photographs of frost that Hendrycks and Dietterich lay over pictures, their spread within one, and how blue they are."""
_FALLS = 8
"""Directions in which snow falls, between 45 and 135 degrees."""
_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)


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
    """Lay a sheet of ice over a dimmed scene: ridges and needles of noise, as bright, as rough and as blue as photographs of frosted panes are."""
    n, channels, height, width = x.shape
    ridges = 1 - np.abs(2 * clouds(rng, n, height, width, 1.6) - 1)
    needles = 1 - np.abs(2 * clouds(rng, n, height, width, 1.2) - 1)
    pattern = 0.6 * ridges**2 + 0.4 * needles**4
    pattern = (pattern - pattern.mean(axis=(2, 3), keepdims=True)) / np.maximum(pattern.std(axis=(2, 3), keepdims=True), 1e-6)
    bright = rng.permutation(np.linspace(*_ICE, n) if n > 1 else np.mean(_ICE, keepdims=True)).reshape(n, 1, 1, 1)
    tint = np.array(_ICE_TINT if channels == 3 else (1.0,)).reshape(-1, 1, 1)
    return np.asarray(scene * x + ice * np.clip((bright + _ICE_ROUGH * pattern) * tint, 0, 1), dtype=np.float32)


def snow(
    x: Pixels, rng: np.random.Generator, level: float, spread: float, size: float, least: float, length: float, fading: float, scene: float
) -> Pixels:
    """Whiten the scene, then let flakes fall on it, some from the right and as many from the left.

    Parameters
    ----------
    level, spread, least
        Flakes are where noise of this mean and standard deviation is more than ``least``.
    size
        By how much they are magnified.
    length, fading
        How far a flake's trail reaches, and the Gaussian by which it fades, in pixels.
    scene
        The share of the scene that is not whitened.
    """
    n, channels, height, width = x.shape
    noise = along_both((level + spread * rng.standard_normal((n, 1, height, width))).astype(np.float32), zooming(height, size), zooming(width, size))
    flakes = np.where(noise < least, 0.0, np.clip(noise, 0, 1)).astype(np.float32)
    fallen = np.empty_like(flakes)
    turns = rng.integers(_FALLS, size=len(x))
    for turn in np.unique(turns).tolist():
        fallen[turns == turn] = convolve(flakes[turns == turn], streak(length, fading, 45 + 90 * (turn + 0.5) / _FALLS))
    grey = np.tensordot(x, _GREY if channels == 3 else np.full(channels, 1 / channels, np.float32), (1, 0))[:, None]
    white = np.maximum(x, grey * 1.5 + 0.5)
    return np.asarray(scene * x + (1 - scene) * white + fallen + fallen[:, :, ::-1, ::-1], dtype=np.float32)


def bright(x: Pixels, rng: np.random.Generator, amount: float) -> Pixels:  # noqa: ARG001 - all take it
    """Raise the value (in hue, saturation, value) of each pixel by ``amount``; hue and saturation stay."""
    value = brightness(x)
    raised = np.minimum(value + np.float32(amount), 1.0)
    return np.asarray(np.where(value > 0, x * (raised / np.maximum(value, 1e-6)), raised), dtype=np.float32)
