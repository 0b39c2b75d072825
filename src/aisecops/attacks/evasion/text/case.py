"""One text under attack: what can be done to it, in which order, and the best evasion so far."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import TypeAlias

import msgspec

from aisecops.attacks.evasion.text.edits import Edit, EditBudget, rewritten
from aisecops.attacks.evasion.text.places import Place, word_count

Script: TypeAlias = Generator[list[str], list[float], None]
"""What is done for one text, as if it were alone: it yields texts to ask about and is sent their margins (NaN: not asked, the text's limit is reached).

The scripts of all texts run side by side, and what they yield in one round is one call (``search``)."""


class Move(msgspec.Struct, frozen=True):
    """An edit and how much it should lower the margin: what it did to the word alone, or within the text once that was asked."""

    edit: Edit
    gain: float

    @property
    def worth(self) -> float:
        """The gain for the price; what helps the defender is worth no less for being cheap."""
        return self.gain / self.edit.price if self.gain > 0 and self.edit.price > 0 else self.gain


class Case:
    """A text, its places, the moves at each (the strongest first), and what was learned about it."""

    def __init__(self, text: str, places: Sequence[Place], budget: EditBudget) -> None:
        self.text, self.places, self._budget = text, places, budget
        self._words = word_count(text)
        self.moves: dict[tuple[int, int], list[Move]] = {}
        self.plan: tuple[Move, ...] = ()
        self.best: tuple[Edit, ...] | None = None
        self.price = float("inf")
        self.clean = self.reached = float("nan")

    def word(self, place: Place) -> str:
        """What stands there."""
        return self.text[place.start : place.end]

    def after(self, moves: Iterable[Move]) -> str:
        """The text after these moves."""
        return rewritten(self.text, edits_of(moves))

    def offer(self, moves: Iterable[Move]) -> None:
        """Add moves, and sort those of each place: the strongest first, of equal ones the cheapest."""
        for move in moves:
            self.moves.setdefault((move.edit.start, move.edit.end), []).append(move)
        for row in self.moves.values():
            row.sort(key=lambda move: (-move.gain, move.edit.price))

    def within(self, moves: Iterable[Move]) -> tuple[Move, ...]:
        """The moves in their order, without those that would exceed the budget."""
        taken: list[Move] = []
        characters, price = 0, 0.0
        for move in moves:
            more = (characters + move.edit.characters, price + move.edit.price)
            if self._budget.allows(len(taken) + 1, *more, words=self._words, length=len(self.text)):
                taken.append(move)
                characters, price = more
        return tuple(taken)

    def planned(self, *, frugal: bool) -> tuple[Move, ...]:
        """The strongest move of each place, as far as the budget goes: the best value first if ``frugal``, else the strongest; none that helps the defender."""
        strongest = [row[0] for row in self.moves.values() if row[0].gain >= 0]
        return self.within(_spread(sorted(strongest, key=lambda move: (-(move.worth if frugal else move.gain), move.edit.start))))

    def evaded(self, edits: Sequence[Edit]) -> None:
        """Keep these edits if nothing cheaper is known to evade; of two at one price those that are fewer."""
        price = sum(edit.price for edit in edits)
        if self.best is None or (price, len(edits)) < (self.price, len(self.best)):
            self.best, self.price = tuple(edits), price


def edits_of(moves: Iterable[Move]) -> tuple[Edit, ...]:
    """Return the moves' edits."""
    return tuple(move.edit for move in moves)


def _spread(moves: Iterable[Move]) -> list[Move]:
    """The moves with those at the end that touch a word which one before them touches: to join two words and to misspell one of them is paid twice."""
    touched: set[int] = set()
    first: list[Move] = []
    again: list[Move] = []
    for move in moves:
        borders = {move.edit.start, move.edit.end} if move.edit.before else set()
        (again if borders & touched else first).append(move)
        touched |= borders
    return first + again
