"""The policies that ship: each as the YAML that people read and copy, and as the JSON that it means.

Reading YAML costs more time than a small scan, so ``tools/build_policies.py`` writes the JSON, and a test holds the two together.
"""

from __future__ import annotations

import os

NAMES = ("baseline", "standard", "strict")
"""From the most lenient to the strictest: each asks for everything that the one before it asks for."""


def source(name: str) -> str:
    """The path of the YAML of the policy ``name``, one of ``NAMES``."""
    return os.path.join(os.path.dirname(__file__), f"{name}.yaml")


def compiled(name: str) -> str:
    """The path of the JSON of the policy ``name``, one of ``NAMES``."""
    return os.path.join(os.path.dirname(__file__), f"{name}.json")
