"""How strong each corruption is at the severities 1 to 5, for images of any size.

Hendrycks and Dietterich chose two sets, for images of 32 pixels (CIFAR-10-C) and of 224 (ImageNet-C). Between the two sizes we interpolate, on a logarithmic
scale; beyond them the nearer one holds, and lengths (in pixels) go on growing or shrinking with the image, by at most a quarter below 32. Where one of their
sets is not monotone in its effect (glass, elastic, fog, some steps of snow, frost and motion), the numbers are ours, and move pictures as far as theirs do in the
mean; so are those of defocus and zoom at 32, whose originals owe part of their effect to rounding. Each severity moves images further than the one before, as the
tests hold.
"""

from __future__ import annotations

import math

SMALL, LARGE = 32, 224
_Rows = tuple[tuple[float, ...], ...]

AT_SMALL: dict[str, _Rows] = {
    "gaussian-noise": ((0.04,), (0.06,), (0.08,), (0.09,), (0.10,)),
    "shot-noise": ((500,), (250,), (100,), (75,), (50,)),
    "impulse-noise": ((0.01,), (0.02,), (0.03,), (0.05,), (0.07,)),
    "defocus-blur": ((0.3, 0.4), (0.35, 0.46), (0.5, 0.5), (0.9, 0.48), (1.5, 0.5)),
    "glass-blur": ((0.3, 0.7), (0.3, 0.9), (0.4, 1.15), (0.4, 1.75), (0.5, 2.6)),
    "motion-blur": ((12, 1.0), (12, 1.5), (12, 2.0), (16, 2.3), (18, 2.8)),
    "zoom-blur": ((1.1,), (1.13,), (1.17,), (1.22,), (1.27,)),
    "snow": (
        (0.1, 0.2, 1, 0.6, 16, 3, 0.95),
        (0.1, 0.2, 1, 0.5, 20, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 20, 4, 0.9),
        (0.25, 0.3, 2.25, 0.6, 24, 6, 0.85),
        (0.32, 0.3, 1.25, 0.65, 28, 12, 0.78),
    ),
    "frost": ((1.0, 0.2), (1.0, 0.29), (0.9, 0.385), (0.85, 0.42), (0.75, 0.5)),
    "fog": ((0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75)),
    "brightness": ((0.05,), (0.1,), (0.15,), (0.2,), (0.3,)),
    "contrast": ((0.75,), (0.5,), (0.4,), (0.3,), (0.15,)),
    "elastic": ((0.4,), (0.6,), (0.8,), (1.0,), (1.3,)),
    "pixelate": ((0.95,), (0.9,), (0.85,), (0.75,), (0.65,)),
    "jpeg": ((80,), (65,), (58,), (50,), (40,)),
}
AT_LARGE: dict[str, _Rows] = {
    "gaussian-noise": ((0.08,), (0.12,), (0.18,), (0.26,), (0.38,)),
    "shot-noise": ((60,), (25,), (12,), (5,), (3,)),
    "impulse-noise": ((0.03,), (0.06,), (0.09,), (0.17,), (0.27,)),
    "defocus-blur": ((3, 0.5), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)),
    "glass-blur": ((0.7, 1.7), (0.9, 2.2), (1.0, 3.3), (1.1, 4.2), (1.5, 5.0)),
    "motion-blur": ((20, 3.0), (30, 5.0), (30, 8.0), (30, 12.0), (40, 15.0)),
    "zoom-blur": ((1.11,), (1.16,), (1.20,), (1.26,), (1.30,)),
    "snow": (
        (0.1, 0.3, 3, 0.5, 20, 4, 0.8),
        (0.2, 0.3, 2, 0.5, 24, 4, 0.7),
        (0.55, 0.3, 4, 0.9, 24, 8, 0.7),
        (0.55, 0.3, 4.5, 0.85, 24, 8, 0.65),
        (0.55, 0.3, 2.5, 0.85, 24, 12, 0.55),
    ),
    "frost": ((1.0, 0.4), (0.8, 0.6), (0.72, 0.65), (0.65, 0.73), (0.6, 0.78)),
    "fog": ((1.0, 2.0), (1.5, 2.0), (2.0, 1.9), (2.7, 1.8), (4.0, 1.6)),
    "brightness": ((0.1,), (0.2,), (0.3,), (0.4,), (0.5,)),
    "contrast": ((0.4,), (0.3,), (0.2,), (0.1,), (0.05,)),
    "elastic": ((2.0,), (3.0,), (4.5,), (6.0,), (8.0,)),
    "pixelate": ((0.6,), (0.5,), (0.4,), (0.3,), (0.25,)),
    "jpeg": ((25,), (18,), (15,), (10,), (7,)),
}
LENGTHS = {"defocus-blur": (0, 1), "glass-blur": (0, 1), "motion-blur": (0, 1), "elastic": (0,), "snow": (4, 5)}
"""Which of a corruption's numbers are lengths in pixels."""


def strength(kind: str, severity: int, side: int) -> tuple[float, ...]:
    """Return the numbers of a corruption at ``severity`` (1 to 5) for images whose shorter side has ``side`` pixels."""
    between = min(max(math.log(side / SMALL) / math.log(LARGE / SMALL), 0.0), 1.0)
    small, large = AT_SMALL[kind][severity - 1], AT_LARGE[kind][severity - 1]
    mixed = [a ** (1 - between) * b**between for a, b in zip(small, large, strict=True)]
    scale = max(side / SMALL, 0.75) if side < SMALL else max(side / LARGE, 1.0)
    return tuple(value * (scale if at in LENGTHS.get(kind, ()) else 1.0) for at, value in enumerate(mixed))
