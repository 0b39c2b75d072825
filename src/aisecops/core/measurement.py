"""Measurements: numbers with their uncertainty."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from aisecops.core.statistics.interval import Interval


class Better(StrEnum):
    """Which direction of a measurement is the safe one."""

    HIGHER = "higher"
    LOWER = "lower"


class Bound(StrEnum):
    """What a number bounds: nothing (an estimate), the truth from the attacker's side (upper), or with proof (lower)."""

    ESTIMATE = "estimate"
    ATTACK = "attack"
    CERTIFICATE = "certificate"


class Reading(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a check measured, before the pipeline adds identity.

    ``low`` and ``high`` are a two-sided interval at confidence ``level`` by ``method`` over ``n`` samples. ``blocked`` says why the number must not be used.
    """

    name: str
    value: float | None
    unit: str
    n: int | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    method: str = ""
    better: Better | None = None
    bound: Bound | None = None
    blocked: str = ""
    subject: str = ""
    curve: tuple[tuple[float, ...], ...] = ()
    attachments: tuple[str, ...] = ()

    def within(self, interval: Interval) -> Reading:
        """Return this reading with ``interval`` as its own. An infinite end becomes None: on that side nothing is known."""
        low, high = (end if math.isfinite(end) else None for end in (interval.low, interval.high))
        return msgspec.structs.replace(self, low=low, high=high, level=interval.level, method=interval.method)


class Measurement(Reading, frozen=True, omit_defaults=True, kw_only=True):
    """A reading with its place in the record."""

    id: str
    check: str
    assets: tuple[str, ...]


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A file that belongs to the run, named by digest."""

    id: str
    role: str
    media_type: str
    digest: str
    size: int
    path: str
    sensitive: bool = False
