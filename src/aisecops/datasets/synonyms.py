"""Words for the same thing in one column: ``yes`` and ``Y``, ``female`` and ``F``, ``Germany`` and ``DE``; ``N/A`` and ``-`` where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping

_WAYS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("yes", "y", "true", "t", "1", "ja", "oui", "si", "sí"), ("no", "n", "false", "f", "0", "nein", "non")),
    (("male", "m", "man", "männlich", "homme"), ("female", "f", "w", "woman", "weiblich", "femme")),
    (
        ("germany", "de", "deu", "deutschland"), ("france", "fr", "fra"), ("italy", "it", "ita", "italia"), ("spain", "es", "esp", "españa"),
        ("united kingdom", "uk", "gb", "gbr", "great britain"), ("united states", "us", "usa", "united states of america", "u.s.", "u.s.a."),
        ("netherlands", "nl", "nld", "the netherlands"), ("poland", "pl", "pol", "polska"), ("austria", "at", "aut", "österreich"),
        ("switzerland", "ch", "che", "schweiz"), ("belgium", "be", "bel"), ("sweden", "se", "swe", "sverige"), ("norway", "no", "nor", "norge"),
        ("denmark", "dk", "dnk", "danmark"), ("portugal", "pt", "prt"), ("canada", "ca", "can"), ("mexico", "mx", "mex"), ("brazil", "br", "bra", "brasil"),
        ("china", "cn", "chn"), ("japan", "jp", "jpn"), ("india", "in", "ind"), ("australia", "au", "aus"), ("ireland", "ie", "irl"), ("finland", "fi", "fin"),
        ("greece", "gr", "grc"), ("turkey", "tr", "tur", "türkiye"), ("russia", "ru", "rus"), ("south korea", "kr", "kor", "republic of korea"),
    ),
)  # fmt: skip
"""Vocabularies: in each, the words of one thing."""
_MOSTLY = 0.9
_NOTHING = frozenset((
    *("-", "--", "---", "?", "??", ".", "..", "*", "na", "n/a", "#n/a", "n.a.", "n.a", "<na>", "null", "nil", "nan", "<null>", "(null)", "(blank)", "missing"),
    *("not available", "no data", "n.d.", "k.a.", "k. a.", "keine angabe", "keine angaben", "sin dato", "sin datos", "s/d", "non renseign\u00e9", "n\u00e3o informado"),
    *("non disponibile", "onbekend", "brak danych", "b.d.", "\u4e0d\u660e"),
))  # fmt: skip
"""What stands for a value that is not there."""
_PERHAPS = frozenset(("none", "unknown", "empty", "unbekannt", "inconnu", "desconocido", "desconhecido", "sconosciuto"))
"""May be a category of its own: none of the diseases, an unknown sender. Beside one of the others it is another way to say that nothing is there."""


def synonyms(counts: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Return the words of a column that are the same thing, the most frequent first; none where the column is not in one vocabulary.

    Parameters
    ----------
    counts
        Value to how often it stands there. Truth values in two alphabets (``0`` beside ``no``) count only where a word and a sign for the *same* answer are there.
    """
    total = sum(counts.values())
    for vocabulary in _WAYS:
        meaning = {word: number for number, words in enumerate(vocabulary) for word in words}
        told: dict[int, list[str]] = {}
        for value in counts:
            if (thing := meaning.get(value.strip().casefold())) is not None:
                told.setdefault(thing, []).append(value)
        known = sum(counts[value] for values in told.values() for value in values)
        if len(told) > 1 and known >= _MOSTLY * total:
            found = [sorted(values, key=lambda value: (-counts[value], value)) for values in told.values()]
            return [tuple(values) for values in found if len({value.strip().casefold() for value in values}) > 1]
    return []


def ways_of_nothing(counts: Mapping[str, int], missing: int) -> tuple[str, ...]:
    """Return the words of a column for a value that is not there, the most frequent first, where it has several ways to say so; none where it has one.

    Parameters
    ----------
    counts
        Value to how often it stands there.
    missing
        Cells with nothing in them: one more way.
    """
    said = {value: value.strip().casefold() for value in counts}
    sure, perhaps = ({value for value, word in said.items() if word in words} for words in (_NOTHING, _PERHAPS))
    if not sure or len({said[value] for value in sure | perhaps}) + bool(missing) < 2 or len(sure | perhaps) == len(counts):
        return ()
    return tuple(sorted(sure | perhaps, key=lambda value: (-counts[value], value)))
