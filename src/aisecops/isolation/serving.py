"""What is served: the object that an entry returns, in a quarantine or right here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from aisecops.isolation.messages import Values


class Served(Protocol):
    """What an entry returns: something to ask."""

    def answer(self, method: str, values: Values, arrays: Mapping[str, Any]) -> tuple[Values, Mapping[str, Any]]:
        """Answer one call: plain values, and arrays of numbers or truth values."""


def load(entry: str, request: Values) -> Served:
    """Import ``module:function`` and call it."""
    from importlib import import_module

    module, _, function = entry.partition(":")
    served: Served = getattr(import_module(module), function)(request)
    return served
