"""The record as JSON inside a page: no text of it can end the element that holds it, and none holds a character that a reader does not see."""

from __future__ import annotations

from typing import Any

import msgspec

from aisecops.core.text import inert

_LONGEST = 4_000
"""Characters of one text: nobody reads more in a table, and a browser takes seconds to lay out a word of many thousands."""


def data_block(value: Any) -> str:
    r"""Encode plain data for ``<script type="application/json">``.

    ``<``, ``>`` and ``&`` are spelled as escapes: ``</script>`` ends the element wherever it stands, and ``<!--<script>`` changes how its end is found.
    """
    text = msgspec.json.encode(seen(value)).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def seen(value: Any) -> Any:
    """Return plain data with every text inert (``aisecops.core.text.inert``): escape codes, overrides and invisible characters are spelled out."""
    match value:
        case str():
            return value if len(value) <= _LONGEST and value.isascii() and value.isprintable() else inert(value, _LONGEST)
        case dict():
            return {seen(str(key)): seen(item) for key, item in value.items()}
        case list() | tuple():
            return [seen(item) for item in value]
    return value
