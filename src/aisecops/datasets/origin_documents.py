"""What documents beside data say of licence and origin: dataset cards, ``datapackage.json``, DCAT, schema.org, DataCite, Zenodo, Kaggle, ``CITATION.cff``, a README.

Each is somebody else's file: nothing in it is followed, every value is checked for its type, and what is not understood says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.core.yaml_text import parse_yaml

_WORDED = (
    "readme",
    "dataset_card",
    "dataset-card",
    "data_card",
    "data-card",
    "datacard",
    "datasheet",
    "data_statement",
    "data-statement",
    "datastatement",
)
_UNNAMED = ("other", "unknown", "other-at", "other-open", "other-pd", "notspecified", "none")
_FRONT = re.compile(r"\A\ufeff?---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(
    r"(?im)^(?:#{1,6}\s*|\*\*)?(?:\d+\.?\s*)?[^\n]{0,30}(?:licen[cs]\w*|terms of use|usage rights|copyright)[^\n]{0,30}?(?:\*\*)?:?\s*$"
)
_SENTENCE = re.compile(
    r"(?i)[^.\n]*(?:\blicen[cs]ed?\b|\bpublic domain\b|\bnon-?commercial\b|\bresearch (?:purposes|use) only\b|\bcreative commons\b)[^\n]{0,300}"
)
_SOURCE = re.compile(
    r"(?i)[^.\n]*(?:\bcollected\b|\bobtained from\b|\bdownloaded from\b|\bscraped\b|\bsurvey(?:ed)?\b|\bsources?\s*:|\bderived from\b)[^.\n]{0,200}"
)
_RDF = re.compile(
    r"(?i)(?:\b(?:dct|dcterms|schema|sdo)[:.]|purl\.org/dc/terms/|schema\.org/)(license|rights|publisher|creator|source)>?\s+(?:<([^>\n]+)>|\"([^\"\n]+)\")"
)
_RDF_XML = re.compile(
    r"(?i)<(?:(?:dct|dcterms|schema):)?(license|rights|publisher|creator|source)(?:Name)?\b[^>]*?(?:(?:rdf:resource|rightsURI)=\"([^\"]+)\"[^>]*>|>([^<]+)<)"
)
_LICENCE = ("licenses", "license", "licence", "license_id", "license_title", "rightsList", "rights")
_ORIGIN = (
    "creator",
    "creators",
    "author",
    "authors",
    "publisher",
    "source",
    "sources",
    "contributors",
    "isBasedOn",
    "wasDerivedFrom",
    "citation",
    "homepage",
    "provenance",
    "userSpecifiedSources",
)


class Stated(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one document says: its licence and its origin, as written; empty: nothing."""

    document: str
    license: str = ""
    provenance: str = ""


def stated(name: str, text: str, *, beside: bool, data: str) -> Stated | None:
    """Return what the document ``name`` with ``text`` says of the data file ``data``; None where it is none that speaks of data.

    Parameters
    ----------
    beside
        Whether it stands in the folder of the data, and no program does: a README or a licence in words then is theirs.
    data
        The path of the data from the folder of the document, with ``/``.
    """
    low = name.lower()
    if low.startswith(_WORDED):
        found = _card(text) or (_prose(text) if beside else None)
    elif low.endswith((".json", ".jsonld", ".json-ld")):
        found = _json(text, low, data, beside=beside)
    elif low.endswith((".html", ".htm")):
        scripts = re.findall(r"(?is)<script[^>]*application/ld\+json[^>]*>(.*?)</script>", text)
        found = next((said for script in scripts[:20] if (said := _json(script, low, data, beside=beside))), None)
    elif low == "citation.cff":
        found = _citation(text, beside=beside)
    elif low.endswith((".ttl", ".rdf", ".n3", ".xml")):
        found = _triples(text) if beside or data.rpartition("/")[2] in text else None
    else:
        found = (text[:2_000], "") if beside else None
    if found is None or not any(found):
        return None
    return Stated(inert(name, 80), _line(found[0]), _line(found[1]))


def _line(text: str) -> str:
    return inert(" ".join(text.split()), 400)


def _card(text: str) -> tuple[str, str] | None:
    """The front matter of a card of Hugging Face; of a model's card nothing."""
    front = _FRONT.match(text)
    if not front:
        return None
    said = _yaml(front[1])
    if said.keys() & {"library_name", "pipeline_tag", "base_model", "model-index"}:
        return None
    names = [one for one in _texts(said.get("license")) if one.lower() not in _UNNAMED]
    names = names or _texts(said.get("license_name")) or _texts(said.get("license_details")) or _texts(said.get("license"))
    source = [one for one in _texts(said.get("source_datasets")) if one != "original"] or _texts(said.get("homepage"))
    prose = _prose(text[front.end() :]) or ("", "")
    return ", ".join(names) or prose[0], ", ".join(source) or prose[1]


def _prose(text: str) -> tuple[str, str] | None:
    found = ""
    if heading := _HEADING.search(text):
        rest = text[heading.end() : heading.end() + 1_200].lstrip("\n=-~ ")
        found = re.split(r"\n#{1,6} |\n[^\n]+\n[=-]{3,}", rest)[0][:600]
    if not found.strip() and (sentence := _SENTENCE.search(text)):
        found = sentence[0]
    source = _SOURCE.search(text)
    return (found.strip(), source[0].strip() if source else "") if found.strip() or source else None


def _citation(text: str, *, beside: bool) -> tuple[str, str] | None:
    said = _yaml(text)
    if said.get("type") != "dataset" and not beside:
        return None
    authors = [" ".join(_texts(one.get("family-names")) + _texts(one.get("name"))) for one in _objects(said.get("authors"))]
    return ", ".join(_texts(said.get("license")) or _texts(said.get("license-url"))), ", ".join(author for author in authors if author)


def _triples(text: str) -> tuple[str, str] | None:
    said: dict[str, str] = {}
    for pattern in (_RDF, _RDF_XML):
        for key, address, words in pattern.findall(text):
            said.setdefault(key.lower(), address or words)
    if not said:
        return None
    return said.get("license") or said.get("rights", ""), said.get("source") or said.get("creator") or said.get("publisher", "")


def _json(text: str, name: str, data: str, *, beside: bool) -> tuple[str, str] | None:
    try:
        content = msgspec.json.decode(text.encode("utf-8", "surrogateescape"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    infos = isinstance(content, dict) and name in ("dataset_info.json", "dataset_infos.json")
    nodes = [content, *content.values()] if infos else list(_data_nodes(content))
    mentioned = data.rpartition("/")[2] in text or data in text
    if not (beside or mentioned):
        return None
    told = [_local(one) for one in nodes if isinstance(one, dict)]
    licence = next((found for node in told for key in _LICENCE if (found := _first(node.get(key)))), "")
    origin = next((found for node in told for key in _ORIGIN if (found := _first(node.get(key)))), "")
    return (licence, origin) if licence or origin else None


def _data_nodes(content: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the objects that describe a data set: by their type, or as the documents of catalogues and hubs have it."""
    if isinstance(content, list):
        for one in content[:200]:
            yield from _data_nodes(one, depth + 1)
    if not isinstance(content, dict) or depth > 4:
        return
    plain = _local(content)
    kinds = [kind.rpartition("/")[2].rpartition(":")[2].rpartition("#")[2] for kind in _texts(content.get("@type"))]
    said = {*_texts(plain.get("upload_type")), *_texts(plain.get("resourceTypeGeneral")), *_texts(plain.get("resource_type"))}
    if isinstance(plain.get("types"), dict):
        said |= set(_texts(plain["types"].get("resourceTypeGeneral")))
    if (
        "Dataset" in kinds
        or said & {"dataset", "Dataset"}
        or plain.keys() & {"resources", "license_id", "licence"}
        or ("licenses" in plain and {"id", "title"} <= plain.keys())
    ):
        yield content
    yield from (one for one in _objects(plain.get("resources")) if "licenses" in one)
    for key in ("@graph", "data", "attributes", "dataset", "dcat:dataset", "metadata", "mainEntity", "data_set_description"):
        yield from _data_nodes(content.get(key), depth + 1)


def _local(node: dict[str, Any]) -> dict[str, Any]:
    return {re.split(r"[/:#]", key)[-1]: value for key, value in node.items()}


def _first(value: Any) -> str:
    """What a property says: of objects the address or name that tells the most."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one.strip() and one.lower() not in _UNNAMED:
            return one
        if isinstance(one, dict):
            node = _local(one)
            keys = ("url", "@id", "id", "rightsUri", "rightsIdentifier", "path", "name", "title", "rights", "familyName", "@value")
            if found := next((text for key in keys for text in _texts(node.get(key) or one.get(key))), ""):
                return found
    return ""


def _yaml(text: str) -> dict[str, Any]:
    try:
        return parse_yaml(text, dict[str, Any], source="front matter")
    except (UserError, RecursionError):
        return {}


def _texts(value: Any) -> list[str]:
    return [one.strip() for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one.strip()]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
