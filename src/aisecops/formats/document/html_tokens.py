"""HTML as tokens, in one pass: what a browser's tokenizer makes of tags, attributes, comments and raw text. Linear on whatever it is given.

References
----------
WHATWG HTML, section 13.2.5 (Tokenization), as far as it decides what is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from html import unescape

import msgspec

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,80})")
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=][^\s/>=]{0,200})(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+|(?=>)))?""")
_COMMENT_END = re.compile("--!?>")
_RAW = {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"}
_DECODED = {"textarea", "title"}
_MOST_ATTRIBUTES = 200


class Kind(Enum):
    """What a token is."""

    TEXT = 1
    OPEN = 2
    CLOSE = 3
    COMMENT = 4
    RAW = 5


class Token(msgspec.Struct, frozen=True):
    """A token that begins at ``start``: ``data`` is its text (entities decoded), or the name of the tag in lower case; of raw text the tag's name is ``tag``."""

    kind: Kind
    data: str
    start: int
    attributes: dict[str, str] = {}
    closed: bool = False
    tag: str = ""


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of ``text`` in order."""
    at, lowered = 0, text.lower() if "<" in text else text
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    while at < len(text):
        less = text.find("<", at)
        if less < 0:
            yield Token(Kind.TEXT, unescape(text[at:]), at)
            return
        if less > at:
            yield Token(Kind.TEXT, unescape(text[at:less]), at)
        token, at = _markup(text, lowered, less)
        if token is None:
            continue
        yield token
        if token.kind is Kind.OPEN and token.data in _RAW:
            end = lowered.find(f"</{token.data}", at)
            end = len(text) if end < 0 else end
            raw = text[at:end]
            yield Token(Kind.RAW, unescape(raw) if token.data in _DECODED else raw, at, tag=token.data)
            at = end


def _markup(text: str, lowered: str, less: int) -> tuple[Token | None, int]:
    """Return the token that begins with the ``<`` at ``less``, and the place behind it."""
    if text.startswith("<!--", less):
        return _comment(text, less)
    if text.startswith(("<!", "<?", "</"), less) and not _TAG.match(text, less):
        end = text.find(">", less)
        end = len(text) if end < 0 else end
        if lowered.startswith(("<!doctype", "<![cdata["), less):
            return None, end + 1
        return Token(Kind.COMMENT, text[less + 2 : end], less), end + 1
    match = _TAG.match(text, less)
    if match is None:
        return Token(Kind.TEXT, "<", less), less + 1
    attributes, end = _attributes(text, match.end())
    name = match[2].lower()
    if match[1]:
        return Token(Kind.CLOSE, name, less), end
    return Token(Kind.OPEN, name, less, attributes, text[end - 2 : end] == "/>"), end


def _comment(text: str, less: int) -> tuple[Token, int]:
    if text.startswith(("<!-->", "<!--->"), less):
        return Token(Kind.COMMENT, "", less), text.index(">", less) + 1
    end = _COMMENT_END.search(text, less + 4)
    if end is None:
        return Token(Kind.COMMENT, text[less + 4 :], less), len(text)
    return Token(Kind.COMMENT, text[less + 4 : end.start()], less), end.end()


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """Return the attributes of a tag from ``at`` on, the first of each name, and the place behind the tag's end."""
    found: dict[str, str] = {}
    while True:
        while at < len(text) and text[at] in " \t\r\n\f/":
            at += 1
        if at >= len(text):
            return found, at
        if text[at] == ">":
            return found, at + 1
        match = _ATTRIBUTE.match(text, at)
        if match is None or match.end() == at:
            at += 1
            continue
        at = match.end()
        value = match[2] or ""
        if value[:1] in "\"'" and len(value) > 1 and value[-1] == value[0]:
            value = value[1:-1]
        name = match[1].lower()
        if name not in found and len(found) < _MOST_ATTRIBUTES:
            found[name] = unescape(value)
