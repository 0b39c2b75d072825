"""What the results of an asset rest on beside the asset itself, and whether it is still the same.

A parser that looks at other assets (a source file at the modules that it imports) names them in ``AssetFacts.depends``. Kept results carry a stamp of how these
were; a result whose stamp has changed is found anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.depends import BODIES, CONTENT, NAMES, SHAPE, name_sum, sums_of_names

_SUM = 32
"""Bytes of each part of a stamp."""


class Inputs:
    """The assets of a run, to look such names up in."""

    def __init__(self, assets: Sequence[Asset]) -> None:
        self.assets = assets
        self._states = _States(assets)
        self._stems: dict[int, bytes] | None = None
        self._paths: bytes | None = None

    def stamp(self, depends: Sequence[str]) -> bytes:
        """Return the state of everything that ``depends`` names: which source files there are, which of these its names may mean, and the rest."""
        return self._files() + self._names(depends) + self._rest(depends)

    def holds(self, stamp: bytes, depends: Sequence[str]) -> bool:
        """Whether ``stamp`` was made of ``depends`` in the same state.

        Of a large tree, that is asked of millions of names; as long as no source file has come or gone, none of them can mean another.
        """
        files, names, rest = stamp[:_SUM], stamp[_SUM : 2 * _SUM], stamp[2 * _SUM :]
        return rest == self._rest(depends) and (files == self._files() or names == self._names(depends))

    def _files(self) -> bytes:
        if self._paths is None:
            paths = sorted(asset.path for asset in self.assets if asset.kind is AssetKind.SOURCE_FILE)
            self._paths = _sum("\0".join(paths).encode("utf-8", "backslashreplace"))
        return self._paths

    def _names(self, depends: Sequence[str]) -> bytes:
        called = self._called()
        words = [sums_of_names(word) for word in depends if word[:1] == NAMES]
        return _sum(b"".join([b"".join(map(called.__getitem__, filter(called.__contains__, sums))) + _ABSENT for sums in words]))

    def _rest(self, depends: Sequence[str]) -> bytes:
        return _sum(b"".join(map(self._states.__getitem__, depends)))

    def _called(self) -> dict[int, bytes]:
        """The sum of a stem to the source files that ``import stem`` may mean."""
        if self._stems is None:
            paths: dict[int, list[str]] = {}
            for asset in self.assets:
                if asset.kind is AssetKind.SOURCE_FILE:
                    paths.setdefault(name_sum(stem(asset.path)), []).append(asset.path)
            self._stems = {number: _framed("\n".join(same)) for number, same in paths.items()}
        return self._stems


class _States(dict[str, bytes]):
    """A word of ``AssetFacts.depends`` to the state of what it names; those that speak of names of modules say nothing here.

    Of a large tree it is asked a million times, hence whole words are keys.
    """

    def __init__(self, assets: Sequence[Asset]) -> None:
        super().__init__({f"{CONTENT}{asset.id}": _framed(asset.digest) for asset in assets})
        self._assets = assets

    def __missing__(self, word: str) -> bytes:
        if word[:1] in (NAMES, BODIES):  # names are looked up elsewhere; of what has changed, bodies are a part
            return b""
        if word[:1] == CONTENT:
            return _ABSENT
        if word[:1] == SHAPE:  # which is known only of what was examined; the content is at hand
            return self[CONTENT + word[1:]]
        self[word] = state = self._all(word[1:])
        return state

    def _all(self, kind: str) -> bytes:
        from hashlib import sha256

        state = sha256()
        for asset in sorted((a for a in self._assets if a.kind == kind), key=lambda a: a.id):
            state.update(f"{asset.id}\0{asset.digest}\0".encode("utf-8", "backslashreplace"))
        return state.digest()


def _sum(data: bytes) -> bytes:
    from hashlib import sha256  # which takes its time to load: not for scans that rest on nothing else

    return sha256(data).digest()


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
