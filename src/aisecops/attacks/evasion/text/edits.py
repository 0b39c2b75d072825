"""Edits of a text: what was replaced, by which kind of trick, at what price, and how much of that is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from aisecops.core.errors import UserError


class Family(StrEnum):
    """The kinds of edits.

    ``homoglyph``: letters of another script that look the same. ``invisible``: characters without width inside a word. ``swap``, ``delete``, ``insert``,
    ``keyboard``: typing errors (two letters changed places, one left out, one doubled, a neighbouring key). ``split``, ``join``: a space within a word, or none
    between two. ``leet``: digits and signs for letters. ``good-word``: a word that is common in messages of another class, put at the end.
    """

    HOMOGLYPH = "homoglyph"
    INVISIBLE = "invisible"
    SWAP = "swap"
    DELETE = "delete"
    INSERT = "insert"
    KEYBOARD = "keyboard"
    SPLIT = "split"
    JOIN = "join"
    LEET = "leet"
    GOOD_WORD = "good-word"


TYPOS = frozenset({Family.SWAP, Family.DELETE, Family.INSERT, Family.KEYBOARD})
SPACING = frozenset({Family.SPLIT, Family.JOIN})
UNSEEN = frozenset({Family.HOMOGLYPH, Family.INVISIBLE})
"""What a reader does not see; all other edits are visible."""
ALL_FAMILIES = frozenset(Family)
PRICES: Mapping[Family, float] = {family: 0.5 if family in UNSEEN else 1.0 for family in Family}
"""What an edit costs unless the caller says otherwise: a visible one 1, an unseen one half."""


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """``text[start:end]``, which is ``before``, became ``after``; ``price`` is its cost."""

    start: int
    end: int
    before: str
    after: str
    family: Family
    price: float = 1.0

    @property
    def visible(self) -> bool:
        """Whether a reader can see it."""
        return self.family not in UNSEEN

    @property
    def characters(self) -> int:
        """How many characters are replaced, left out or put in, at most: the longer side without what both begin and end with."""
        before, after = trimmed(self.before, self.after)
        return max(len(before), len(after))


def trimmed(before: str, after: str) -> tuple[str, str]:
    """Return both without their common beginning and end."""
    shorter = min(len(before), len(after))
    start = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    shorter -= start
    end = next((i for i in range(shorter) if before[-1 - i] != after[-1 - i]), shorter)
    return before[start : len(before) - end], after[start : len(after) - end]


def rewritten(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with ``edits`` carried out; they must not overlap, and may come in any order (insertions at one place are made in the order given).

    Raises
    ------
    ValueError
        If two overlap, or one does not find its ``before``.
    """
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position or text[edit.start : edit.end] != edit.before:
            raise ValueError(f"the edit at {edit.start} overlaps another or belongs to another text")
        pieces += (text[position : edit.start], edit.after)
        position = edit.end
    return "".join((*pieces, text[position:]))


def marked(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with each edit as ``[before|after]``, characters outside ASCII of an unseen one by their code: for people to read, in a report.

    It is hostile text still: make it inert before it is shown.
    """
    shown = [
        Edit(start=edit.start, end=edit.end, before=edit.before, after=f"[{edit.before}|{_told(edit)}]", family=edit.family, price=edit.price)
        for edit in edits
    ]
    return rewritten(text, shown)


def _told(edit: Edit) -> str:
    return edit.after if edit.visible else "".join(letter if letter.isascii() else f"<U+{ord(letter):04X}>" for letter in edit.after)


class EditBudget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most that may be edited in one text; None is no limit, and every limit holds by itself.

    Parameters
    ----------
    count
        Edits.
    words
        Share of the words that are edited, 0 to 1, rounded down; words put in count, a space left out counts as one.
    characters
        Share of the characters that are replaced, left out or put in, 0 to 1 (more than 1 with many insertions).
    letters
        The same as a number: an upper bound of the edit distance.
    price
        The sum of the edits' prices.
    """

    count: int | None = None
    words: float | None = None
    characters: float | None = None
    letters: int | None = None
    price: float | None = None

    def __post_init__(self) -> None:
        for name in ("count", "words", "characters", "letters", "price"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise UserError(f"a budget of edits cannot be {value}", where=name, fix="give a number from 0 on, or leave it out")

    def allows(self, edits: int, characters: int, price: float, *, words: int, length: int) -> bool:
        """Whether so many edits of so many characters at this price are within it, for a text of ``words`` words and ``length`` characters."""
        return (
            (self.count is None or edits <= self.count)
            and (self.words is None or edits <= int(self.words * words + 1e-9))
            and (self.characters is None or characters <= self.characters * length + 1e-9)
            and (self.letters is None or characters <= self.letters)
            and (self.price is None or price <= self.price + 1e-9)
        )
