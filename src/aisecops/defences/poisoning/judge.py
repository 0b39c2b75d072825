"""Who is asked what rows look like that nothing has been shown of: neighbours and trees on pixels, or a rule on ``pieces`` where that knows other rows far better.

Pixels know next to nothing of what stands elsewhere in another colour, and of pictures of few colours: then an honest pixel that says something of its class knows
more than all that is asked of it, and would pass for a sign.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from aisecops.defences.poisoning import content
from aisecops.defences.poisoning.pieces import Pieces
from aisecops.defences.poisoning.pieces import unseen as unseen_by_pieces
from aisecops.defences.poisoning.posterior import RANGE
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_FEWEST_PIXELS = 6
"""A side: smaller pictures have no pieces."""
_FAR_BETTER = 0.25
"""In the mean logarithm of the probability of the right label: pictures where pixels know something are .2 apart (digits), others .33 to 1.8."""
_POWERS = (0.25, 0.4, 0.6, 0.8, 1.0)
_SIDE, _KNOWN, _ASKED = 16, 3000, 300


class Judge:
    """Pictures (n, height, width) or (n, height, width, channels) with their labels ``y``, and what content says of some of them that were not shown.

    ``has_pieces``: whether they are large enough for pieces.
    """

    def __init__(self, images: Floats, y: Integers, classes: int, *, seed: int = 0) -> None:
        self._images, self._y, self._classes, self._seed = images, y, classes, seed
        step = max(1, min(images.shape[1:3]) // _SIDE)
        self._thin = images[:, step // 2 :: step, step // 2 :: step]
        self.has_pieces = min(images.shape[1:3]) >= _FEWEST_PIXELS

    @cached_property
    def by_pieces(self) -> bool:
        """Whether pieces are asked: an odd kind of a class ("1" with a foot, in digits of which some have a wrong label) looked to them like half of the others."""
        if not self.has_pieces:
            return False
        some = self._shuffled[: _KNOWN + _ASKED]
        asked = np.arange(len(some)) < _to_ask(len(some))
        labels = self._y[some[asked]]
        views = (self._of_pixels(some, asked), self._of_pieces(some, asked))
        pixels, pieces = (float(np.log(np.clip(seen[np.arange(len(labels)), labels], *RANGE)).mean()) for seen in views)
        return pieces > pixels + _FAR_BETTER

    def beside(self, held: Flags) -> tuple[Integers, Flags]:
        """Return ``some`` rows and which of them are ``asked`` about, as ``unshown`` wants them: those ``held``, and others, a part of which to compare them with."""
        rest = self._shuffled[~held[self._shuffled]][: _KNOWN + _ASKED]
        some = np.sort(np.concatenate([np.flatnonzero(held), rest]))
        return some, held[some] | np.isin(some, rest[: _to_ask(len(rest))])

    def unshown(self, some: Integers, asked: Flags) -> Floats:
        """Return what those of ``some`` rows that are ``asked`` about look like to who has seen the labels of the others only, shape (asked, classes)."""
        return self._of_pieces(some, asked) if self.by_pieces else self._of_pixels(some, asked)

    def unseen(self, held: Flags) -> Floats:
        """Return what the rows ``held`` look like to who has seen the labels of others only, shape (held, classes), no surer than the labels of those others allow."""
        some, asked = self.beside(held)
        seen, mine = self.unshown(some, asked), held[some[asked]]
        power = content.power(seen[~mine], self._y[some[asked]][~mine], _POWERS)
        return content.sharpened(seen[mine], power)

    def answers(self) -> Floats:
        """Return what all pictures answer to pieces, scaled, shape (n, answers)."""
        return content.scaled(self._pieces.answers(np.arange(len(self._y))))

    @cached_property
    def _shuffled(self) -> Integers:
        """The same order for all questions: answers of pieces are kept."""
        return np.random.default_rng(self._seed).permutation(len(self._y))

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces(self._images, seed=self._seed)

    def _of_pixels(self, some: Integers, asked: Flags) -> Floats:
        x = self._thin[some].reshape(len(some), -1)
        return content.unseen((x - x.mean()) / (x.std() or 1.0), self._y[some], self._classes, asked, (), seed=self._seed)

    def _of_pieces(self, some: Integers, asked: Flags) -> Floats:
        return unseen_by_pieces(self._pieces.answers(some), self._y[some], self._classes, asked)


def _to_ask(rows: int) -> int:
    """Return about how many of ``rows`` are asked about: a fifth, but enough to tell, and never so many that fewer are left to learn from."""
    return min(max(_ASKED, rows // 5), rows // 2)
