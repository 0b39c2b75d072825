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
        self._digests = {asset.id: asset.digest for asset in assets}
        self._assets = assets
        self._stems: dict[int, list[str]] | None = None
        self._kinds: dict[str, bytes] = {}

    def stamp(self, depends: Iterable[str]) -> bytes:
        """Return the state of everything that ``depends`` names."""
        from hashlib import sha256  # which takes its time to load: not for scans that rest on nothing else

        return sha256(b"".join([self._state(name) for name in depends])).digest()

    def _state(self, name: str) -> bytes:
        form, what = name[:1], name[1:]
        if form == "=":
            said = self._digests.get(what, "")
        elif form == NAMES:
            called = self._called()
            said = "\n".join(path for number in sorted(called.keys() & sums_of_names(name)) for path in called[number])
        else:
            return self._all(what)
        return len(said).to_bytes(4, "big") + said.encode("utf-8", "backslashreplace")

    def _called(self) -> dict[int, list[str]]:
        """The sum of a stem to the source files that ``import stem`` may mean."""
        if self._stems is None:
            self._stems = {}
            for asset in self._assets:
                if asset.kind is AssetKind.SOURCE_FILE:
                    self._stems.setdefault(name_sum(stem(asset.path)), []).append(asset.path)
        return self._stems

    def _all(self, kind: str) -> bytes:
        if kind not in self._kinds:
            from hashlib import sha256

            state = sha256()
            for asset in sorted((a for a in self._assets if a.kind == kind), key=lambda a: a.id):
                state.update(f"{asset.id}\0{asset.digest}\0".encode("utf-8", "backslashreplace"))
            self._kinds[kind] = state.digest()
        return self._kinds[kind]


def stem(path: str) -> str:
    """Return the name under which the file at ``path`` is imported: ``b`` for ``a/b.py`` and for ``a/b/__init__.py``."""
    folder, _, name = path.rpartition("/")
    name = name.removesuffix(".py")
    return folder.rpartition("/")[2] if name == "__init__" else name
