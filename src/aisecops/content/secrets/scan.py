"""All secrets of a text: what each search found, one finding for a place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from aisecops.content.secrets.addresses import find_in_addresses
from aisecops.content.secrets.assignments import find_assignments
from aisecops.content.secrets.commands import find_arguments
from aisecops.content.secrets.kubernetes import find_kubernetes_secrets
from aisecops.content.secrets.private_keys import find_private_keys
from aisecops.content.secrets.secret import Secret
from aisecops.content.secrets.tokens import find_tokens


def find_secrets(text: str, *, language: str = "") -> list[Secret]:
    """Return the secrets in ``text``, in the order of their places.

    Parameters
    ----------
    text : str
        Any text: source code, settings, a notebook's cell or output, a document.
    language : str
        What it is written in (``python``, ``yaml``, ``shell``, ...). In a programming language only strings, and what looks random, are values; elsewhere
        ``password: value`` counts without quotes, too. Empty: unknown, treated as settings.

    Returns
    -------
    list of Secret
        At most one for a place; where two searches agree on one, the more specific speaks.
    """
    return _one_for_a_place(
        (rank, secret)
        for rank, found in enumerate(
            (
                find_private_keys(text),
                find_tokens(text),
                find_kubernetes_secrets(text),
                find_in_addresses(text),
                find_assignments(text, _lower(text), language),
                find_arguments(text),
            )
        )
        for secret in found
    )


def _lower(text: str) -> str:
    """Return ``text`` in lower case and with the same length: one letter of Unicode, the dotted capital I, becomes two."""
    low = text.lower()
    return low if len(low) == len(text) else text.replace("\u0130", "i").lower()


def _one_for_a_place(ranked: Iterable[tuple[int, Secret]]) -> list[Secret]:
    """Drop what overlaps with something of a lower rank, or of the same rank and before it."""
    starts: list[int] = []
    kept: list[Secret] = []
    for _, secret in sorted(ranked, key=lambda pair: (pair[0], pair[1].start)):
        index = bisect_right(starts, secret.start)
        if (index and kept[index - 1].end > secret.start) or (index < len(kept) and kept[index].start < secret.end):
            continue
        starts.insert(index, secret.start)
        kept.insert(index, secret)
    return kept


def distinct(text: str, secrets: Iterable[Secret]) -> Iterator[tuple[Secret, list[Secret]]]:
    """Yield each distinct secret of ``text`` with all places that it stands at; the first, or the surest, speaks for it."""
    places: dict[tuple[str, str], list[Secret]] = {}
    for secret in secrets:
        places.setdefault((secret.rule, text[secret.start : secret.end]), []).append(secret)
    for found in places.values():
        yield max(found, key=lambda secret: (secret.confidence.rank, bool(secret.name))), found
