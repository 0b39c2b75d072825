"""Draw ``images/checks/model-backdoor.svg``: the excess of a backdoored forest beside that of honest ones, by family of triggers.

python docs/backdoors_picture.py
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TOLD = "Each family of signs is tried on all models. What makes one model answer a class, and none of the honest ones, was planted."
LEFT, WIDTH, ROW, TOP = 420, 420, 46, 40


def drawn(seen) -> str:
    """Return the picture of an examination."""
    height = TOP + ROW * len(seen.honest) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 40}" height="{height}" font-family="sans-serif" font-size="13" role="img">'
    ]
    parts += ["<title>The excess of a backdoored forest and of honest ones</title>", f"<desc>{TOLD}</desc>"]
    parts.append('<rect width="100%" height="100%" fill="white"/>')
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x = LEFT + WIDTH * tick
        parts.append(f'<path d="M{x} {TOP - 12}V{height - 28}" stroke="#ddd"/><text x="{x}" y="{height - 10}" text-anchor="middle">{tick:g}</text>')
    parts.append(f'<text x="{LEFT}" y="18">excess of the best sign over honest models: o honest models, + this model, | the limit</text>')
    for row, (family, honest) in enumerate(seen.honest.items()):
        y = TOP + ROW * row + 18
        parts.append(f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{family}</text>')
        parts += [f'<circle cx="{LEFT + WIDTH * max(0, one):.1f}" cy="{y}" r="5" fill="none" stroke="#2a6"/>' for one in honest]
        limit = LEFT + WIDTH * min(1.03, max(0.5, seen.limits[family]))
        parts.append(f'<path d="M{limit:.1f} {y - 12}v24" stroke="#333" stroke-width="2"/>')
        for sign in (sign for sign in seen.signs if sign.family == family):
            x = LEFT + WIDTH * sign.excess
            parts.append(f'<path d="M{x - 7:.1f} {y}h14M{x:.1f} {y - 7}v14" stroke="#c22" stroke-width="3"/>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Run the program of the page and draw what it saw."""
    (program,) = re.findall(r"^```python\n(.*?)^```", (HERE / "backdoors.md").read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(program, names)  # noqa: S102 - the page of this folder
    (HERE / "images" / "checks" / "model-backdoor.svg").write_text(drawn(names["seen"]))


if __name__ == "__main__":
    main()
