"""Draw docs/privacy/inversion.png: python docs/privacy/inversion_picture.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from aisecops.attacks.inference.inversion import contrasts, invert, resemblance, shared_levels
from aisecops.oracles.opening import oracle_of

X, Y = load_digits(return_X_y=True)
ORDER = np.random.default_rng(5).permutation(len(Y))
X, Y = X[ORDER] / 16, Y[ORDER]
KEPT = (Y[:900] != 7) | (np.arange(900) == np.flatnonzero(Y == 7)[0])
MEMBERS, LABELS, OTHERS, OTHER_LABELS = X[:900][KEPT], Y[:900][KEPT], X[900:], Y[900:]
SIDE, GAP, TOP, LEFT = 96, 12, 44, 150


def tile(pixels: np.ndarray) -> Image.Image:
    """An image of 8 x 8 numbers from 0 to 1, enlarged."""
    return Image.fromarray((255 * np.clip(pixels.reshape(8, 8), 0, 1)).astype(np.uint8)).resize((SIDE, SIDE), Image.Resampling.NEAREST)


def main() -> None:
    """Two rows: an honest class and a class of one image."""
    found = invert(oracle_of(LogisticRegression(C=100, max_iter=2000).fit(MEMBERS, LABELS)), 0.0, 1.0, (64,))
    peculiar, levels = contrasts(found.points), shared_levels(np.bincount(LABELS))
    sheet = Image.new("L", (LEFT + 4 * (SIDE + GAP) + 260, TOP + 2 * (SIDE + GAP)), 255)
    draw = ImageDraw.Draw(sheet)
    for column, title in enumerate(("reconstruction", "what is its own", "nearest member", "nearest other")):
        draw.text((LEFT + column * (SIDE + GAP), TOP - 22), title, fill=0)
    for row, label in enumerate((3, 7)):
        mine, theirs = MEMBERS[label == LABELS], OTHERS[label == OTHER_LABELS]
        like = resemblance(peculiar[label], label, mine, theirs, levels[label])
        centre = np.concatenate([mine, theirs]).mean(axis=0)
        best = [side[np.argmax((side - centre) @ peculiar[label] / np.linalg.norm(side - centre, axis=1))] for side in (mine, theirs)]
        own = 0.5 + 0.5 * peculiar[label] / np.abs(peculiar[label]).max()
        top = TOP + row * (SIDE + GAP)
        draw.text((10, top + 36), f"class {label}:\n{len(mine)} members", fill=0)
        for column, pixels in enumerate((found.points[label], own, *best)):
            sheet.paste(tile(pixels), (LEFT + column * (SIDE + GAP), top))
        told = f"{like.verdict}\nlikeness {like.member_best:.2f} and {like.other_best:.2f}\np = {like.p:.3g}, level {like.level:.3g}"
        draw.text((LEFT + 4 * (SIDE + GAP) + 6, top + 28), told, fill=0)
    sheet.save(Path(__file__).with_name("inversion.png"), optimize=True)


if __name__ == "__main__":
    main()
