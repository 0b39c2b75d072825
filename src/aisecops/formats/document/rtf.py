r"""Rich Text Format: what it says, and what it hides (``\v``, white letters, notes, properties). Objects and pictures in it are passed over.

References
----------
Microsoft, Rich Text Format Specification 1.9.1.
"""

from __future__ import annotations

import re

import msgspec

from aisecops.formats.document.spans import Concealment, Document, Purpose, Span

_TOKEN = re.compile(r"\\([a-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL)
_PASSED = frozenset(("fonttbl", "stylesheet", "pict", "object", "objdata", "themedata", "colorschememapping", "datastore", "listtable", "listoverridetable", "rsidtbl",
                     "generator", "xmlnstbl", "latentstyles", "fldinst"))  # fmt: skip
_NOTES = {"annotation": "a comment", "atnid": "a comment"}
_CHARACTERS = {
    "par": "\n",
    "line": "\n",
    "tab": " ",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "cell": " ",
    "row": "\n",
}
_DEEPEST = 500


class _State(msgspec.Struct, frozen=True):
    """What a group hands down."""

    hidden: bool = False
    white: bool = False
    size: int = 24
    note: str = ""
    passed: bool = False
    colours: bool = False
    properties: bool = False


def read_rtf(text: str) -> Document:
    """Return what RTF says and shows."""
    held: list[tuple[tuple[Concealment | None, Purpose, str], str]] = []
    stack, now, white, colours, skip, unit = [_State()], _State(), set[int](), "", 0, 1
    for token in _TOKEN.finditer(text):
        word, number, coded, sign, brace, plain = token.groups()
        if brace == "{" and len(stack) < _DEEPEST:
            stack.append(now)
        elif brace == "}" and len(stack) > 1:
            if now.colours:
                white = {at for at, one in enumerate(colours.split(";")) if re.sub(r"\s", "", one) == "\\red255\\green255\\blue255"}
            now = stack.pop()
        elif now.colours:
            colours += token[0]
        elif word:
            unit = int(number or 1) if word == "uc" else unit
            now = _controlled(now, word, int(number) if number else None, white)
            said = chr(int(number or 0) % 0x10000) if word == "u" else _CHARACTERS.get(word, "")
            skip = unit if word == "u" else 0
            if said and not now.passed:
                held.append((_seen(now), said))
        elif sign == "*":
            now = msgspec.structs.replace(now, passed=True)
        elif not now.passed and (
            said := bytes.fromhex(coded).decode("cp1252", "replace")
            if coded
            else plain or (sign if sign in ("\\", "{", "}") else " " if sign == "~" else "")
        ):
            held.append((_seen(now), said[skip:]))
            skip = 0
    return Document("rtf", tuple(_spans(held)), unit="paragraph")


def _controlled(now: _State, word: str, number: int | None, white: set[int]) -> _State:
    if word == "v":
        return msgspec.structs.replace(now, hidden=number != 0)
    if word == "cf":
        return msgspec.structs.replace(now, white=(number or 0) in white)
    if word == "fs" and number is not None:
        return msgspec.structs.replace(now, size=number)
    if word in ("plain", "pard"):
        return msgspec.structs.replace(now, hidden=False if word == "plain" else now.hidden, white=False if word == "plain" else now.white)
    if word == "colortbl":
        return msgspec.structs.replace(now, colours=True)
    if word == "info":
        return msgspec.structs.replace(now, properties=True)
    if word in _NOTES:
        return msgspec.structs.replace(now, note=_NOTES[word], passed=False)
    return msgspec.structs.replace(now, passed=True) if word in _PASSED else now


def _seen(now: _State) -> tuple[Concealment | None, Purpose, str]:
    if now.properties:
        return Concealment.METADATA, Purpose.EDITORIAL, "a property"
    if now.note:
        return Concealment.COMMENT, Purpose.EDITORIAL, now.note
    if now.hidden:
        return Concealment.VANISHED, Purpose.NONE, "hidden text"
    if now.white:
        return Concealment.SAME_COLOUR, Purpose.INTERACTIVE, "white letters"
    return (Concealment.TINY, Purpose.INTERACTIVE, "letters like dust") if 0 < now.size < 4 else (None, Purpose.NONE, "")


def _spans(held: list[tuple[tuple[Concealment | None, Purpose, str], str]]) -> list[Span]:
    """Join neighbours that are seen alike; lines count paragraphs."""
    spans: list[Span] = []
    texts: list[str] = []
    line, look = 1, held[0][0] if held else (None, Purpose.NONE, "")
    for one, said in (*held, ((Concealment.CLIPPED, Purpose.NONE, ""), "")):
        if one != look:
            if "".join(texts).strip():
                spans.append(Span("".join(texts), line, *look))
            line, texts, look = line + "".join(texts).count("\n"), [], one
        texts.append(said)
    return spans
