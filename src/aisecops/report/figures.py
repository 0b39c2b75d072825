"""How a measured number is written for people."""

from __future__ import annotations


def figure(value: float) -> str:
    """Return ``value`` with three significant digits, or, from a thousand on, all digits before the point: ``0.0527``, ``1,000``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def count(n: int, noun: str) -> str:
    """``1 check``, ``12 checks``, ``1,204 dependency sets``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{n:,} {noun if n == 1 else plural}"
