"""Draw ``images.png``: one picture under the 15 corruptions at severities 1, 3 and 5, turned, and with a patch.

python docs/attacks/images_picture.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from aisecops.attacks.evasion.images import Corruption, corrupt, paste, transform

SIDE, GAP = 64, 4


def picture() -> np.ndarray:
    """Return a house under a sun, shape (1, 3, SIDE, SIDE)."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    canvas = np.stack([0.45 + 0.3 * y, 0.65 + 0.2 * y, 0.95 - 0.1 * y])
    parts = (
        (y > 0.72 + 0.04 * np.sin(9 * x), (0.25, 0.5, 0.2)),
        ((x > 0.25) & (x < 0.7) & (y > 0.45) & (y < 0.82), (0.85, 0.75, 0.6)),
        ((y > 0.2) & (y < 0.46) & (np.abs(x - 0.475) < (y - 0.2) * 1.1), (0.6, 0.2, 0.15)),
        ((x > 0.43) & (x < 0.53) & (y > 0.6) & (y < 0.82), (0.3, 0.2, 0.15)),
        (((np.abs(x - 0.34) < 0.05) | (np.abs(x - 0.61) < 0.05)) & (np.abs(y - 0.58) < 0.05), (0.4, 0.55, 0.7)),
        ((x - 0.85) ** 2 + (y - 0.16) ** 2 < 0.01, (1.0, 0.9, 0.4)),
    )
    for where, colour in parts:
        canvas = np.where(where, np.array(colour)[:, None, None], canvas)
    return canvas[None]


def main() -> None:
    """Write the picture: a column for each corruption, a row for each severity, then the geometric ones."""
    x = picture()
    rows = [[corrupt(x, kind, severity) for kind in Corruption] for severity in (1, 3, 5)]
    content = np.random.default_rng(0).integers(0, 2, (1, 3, 20, 20)).astype(float)
    others = [
        x,
        *(transform(x, angle, 0, 0) for angle in (-30, -15, 15, 30)),
        *(transform(x, 0, down, across) for down, across in ((0.1, 0), (-0.1, 0.1))),
    ]
    others += [paste(x, content, np.array([top]), np.array([left])) for top, left in ((2, 2), (40, 22))]
    rows.append([*others, *[np.ones_like(x)] * (len(Corruption) - len(others))])
    sheet = np.ones((3, len(rows) * (SIDE + GAP) - GAP, len(Corruption) * (SIDE + GAP) - GAP))
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            sheet[:, i * (SIDE + GAP) :, j * (SIDE + GAP) :][:, :SIDE, :SIDE] = image[0]
    drawn = Image.fromarray((255 * sheet.transpose(1, 2, 0)).round().astype(np.uint8))
    drawn.quantize(96, dither=Image.Dither.NONE).save(Path(__file__).with_name("images.png"), optimize=True)


if __name__ == "__main__":
    main()
