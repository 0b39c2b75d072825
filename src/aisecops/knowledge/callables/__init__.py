"""The table of callables: what a pickle may do with a callable, by operation."""

from __future__ import annotations

from aisecops.knowledge.callables.conditions import (
    ARRAY_MAKERS,
    HARMLESS_REFERENCES,
    ONLY_MADE,
    PLAIN_BASES,
    TEXT_ENCODINGS,
    VALUE_TYPES,
    VETTED,
    Condition,
)
from aisecops.knowledge.callables.table import VERSION, Ruling, Table, table_digest, torch_weights_only_allows

__all__ = [
    "ARRAY_MAKERS",
    "HARMLESS_REFERENCES",
    "ONLY_MADE",
    "PLAIN_BASES",
    "TEXT_ENCODINGS",
    "VALUE_TYPES",
    "VERSION",
    "VETTED",
    "Condition",
    "Ruling",
    "Table",
    "table_digest",
    "torch_weights_only_allows",
]
