"""A Croissant document, read without a JSON-LD processor: nothing is fetched, and nothing in it is followed.

Writers differ in prefixes only (``sc:Dataset``, ``https://schema.org/Dataset``, ``Dataset``): what is left without them names a property, in every document that the
MLCommons tools accept. The document may be somebody else's: every value is checked for its type before it is used.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.text import inert, inert_path
from aisecops.datasets.roles import ColumnRoles

MAX_BYTES = 8 << 20
_PREFIX = re.compile(r"^(?:https?://schema\.org/|https?://mlcommons\.org/croissant/(?:RAI/|1\.[01]/)?|sc:|cr:|ml:|rai:|dct:)")
_KINDS = {
    "Integer": "integer",
    "Int": "integer",
    "Float": "number",
    "Number": "number",
    "Boolean": "boolean",
    "Text": "text",
    "Date": "time",
    "DateTime": "time",
    "ImageObject": "image",
} | {f"{sign}{bits}": "integer" for sign in ("Int", "UInt") for bits in (8, 16, 32, 64)}
_KINDS |= {f"Float{bits}": "number" for bits in (16, 32, 64)}


class CroissantError(UserError):
    """A Croissant document says nothing that can be used, or cannot be written."""


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column as the document describes it. ``kind``: integer, number, boolean, text, time, image, or empty where it says nothing that we know."""

    column: str
    kind: str = ""
    label: bool = False
    split: bool = False
    key: bool = False
    array: bool = False


class Described(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a document says of one file.

    Parameters
    ----------
    document
        Its path, inert.
    sha256
        In hex, lower case; empty: it says none.
    fields
        The columns that it describes.
    license, provenance
        Of the whole data set, as written; empty: nothing is said.
    problem
        Why the document cannot be read; all else is empty then.
    """

    document: str
    sha256: str = ""
    fields: tuple[Field, ...] = ()
    license: str = ""
    provenance: str = ""
    problem: str = ""

    def roles(self) -> ColumnRoles:
        """Return what the columns are for, as far as the document says."""

        def only(columns: list[str]) -> str:
            return columns[0] if len(columns) == 1 else ""

        return ColumnRoles(
            label=only([field.column for field in self.fields if field.label]),
            split=only([field.column for field in self.fields if field.split]),
            id=only([field.column for field in self.fields if field.key]),
            time=only([field.column for field in self.fields if field.kind == "time"]),
            image=only([field.column for field in self.fields if field.kind == "image"]),
        )


class Document(msgspec.Struct, frozen=True):
    """A parsed document: its path, and its properties without prefixes."""

    path: str
    properties: dict[str, Any]

    def describe(self, path: str) -> Described | None:
        """Return what it says of the file at ``path``, relative to its own folder, with ``/``; None if it does not speak of it."""
        ids, sha256 = self._files(path)
        if not ids:
            return None
        return Described(
            document=self.path,
            sha256=sha256,
            fields=tuple(dict.fromkeys(self._fields(ids))),
            license=_said(self.properties.get("license")),
            provenance=next(
                (text for key in ("creator", "isBasedOn", "dataCollection", "citeAs", "citation") if (text := _said(self.properties.get(key)))), ""
            ),
        )

    def _files(self, path: str) -> tuple[set[str], str]:
        """The ids of the resources that are, or hold, the file, and its SHA-256 if one is given."""
        ids, sha256, name = set(), "", path.rpartition("/")[2]
        for item in _nodes(self.properties.get("distribution")):
            kind, id_ = _type(item), _id(item)
            url = _text(item.get("contentUrl"))
            if kind == "FileObject" and (url.removeprefix("./") == path or ("://" in url and url.partition("?")[0].rpartition("/")[2] == name)):
                ids.add(id_)
                given = _text(item.get("sha256")).lower()
                sha256 = given if re.fullmatch("[0-9a-f]{64}", given) else sha256
            elif kind == "FileSet":
                patterns = [_text(one) for one in _list(item.get("includes"))]
                if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns if len(pattern) < 500):
                    ids.add(id_)
        return ids, sha256

    def _fields(self, ids: set[str]) -> Iterator[Field]:
        for record in _nodes(self.properties.get("recordSet")):
            keys = {_reference(one) for one in _list(record.get("key"))}
            for field in _nodes(record.get("field")):
                source = _plain(field.get("source"))
                resource = _reference(source.get("fileObject")) or _reference(source.get("fileSet")) or _reference(source.get("distribution"))
                column = _text(_plain(source.get("extract")).get("column"))
                if resource not in ids or not column:
                    continue
                types = [_local(_text(one)) for one in _list(field.get("dataType"))]
                yield Field(
                    column=column,
                    kind=next((_KINDS[one] for one in types if one in _KINDS), ""),
                    label="Label" in types,
                    split="Split" in types,
                    key=_id(field) in keys,
                    array=bool(field.get("repeated") or field.get("isArray") or source.get("transform")),
                )


def is_croissant(data: bytes) -> bool:
    """Tell whether ``data`` looks like a Croissant document: cheap, for a file of any name."""
    return b"mlcommons.org/croissant" in data


def parse(data: bytes, path: str) -> Document:
    """Return the document in ``data``. Raises ``CroissantError``."""
    where = inert_path(path)
    if len(data) > MAX_BYTES:
        raise CroissantError(f"larger than {MAX_BYTES >> 20} MiB", where=where, fix="describe the files by a FileSet instead of one by one")
    try:
        content = msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as wrong:
        raise CroissantError(f"not JSON ({inert(str(wrong), 100)})", where=where, fix="write it anew: aisecops croissant") from None
    graph = content.get("@graph") if isinstance(content, dict) else None
    for node in _nodes(graph) if graph else [_plain(content)]:
        if _type(node) == "Dataset":
            return Document(where, node)
    raise CroissantError("no Dataset in it", where=where, fix="give a Croissant document: its @type is sc:Dataset")


def _local(name: str) -> str:
    return _PREFIX.sub("", name)


def _plain(value: Any) -> dict[str, Any]:
    """An object with its keys without prefixes; empty if it is none."""
    return {_local(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _nodes(value: Any) -> list[dict[str, Any]]:
    return [_plain(one) for one in _list(value) if isinstance(one, dict)]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("@id", value.get("@value", ""))
    return value if isinstance(value, str) else ""


def _id(node: dict[str, Any]) -> str:
    return _text(node.get("@id")) or _text(node.get("name"))


def _reference(value: Any) -> str:
    return _text(value)


def _type(node: dict[str, Any]) -> str:
    return next((_local(_text(one)) for one in _list(node.get("@type"))), "")


def _said(value: Any) -> str:
    """What a property says, in a line: of objects their name, id or address."""
    told = []
    for one in _list(value):
        node = _plain(one)
        told.append(_text(node.get("name")) or _text(node.get("@id")) or _text(node.get("url")) if node else _text(one))
    return inert(", ".join(text.strip() for text in told if text.strip()), 200)
