"""Adversarial patches: a small square, as a sticker would be, whose place and content are searched for by the model's answers alone."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.images.attempts import ImageAttempts, Weakest
from aisecops.attacks.evasion.images.pixels import Pixels, pixels
from aisecops.attacks.evasion.rounds import checked
from aisecops.core.errors import UserError
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle


def paste(images: Floats, content: Floats, top: Integers, left: Integers) -> Floats:
    """Return the images with ``content`` (n, channels, size, size; or n, size, size) over the square whose corner is at ``top``, ``left`` (n)."""
    made = np.array(images, dtype=np.float64)
    layered, sticker = made.reshape(len(made), -1, *made.shape[-2:]), np.asarray(content).reshape(len(made), -1, *content.shape[-2:])
    size = np.arange(sticker.shape[2])
    rows, columns = np.asarray(top)[:, None] + size, np.asarray(left)[:, None] + size
    number = np.arange(len(made))[:, None, None, None]
    layered[number, np.arange(layered.shape[1])[:, None, None], rows[:, None, :, None], columns[:, None, None, :]] = sticker
    return made


def place_patch(
    oracle: Oracle,
    images: Floats,
    y: Integers,
    *,
    share: float = 0.1,
    queries: int = 300,
    grid: int = 4,
    low: float = 0.0,
    high: float = 1.0,
    seed: int = 0,
) -> ImageAttempts:
    """Look for a square of ``share`` of each image that fools the model wherever it is put, all images in one call a round.

    First plain and patterned squares are tried at ``grid`` x ``grid`` places. With scores, the best of these is then improved by random changes, as Square
    Attack does it: a part of the patch gets another colour, or the patch moves; what lowers the margin stays. With labels alone, places and patterns are drawn
    at random.

    Parameters
    ----------
    oracle
        Labels are enough.
    images, y
        Shape (n, height, width) or (n, channels, height, width), and their labels.
    share
        Of the image's area, above 0, at most 1.
    queries
        The most queries an image.
    grid
        Places each way that are tried first.
    low, high
        The least and the greatest value of a pixel.
    seed
        Draws colours and places.

    Returns
    -------
    ImageAttempts
        ``distance`` is the share of the area that the patch covers, for all alike.

    References
    ----------
    Croce, F., Andriushchenko, M., Singh, N. D., Flammarion, N. and Hein, M. (2022). Sparse-RS. AAAI: patches by random search on scores.
    """
    samples, labels, _ = checked(images, y, None, classes=len(oracle.classes))
    x = pixels(samples, low, high)
    if not 0 < share <= 1 or queries < 1 or grid < 1:
        raise UserError("a patch covers a share above 0 and at most 1, with at least one query and one place", fix="mend share, queries, grid")
    search = _Patches(oracle, samples, labels, x, share, queries, (low, high), np.random.default_rng(seed))
    try:
        search.clean()
        search.places(grid)
        search.improve()
    except BudgetSpent as spent:
        search.weakest.stop(spent)
    return search.weakest.attempts()


class _Patches:
    """For each image the best patch so far: its corner, its content (0 to 1), and the margin of the true class with it."""

    def __init__(
        self,
        oracle: Oracle,
        samples: Floats,
        y: Integers,
        x: Pixels,
        share: float,
        queries: int,
        bounds: tuple[float, float],
        rng: np.random.Generator,
    ) -> None:
        self.weakest = Weakest(oracle, samples, y, queries)
        self._scored = Capability.SCORES in oracle.capabilities
        self._samples, self._x, self._bounds, self._rng, self._queries = samples, x, bounds, rng, queries
        n, channels, height, width = x.shape
        self._size = min(max(round((share * height * width) ** 0.5), 1), height, width)
        self._covered = self._size**2 / (height * width)
        self._corner = np.zeros((n, 2), dtype=np.int64)
        self._content = np.zeros((n, channels, self._size, self._size), dtype=np.float32)
        self._margin = np.full(n, np.inf)

    def clean(self) -> None:
        """Ask about the images as they are."""
        rows = self.weakest.live
        ask = self.weakest.margins if self._scored else self.weakest.offer
        ask(rows, self._samples[rows], np.zeros(len(rows)), [""] * len(rows))

    def places(self, grid: int) -> None:
        """Try a black, a white and a striped square at places all over the image, one pattern a call."""
        down, across = (np.unique(np.linspace(0, side - self._size, grid).round().astype(int)) for side in self._x.shape[2:])
        corners = np.array([(i, j) for i in down for j in across])
        for pattern in self._patterns():
            rows = self.weakest.live
            left = self._queries - int(self.weakest.queries.max(initial=0))
            if not len(rows) or left < 1:
                return
            tried = corners[:left]
            everyone = np.tile(rows, len(tried))
            self._try(everyone, np.repeat(tried, len(rows), axis=0), np.broadcast_to(pattern, (len(everyone), *pattern.shape)))

    def improve(self) -> None:
        """Change the patch of each image that stands, one change a call, until the queries are spent."""
        while len(rows := self.weakest.live):
            corner, content = self._corner[rows].copy(), self._content[rows].copy()
            move = self._rng.random(len(rows)) < (0.2 if self._scored else 1.0)
            reach = np.array(self._x.shape[2:]) - self._size
            corner[move] = self._rng.integers(0, reach + 1, size=(int(move.sum()), 2))
            self._repaint(content, np.flatnonzero(~move) if self._scored else np.arange(len(rows)))
            self._try(rows, corner, content)

    def _patterns(self) -> list[Pixels]:
        stripes = np.broadcast_to((np.arange(self._size) // max(self._size // 4, 1)) % 2, self._content.shape[1:])
        return [np.zeros_like(self._content[0]), np.ones_like(self._content[0]), stripes.astype(np.float32)]

    def _repaint(self, content: Pixels, which: Integers) -> None:
        """Give a random part of the patches one colour each, every channel black or white; the part shrinks while the queries go."""
        spent = float(self.weakest.queries.max(initial=0)) / self._queries
        part = max(round(self._size * (1 - spent) * 0.6), 1)
        for at in which.tolist():
            i, j = self._rng.integers(0, self._size - part + 1, size=2).tolist()
            content[at, :, i : i + part, j : j + part] = self._rng.integers(0, 2, size=(content.shape[1], 1, 1))

    def _try(self, rows: Integers, corners: Integers, content: Pixels) -> None:
        """Ask about one patch for each of ``rows`` (an image may come several times), and keep what lowers the margin of its image."""
        low, high = self._bounds
        made = paste(self._samples[rows], low + (high - low) * content.astype(np.float64), corners[:, 0], corners[:, 1])
        strength = np.full(len(rows), self._covered)
        said = [f"a patch of {self._size} x {self._size} pixels at row {i}, column {j}" for i, j in corners.tolist()]
        if not self._scored:
            self.weakest.offer(rows, made, strength, said)
            self._content[rows] = content
            return
        margins = self.weakest.margins(rows, made, strength, said)
        for at in np.argsort(-margins, kind="stable").tolist():
            if margins[at] <= self._margin[rows[at]]:
                self._margin[rows[at]], self._corner[rows[at]], self._content[rows[at]] = margins[at], corners[at], content[at]
