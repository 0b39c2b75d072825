"""What rows break, by the name of the rule."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from aisecops.core.text import inert
from aisecops.datasets.domain.evaluation import Flags, Floats
from aisecops.datasets.domain.rules import Rules


class Violations(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that at least one row breaks.

    Parameters
    ----------
    names
        The broken rules: ``packets: whole number``, ``protocol: one-hot``, ``total: formula``, or a relation as it is written.
    broken
        Whether row i breaks rule k, shape (n, k).
    """

    names: tuple[str, ...]
    broken: Flags

    @property
    def valid(self) -> Flags:
        """Which rows break nothing, shape (n,)."""
        return np.asarray(~self.broken.any(axis=1))

    @property
    def counts(self) -> dict[str, int]:
        """How many rows break each rule."""
        return dict(zip(self.names, self.broken.sum(axis=0).tolist(), strict=True))

    def of(self, row: int) -> tuple[str, ...]:
        """The rules that one row breaks."""
        return tuple(name for name, flag in zip(self.names, self.broken[row], strict=True) if flag)


def check(rules: Rules, points: Floats, origin: Floats | None) -> Violations:
    """Return what ``points`` break of the domain."""
    found = [(inert(name, 120), flags) for name, flags in _broken(rules, points, origin) if flags.any()]
    broken = np.stack([flags for _, flags in found], axis=1) if found else np.zeros((len(points), 0), dtype=np.bool_)
    return Violations(names=tuple(name for name, _ in found), broken=broken)


def _broken(rules: Rules, points: Floats, origin: Floats | None) -> Iterator[tuple[str, Flags]]:
    names = rules.domain.names
    for kind, flags in rules.box_broken(points, origin).items():
        for column in np.flatnonzero(flags.any(axis=0)):
            yield f"{names[column]}: {kind}", flags[:, column]
    for group, members in rules.groups.items():
        yield f"{group}: one-hot", rules.group_broken(members, points, origin)
    laws = rules.broken_laws(points)[0]
    titles = [*(f"{names[item.column]}: formula" for item in rules.derived), *(relation.text for relation in rules.relations)]
    yield from zip(titles, laws.T, strict=True)
