"""The 15 common corruptions at 5 severities, as functions on whole batches."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from aisecops.attacks.evasion.images import blur, digital, noise, weather
from aisecops.attacks.evasion.images.pixels import Pixels, as_given, pixels
from aisecops.attacks.evasion.images.severities import strength
from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Floats

SEVERITIES = (1, 2, 3, 4, 5)


class Corruption(StrEnum):
    """What happens to pictures without anybody's intent."""

    GAUSSIAN_NOISE = "gaussian-noise"
    SHOT_NOISE = "shot-noise"
    IMPULSE_NOISE = "impulse-noise"
    DEFOCUS_BLUR = "defocus-blur"
    GLASS_BLUR = "glass-blur"
    MOTION_BLUR = "motion-blur"
    ZOOM_BLUR = "zoom-blur"
    SNOW = "snow"
    FROST = "frost"
    FOG = "fog"
    BRIGHTNESS = "brightness"
    CONTRAST = "contrast"
    ELASTIC = "elastic"
    PIXELATE = "pixelate"
    JPEG = "jpeg"


_MADE_BY: dict[Corruption, Callable[..., Pixels]] = {
    Corruption.GAUSSIAN_NOISE: noise.gaussian_noise,
    Corruption.SHOT_NOISE: noise.shot_noise,
    Corruption.IMPULSE_NOISE: noise.impulse_noise,
    Corruption.DEFOCUS_BLUR: blur.defocus_blur,
    Corruption.GLASS_BLUR: blur.glass_blur,
    Corruption.MOTION_BLUR: blur.motion_blur,
    Corruption.ZOOM_BLUR: blur.zoom_blur,
    Corruption.SNOW: weather.snow,
    Corruption.FROST: weather.frost,
    Corruption.FOG: weather.fog,
    Corruption.BRIGHTNESS: weather.bright,
    Corruption.CONTRAST: digital.contrast,
    Corruption.ELASTIC: digital.elastic,
    Corruption.PIXELATE: digital.pixelate,
    Corruption.JPEG: digital.jpeg,
}


def corrupt(images: Floats, kind: Corruption, severity: int, *, low: float = 0.0, high: float = 1.0, seed: int = 0) -> Floats:
    """Corrupt every image.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, channels, height, width), of any size; three channels are red, green and blue.
    kind
        Which of the 15.
    severity
        1 to 5; what that means for a size is in ``severities``.
    low, high
        The least and the greatest value of a pixel; the result stays between them.
    seed
        The same seed, kind and severity draw the same noise for a batch of the same shape.

    Returns
    -------
    Floats
        The shape of ``images``.

    References
    ----------
    Hendrycks, D. and Dietterich, T. (2019). Benchmarking neural network robustness to common corruptions and perturbations. ICLR.
    """
    kind = Corruption(kind)
    if severity not in SEVERITIES:
        raise UserError(f"there is no severity {severity}", fix="give 1, 2, 3, 4 or 5")
    x = pixels(images, low, high)
    rng = np.random.default_rng([seed, list(Corruption).index(kind), severity])
    return as_given(_MADE_BY[kind](x, rng, *strength(kind, severity, min(x.shape[2:]))), images, low, high)
