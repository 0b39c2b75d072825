"""Shadow models kept for the next attack on the same model: in the memory of this process, for a while, and nowhere else.

What shadows say about records is made of training data: whoever has it can attack without training anything. So nothing of it is written to a disk, where it would
outlive its purpose; a process that ends forgets it, and so does one that has waited longer than ``seconds``. A key that misses something is worse than no memory (one
peer answers about a second target with the shadows of the first): it is a digest over every record, label and parameter, the seed, which shadow was trained on what,
and the versions of the libraries that train.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from aisecops.attacks.inference.membership.networks import Recipe, networks
from aisecops.attacks.inference.membership.shadows import Shadows, clones
from aisecops.oracles.oracle import Flags, Floats, Integers
from aisecops.oracles.recipes import untrained

_LIBRARIES = ("aisecops", "numpy", "scipy", "sklearn", "joblib")


class ShadowMemory:
    """Keeps the confidences of at most ``most`` sets of shadows, each for ``seconds``.

    ``hits`` and ``misses`` count what was asked for.
    """

    def __init__(self, *, seconds: float = 3600.0, most: int = 8, clock: Callable[[], float] = time.monotonic) -> None:
        self.hits = self.misses = 0
        self._seconds, self._most, self._clock = seconds, most, clock
        self._kept: dict[str, tuple[float, Floats]] = {}

    def forget(self) -> None:
        """Forget everything now."""
        self._kept.clear()

    def clones(
        self, estimator: Any, X: Floats, y: Integers, *, own: Sequence[Any] | None = None, always: tuple[Floats, Integers] | None = None, seed: int = 0  # noqa: N803
    ) -> Shadows:  # fmt: skip
        """As ``membership.clones``, remembered."""
        parts = (estimator, None if own is None else list(own), seed)
        return self._remembered(clones(estimator, X, y, own=own, always=always, seed=seed), parts, (X, y, *(always or ())))

    def networks(
        self, module: Any, X: Floats, y: Integers, recipe: Recipe, *, always: tuple[Floats, Integers] | None = None, seed: int = 0  # noqa: N803
    ) -> Shadows:  # fmt: skip
        """As ``membership.networks``, remembered."""
        return self._remembered(networks(module, X, y, recipe, always=always, seed=seed), (module, recipe, seed), (X, y, *(always or ())))

    def _remembered(self, shadows: Shadows, parts: tuple[Any, ...], arrays: tuple[Any, ...]) -> Shadows:
        def confidences(inside: Flags, first: int = 0) -> Floats:
            key = key_of((*parts, first), (*arrays, inside))
            if key is None:
                return shadows(inside, first)
            kept = self._get(key)
            if kept is None:
                kept = shadows(inside, first)
                self._put(key, kept)
            return kept.copy()

        return confidences

    def _get(self, key: str) -> Floats | None:
        now = self._clock()
        self._kept = {name: kept for name, kept in self._kept.items() if kept[0] > now}
        found = self._kept.get(key)
        self.hits, self.misses = self.hits + (found is not None), self.misses + (found is None)
        return None if found is None else found[1]

    def _put(self, key: str, confidences: Floats) -> None:
        while len(self._kept) >= self._most:
            del self._kept[min(self._kept, key=lambda name: self._kept[name][0])]
        self._kept[key] = (self._clock() + self._seconds, confidences.copy())


def key_of(parts: tuple[Any, ...], arrays: Iterable[Any]) -> str | None:
    """Return the digest of everything that shadows follow from; None where a part (a lambda, say) does not tell what it is: then nothing is remembered."""
    try:
        described = [_described(part) for part in parts]
        versions = _versions(parts)
    except Exception:
        return None
    found = hashlib.sha256()
    for piece in (*described, *versions):
        found.update(len(piece).to_bytes(8, "big") + piece)
    for array in arrays:
        array = np.ascontiguousarray(array)
        head = f"{array.dtype.str}{array.shape}".encode()
        content = pickle.dumps(array.tolist()) if array.dtype.hasobject else array.tobytes()
        found.update(len(head).to_bytes(8, "big") + head + hashlib.sha256(content).digest())
    return found.hexdigest()


def _described(part: Any) -> bytes:
    """An estimator by its parameters, fitted or not; a module by its architecture and weights; anything else by its value."""
    if hasattr(part, "get_params"):
        part = untrained(part)
    return pickle.dumps(part, protocol=5)


def _versions(parts: Iterable[Any]) -> list[bytes]:
    """Of the libraries that train: those of every class among the parts and their parameters, and what they rest on."""
    objects = [*parts, *(value for part in parts if hasattr(part, "get_params") for value in part.get_params().values())]
    named = {type(value).__module__.partition(".")[0] for value in objects} | set(_LIBRARIES) | ({"torch"} & sys.modules.keys())
    loaded = sorted(name for name in named if name in sys.modules and name != "builtins")
    return [sys.version.encode(), *(f"{name} {getattr(sys.modules[name], '__version__', '')}".encode() for name in loaded)]
