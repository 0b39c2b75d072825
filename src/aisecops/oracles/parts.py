"""The fitted objects that a loaded model is made of: steps of pipelines, members of ensembles, whatever an object of one's own holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

_MOST = 20_000


def parts_of(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield the model and every fitted object in it, each once, with its path; numbers and keys of collections are written ``*``: ``steps.*.vocabulary_``."""
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", model)]
    while waiting and len(seen) < _MOST:
        path, part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield path, part
        for name, value in sorted(attributes(part).items()):
            waiting += [(f"{path}.{name}{star}".lstrip("."), inner) for star, inner in _objects(value)]


def attributes(part: Any) -> dict[str, Any]:
    """Return what an object holds by name."""
    held = getattr(part, "__dict__", None)
    return {name: value for name, value in held.items() if isinstance(name, str)} if isinstance(held, dict) else {}


def _objects(value: Any, depth: int = 0) -> list[tuple[str, Any]]:
    """The estimators in a value: itself, or within lists, tuples, mappings and arrays of objects."""
    if isinstance(value, dict):
        value = list(value.values())
    elif isinstance(value, np.ndarray) and value.dtype == object:
        value = value.ravel().tolist()
    if isinstance(value, list | tuple):
        if depth > 2:
            return []
        return [(star or ".*", inner) for item in value for star, inner in _objects(item, depth + 1)]
    is_model = not isinstance(value, type) and any(callable(getattr(value, name, None)) for name in ("fit", "transform", "predict"))
    return [("", value)] if is_model else []
