"""What the results of an asset rest on beside the asset itself, and whether it is still the same.

A parser that looks at other assets (a source file at the modules that it imports) names them in ``AssetFacts.depends``. Kept results carry a stamp of how these
were; a result whose stamp has changed is found anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.depends import NAMES, name_sum, sums_of_names


class Inputs:
    """The assets of a run, to look such names up in."""

    def __init__(self, assets: Sequence[Asset]) -> None:
        self._assets = assets
        self._digests = {asset.id: _framed(asset.digest) for asset in assets}
        self._stems: dict[int, bytes] | None = None
        self._kinds: dict[str, bytes] = {}

    def stamp(self, depends: Iterable[str]) -> bytes:
        """Return the state of everything that ``depends`` names."""
        from hashlib import sha256  # which takes its time to load: not for scans that rest on nothing else

        # Of a large tree, this looks up millions of names for a scan in which nothing has changed.
        digests = self._digests
        return sha256(b"".join([digests.get(name[1:], _ABSENT) if name[:1] == "=" else self._state(name) for name in depends])).digest()

    def _state(self, name: str) -> bytes:
        if name[:1] != NAMES:
            return self._all(name[1:])
        called = self._called()
        return b"".join(map(called.__getitem__, filter(called.__contains__, sums_of_names(name)))) + _ABSENT

    def _called(self) -> dict[int, bytes]:
        """The sum of a stem to the source files that ``import stem`` may mean."""
        if self._stems is None:
            paths: dict[int, list[str]] = {}
            for asset in self._assets:
                if asset.kind is AssetKind.SOURCE_FILE:
                    paths.setdefault(name_sum(stem(asset.path)), []).append(asset.path)
            self._stems = {number: _framed("\n".join(same)) for number, same in paths.items()}
        return self._stems

    def _all(self, kind: str) -> bytes:
        if kind not in self._kinds:
            from hashlib import sha256

            state = sha256()
            for asset in sorted((a for a in self._assets if a.kind == kind), key=lambda a: a.id):
                state.update(f"{asset.id}\0{asset.digest}\0".encode("utf-8", "backslashreplace"))
            self._kinds[kind] = state.digest()
        return self._kinds[kind]


def _framed(said: str) -> bytes:
    """Return ``said`` so that it can stand between others."""
    data = said.encode("utf-8", "backslashreplace")
    return len(data).to_bytes(4, "big") + data


_ABSENT = _framed("")


def stem(path: str) -> str:
    """Return the name under which the file at ``path`` is imported: ``b`` for ``a/b.py`` and for ``a/b/__init__.py``."""
    folder, _, name = path.rpartition("/")
    name = name.removesuffix(".py")
    return folder.rpartition("/")[2] if name == "__init__" else name
