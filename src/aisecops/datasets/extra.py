"""Libraries that only some users need, imported where they are used, and what is said where one is missing."""

from __future__ import annotations

from typing import Any

from aisecops.core.errors import UserError


class MissingExtraError(UserError):
    """A library that only some users need is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, fix=f"pip install 'aisecops[{extra}]'")


def load_polars() -> Any:
    """Return the module. Raises ``MissingExtraError``."""
    try:
        import polars
    except ModuleNotFoundError:
        raise MissingExtraError("reading tables needs Polars, which is not installed", "data") from None
    return polars
