"""What services and tools do when they are started or set in certain ways, as data: YAML files beside this module, compiled by ``tools/build_services.py``.

The format is explained in ``docs/service-knowledge.md``. What a scan loads is ``data/services.json``, one entry a line; a test holds the two together.
"""

from __future__ import annotations

from aisecops.knowledge.services.index import Services, services
from aisecops.knowledge.services.model import Entry, Parameter, Service, Test

__all__ = ["Entry", "Parameter", "Service", "Services", "Test", "services"]
