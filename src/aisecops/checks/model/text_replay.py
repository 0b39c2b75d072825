"""Texts that fooled a model before, asked about again on its next version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aisecops.attacks.evasion.text import PRICES, Edit, Family, TextAttempts, rewritten
from aisecops.attacks.evasion.text.attempts import curve_of
from aisecops.core.decoding import UNDECODABLE

if TYPE_CHECKING:
    from aisecops.oracles.oracle import Integers, Oracle

Written = tuple[int, int, str, str, Family]
"""An edit as it is kept: start, end, before, after, family."""


class KeptText(msgspec.Struct, frozen=True, kw_only=True):
    """A text of the test set and the edits by which the model took it for another class, of at most the share ``words`` of its words."""

    row: int
    label: str
    before: str
    after: str
    edits: tuple[Written, ...]
    words: float


def kept_text(row: int, label: str, before: str, after: str, edits: Sequence[Edit], words: float) -> KeptText:
    """Return the evasion as it is kept."""
    written = tuple((edit.start, edit.end, edit.before, edit.after, edit.family) for edit in edits)
    return KeptText(row=row, label=label, before=before, after=after, edits=written, words=words)


def replayed(oracle: Oracle, texts: Sequence[str], y: Integers, path: str, words: float) -> TextAttempts:
    """Ask again about what is kept at ``path`` for those of ``texts`` that are the same, as far as it was within the share ``words``; one call.

    A file that cannot be read replays nothing.
    """
    made = [known.get(text, ()) for known in [_kept(path, words)] for text in texts]
    tried = tuple(rewritten(text, edits) for text, edits in zip(texts, made, strict=True))
    places = [place for place, edits in enumerate(made) if edits]
    found = np.zeros(len(texts), dtype=bool)
    if places:
        found[places] = oracle.labels([tried[place] for place in places]) != y[places]
    edits = tuple(one if evaded else () for one, evaded in zip(made, found, strict=True))
    return TextAttempts(
        texts=tuple(after if evaded else text for text, after, evaded in zip(texts, tried, found, strict=True)),
        found=found,
        edits=edits,
        price=np.array([sum(edit.price for edit in one) if evaded else np.inf for one, evaded in zip(edits, found, strict=True)]),
        queries=np.array([bool(one) for one in made], dtype=np.int64),
        calls=int(bool(places)),
    )


def joined(first: TextAttempts, second: TextAttempts) -> TextAttempts:
    """Return what both came to: ``second`` tried, in their order, the texts that ``first`` left."""
    places = iter(range(len(second.texts)))
    which = [None if evaded else next(places) for evaded in first.found]
    found = np.array([evaded or second.found[place] for evaded, place in zip(first.found, which, strict=True)], dtype=bool)
    edits = tuple(mine if place is None else second.edits[place] for mine, place in zip(first.edits, which, strict=True))
    return TextAttempts(
        texts=tuple(mine if place is None else second.texts[place] for mine, place in zip(first.texts, which, strict=True)),
        found=found,
        edits=edits,
        price=np.array([mine if place is None else second.price[place] for mine, place in zip(first.price, which, strict=True)]),
        queries=first.queries + np.array([0 if place is None else second.queries[place] for place in which]),
        calls=first.calls + second.calls,
        curve=curve_of(found, edits),
        stopped=second.stopped,
    )


def _kept(path: str, words: float) -> dict[str, tuple[Edit, ...]]:
    try:
        with open(path, "rb") as file:
            kept = msgspec.json.decode(file.read(), type=list[KeptText])
        return {one.before: edits for one in kept if one.words <= words and (edits := _edits(one))}
    except (OSError, ValueError, *UNDECODABLE):
        return {}


def _edits(kept: KeptText) -> tuple[Edit, ...]:
    edits = tuple(
        Edit(start=start, end=end, before=before, after=after, family=family, price=PRICES[family])
        for start, end, before, after, family in kept.edits
    )
    return edits if rewritten(kept.before, edits) == kept.after else ()
