"""What libraries do with what a program gives them, as data: one YAML file for each library beside this module, compiled by ``tools/build_libraries.py``.

The format is explained in ``docs/library-knowledge.md``. Reading YAML costs more time than many a scan, so what a scan loads is ``data/libraries.json``, one
entry a line; a test holds the two together.
"""

from __future__ import annotations

from aisecops.knowledge.libraries.index import Libraries
from aisecops.knowledge.libraries.model import Entry, Group, Test
from aisecops.knowledge.libraries.patterns import matches

__all__ = ["Entry", "Group", "Libraries", "Test", "matches"]
