"""How a program evaluates its models: which data is split, learned from and scored, and what slips from the part that scores into the part that learns."""

from __future__ import annotations

from aisecops.codebase.evaluation.leaks import leaks, may_leak
from aisecops.codebase.evaluation.states import Leak

__all__ = ["Leak", "leaks", "may_leak"]
