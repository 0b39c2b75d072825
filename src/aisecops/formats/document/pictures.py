"""Pictures: what their metadata say, which nobody sees and a program that describes pictures may read. Nothing is decoded.

References
----------
PNG (W3C, third edition), section 11.3.3; JPEG (ITU-T T.81), annex B; Exif 2.32; XMP part 3; GIF89a; the WebP container.
"""

from __future__ import annotations

import html
import re
import struct
import zlib
from collections.abc import Iterator

from aisecops.core.text import inert
from aisecops.formats.document.spans import Concealment, Document, Purpose, Span

_MOST = 1_000
_LONGEST = 1 << 20
_TEXTS = {
    0x010E: "ImageDescription",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9F: "XPSubject",
    0x9286: "UserComment",
}
_EXIF_FOLDER = 0x8769
_FEWEST_GAPS = 2


def read_picture(data: bytes) -> Document:
    """Return the texts of a picture's metadata; those of a word or two are left out."""
    try:
        found = list(_texts(data))
    except (struct.error, IndexError, ValueError, zlib.error):  # cut off or broken: what stands before that is lost as for any reader of it
        found = []
    spans = [
        Span(text[:_LONGEST], 0, Concealment.METADATA, Purpose.EDITORIAL, inert(how, 40))
        for how, text in found[:_MOST]
        if text.count(" ") >= _FEWEST_GAPS
    ]
    return Document("picture", tuple(spans), unit="part")


def _texts(data: bytes) -> Iterator[tuple[str, str]]:
    if data.startswith(b"\x89PNG"):
        yield from _png(data)
    elif data.startswith(b"\xff\xd8"):
        yield from _jpeg(data)
    elif data.startswith(b"GIF8"):
        yield from (("a comment of GIF", text.decode("utf-8", "replace")) for text in re.findall(rb"\x21\xfe[\x01-\xff]([^\0]{3,4000})\0", data))
    elif data.startswith(b"RIFF"):
        yield from _webp(data)
    elif data[:4] in (b"II*\0", b"MM\0*"):
        yield from _exif(data)


def _png(data: bytes) -> Iterator[tuple[str, str]]:
    at = 8
    while at + 8 <= len(data):
        (length,), kind = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        body, at = data[at + 8 : at + 8 + length], at + 12 + length
        name, _, rest = body.partition(b"\0")
        if kind == b"tEXt":
            yield f"tEXt {name.decode('latin-1')}", rest.decode("utf-8", "replace")
        elif kind == b"zTXt":
            yield f"zTXt {name.decode('latin-1')}", _inflated(rest[1:])
        elif kind == b"iTXt":
            packed, text = rest[:1] == b"\x01", rest[2:].split(b"\0", 2)[-1]
            said = _inflated(text) if packed else text.decode("utf-8", "replace")
            yield from _xmp(said) if b"xmp" in name.lower() else [(f"iTXt {name.decode('latin-1')}", said)]
        elif kind == b"eXIf":
            yield from _exif(body)


def _inflated(data: bytes) -> str:
    return zlib.decompressobj().decompress(data, _LONGEST).decode("utf-8", "replace")


def _jpeg(data: bytes) -> Iterator[tuple[str, str]]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:  # the pixels begin
        kind, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        body, at = data[at + 4 : at + 2 + length], at + 2 + length
        if kind == 0xFE:
            yield "a comment of JPEG", body.decode("utf-8", "replace")
        elif kind == 0xE1 and body.startswith(b"Exif\0\0"):
            yield from _exif(body[6:])
        elif kind == 0xE1 and b"\0" in body:
            yield from _xmp(body.partition(b"\0")[2].decode("utf-8", "replace"))


def _webp(data: bytes) -> Iterator[tuple[str, str]]:
    at = 12
    while at + 8 <= len(data):
        kind, (length,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        body, at = data[at + 8 : at + 8 + length], at + 8 + length + length % 2
        if kind == b"EXIF":
            yield from _exif(body.removeprefix(b"Exif\0\0"))
        elif kind == b"XMP ":
            yield from _xmp(body.decode("utf-8", "replace"))


def _xmp(said: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of an XMP packet, between its tags and in its attributes; as text, since the packet is hostile XML."""
    for text in re.findall(r">([^<>]{3,20000})<", said[:_LONGEST]):
        yield "XMP", html.unescape(text)
    for text in re.findall(r"\s[\w:]{1,60}=\"([^\"<>]{3,20000})\"", said[:_LONGEST]):
        yield "XMP", html.unescape(text)


def _exif(data: bytes) -> Iterator[tuple[str, str]]:
    order = "<" if data[:2] == b"II" else ">"
    waiting, seen = list(struct.unpack_from(order + "I", data, 4)), set[int]()
    while waiting and len(seen) < 16:
        at = waiting.pop()
        if at in seen or at + 2 > len(data):
            continue
        seen.add(at)
        (count,) = struct.unpack_from(order + "H", data, at)
        for number in range(min(count, 500)):
            entry = at + 2 + 12 * number
            tag, kind, length = struct.unpack_from(order + "HHI", data, entry)
            (value,) = struct.unpack_from(order + "I", data, entry + 8)
            if tag == _EXIF_FOLDER:
                waiting.append(value)
            elif tag in _TEXTS and kind in (1, 2, 7):
                raw = data[value : value + min(length, _LONGEST)] if length > 4 else data[entry + 8 : entry + 8 + length]
                yield f"EXIF {_TEXTS[tag]}", _decoded(tag, raw, order)


def _decoded(tag: int, raw: bytes, order: str) -> str:
    if tag >= 0x9C9B:
        return raw.decode("utf-16-le", "replace").rstrip("\0")
    if tag == 0x9286:
        coded, raw = raw[:8], raw[8:]
        if coded.startswith(b"UNICODE"):
            return raw.decode("utf-16-le" if order == "<" and b"\0" in raw[1:2] else "utf-16-be", "replace")
    return raw.rstrip(b"\0").decode("utf-8", "replace")
