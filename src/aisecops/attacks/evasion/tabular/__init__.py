"""Evasion of models of tables, in which every query is a row that could exist: repaired to its ``Domain`` before it is asked."""

from __future__ import annotations

from aisecops.attacks.evasion.tabular.attack import constrained_search

__all__ = ["constrained_search"]
