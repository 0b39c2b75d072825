"""Words that make a message look like another class: what the attacker reads off messages of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

from aisecops.attacks.evasion.text.places import words


def learn_good_words(other: Sequence[str], own: Sequence[str], *, count: int = 30, least: int = 2) -> tuple[str, ...]:
    """Return the words that speak most for the class of ``other``, as an attacker without access to the model would guess them.

    They are ranked by the logarithm of the ratio of the shares of messages that hold a word (one added to both counts), times the square root of how often it
    is seen: Lowd and Meek, Good word attacks on statistical spam filters, CEAS 2005, take frequency and ratio together, too.

    Parameters
    ----------
    other
        Messages of the class that the attacked ones shall be taken for.
    own
        Messages of their own class.
    count
        The most words returned.
    least
        In so many messages of ``other`` a word has to stand.
    """
    good, bad = _counts(other), _counts(own)
    worth = {
        word: seen**0.5 * log((seen + 1) / (len(other) + 2) * (len(own) + 2) / (bad[word] + 1))
        for word, seen in good.items()
        if seen >= least and len(word) > 1
    }
    ranked = sorted((word for word, value in worth.items() if value > 0), key=lambda word: (-worth[word], word))
    return tuple(ranked[:count])


def _counts(messages: Sequence[str]) -> Counter[str]:
    return Counter(word for message in messages for word in {word.lower() for word in words(message)})
