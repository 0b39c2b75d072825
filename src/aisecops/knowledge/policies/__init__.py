"""The policies that ship: each as the YAML that people read and copy, and as the JSON that it means.

Reading YAML costs more time than a small scan, so ``tools/build_policies.py`` writes the JSON, and a test holds the two together.
"""

from __future__ import annotations

import os

NAMES = ("baseline", "standard", "strict")
"""From the most lenient to the strictest: each asks for everything that the one before it asks for."""


def is_path(name: str) -> bool:
    """Whether ``name`` is meant as the path of a policy file: it holds a slash, or ends in ``.yaml``, ``.yml`` or ``.json`` (every JSON is YAML)."""
    return name.endswith((".yaml", ".yml", ".json")) or "/" in name or os.sep in name


def way_out(name: str) -> str:
    """What to tell a person who asks for the policy ``name``, which does not ship."""
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), NAMES, n=1)
    nearest = f"did you mean `{close[0]}`? " if close else ""
    return f"{nearest}these ship: {', '.join(NAMES)}; a policy of your own is named by its path, `./our-policy.yaml`"


def source(name: str) -> str:
    """The path of the YAML of the policy ``name``, one of ``NAMES``."""
    return os.path.join(os.path.dirname(__file__), f"{name}.yaml")


def compiled(name: str) -> str:
    """The path of the JSON of the policy ``name``, one of ``NAMES``."""
    return os.path.join(os.path.dirname(__file__), f"{name}.json")
