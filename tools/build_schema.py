"""Write docs/schema/run-1.schema.json, the published JSON Schema of the run record, from the types that make it.

A test fails when the file is not what this writes: run ``python tools/build_schema.py`` after a change of the record, and say in docs/run-record.md what is new.
"""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from aisecops.core.run import SCHEMA, Run

TARGET = Path(__file__).parent.parent / "docs" / "schema" / "run-1.schema.json"


def build() -> bytes:
    """Return the schema (JSON Schema 2020-12), indented, with sorted keys where the order says nothing."""
    (reference,), definitions = msgspec.json.schema_components([Run], ref_template="#/$defs/{name}")
    _name_the_version(definitions["Run"])
    _dedent(definitions)
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The run record of aisecops, {SCHEMA}",
        "description": "One execution: what was examined, what was found, what was not examined, and the verdict. More fields may come; these stay.",
        **reference,
        "$defs": dict(sorted(definitions.items())),
    }
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def _dedent(node: Any) -> None:
    """Descriptions are docstrings: take their indentation off."""
    for key, value in node.items() if isinstance(node, dict) else ():
        if key == "description" and isinstance(value, str):
            node[key] = cleandoc(value)
        else:
            _dedent(value)


def _name_the_version(run: dict[str, Any]) -> None:
    run["properties"]["schema"] = {"const": SCHEMA}


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(build())
    print(f"wrote {TARGET}")
