"""How a measured number is written for people."""

from __future__ import annotations


def figure(value: float) -> str:
    """Return ``value`` with three significant digits, or, from a thousand on, all digits before the point: ``0.0527``, ``1,000``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
