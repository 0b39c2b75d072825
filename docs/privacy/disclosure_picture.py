"""Draw docs/privacy/disclosure.svg: python docs/privacy/disclosure_picture.py."""

from __future__ import annotations

from pathlib import Path

STEPS = (
    ("training rows", "neighbours, support vectors, kernels", "low"),
    ("personal values", "vocabularies, categories, class names", "low"),
    ("rare counts and words", "naive Bayes, vectorisers", "info"),
    ("lists of classes and categories", "encoders, classifiers", "info"),
    ("small leaves", "trees, forests, boosting", "info"),
)
WIDTH, HEIGHT = 560, 38


def main() -> None:
    """A stair: the plainer, the wider and the darker."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 160} {len(STEPS) * (HEIGHT + 6) + 34}" font-family="sans-serif" font-size="13">'
    ]
    for place, (what, where, rank) in enumerate(STEPS):
        top, width = 24 + place * (HEIGHT + 6), WIDTH - 62 * place
        parts.append(f'<rect x="10" y="{top}" width="{width}" height="{HEIGHT}" rx="4" fill="#b3261e" fill-opacity="{0.5 - 0.09 * place:.2f}"/>')
        parts.append(f'<text x="20" y="{top + 16}" font-weight="bold">{what}</text><text x="20" y="{top + 31}">{where}</text>')
        parts.append(f'<text x="{WIDTH + 40}" y="{top + 24}">{rank}</text>')
    parts.append('<text x="10" y="15" fill="#555">plain to whoever has the file</text></svg>')
    Path(__file__).with_name("disclosure.svg").write_text("\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
