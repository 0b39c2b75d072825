"""The extras of this installation: which are complete, what each adds, and what is missing for it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import msgspec

ADDS = {
    "attack": "attacks and measurements of models: aisecops run",
    "data": "checks of data sets: tables, texts, images",
    "documents": "what PDF, HTML and CSS say and what they show",
    "examples": "what the examples of the repository train",
    "explain": "SHAP and Captum beside our explanations",
    "fairness": "Fairlearn's mitigations beside ours",
    "ner": "names of persons inside the texts of data sets",
    "privacy": "claimed epsilons recomputed; training with differential privacy",
    "ray": "tasks over a cluster",
    "torch": "models of torch",
}
"""What each extra of ``pyproject.toml`` is good for; a test compares the names."""

_REQUIRED = re.compile(r"""\s*(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*(?P<range>[^;]*);.*\bextra\s*==\s*["'](?P<extra>[\w-]+)["']""")


class Extra(msgspec.Struct, frozen=True, kw_only=True):
    """An extra. ``missing``: what it asks for and is not here, or too old, as pip writes it; empty where it is complete."""

    name: str
    adds: str
    missing: tuple[str, ...]


def extras() -> tuple[Extra, ...]:
    """Return the extras of the installed aisecops by name; none where it is not installed but run from its source."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        declared = requires("aisecops") or []
    except PackageNotFoundError:
        return ()
    return judged(declared)


def judged(declared: Iterable[str]) -> tuple[Extra, ...]:
    """Return what ``declared`` (as in ``Requires-Dist``) asks for, extra by extra, and what of it is missing."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for text in declared:
        if found := _REQUIRED.match(text):
            needed = f"{found['name']}{found['range'].strip()}"
            wanted[found["extra"]] += [] if _there(found["name"], found["range"].strip()) else [needed]
    return tuple(Extra(name=name, adds=ADDS.get(name, ""), missing=tuple(missing)) for name, missing in sorted(wanted.items()))


def _there(name: str, range_: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    from aisecops.codebase.dependencies.pep440 import parse, within

    try:
        here = version(name)
    except PackageNotFoundError:
        return False
    asked, found = parse(range_), parse(f"=={here}")
    return not asked or found is None or within(found, asked) is not False
