"""Draw docs/defences.svg from the table of docs/defences.md: python docs/defences_picture.py."""

from __future__ import annotations

import re
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM = 680, 340, 60, 40
X, Y = (0.5, 0.95), (0.72, 0.89)
COLOURS = {"leaf": "#0b7a75", "depth": "#b3261e", "regularisation": "#6750a4", "as it is": "#000"}


def rows(text: str) -> list[tuple[str, float, float]]:
    """Read setting, area and accuracy of each row of the table."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip(" *") for cell in line.split("|")[1:-1]]
        if len(cells) == 6 and re.match(r"0\.\d+$", cells[1]):
            found.append((cells[0], float(cells[3].split()[0]), float(cells[1])))
    return found


def main() -> None:
    """A point for each setting: leaking to the right, accuracy upwards; the upper left corner is where one wants to be."""

    def at(area: float, accuracy: float) -> tuple[float, float]:
        return LEFT + (area - X[0]) / (X[1] - X[0]) * (WIDTH - LEFT - 10), (HEIGHT - BOTTOM) * (1 - (accuracy - Y[0]) / (Y[1] - Y[0]))

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">']
    parts.append(f'<path d="M{LEFT} 5V{HEIGHT - BOTTOM}H{WIDTH - 10}" fill="none" stroke="#555"/>')
    areas, accuracies = (0.5, 0.6, 0.7, 0.8, 0.9), (0.75, 0.8, 0.85)
    parts += [f'<text x="{at(tick, Y[0])[0]:.0f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{tick}</text>' for tick in areas]
    parts += [f'<text x="{LEFT - 6}" y="{at(X[0], tick)[1] + 4:.0f}" text-anchor="end">{tick:g}</text>' for tick in accuracies]
    parts.append(f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">area under the attack\'s curve (0.5: a guess)</text>')
    parts.append(f'<text x="14" y="{HEIGHT / 2:.0f}" transform="rotate(-90 14 {HEIGHT / 2:.0f})" text-anchor="middle">accuracy</text>')
    for number, (name, area, accuracy) in enumerate(rows(Path(__file__).with_name("defences.md").read_text(encoding="utf-8"))):
        x, y = at(area, accuracy)
        colour = next((colour for start, colour in COLOURS.items() if name.startswith(start)), "#888")
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>')
        shift = 18 if number % 2 else -9
        parts.append(f'<text x="{min(x, WIDTH - 70):.1f}" y="{y + shift:.1f}" text-anchor="middle" fill="{colour}">{name}</text>')
    parts.append("</svg>")
    Path(__file__).with_name("defences.svg").write_text("\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
