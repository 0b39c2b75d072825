"""Draw docs/poisoning.svg, a class of pictures parted by a wave under the right label: python docs/poisoning_picture.py. It poisons scikit-learn's digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from aisecops.attacks.poisoning.images import sinusoid
from aisecops.defences.poisoning.marks import Parted, parted
from aisecops.defences.poisoning.warps import reduced

HERE = Path(__file__).parent
TARGET, BINS, WIDTH, HEIGHT, TALL, CELL = 4, 40, 640, 250, 90, 9


def main() -> None:
    """Above, the pictures; below, where the rows of the class lie along the direction that parts them best, honest and poisoned."""
    digits = load_digits()
    poisoned = sinusoid(digits.images, digits.target, target=TARGET, seed=0)
    rows = np.flatnonzero(poisoned.mask)
    pattern = np.abs(poisoned.samples[rows].mean(axis=0) - digits.images[rows].mean(axis=0))
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">']
    shown = (digits.images[rows[0]], poisoned.samples[rows[0]], 16 * pattern / pattern.max())
    for place, (name, picture) in enumerate(zip(("an honest 4", "the same with the wave", "what is common to such rows"), shown, strict=True)):
        parts += drawn(picture, 10 + place * 210, name)
    for place, (title, samples) in enumerate((("honest", digits.images), ("three in five carry a wave", poisoned.samples))):
        one = cut(samples, digits.target)
        parts += bars(one, poisoned.mask[one.rows] if place else np.zeros(len(one.rows), dtype=bool), 10 + place * WIDTH // 2, title)
    parts.append("</svg>")
    (HERE / "poisoning.svg").write_text("\n".join(parts) + "\n", encoding="utf-8")


def cut(samples: np.ndarray, y: np.ndarray) -> Parted:
    """The class as the search cuts it."""
    return next(one for one in parted(np.asarray(reduced(samples)[0], dtype=float), y, 10) if one.target == TARGET)


def drawn(picture: np.ndarray, left: int, name: str) -> list[str]:
    """One picture, pixel by pixel."""
    parts = [f'<text x="{left}" y="14">{name}</text>']
    for (row, column), value in np.ndenumerate(picture):
        grey = 255 - int(255 * min(value, 16) / 16)
        parts.append(
            f'<rect x="{left + column * CELL}" y="{20 + row * CELL}" width="{CELL}" height="{CELL}" fill="rgb({grey},{grey},{grey})" stroke="#ddd"/>'
        )
    return parts


def bars(one: Parted, carrying: np.ndarray, left: int, title: str) -> list[str]:
    """How many rows lie where; red: those that carry the wave."""
    edges = np.linspace(one.place.min(), one.place.max(), BINS + 1)
    both, red = (np.histogram(one.place[held], edges)[0] for held in (np.ones(len(carrying), dtype=bool), carrying))
    parts = [f'<text x="{left}" y="112" font-weight="bold">all 4s, {title}: {one.apart:.1f} deviations apart</text>']
    for at, (count, marked) in enumerate(zip(both.tolist(), red.tolist(), strict=True)):
        for number, colour in ((count, "#2e7d32"), (marked, "#b3261e")):
            tall = TALL * number / max(both)
            parts.append(f'<rect x="{left + at * 7.4:.1f}" y="{215 - tall:.1f}" width="6.4" height="{tall:.1f}" fill="{colour}"/>')
    parts.append(f'<text x="{left}" y="235" fill="#555">along the direction that parts the class best</text>')
    return parts


if __name__ == "__main__":
    main()
