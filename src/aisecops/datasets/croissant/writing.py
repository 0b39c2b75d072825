"""A Croissant 1.0 document for tables: files with their digests, columns with their types and roles."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import Any

import msgspec

from aisecops.core.text import inert_path
from aisecops.datasets.croissant.reading import CroissantError
from aisecops.datasets.roles import ColumnRoles

_CR, _SC = "http://mlcommons.org/croissant/", "https://schema.org/"
_CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": _SC, "equivalentProperty": "cr:equivalentProperty", "sc": _SC, "cr": _CR,
    "rai": f"{_CR}RAI/", "dct": "http://purl.org/dc/terms/", "citeAs": "cr:citeAs",
    "column": "cr:column", "conformsTo": "dct:conformsTo", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract",
    "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5",
    "parentField": "cr:parentField", "path": "cr:path", "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
    "samplingRate": "cr:samplingRate", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
"""The context that the specification gives, word for word but for what it takes from vocabularies that are not used here."""
_FORMATS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/x-parquet",
    ".jsonl": "application/jsonlines",
    ".ndjson": "application/jsonlines",
    ".arrow": "application/vnd.apache.arrow.file",
    ".feather": "application/vnd.apache.arrow.file",
    ".ipc": "application/vnd.apache.arrow.file",
}


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What no file says of itself; what is left empty is not written. ``published``: a day, YYYY-MM-DD."""

    name: str
    description: str = ""
    license: str = ""
    creator: str = ""
    url: str = ""
    version: str = ""
    published: str = ""
    cite_as: str = ""


def croissant(about: About, tables: Sequence[tuple[str, str, ColumnRoles]]) -> dict[str, Any]:
    """Return the document as JSON values.

    Parameters
    ----------
    about
        What to say of the whole.
    tables
        For each table the name under which the document is to speak of it (relative to where it will lie, with ``/``), its path here, and what its columns are for.

    Raises
    ------
    CroissantError
        A file is no table, or two have one name.
    TableError
        A table cannot be read.
    """
    names = [name for name, _, _ in tables]
    if len(set(names)) != len(names):
        raise CroissantError("two files have one name", fix="give each once")
    personal = sorted({column for _, _, roles in tables for column in roles.personal})
    said = {
        "name": about.name,
        "description": about.description,
        "license": about.license,
        "url": about.url,
        "version": about.version,
        "datePublished": about.published,
        "citeAs": about.cite_as,
    }
    document: dict[str, Any] = {"@context": _CONTEXT, "@type": "sc:Dataset", "conformsTo": f"{_CR}1.0"}
    document |= {key: text for key, text in said.items() if text}
    if about.creator:
        document["creator"] = {"@type": "sc:Organization", "name": about.creator}
    if personal:
        document["rai:personalSensitiveInformation"] = personal
    document["distribution"] = [_resource(name, path) for name, path, _ in tables]
    document["recordSet"] = [_records(name, path, roles) for name, path, roles in tables]
    return document


def _resource(name: str, path: str) -> dict[str, Any]:
    kind = _FORMATS.get(os.path.splitext(path)[1].lower())
    if kind is None or not os.path.isfile(path):
        raise CroissantError("not a table", where=inert_path(path), fix=f"give a file that ends in one of {', '.join(_FORMATS)}")
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = f"{os.path.getsize(path)} B"
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": size,
        "encodingFormat": kind,
        "sha256": digest,
    }


def _records(name: str, path: str, roles: ColumnRoles) -> dict[str, Any]:
    from aisecops.datasets.sources import explained, open_frame

    with explained(path):
        schema = open_frame(path).collect_schema()
    records = f"{name}#rows"
    fields = []
    for column, dtype in schema.items():
        kind, repeated = _type(dtype)
        if not kind:
            continue  # of nested columns the document would have to describe each part
        types = [kind, *(["cr:Label"] if column == roles.label else []), *(["cr:Split"] if column == roles.split else [])]
        field: dict[str, Any] = {
            "@type": "cr:Field",
            "@id": f"{records}/{column}",
            "name": column,
            "dataType": types if len(types) > 1 else kind,
            "source": {"fileObject": {"@id": name}, "extract": {"column": column}},
        }
        fields.append(field | ({"repeated": True} if repeated else {}))
    found: dict[str, Any] = {"@type": "cr:RecordSet", "@id": records, "name": records, "field": fields}
    if roles.id in schema:
        found["key"] = {"@id": f"{records}/{roles.id}"}
    return found


def _type(dtype: Any) -> tuple[str, bool]:
    """The data type of a Polars column, and whether its cells are lists; empty for what has parts."""
    from aisecops.datasets.extra import load_polars

    pl = load_polars()
    if isinstance(dtype, pl.List):
        kind, repeated = _type(dtype.inner)
        return ("", False) if repeated else (kind, True)
    if dtype.is_integer():
        return "sc:Integer", False
    if dtype.is_numeric():
        return "sc:Float", False
    known = {pl.Boolean: "sc:Boolean", pl.Date: "sc:Date", pl.String: "sc:Text", pl.Categorical: "sc:Text", pl.Null: "sc:Text"}
    if isinstance(dtype, pl.Datetime):
        return "sc:DateTime", False
    return known.get(dtype.base_type(), "sc:Text" if isinstance(dtype, pl.Enum) else ""), False
