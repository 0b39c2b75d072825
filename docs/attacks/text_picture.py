"""Draw ``text.svg``: how many spam messages pass the two filters of examples/spam-filter, by the number of edits.

python docs/attacks/text_picture.py
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "examples" / "spam-filter"))

import numpy as np  # noqa: E402
from messages import make_messages  # noqa: E402
from training import train  # noqa: E402

from aisecops.attacks.evasion.text import ALL_FAMILIES, TYPOS, UNSEEN, edit_text  # noqa: E402
from aisecops.oracles.opening import oracle_of  # noqa: E402

WIDTH, HEIGHT, LEFT, TOP = 640, 300, 50, 20
MOST = 24
KINDS = {"unseen edits": (UNSEEN, "#b3261e"), "typing errors": (TYPOS, "#1f5fa8"), "all families": (ALL_FAMILIES, "#3c7a3a")}


def curves() -> dict[tuple[str, str], tuple[tuple[int, float], ...]]:
    """Attack the 100 first spam messages of the kept ones with each kind of edits."""
    texts, labels = make_messages()
    filters = train(texts[:3000], labels[:3000])
    spam = [text for text, label in zip(texts[3000:], labels[3000:], strict=True) if label == "spam"][:100]
    found = {}
    for name, pipeline in filters.items():
        oracle = oracle_of(pipeline, name=name)
        for kind, (families, _) in KINDS.items():
            found[name, kind] = edit_text(oracle, spam, np.full(100, oracle.classes.index("spam")), families=families).curve
    return found


def steps(curve: tuple[tuple[int, float], ...]) -> str:
    """Return the points of a staircase."""
    points, height = [(0, 0.0)], 0.0
    for count, share in curve:
        if count <= MOST:
            points += [(count, height), (count, share)]
            height = share
    points.append((MOST, height))
    scale = (WIDTH - LEFT - 150) / MOST
    return " ".join(f"{LEFT + x * scale:.1f},{TOP + (1 - y) * (HEIGHT - TOP - 50):.1f}" for x, y in points)


def main() -> None:
    """Write the picture."""
    bottom, right = HEIGHT - 50, WIDTH - 150
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<path d="M{LEFT},{TOP}V{bottom}H{right}" fill="none" stroke="#444"/>',
    ]
    for share in (0, 0.5, 1):
        y = TOP + (1 - share) * (bottom - TOP)
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{share:.0%}</text>')
    for count in range(0, MOST + 1, 4):
        x = LEFT + count * (right - LEFT) / MOST
        lines.append(f'<text x="{x:.0f}" y="{bottom + 16}" text-anchor="middle">{count}</text>')
    lines.append(f'<text x="{(LEFT + right) // 2}" y="{bottom + 36}" text-anchor="middle">edits a message</text>')
    for (name, kind), curve in curves().items():
        dash = "" if name == "spam_filter" else ' stroke-dasharray="5 4"'
        lines.append(f'<polyline points="{steps(curve)}" fill="none" stroke="{KINDS[kind][1]}" stroke-width="2"{dash}/>')
    for row, (kind, (_, colour)) in enumerate(KINDS.items()):
        y = TOP + 20 + 40 * row
        lines.append(f'<text x="{right + 12}" y="{y}" fill="{colour}">{kind}</text>')
    lines.append(
        f'<text x="{right + 12}" y="{TOP + 150}">solid: plain filter</text><text x="{right + 12}" y="{TOP + 170}">dashed: normaliser</text></svg>'
    )
    (HERE / "text.svg").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
