"""Headers that web servers add to every answer: lines of nginx, Caddy, Apache, HAProxy. The rest of what such files say is a language of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.codebase.configuration.facts import Setting
from aisecops.codebase.text import Text

_HEADER = re.compile(
    r"^[^#\n]{0,120}?(?<![\w-])[\"']?(Access-Control-Allow-Origin)[\"']?[ \t]+[\"']?([^\s\"';]{1,200})", re.IGNORECASE | re.MULTILINE
)
_REFLECTED = re.compile(r"\$http_origin|%\{origin\}e|\{(?:http\.request\.)?header\.origin\}", re.IGNORECASE)
_COMPARED = re.compile(r"if\s*\(\s*\$http_origin\s*(?:[!~]|=)|SetEnvIf\s+Origin\s+(?!\"?\.\*)", re.IGNORECASE)
"""Whoever asks is compared with a list before his origin is sent back."""


def read_headers(text: Text) -> Iterator[Setting]:
    """Yield the headers that say which web sites may read the answers; the origin of whoever asks, sent back as it came, is every one: ``*``."""
    compared = _COMPARED.search(text.content) is not None
    for found in _HEADER.finditer(text.content):
        reflected = _REFLECTED.fullmatch(found[2]) is not None
        if not (reflected and compared):
            yield Setting(key=(found[1],), value="*" if reflected else found[2], place=text.at(found.start(2)))
