"""Why evasions of tables worked: which columns carry them, proven by taking the changes back and asking again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aisecops.checks.model.explanation import columns_of
from aisecops.core.measurement import Bound, Reading
from aisecops.core.statistics import clopper_pearson
from aisecops.explain.carriers import Carrier, carriers
from aisecops.explain.flips import explain_flips
from aisecops.oracles.oracle import Capability, Floats
from aisecops.oracles.structure import TreeEnsemble

if TYPE_CHECKING:
    from aisecops.checks.model.subject import AskedModel

_PAIRS = 100
"""Evasions that are explained, the nearest ones."""
_MIXED = 8
"""Changed columns up to which a model of unknown structure is asked about all mixtures (256)."""
_SHOWN = 5
_NAMED = 3


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``n`` evasions: how many each column alone undoes, and how many the first column and the first three of each one's own explanation.

    ``first`` and ``three`` are None where explaining would have taken too many questions.
    """

    n: int
    columns: tuple[Carrier, ...]
    first: int | None = None
    three: int | None = None

    def readings(self) -> Iterator[Reading]:
        """Shares with exact intervals."""
        for subject, undone in (("the first column of each", self.first), ("the first three of each", self.three)):
            if undone is not None:
                yield self._share("evasion-undone", subject, undone)
        for one in self.columns[:_SHOWN]:
            yield self._share("evasion-carried", one.column, one.undone)

    def sentence(self) -> str:
        """The same for people."""
        alone = ", ".join(f"{one.column} alone {one.undone} of {self.n} ({one.undone / self.n:.0%})" for one in self.columns[:_NAMED] if one.undone)
        told = [f"taking back {alone}"] if alone else []
        if self.first is not None:
            told.append(f"the column that explains each of them best {self.first}, the first three {self.three}")
        return f"What undoes these evasions: {'; '.join(told)}." if told else ""

    def evidence(self) -> dict[str, Any]:
        """The same for programs."""
        listed = [{"column": one.column, "changed": one.changed, "undone": one.undone} for one in self.columns[:20]]
        return {"explained": self.n, "carriers": listed, "undone-by-first": self.first, "undone-by-first-three": self.three}

    def _share(self, name: str, subject: str, undone: int) -> Reading:
        reading = Reading(name=name, subject=subject, value=undone / self.n, unit="1", n=self.n, bound=Bound.ESTIMATE)
        return reading.within(clopper_pearson(undone, self.n))


def undoing(model: AskedModel, origin: Floats, points: Floats, seed: int) -> Undoing | None:
    """Explain evasions ``points`` of ``origin``, shape (n, d), the nearest first; None for images, and where the budget or the model does not allow it."""
    domain = model.samples.domain
    if domain is None or origin.ndim != 2 or not len(origin):
        return None
    before, after = origin[:_PAIRS], points[:_PAIRS]
    blocks = {name: places for name, places in columns_of(domain).items() if (before[:, list(places)] != after[:, list(places)]).any()}
    left = model.oracle.left
    if left is not None and left < (len(blocks) + 4) * len(before):
        return None
    flipped = model.oracle.labels(before) != model.oracle.labels(after)  # a model that answers at random may have changed its mind
    if not flipped.any():
        return None
    before, after = before[flipped], after[flipped]
    columns = carriers(model.oracle, before, after, blocks)
    if not _affordable(model, before, after, left):
        return Undoing(n=len(before), columns=columns)
    flips = explain_flips(model.oracle, before, after, seed=seed)
    first, three = (int(flips.undone(model.oracle, k).sum()) for k in (1, 3))
    return Undoing(n=len(before), columns=columns, first=first, three=three)


def _affordable(model: AskedModel, before: Floats, after: Floats, left: int | None) -> bool:
    """Whether Shapley values can be had: from the structure of trees, or with few questions."""
    if Capability.STRUCTURE in model.oracle.capabilities and isinstance(model.oracle.structure(), TreeEnsemble):
        return True
    changed = (before != after).sum(axis=1)
    asked = int((2.0 ** np.minimum(changed, 30)).sum())
    return int(changed.max()) <= _MIXED and (left is None or left >= 2 * asked)
