"""Personal data in text and tables: numbers with check digits, addresses, labelled facts."""

from __future__ import annotations

from aisecops.content.personal.columns import find_in_column, find_in_table
from aisecops.content.personal.exposure import Exposure, exposure
from aisecops.content.personal.kinds import PersonalColumn, PersonalDatum, PersonalKind
from aisecops.content.personal.search import find_personal

__all__ = ["Exposure", "PersonalColumn", "PersonalDatum", "PersonalKind", "exposure", "find_in_column", "find_in_table", "find_personal"]
