"""Draws the pictures of decision.md, score.md and gradient.md: real attacks, on a model of two features and on digits.

python docs/attacks/pictures.py
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.catalogue import ATTACKS
from aisecops.attacks.evasion.space import Box
from aisecops.oracles.oracle import Capability, Loss

HERE = Path(__file__).parent
SIZE = 420


class Bend:
    """Two classes of points in the unit square, divided by a bent line; remembers what it was asked."""

    name, classes, capabilities = "bend", ("below", "above"), frozenset({Capability.LABELS, Capability.GRADIENT})

    def __init__(self) -> None:
        self.asked = []

    def height(self, points):
        """How far above the line points lie."""
        return points[:, 1] - 0.62 - 0.13 * np.sin(7 * points[:, 0] + 0.4)

    def labels(self, points):
        """The labels, remembered."""
        self.asked.append(np.array(points))
        return (self.height(points) > 0).astype(np.int64)

    def gradient(self, points, y, loss, target=None):  # noqa: ARG002 - the protocol
        """How wrong the model is, and the slope of that."""
        self.asked.append(np.array(points))
        sign = np.where(y == 0, 1.0, -1.0)
        slope = np.stack([-0.13 * 7 * np.cos(7 * points[:, 0] + 0.4), np.ones(len(points))], axis=1)
        return sign * self.height(points), sign[:, None] * slope


def svg(name, width, height, body):
    """Write a picture."""
    style = "<style>text{font:13px sans-serif;fill:#333}</style>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    text = head + style + '<rect width="100%" height="100%" fill="#fff"/>'
    (HERE / name).write_text(text + "\n" + "\n".join(body) + "\n</svg>\n", encoding="utf-8")


def at(point):
    """Where a point is in the picture."""
    return f"{SIZE * point[0]:.1f}", f"{SIZE * (1 - point[1]):.1f}"


def dot(point, radius, colour, title=""):
    """A point, with a name if it has one."""
    x, y = at(point)
    label = f'<text x="{float(x) + 8:.1f}" y="{float(y) + 14:.1f}">{title}</text>' if title else ""
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>{label}'


def line(a, b, colour, extra=""):
    """A line between points."""
    (x1, y1), (x2, y2) = at(a), at(b)
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" {extra}/>'


def regions():
    """What the model says of each place."""
    x = np.linspace(0, 1, 85)
    y = 0.62 + 0.13 * np.sin(7 * x + 0.4)
    border = " ".join(",".join(at(point)) for point in zip(x, y, strict=True))
    return [
        f'<polygon points="{border} {SIZE},0 0,0" fill="#fbe3d6"/>',
        f'<polyline points="{border}" fill="none" stroke="#c55a11" stroke-width="2"/>',
    ]


def decision():
    """Everything that CGBA asks about one sample."""
    model, sample = Bend(), np.array([[0.62, 0.3]])
    attempts = ATTACKS["cgba"].load()(model, sample, np.array([0]), space=Box(), queries=150, seed=4, starts=np.array([[0.08, 0.95]]))
    asked = np.concatenate(model.asked)
    colours = np.where(model.height(asked) > 0, "#c55a11", "#5b7fb5")
    body = regions() + [dot(point, 2.2, colour) for point, colour in zip(asked, colours, strict=True)]
    body += [line(sample[0], [0.08, 0.95], "#999", 'stroke-dasharray="4 4"'), line(sample[0], attempts.points[0], "#111", 'stroke-width="2"')]
    body += [dot(sample[0], 5, "#111", "sample"), dot([0.08, 0.95], 4, "#c55a11", "start"), dot(attempts.points[0], 5, "#d00", "nearest evasion")]
    svg("decision.svg", SIZE, SIZE, body)


def gradient():
    """The way of PGD within a ball."""
    model, sample, reach = Bend(), np.array([[0.55, 0.38]]), 0.2
    attempts = ATTACKS["pgd"].load()(
        model, sample, np.array([0]), space=Box(), norm=Norm.L2, epsilon=reach, queries=60, seed=0, iterations=12, loss=Loss.MARGIN
    )
    path = np.concatenate(model.asked)
    x, y = at(sample[0])
    body = [*regions(), f'<circle cx="{x}" cy="{y}" r="{SIZE * reach}" fill="none" stroke="#555" stroke-dasharray="4 4"/>']
    body += [line(a, b, "#111", 'stroke-width="1.5"') for a, b in pairwise(path)] + [dot(point, 3, "#111") for point in path]
    body += [dot(sample[0], 5, "#111", "sample"), dot(attempts.points[0], 5, "#d00", "evasion")]
    svg("gradient.svg", SIZE, SIZE, body)


def image(values, left, title, colour):
    """Eight by eight cells."""
    cells = [
        f'<rect x="{left + 18 * column}" y="{24 + 18 * row}" width="18" height="18" fill="{colour(values[row, column])}"/>'
        for row in range(8)
        for column in range(8)
    ]
    return [f'<text x="{left}" y="16">{title}</text>', *cells]


def score():
    """A digit before and after Square."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    from aisecops.oracles.opening import oracle_of

    inputs, labels = load_digits(return_X_y=True)
    inputs = inputs / 16
    model = LogisticRegression(max_iter=1000).fit(inputs[:1000], labels[:1000])
    oracle = oracle_of(model, shape=(64,))
    images = inputs[1003:1004].reshape(-1, 8, 8)
    attempts = ATTACKS["square"].load()(oracle, images, labels[1003:1004], space=Box(), epsilon=0.25, queries=1000, seed=0)
    before, after = (int(model.predict(shown.reshape(1, -1))[0]) for shown in (images, attempts.points))
    grey = lambda value: f"rgb({255 - 255 * value:.0f},{255 - 255 * value:.0f},{255 - 255 * value:.0f})"  # noqa: E731
    signed = lambda value: f"rgb({255 - max(0, -value) * 800:.0f},{255 - abs(value) * 800:.0f},{255 - max(0, value) * 800:.0f})"  # noqa: E731
    body = image(images[0], 10, f"the model says {before}", grey) + image(attempts.points[0] - images[0], 180, "change", signed)
    svg("score.svg", 510, 180, body + image(attempts.points[0], 350, f"the model says {after}", grey))


if __name__ == "__main__":
    decision()
    gradient()
    score()
