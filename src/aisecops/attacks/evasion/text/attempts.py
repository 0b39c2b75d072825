"""What an attack on texts returns."""

from __future__ import annotations

import msgspec

from aisecops.attacks.evasion.text.edits import Edit
from aisecops.oracles.oracle import Flags, Floats, Integers


class TextAttempts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of n texts: the text counterpart of ``Attempts``.

    Parameters
    ----------
    texts
        The best evasion of each text; the text itself where none was found.
    found
        Whether the model itself answered otherwise for exactly this text, shape (n,). A text that it gets wrong as it is counts, with no edits.
    edits
        What was changed in each, in the order of the places; ``rewritten(original, edits)`` is exactly ``texts``. Empty where none was found.
    price
        The sum of the edits' prices, shape (n,); infinite where none was found: a failed attack is censored, not robust.
    queries
        Texts asked about on behalf of each text, shape (n,); their sum is what the oracle counted. A question that serves several texts is booked on the first.
    calls
        Batches asked.
    curve
        (number of edits, share of all n texts evaded with at most so many), rising in both.
    stopped
        Why the attack ended before its own end (budget, time); empty: it did not.
    """

    texts: tuple[str, ...]
    found: Flags
    edits: tuple[tuple[Edit, ...], ...]
    price: Floats
    queries: Integers
    calls: int
    curve: tuple[tuple[int, float], ...] = ()
    stopped: str = ""

    @property
    def visible(self) -> int:
        """How many of all edits a reader can see."""
        return sum(edit.visible for edits in self.edits for edit in edits)

    @property
    def unseen(self) -> int:
        """How many of all edits a reader does not see."""
        return sum(not edit.visible for edits in self.edits for edit in edits)


def curve_of(found: Flags, edits: tuple[tuple[Edit, ...], ...]) -> tuple[tuple[int, float], ...]:
    """Return the share of texts evaded with at most 0, 1, 2, ... edits, at the numbers where it rises."""
    counts = sorted(len(made) for made, evaded in zip(edits, found, strict=True) if evaded)
    rising = {count: (index + 1) / len(found) for index, count in enumerate(counts)}
    return tuple(rising.items())
