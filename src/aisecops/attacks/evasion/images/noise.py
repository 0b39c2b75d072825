"""Noise: of the sensor, of few photons, of broken pixels."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.images.pixels import Pixels


def gaussian_noise(x: Pixels, rng: np.random.Generator, sigma: float) -> Pixels:
    """Add normal noise of standard deviation ``sigma``."""
    return x + np.float32(sigma) * rng.standard_normal(x.shape, dtype=np.float32)


def shot_noise(x: Pixels, rng: np.random.Generator, photons: float) -> Pixels:
    """Count photons: Poisson with ``photons`` expected in a white pixel."""
    return np.asarray(rng.poisson(x * photons) / photons, dtype=np.float32)


def impulse_noise(x: Pixels, rng: np.random.Generator, share: float) -> Pixels:
    """Turn a share of the values black or white."""
    drawn = rng.random(x.shape, dtype=np.float32)
    return np.where(drawn < share, (drawn < share / 2).astype(np.float32), x)
