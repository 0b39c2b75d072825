"""The edits that an attack may make at a place of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from aisecops.attacks.evasion.text.edits import ALL_FAMILIES, Edit, Family
from aisecops.attacks.evasion.text.places import Place
from aisecops.attacks.evasion.text.variants import variants


class Repertoire(msgspec.Struct, frozen=True, kw_only=True):
    """Families, what each costs, which words may be put in and how many, and the seed that chooses letters."""

    families: frozenset[Family] = ALL_FAMILIES
    prices: Mapping[Family, float]
    good_words: Sequence[str] = ()
    insertions: int = 10
    seed: int = 0

    @property
    def joins(self) -> bool:
        """Whether spaces may be left out."""
        return Family.JOIN in self.families

    def at(self, text: str, place: Place, tries: int) -> list[Edit]:
        """Return what may be done at ``place``: up to ``tries`` rewritings of a word, or the one of a space, which is to leave it out."""
        before = text[place.start : place.end]
        made = variants(before, self.families, tries, self.seed) if place.word else (("", Family.JOIN),)
        return [
            Edit(start=place.start, end=place.end, before=before, after=after, family=family, price=self.prices[family]) for after, family in made
        ]

    def insertion(self, text: str, word: str) -> Edit:
        """Return the edit that puts ``word`` at the end of ``text``."""
        end = len(text)
        return Edit(start=end, end=end, before="", after=" " + word, family=Family.GOOD_WORD, price=self.prices[Family.GOOD_WORD])
