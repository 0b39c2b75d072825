"""The reference of the run record, from its published JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "run-1.schema.json"
_CELL = re.compile(r"[|<>*_\[\]&]")


def reference() -> str:
    """Return a section for each type of the schema: the record first, then its parts by name."""
    types = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
    names = ["Run", *sorted(name for name in types if name != "Run")]
    return "\n\n".join(part for name in names for part in _type(name, types[name])) + "\n"


def _type(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {name} {{ #{name.lower()} }}"
    yield from (_prose(" ".join(part.split())) for part in schema.get("description", "").split("\n\n"))
    if "enum" in schema:
        yield "One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + "."
    elif rows := [_row(field, of, field in schema.get("required", ())) for field, of in schema.get("properties", {}).items()]:
        yield "\n".join(["| field | type | when |", "| --- | --- | --- |", *rows])


def _row(name: str, schema: dict[str, Any], required: bool) -> str:
    default = json.dumps(schema["default"]) if schema.get("default") not in (None, "", [], {}, False) else ""
    return f"| `{name}` | {_kind(schema)} | {'always there' if required else f'default `{default}`' if default else ''} |"


def _kind(schema: dict[str, Any]) -> str:
    """A type in words, with links to the types that it is made of."""
    match schema:
        case {"$ref": str(target)}:
            name = target.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"anyOf": list(kinds)}:
            return " or ".join(_kind(kind) for kind in kinds)
        case {"type": "array", "prefixItems": list(items)}:
            return f"list of ({', '.join(_kind(item) for item in items)})"
        case {"type": "array"}:
            return f"list of {_kind(schema.get('items') or {})}"
        case {"type": "object", "additionalProperties": dict(value)}:
            return f"mapping of names to {_kind(value)}"
        case {"type": "object"}:
            return "mapping"
        case {"type": str(kind)}:
            return "nothing" if kind == "null" else kind
        case {"enum": list(values)}:
            return " or ".join(f"`{value}`" for value in values)
        case _:
            return "anything"


def _prose(text: str) -> str:
    """Schema descriptions are docstrings: double back quotes are code, the rest is text."""
    parts = text.split("``")
    return "".join(f"`{part}`" if number % 2 else _CELL.sub(lambda found: f"&#{ord(found[0])};", part) for number, part in enumerate(parts))
