"""Which points of a table make sense: types, bounds, one-hot groups, what may change and which way, derived columns, relations, prices.

A perturbation that breaks these is no attack: nobody can send such a row. ``Domain`` repairs every query before it is asked, and checks every example before
it is reported.
"""

from __future__ import annotations

from aisecops.datasets.domain.declaration import Change, Column, ColumnType, Domain, DomainError

__all__ = ["Change", "Column", "ColumnType", "Domain", "DomainError"]
