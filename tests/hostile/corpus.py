"""All hostile samples: our own set, from the public classes of bypasses."""

from __future__ import annotations

from functools import cache

from tests.hostile import archives, arrays, gadgets, later, opcodes, streams, torch_files
from tests.hostile.sample import Sample

_MODULES = (opcodes, gadgets, streams, arrays, torch_files, archives, later)


@cache
def corpus() -> tuple[Sample, ...]:
    found = tuple(sample for module in _MODULES for sample in module.samples())
    assert len({sample.id for sample in found}) == len(found)
    return found
