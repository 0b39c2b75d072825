"""Cells that hold lists and records (the turns of a conversation), masked inside: each place in them is treated as a column of its own would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from aisecops.datasets.masking import PSEUDONYMS, Method
from aisecops.defences.anonymisation.texts import REMOVED

Steps = tuple[str | None, ...]


class Inside(msgspec.Struct, frozen=True):
    """What becomes of the place that ``steps`` lead to, from the cell inwards: fields of records, None for a list (``Place.steps``)."""

    steps: Steps
    method: Method


def of_cell(cell: Any, methods: Mapping[Steps, Method], masked: Callable[[str], str], pseudonym: Callable[[Method, str], str]) -> Any:
    """Return a cell with what lies in it replaced; lists and records stay as they are built.

    What stands at a place without a method goes missing, as do numbers that are to have a pseudonym.
    """
    return _replaced(cell, (), methods, masked, pseudonym)


def _replaced(
    value: Any, steps: Steps, methods: Mapping[Steps, Method], masked: Callable[[str], str], pseudonym: Callable[[Method, str], str]
) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(held, (*steps, name), methods, masked, pseudonym) for name, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(held, (*steps, None), methods, masked, pseudonym) for held in value]
    method = methods.get(steps, Method.REDACT)
    if value is None or method is Method.KEEP:
        return value
    if not isinstance(value, str):
        return None
    if not value.strip():
        return value
    if method is Method.TEXT:
        return masked(value)
    return pseudonym(method, value) if method in PSEUDONYMS else REMOVED


def texts_in(cell: Any) -> Sequence[str]:
    """Return the texts in a cell, in order."""
    if isinstance(cell, dict):
        return [text for held in cell.values() for text in texts_in(held)]
    if isinstance(cell, (list, tuple)):
        return [text for held in cell for text in texts_in(held)]
    return [cell] if isinstance(cell, str) else []
