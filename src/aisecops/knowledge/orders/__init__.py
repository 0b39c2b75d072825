"""What orders to a machine are made of, as data: words by their meaning, and what combinations of them were learned to weigh.

``words.yaml`` lists words of many languages by concept; ``speech.yaml`` holds the patterns of orders and of honest requests that are learned from, beside the texts of
``tools/orders``.
``tools/build_orders.py`` makes of them the one JSON file that a scan loads.
"""

from __future__ import annotations

import os
from functools import cache

import msgspec

_COMPILED = os.path.join(os.path.dirname(__file__), "data", "orders.json")


class Lexicon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words, normalised as texts are, with their concepts.

    A concept that ends in ``!`` counts as an order where a clause begins, one that ends in ``=`` always. ``phrases``: by the first word, the other words and the
    concept at the end, longest first. ``stems``: how words begin. ``ideographs``: what is found within runs of Han, kana and hangul.
    """

    words: dict[str, tuple[str, ...]]
    stems: dict[str, tuple[str, ...]]
    phrases: dict[str, tuple[tuple[str, ...], ...]]
    ideographs: dict[str, tuple[str, ...]]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A linear judge, in log odds.

    ``alone``: a concept stands in the passage. ``first``: the passage begins with it. ``before``: one stands up to 25 words before another; ``next``: up to three.
    ``turns``: words, and which two stand side by side or with one between them (``one _ other``). ``length``: by tens of words; ``density``: by tenths of concepts to
    words; the last of each is for all that are above.
    """

    bias: float
    alone: dict[str, float]
    first: dict[str, float]
    before: dict[str, dict[str, float]]
    next: dict[str, dict[str, float]]
    turns: dict[str, float]
    length: tuple[float, ...]
    density: tuple[float, ...]


class Knowledge(msgspec.Struct, frozen=True):
    """``data/orders.json``."""

    lexicon: Lexicon
    weights: Weights


@cache
def knowledge() -> Knowledge:
    """Return what is known of orders; read once."""
    with open(_COMPILED, "rb") as file:
        return msgspec.json.decode(file.read(), type=Knowledge)
