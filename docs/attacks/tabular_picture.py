"""Draw ``tabular.svg``: a real run of the constrained search on flows of two columns, every query shown.

python docs/attacks/tabular_picture.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aisecops.attacks.evasion.tabular import constrained_search
from aisecops.datasets.domain import Column, ColumnType, Domain
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.spec import Output

WIDTH, HEIGHT, MARGIN = 640, 400, 50
PACKETS, KILOBYTES = 60, 80
DOMAIN = Domain(
    columns=(
        Column(name="packets", type=ColumnType.INTEGER, low=1, high=PACKETS),
        Column(name="kilobytes", type=ColumnType.INTEGER, low=0, high=KILOBYTES),
    ),
    relations=("kilobytes <= 1.5 * packets", "0.2 * packets <= kilobytes"),
)
SAMPLE = np.array([[36.0, 12.0]])


def suspicious(rows: np.ndarray) -> np.ndarray:
    """The detector: many packets with little in them."""
    return (rows[:, 1] < 1.2 * rows[:, 0] - 4) & (rows[:, 0] > 9)


def place(points: np.ndarray) -> np.ndarray:
    """Return points in the picture."""
    x = MARGIN + points[:, 0] / PACKETS * (WIDTH - 2 * MARGIN)
    return np.column_stack((x, HEIGHT - MARGIN - points[:, 1] / KILOBYTES * (HEIGHT - 2 * MARGIN)))


def polygon(points: list[tuple[float, float]], style: str) -> str:
    """Return a filled area."""
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in place(np.array(points, dtype=float)))
    return f'<polygon points="{corners}" {style}/>'


def text(x: float, y: float, words: str, more: str = "") -> str:
    """Return words at a place of the picture."""
    return f'<text x="{x:.0f}" y="{y:.0f}" {more}>{words}</text>'


def picture() -> str:
    """Return the SVG."""
    asked: list[np.ndarray] = []

    def labels(rows: np.ndarray) -> np.ndarray:
        asked.append(rows.copy())
        return suspicious(rows).astype(int)

    found = constrained_search(
        oracle_of(labels, classes=("ordinary", "attack"), output=Output.LABELS), SAMPLE, np.array([1]), space=DOMAIN, queries=120
    )
    queries = np.unique(np.concatenate(asked), axis=0)
    wrong = ~suspicious(queries)
    possible = [(0, 0), (PACKETS, 12), (PACKETS, KILOBYTES), (KILOBYTES / 1.5, KILOBYTES)]
    line = [(9, 6.8), (PACKETS, 68), (PACKETS, 0), (9, 0)]
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{"#d1600a" if evades else "#1f6fb2"}"/>'
        for (x, y), evades in zip(place(queries), wrong, strict=True)
    ]
    (sx, sy), (ex, ey) = place(SAMPLE)[0], place(found.points)[0]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        polygon(possible, 'fill="#e6f0e6" stroke="#7a9a7a"'),
        polygon(line, 'fill="#1f6fb2" fill-opacity="0.10" stroke="#1f6fb2" stroke-dasharray="5 4"'),
        *dots,
        f'<line x1="{sx:.1f}" y1="{sy:.1f}" x2="{ex:.1f}" y2="{ey:.1f}" stroke="#222" stroke-width="1.5"/>',
        f'<circle cx="{sx:.1f}" cy="{sy:.1f}" r="6" fill="#222"/>',
        f'<circle cx="{ex:.1f}" cy="{ey:.1f}" r="7" fill="none" stroke="#d1600a" stroke-width="3"/>',
        text(sx + 10, sy + 4, "sample"),
        text(ex - 12, ey - 10, "cheapest possible evasion", 'text-anchor="end"'),
        text(MARGIN + 6, MARGIN + 16, "no such flow: more than 1.5 kB a packet"),
        text(WIDTH - MARGIN - 6, HEIGHT - MARGIN - 8, "no such flow: less than 0.2 kB a packet", 'text-anchor="end"'),
        text(WIDTH - MARGIN - 150, HEIGHT - MARGIN - 120, "detected", 'fill="#1f6fb2"'),
        text(WIDTH / 2, HEIGHT - 14, "packets", 'text-anchor="middle"'),
        text(14, HEIGHT / 2, "kilobytes", f'text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2:.0f})"'),
        "</svg>\n",
    ])  # fmt: skip


if __name__ == "__main__":
    Path(__file__).with_name("tabular.svg").write_text(picture(), encoding="utf-8")
