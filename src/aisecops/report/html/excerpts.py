"""What stands where a finding is: lines of code and bytes of files, if the file still is what was examined, and without what must not be passed on.

A record holds no source. It names each file by digest, so a page that is made while the file is there can show the very lines that were examined; where the
file is gone or has changed, the page says where it stood and shows nothing. Lines with secrets are left out whole, personal values are covered.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.finding import Finding, Location
from aisecops.core.run import Run
from aisecops.report.html.kept import Kept

_AROUND = 2
"""Lines before and after the one that counts."""
_LONGEST = 12
_WIDEST = 300
_PLACES = 3
_STEPS = 20
_FINDINGS = 2_000
_TEXT_BYTES = 1 << 20
_FILE_BYTES = 64 << 20
_ROW = 16
_ROWS = 5
_NEAR = 4096
"""Bytes around a shown one that are searched for secrets: longer than any but a private key, whose every line is base64."""
_PRIVATE = frozenset({"secret", "past-secret", "personal-data"})
"""Categories of findings whose lines nobody shows."""
_COVER = "•••"


def excerpts(run: Run, findings: Iterable[Finding]) -> dict[str, dict[str, list[Any]]]:
    """Return what to show of ``findings`` (the most urgent first: there is room for a few thousand), by id.

    ``places`` has an entry for each of the first locations and ``flow`` for each step: ``{first, hit, lines}`` (a line that is withheld is None),
    ``{hit, rows}`` of bytes, or None.
    """
    files = _Files(run)
    found: dict[str, dict[str, list[Any]]] = {}
    for finding, _ in zip(findings, range(_FINDINGS), strict=False):
        places = [files.around(place) for place in finding.locations[:_PLACES]]
        flow = [files.around(Location(path=step.path, line=step.line), context=0) for step in finding.flow[:_STEPS]]
        if any(places) or any(flow):
            found[finding.id] = {"places": places, "flow": flow}
    return found


class _Files:
    """The files of a run, each read once."""

    def __init__(self, run: Run) -> None:
        self._kept = Kept(run.run.roots)
        self._assets = {asset.path: asset for asset in run.assets if asset.digest and asset.kind not in (AssetKind.MODEL, AssetKind.ENDPOINT)}
        self._private = {(place.path, place.cell, place.line) for f in run.findings if f.category in _PRIVATE for place in f.locations}
        self._pages: dict[tuple[str, int | None], _Page | None] = {}

    def around(self, place: Location, context: int = _AROUND) -> dict[str, Any] | None:
        """Return what stands at ``place`` and around it."""
        asset = self._assets.get(place.path)
        if asset is None or place.member:
            return None
        if place.offset is not None:
            return self._bytes(asset, place.offset)
        if place.line is None or (asset.kind is AssetKind.NOTEBOOK and place.cell is None):  # a line of which cell?
            return None
        key = (place.path, place.cell)
        if key not in self._pages:
            self._pages[key] = self._page(asset, place.cell)
        page = self._pages[key]
        return page.around(place.line, place.end_line or place.line, context) if page else None

    def _page(self, asset: Asset, cell: int | None) -> _Page | None:
        data = self._kept.read(asset.path, asset.digest, asset.size) if asset.size <= _TEXT_BYTES else None
        text = None if data is None else _cell(data, cell) if cell is not None else data.decode("utf-8-sig", "replace")
        private = {line for path, at, line in self._private if line is not None and (path, at) == (asset.path, cell)}
        return None if text is None else _Page(text, private)

    def _bytes(self, asset: Asset, offset: int) -> dict[str, Any] | None:
        data = self._kept.read(asset.path, asset.digest, asset.size) if asset.size <= _FILE_BYTES else None
        if data is None or offset >= len(data):
            return None
        first = max(0, offset // _ROW - 1) * _ROW
        start = max(0, first - _NEAR)
        near = data[start : first + _ROW * _ROWS + _NEAR].decode("latin-1")
        covered = {start + at for low, high in _secret_spans(near) for at in range(low, high)}
        covered |= {start + at for low, high in _personal_spans(near) for at in range(low, high)}
        rows = [_row(data, at, covered) for at in range(first, min(len(data), first + _ROW * _ROWS), _ROW)]
        return {"hit": offset, "rows": rows}


class _Page:
    """A text by lines, with what of each may be shown."""

    def __init__(self, text: str, private: Iterable[int]) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n?|\n", text))]
        self._withheld = set(private)
        for low, high in _secret_spans(text):
            self._withheld |= set(range(self._line(low), self._line(max(low, high - 1)) + 1))
        self._covered = sorted(_personal_spans(text))

    def around(self, line: int, end: int, context: int) -> dict[str, Any] | None:
        """Return lines ``line`` to ``end`` with ``context`` lines on both sides."""
        if not 1 <= line <= len(self._starts):
            return None
        end = min(max(line, end), line + _LONGEST - 1, len(self._starts))
        first, last = max(1, line - context), min(len(self._starts), end + context)
        return {"first": first, "hit": [line, end], "lines": [self._shown(number) for number in range(first, last + 1)]}

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def _shown(self, number: int) -> str | None:
        if number in self._withheld:
            return None
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self._text)
        told, at = "", start
        for low, high in self._covered:
            if low < end and high > start:
                told += self._text[at : max(at, low)] + _COVER
                at = max(at, high)
        return (told + self._text[at:end]).rstrip("\r\n").replace("\t", "    ")[:_WIDEST]


def _secret_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where secrets stand, as any language would write them."""
    from aisecops.content.secrets import find_secrets

    for language in ("python", ""):
        for secret in find_secrets(text, language=language):
            yield secret.start, secret.end


def _personal_spans(text: str) -> Iterator[tuple[int, int]]:
    from aisecops.content.personal import find_personal

    return ((datum.start, datum.end) for datum in find_personal(text))


def _row(data: bytes, start: int, covered: set[int]) -> list[Any]:
    """The offset of a row, and for each byte its two digits and its character; of what is covered, neither."""
    row = range(start, min(len(data), start + _ROW))
    digits = ["··" if at in covered else f"{data[at]:02x}" for at in row]
    signs = "".join("·" if at in covered or not 32 <= data[at] < 127 else chr(data[at]) for at in row)
    return [start, digits, signs]


def _cell(data: bytes, number: int) -> str | None:
    """The source of cell ``number`` of a notebook."""
    import msgspec

    from aisecops.codebase.notebook.document import read_document

    document = read_document(data)
    cell = document.cells[number - 1] if document and 1 <= number <= len(document.cells) else None
    if cell is None:
        return None
    for raw in (cell.source, cell.input):
        try:
            said = msgspec.json.decode(raw, type=str | list[str] | None)
        except msgspec.MsgspecError:
            continue
        if said is not None:
            return said if isinstance(said, str) else "".join(said)
    return None
