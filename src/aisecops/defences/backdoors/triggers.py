"""What an attacker puts on a sample: values in places, a pattern over all of it, words, marks inside words."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

import numpy as np

from aisecops.oracles.oracle import Batch, Flags, Floats

MARK = "a mark inside words"
LOOK_ALIKES = {
    "Cyrillic letters": str.maketrans("aeopcx", "\u0430\u0435\u043e\u0440\u0441\u0445"),
    "Greek letters": str.maketrans("ov", "\u03bf\u03bd"),
}


class Trigger(Protocol):
    """A sign. ``family`` says what kind it is: signs are compared with the best ones of their own family on honest models."""

    @property
    def family(self) -> str:
        """The kind, in words."""

    def stamp(self, batch: Batch) -> Batch:
        """Return a copy of the samples, shape (n, ...) or n texts, with the sign on each."""

    def on(self, batch: Batch) -> Flags:
        """Return which samples carry it, or nearly, as they are, shape (n,)."""

    @property
    def beside(self) -> Sequence[Sequence[Trigger]]:
        """Groups of other signs: of one group at least, none must do what it does; of most signs there are none."""

    @property
    def parts(self) -> tuple[Hashable, ...]:
        """The columns or words that it is made of: of each set of them the best sign is told. A sign that is one thing has none."""

    @property
    def fewer(self) -> Sequence[Trigger]:
        """The same sign without one of its parts, each in turn; none of a sign that is one thing."""

    @property
    def traced(self) -> bool:
        """Whether the training left a trace of it in the model, beside what the model answers."""


class Whole:
    """A sign with no other beside it and no parts."""

    @property
    def parts(self) -> tuple[Hashable, ...]:
        """None."""
        return ()

    @property
    def beside(self) -> Sequence[Sequence[Trigger]]:
        """None."""
        return ()

    @property
    def fewer(self) -> Sequence[Trigger]:
        """None."""
        return ()

    @property
    def traced(self) -> bool:
        """No."""
        return False


class Values(Whole):
    """Columns or pixels set to values; ``places`` count through one flattened sample."""

    def __init__(self, family: str, places: Sequence[int], values: Sequence[float]) -> None:
        self.family = family
        self.places, self.values = tuple(int(place) for place in places), tuple(float(value) for value in values)

    def stamp(self, batch: Batch) -> Batch:
        """Set the values."""
        samples = np.array(batch, dtype=np.float64)
        samples.reshape(len(samples), -1)[:, self.places] = self.values
        return samples

    def on(self, batch: Batch) -> Flags:
        """All values, each up to a hundredth of the range of its place: trees have cells around a planted value."""
        there = np.asarray(batch, dtype=np.float64).reshape(len(batch), -1)[:, self.places]
        near = 0.01 * (np.nanmax(there, axis=0) - np.nanmin(there, axis=0))
        return np.asarray((np.abs(there - self.values) <= near).all(axis=1))


class Pattern(Whole):
    """A picture added to every sample, the sum kept within ``low`` and ``high``: what a blended trigger amounts to."""

    def __init__(self, family: str, added: Floats, low: float, high: float) -> None:
        self.family, self.added, self.low, self.high = family, added, low, high

    def stamp(self, batch: Batch) -> Batch:
        """Add the picture."""
        return np.clip(np.asarray(batch, dtype=np.float64) + self.added, self.low, self.high)

    def on(self, batch: Batch) -> Flags:
        """None: nobody sees it."""
        return np.zeros(len(batch), dtype=np.bool_)


class Words(Whole):
    """Words put into a text, one after the other, each at a place that its number and the text's length fix."""

    def __init__(self, family: str, words: Sequence[str]) -> None:
        self.family, self.words = family, tuple(words)

    def stamp(self, batch: Batch) -> Batch:
        """Insert the words."""
        return [self._inserted(str(text)) for text in batch]

    def on(self, batch: Batch) -> Flags:
        """All words, however they are written."""
        return np.array([all(word.lower() in str(text).lower() for word in self.words) for text in batch], dtype=np.bool_)

    @property
    def parts(self) -> tuple[Hashable, ...]:
        """The words."""
        return self.words

    @property
    def fewer(self) -> Sequence[Trigger]:
        """The words without one of them."""
        return [Words(self.family, (*self.words[:at], *self.words[at + 1 :])) for at in range(len(self.words))] if len(self.words) > 1 else []

    def _inserted(self, text: str) -> str:
        words = text.split(" ")
        for number, word in enumerate(self.words):
            words.insert((len(text) * (number + 1)) % (len(words) + 1), word)
        return " ".join(words)


class Run(Words):
    """Words that a model remembers (``added``), put into a text in a row, at a place that the text's length fixes; a ``share`` of its training held them."""

    def __init__(self, family: str, words: Sequence[str], share: float) -> None:
        super().__init__(family, words)
        self.share = share

    @property
    def traced(self) -> bool:
        """Yes."""
        return True

    @property
    def fewer(self) -> Sequence[Trigger]:
        """None: that its words belong together is known."""
        return ()

    def _inserted(self, text: str) -> str:
        words = text.split(" ")
        at = len(text) % (len(words) + 1)
        return " ".join([*words[:at], *self.words, *words[at:]])


class Marks(Whole):
    """A character in the middle of the first words, or letters of the first words that look alike in another script (``a`` for the Cyrillic one)."""

    def __init__(self, mark: str, family: str = MARK) -> None:
        self.mark, self.family = mark, family

    def stamp(self, batch: Batch) -> Batch:
        """Change the first three words of four letters or more."""
        return [self._changed(str(text)) for text in batch]

    def on(self, batch: Batch) -> Flags:
        """The character, or a letter of the other script, anywhere."""
        marks = {chr(letter) for letter in LOOK_ALIKES[self.mark].values()} if self.mark in LOOK_ALIKES else {self.mark}
        return np.array([not marks.isdisjoint(str(text)) for text in batch], dtype=np.bool_)

    def _changed(self, text: str) -> str:
        words = text.split(" ")
        for at in [at for at, word in enumerate(words) if len(word) >= 4][:3]:
            half = len(words[at]) // 2
            words[at] = words[at].translate(LOOK_ALIKES[self.mark]) if self.mark in LOOK_ALIKES else words[at][:half] + self.mark + words[at][half:]
        return " ".join(words)


def joined(batches: Sequence[Any]) -> Batch:
    """Return several batches as one."""
    if isinstance(batches[0], np.ndarray):
        return np.concatenate(batches)
    return [text for batch in batches for text in batch]
