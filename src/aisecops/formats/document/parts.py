"""The parts of documents that are zips: XML, unpacked up to a limit.

A part with a document type declaration is refused: no word processor writes one, and entities need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aisecops.core.text import inert

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element
    from zipfile import ZipFile, ZipInfo

_RATIO = 400
"""How much larger than its packed form a part may be: text packs to a tenth, a bomb to a thousandth."""


class BombError(Exception):
    """A part that nobody unpacks."""


def parsed(archive: ZipFile, member: ZipInfo, most: int) -> tuple[Element, int]:
    """Return the root of an XML part and its length. Raises ``BombError``, or ``ValueError`` for what is no XML."""
    import zlib
    from xml.etree.ElementTree import ParseError, XMLParser

    if member.file_size > most or member.file_size > max(member.compress_size, 1_000) * _RATIO:
        raise BombError(f"a part unpacks to {member.file_size:,} bytes")
    if member.flag_bits & 1:
        raise ValueError("the document is encrypted")
    parser, size, tail = XMLParser(), 0, b""  # noqa: S314 - a part with a document type is refused below, so there are no entities
    try:
        with archive.open(member) as file:
            while block := file.read(1 << 16):
                size += len(block)
                if size > most:
                    raise BombError(f"a part unpacks to more than {most:,} bytes")
                window = (tail + block).replace(b"\0", b"")
                if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                    raise BombError("a part has a document type declaration, which no word processor writes")
                tail = block[-32:]
                parser.feed(block)
            return parser.close(), size
    except ParseError as wrong:
        raise ValueError(f"a part is no well-formed XML ({inert(str(wrong), 60)})") from None
    except (OSError, zlib.error, EOFError, RuntimeError, NotImplementedError) as wrong:
        raise ValueError(f"a part cannot be unpacked ({inert(str(wrong), 60)})") from None
    except Exception as wrong:
        if isinstance(wrong, (BombError, ValueError)) or type(wrong).__name__ != "BadZipFile":
            raise
        raise ValueError("a part does not match its sum") from None


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
