"""Files of tables opened by Polars, lazily, and what is wrong with them said in a line.

Polars is imported here, in the functions that need it: it is an extra.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.datasets.delimited import delimited, depth, ending_of, shown
from aisecops.datasets.delimited_scan import named, numbered, scan_lines
from aisecops.datasets.extra import load_polars
from aisecops.datasets.headers import MISSING
from aisecops.datasets.json_lines import changed_kind, scan_objects
from aisecops.datasets.packed import TooMuchError
from aisecops.datasets.partitioned import open_parts
from aisecops.datasets.parts import files_of, is_of_parts, parts_of
from aisecops.datasets.table import TableError

_LONGEST_HEADER = 1 << 20
_INFERENCE_ROWS, _INFERENCE_BYTES = 10_000, 64 << 20
"""Rows that show which type a column has, and the size up to which all of them are looked at for fractions (measured: 0.3 s for 49 MB)."""
_LARGEST_LIST = 64 << 20
_DEEPEST = 64
"""Objects and lists in each other, beyond which a reader of JSON runs out of memory for its types."""
_FIRST, _FEWEST_WIDE, _MOST_ODD = 4096, 16, 0.02
"""Bytes that tell what a file is; of how many letters of two bytes each are told from binary content; and the share of control characters in a text, at most."""
_OTHERS = (
    (rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*"(?:[^"\\]|\\.)*"\s*:', "JSON", "name it .jsonl, with one object a line"),
    (
        rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)\b",
        "an HTML page",
        "fetch the file itself: this is what a server says in its place",
    ),
    (rb"(?:\xef\xbb\xbf)?\s*<\?xml\b", "XML", "write it as CSV"),
)
_NO_MEMORY = ("Cannot allocate memory", "PyObject pointer is null", "memory allocation")
"""What is said of a file that is sound, by the system, Polars and its way to Python, when memory runs out."""
_FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}


_UNREAD = {
    "more than one occurrence|duplicate": "two columns have one name",
    "precision must|could not import|not (?:yet )?(?:supported|implemented)": "it holds a type that is not read",
}
"""What Polars says of files that are whole, and what it means."""


def open_frame(path: str, missing: Sequence[str] = MISSING) -> Any:
    """Return the table in ``path`` as a lazy frame; nothing but its head is read. Raises ``TableError``."""
    if (parts := parts_of(path) if is_of_parts(path) else None) is not None:
        return open_parts(parts, missing, infer_schema_length=_INFERENCE_ROWS)
    kind = _FORMATS.get(ending_of(path))
    where = shown(path)
    if kind is None:
        raise TableError("the name does not say which format this is", where=where, fix=f"name it one of {', '.join(_FORMATS)}")
    if not os.path.isfile(path):
        raise TableError("no such file", where=where, fix="give the path of a table")
    if not os.path.getsize(path):
        raise TableError("the file is empty", where=where, fix="give a table with a header and rows")
    frame = _scanned(load_polars(), path, kind, missing)
    names = [] if kind == "csv" else frame.collect_schema().names()
    odd = {name: told for name, told in zip(names, named(names), strict=True) if name != told}
    return frame.rename(odd) if odd else frame


def _scanned(pl: Any, path: str, kind: str, missing: Sequence[str]) -> Any:
    if kind == "parquet":
        from aisecops.datasets.parquet_pages import pages_of, scan

        pages = pages_of(path)
        return scan(pages) if pages else pl.scan_parquet(path)
    if kind == "arrow":
        from aisecops.datasets import arrow_stream

        return arrow_stream.scan(path) if arrow_stream.is_stream(path) else pl.scan_ipc(path)
    if kind == "json":
        return _records(pl, path)
    if kind == "jsonl":
        if depth(path) > _DEEPEST:
            raise TableError(f"nested more than {_DEEPEST} deep", where=shown(path), fix="keep what a row holds as a text")
        return scan_objects(path)
    return scan_lines(path, missing, infer_schema_length=_INFERENCE_ROWS)


def _records(pl: Any, path: str) -> Any:
    """Return a list of objects in JSON as a lazy frame: it is read whole, since only its end says that it is one."""
    where = shown(path)
    if os.path.getsize(path) > _LARGEST_LIST:
        raise TooMuchError(
            f"a list in JSON of more than {_LARGEST_LIST >> 20} MiB, which is read whole", where=where, fix="write one object a line (.jsonl)"
        )
    if depth(path) > _DEEPEST:
        raise TableError(f"nested more than {_DEEPEST} deep", where=where, fix="keep what a row holds as a text")
    with open(path, "rb") as file:
        head = file.read(_FIRST).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"["):
        raise TableError("not a list of objects", where=where, fix="write a list of rows, or one object a line (.jsonl)")
    with explained(path):
        return pl.read_json(path, infer_schema_length=None).lazy()


def typed_frame(path: str, missing: Sequence[str] = MISSING) -> Any:
    """Return what ``open_frame`` does, and look at all of a CSV file of up to 64 MiB for the types of its numbers: the first fraction may come late."""
    pl, frame = load_polars(), open_frame(path, missing)
    if is_of_parts(path) or _FORMATS[ending_of(path)] != "csv" or os.path.getsize(path) > _INFERENCE_BYTES:
        return frame
    whole = scan_lines(path, missing, infer_schema_length=None).collect_schema()
    late = {name: pl.Float64 for name, dtype in frame.collect_schema().items() if dtype.is_integer() and whole[name].is_float()}
    return scan_lines(path, missing, infer_schema_length=_INFERENCE_ROWS, schema_overrides=late) if late else frame


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn what Polars says of a broken file into a ``TableError`` that names the line."""
    pl = load_polars()
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as wrong:
        if any(words in str(wrong) for words in _NO_MEMORY):
            raise MemoryError from wrong
        raise _explain(path, str(wrong)) from None
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":  # a bug of Polars on a hostile file is no bug of ours
            raise
        if any(words in str(wrong) for words in _NO_MEMORY):
            raise MemoryError from None
        raise _explain(path, str(wrong)) from None


def _explain(path: str, said: str) -> TableError:
    files = files_of(path)
    if files == [path]:
        return _reason(path, said)
    for file in files:
        try:
            with explained(file):
                for _ in open_frame(file).collect_batches(engine="streaming"):
                    pass
        except TableError as wrong:
            return _explain_part(path, file, wrong)
    return TableError(f"its parts do not fit together ({_said(said, 120)})", where=shown(path), fix="write all parts alike")


def _said(text: str, limit: int) -> str:
    """Return the first line of what Polars says without the cells that it quotes: shapes between the first and the last quote, and no value behind its type."""
    line = text.splitlines()[0] if text else "no reason given"
    line = re.sub(r"(['\"`])(.*)(['\"`])", lambda found: f"{found[1]}{_shape(found[2])}{found[3]}", line)
    return inert(re.sub(r"(value of type \w+): .*", r"\1", line), limit)


def _explain_part(path: str, file: str, wrong: UserError) -> TableError:
    line = wrong.where.rpartition(":")[2] if wrong.where else ""
    parts = parts_of(path)
    place = f"{parts.name_of(file) if parts else shown(file)}{f', line {line}' if line.isdecimal() else ''}"
    return TableError(f"{place}: {wrong.what}", where=shown(path), fix=wrong.fix)


def _reason(path: str, said: str) -> TableError:
    where, kind = shown(path), _FORMATS.get(ending_of(path))
    if kind not in {"parquet", "arrow"} and ("utf-8" in said.lower() or "utf8" in said.lower()):
        line = _undecodable(path)
        return TableError("not UTF-8 text", where=f"{where}:{line}" if line else where, fix="save it as UTF-8")
    if kind == "csv":
        if (told := unclosed_quote(path) or ragged_line(path)) is not None:
            return told
        if found := re.search(r"could not parse `(.*?)` as dtype `(\w+)` at column '(.*?)'", said, re.DOTALL):
            return _mixed(path, *found.groups())
        if found := re.search(r"conversion from `str` to `(\w+)` failed in column '(.*?)' for .*?: \[\"?(.*?)\"?[\],]", said, re.DOTALL):
            return _mixed(path, found[3], found[1], found[2])
    if kind == "jsonl" and (broken := _broken_json(path)):
        line, what, fix = broken
        return TableError(what, where=f"{where}:{line}", fix=fix)
    if (kind == "jsonl" or (kind == "json" and "error deserializing value" in said)) and (changed := changed_kind(path)) is not None:
        return changed
    if kind == "json":
        what = f"not a whole list of objects in JSON ({_said(said, 100)})"
        return TableError(what, where=where, fix="write it again: it is cut off, or not JSON")
    if kind in {"parquet", "arrow"} and (found := re.search("|".join(_UNREAD), said)):
        what = _UNREAD[next(words for words in _UNREAD if re.search(words, found[0]))]
        return TableError(f"{what} ({_said(said, 120)})", where=where, fix="leave the column out, or write it in another type")
    if kind in {"parquet", "arrow"}:
        return TableError(f"not a whole {kind} file ({_said(said, 120)})", where=where, fix="copy it again: it is cut off, broken or another format")
    return TableError(
        f"it cannot be read ({_said(said, 160)})",
        where=where,
        fix="check that the file is what its name says",
    )


def _lines(path: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the last line of each CSV record, and its fields; the first are the names of the columns, if need be those that we give them."""
    layout = delimited(path)
    csv.field_size_limit(1 << 24)
    with open(path, "rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="") as file:
        for _ in range(layout.skipped):
            file.readline()
        reader = csv.reader(file, delimiter=layout.separator, strict=strict)
        for record in reader:
            if layout.headless and reader.line_num == 1:
                yield layout.skipped, numbered(record)
            yield layout.skipped + reader.line_num, record


def ragged_line(path: str) -> TableError | None:
    """Return what to say of the first line of a CSV file that has another number of fields than the header; None if there is none."""
    if is_of_parts(path):
        told = ((file, ragged_line(file)) for file in files_of(path))
        return next((_explain_part(path, file, wrong) for file, wrong in told if wrong is not None), None)
    width = 0
    try:
        for line, record in _lines(path):
            width = width or len(record)
            if record and len(record) != width:
                if (unclosed := unclosed_quote(path)) is not None:
                    return unclosed
                return TableError(
                    f"{len(record)} fields, the {'first line' if delimited(path).headless else 'header'} has {width}",
                    where=f"{shown(path)}:{line}",
                    fix="quote fields that hold the separator, or mend the line",
                )
    except csv.Error as wrong:
        return TableError(f"not CSV ({inert(str(wrong), 80)})", where=shown(path), fix="close its quotes")
    return None


def unclosed_quote(path: str) -> TableError | None:
    """Return what to say of a CSV file whose last record begins with a quote that nothing closes: it takes all lines behind it for one cell."""
    if is_of_parts(path):
        return None
    line = 0
    try:
        for number, _ in _lines(path, strict=True):
            line = number
    except csv.Error as wrong:
        if "unexpected end" in str(wrong):
            place = f"{shown(path)}:{line + 1}"
            return TableError("a quote that is never closed takes all lines behind it into one cell", where=place, fix="close it, or double it")
    return None


def check_format(path: str) -> None:
    """Refuse what goes by the name of a CSV file and plainly is something else. Raises ``TableError``."""
    path = files_of(path)[0]
    with open(path, "rb") as file:
        head = file.read(_FIRST)
    odd = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\f\r\x1b")
    wide = max(head[:64:2].count(0), head[1:64:2].count(0)) > 0.9 * min(32, len(head) // 2)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (wide and len(head) >= _FEWEST_WIDE):
        raise TableError("UTF-16 text, not UTF-8", where=f"{shown(path)}:1", fix=f"iconv -f UTF-16 -t UTF-8 {os.path.basename(shown(path))}")
    if b"\0" in head or odd > _MOST_ODD * len(head):
        raise TableError("binary content where a table in text is promised", where=shown(path), fix="give the file its right name")
    for pattern, what, fix in _OTHERS:
        if re.match(pattern, head):
            raise TableError(f"{what}, not CSV", where=f"{shown(path)}:1", fix=fix)


def check_header(path: str) -> None:
    """Refuse a CSV file whose header is no UTF-8, or names a column twice. Raises ``TableError``."""
    path = files_of(path)[0]
    with open(path, "rb") as file:
        for _ in range(delimited(path).skipped):
            file.readline(_LONGEST_HEADER)
        head = file.readline(_LONGEST_HEADER)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as wrong:
        if wrong.start < len(head) - 3 or len(head) < _LONGEST_HEADER:  # else it was cut within a character
            raise TableError("not UTF-8 text", where=f"{shown(path)}:1", fix="save it as UTF-8") from None
    seen: set[str] = set()
    for name in named(next(_lines(path), (0, []))[1]):
        if name in seen:
            what = f"two columns are named `{inert(name, 60)}`"
            raise TableError(what, where=f"{shown(path)}:1", fix="give each column a name of its own in the first line")
        seen.add(name)


def mixed_types(path: str, column: str, value: str) -> TableError:
    """Return what to say of a column of numbers in which one value is a text."""
    return _mixed(path, value, "number", column)


def _mixed(path: str, value: str, kind: str, column: str) -> TableError:
    where = shown(path)
    if _FORMATS.get(ending_of(path)) == "csv":
        header: list[str] = []
        for line, record in _lines(path):
            header = header or record
            if column in header and len(record) == len(header) and record[header.index(column)] == value and record is not header:
                where = f"{where}:{line}"
                break
    kind = "numbers" if kind[0] in "iufn" else kind
    what = f"column `{inert(column, 60)}` holds {kind}, and here a text of the shape `{inert(_shape(value), 60)}`"
    return TableError(what, where=where, fix="mend it, leave it empty if it is missing, or read the column as categories")


def _shape(value: str) -> str:
    """Return a cell with an x for each letter and a 9 for each digit: what is said of a file gets into records, and its values must not."""
    return "".join("x" if sign.isalpha() else "9" if sign.isdigit() else sign for sign in value[:61])


def separator_of(path: str) -> str:
    """Return what separates the fields of a CSV file: the commonest candidate in its header."""
    return delimited(path).separator


def has_line_of(path: str, length: int) -> bool:
    """Tell whether a text file has a line of twice ``length`` bytes or more (one of less than ``length`` never counts): a block without a line feed says so, cheaply."""
    with open(path, "rb") as file:
        for start in range(0, os.path.getsize(path) - length + 1, length):
            file.seek(start)
            at = 0
            while at < length:
                piece = file.read(min(1 << 16, length - at))
                if not piece or b"\n" in piece:
                    break
                at += len(piece)
            else:
                return True
    return False


def _undecodable(path: str) -> int:
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 0


def _broken_json(path: str) -> tuple[int, str, str] | None:
    """The first line that is no JSON object: its number, what is wrong with it, and what to do."""
    import json

    def none_in_json(name: str) -> None:
        raise ArithmeticError(name)

    with open(path, "rb") as raw, io.TextIOWrapper(raw, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if number == 1 and line.startswith("\ufeff"):
                return 1, "it begins with a byte order mark, which JSON does not allow", "save it as UTF-8 without one"
            try:
                if line.strip() and not isinstance(json.loads(line, parse_constant=none_in_json), dict):
                    return number, "this line is not a JSON object", "write one object a line"
            except ArithmeticError as name:
                return number, f"{name} is a number to Python and not in JSON", "write null for what is missing (json.dumps: allow_nan=False)"
            except (ValueError, RecursionError):
                return number, "this line is not a JSON object", "write one object a line"
    return None
