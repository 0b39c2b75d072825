"""What of a text is for reading: no images in addresses, no colours of terminals, no programs of a page."""

from __future__ import annotations

import re

_LONG_PROGRAM = 5_000
"""Characters of a script in a page from which on it is a plotting library with its data, not something that the author wrote."""


def words(content: str, *, page: bool = False) -> tuple[str, int]:
    """Return what of an output is for reading, and how many characters of programs were cut out of it; line ends stay.

    Parameters
    ----------
    content : str
        A text.
    page : bool
        Whether it is HTML.
    """
    content = without_data(content)
    if "\x1b" in content:
        content = re.sub(r"\x1b\[[0-9;?]*[@-~]?", "", content)
    if not page or len(content) <= _LONG_PROGRAM:
        return content, 0
    shorter = _without_programs(content)
    return shorter, len(content) - len(shorter)


def without_data(content: str) -> str:
    """Return a text without what ``data:`` addresses in it hold: images are no words."""
    if ";base64," not in content:
        return content
    return re.sub(r"(?<=;base64,)[A-Za-z0-9+/=%\\]{40,}", "", content)


def _without_programs(content: str) -> str:
    """Cut long scripts and styles out of HTML."""
    pieces: list[str] = []
    kept = position = 0
    opening = re.compile(r"<(script|style)\b", re.IGNORECASE)
    while match := opening.search(content, position):
        closing = re.compile(f"</{match[1]}", re.IGNORECASE).search(content, match.end())
        end = closing.start() if closing else len(content)
        if end - match.start() > _LONG_PROGRAM:
            pieces += [content[kept : match.start()], "\n" * content.count("\n", match.start(), end)]
            kept = end
        position = end
    return "".join([*pieces, content[kept:]])
