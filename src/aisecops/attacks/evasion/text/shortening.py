"""Fewer edits: the shortest beginning of a plan that evades, then edits taken back that are not needed."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from aisecops.attacks.evasion.text.case import Case, Script, edits_of
from aisecops.attacks.evasion.text.edits import Edit, rewritten

_ROUNDS = 2


def shorten(case: Case, scored: bool, rounds: int = _ROUNDS) -> Script:
    """Ask about the whole plan; where it evades, bracket the shortest beginning that does. ``case.reached`` is then the margin of the whole."""
    (case.reached,) = yield [case.after(case.plan)]
    if not case.reached < 0:
        return
    case.evaded(edits_of(case.plan))
    bracket = _Bracket(case)
    for _ in range(rounds):
        lengths = bracket.guesses(scored)
        if not lengths:
            return
        margins = yield [case.after(case.plan[:length]) for length in lengths]
        for length, margin in zip(lengths, margins, strict=True):
            bracket.learn(length, margin)


class _Bracket:
    """The longest beginning known not to evade (the empty one at first) and the shortest known to."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._low, self._high = 0, len(case.plan)
        self._margins = {0: case.clean, len(case.plan): case.reached}
        self._promised = list(accumulate((max(move.gain, 1e-9) for move in case.plan), initial=0.0))

    def guesses(self, scored: bool) -> list[int]:
        """Lengths to ask about: where the promised gains, scaled to what both ends showed, cross zero, and those beside; with labels alone quarters."""
        low, high = self._low, self._high
        if high - low < 2:
            return []
        if not scored:
            return sorted({min(max(low + (high - low) * part // 4, low + 1), high - 1) for part in (1, 2, 3)})
        above, below = self._margins[low], self._margins[high]
        crossing = self._promised[low] + (self._promised[high] - self._promised[low]) * above / (above - below)
        guess = min(max(bisect_left(self._promised, crossing, low, high), low + 1), high - 1)
        return sorted({max(guess - 1, low + 1), guess, min(guess + 1, high - 1)})

    def learn(self, length: int, margin: float) -> None:
        """Narrow the bracket; an unanswered question closes it."""
        self._margins[length] = margin
        if margin < 0:
            self._case.evaded(edits_of(self._case.plan[:length]))
            self._high = min(self._high, length)
        elif margin >= 0:
            self._low = max(self._low, length)
        else:
            self._low = self._high


def take_back(case: Case, rounds: int) -> Script:
    """Ask what the evasion is without each of its edits; then take back together those that are needed least, as many as can be: two calls a round."""
    for _ in range(rounds):
        made = case.best or ()
        if len(made) < 2:
            return
        rests = [tuple(other for other in made if other is not edit) for edit in made]
        margins = yield [rewritten(case.text, rest) for rest in rests]
        needless = sorted((-edit.price, margin, at) for at, (edit, margin) in enumerate(zip(made, margins, strict=True)) if margin < 0)
        for _, _, at in needless:
            case.evaded(rests[at])
        if len(needless) < 2:
            return
        yield from _drop(case, made, [made[at] for _, _, at in needless])


def _drop(case: Case, made: tuple[Edit, ...], needless: list[Edit]) -> Script:
    numbers = sorted({2, len(needless) // 2, len(needless)} - {0, 1})
    rests = [tuple(edit for edit in made if edit not in needless[:number]) for number in numbers]
    margins = yield [rewritten(case.text, rest) for rest in rests]
    for rest, margin in zip(rests, margins, strict=True):
        if margin < 0:
            case.evaded(rest)
