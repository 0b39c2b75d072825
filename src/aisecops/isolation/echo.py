"""The simplest thing to serve: it answers with what it was asked. For probing what holds, and for measuring what a call costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisecops.isolation.messages import Values


class Echo:
    """Answers any method with its own arguments."""

    def answer(self, method: str, values: Values, arrays: Mapping[str, Any]) -> tuple[Values, Mapping[str, Any]]:  # noqa: ARG002
        """Return ``values`` and ``arrays``."""
        return values, arrays


def serve(request: Values) -> Echo:  # noqa: ARG001
    """Return an ``Echo``, whatever the request."""
    return Echo()
