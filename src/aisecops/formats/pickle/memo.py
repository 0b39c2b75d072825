"""The memo: index to value, dense as picklers write it, or with gaps as anybody may.

``memo[i]`` raises ``LookupError`` where nothing was ever put beyond the end; ``append`` puts at ``len(memo)``. MEMOIZE puts at the *number of entries set*,
in the C unpickler (``memo_len``) as in the Python one (``len(memo)``): the two differ from the length only where there are holes.
"""

from __future__ import annotations

from array import array

from aisecops.formats.pickle.recorder import Stopped
from aisecops.formats.pickle.trace import Ending
from aisecops.formats.pickle.values import HOLE

_MOST_HOLES = 4096
"""Python 2's cPickle counts from 1; whoever leaves more holes gets a dictionary."""
_MOST_SPARSE = 500_000
"""Entries of a memo that is a dictionary (about 100 bytes each)."""


class SparseMemo(dict[int, int]):
    """A memo with wide gaps."""

    overwritten = False
    """Whether any entry was written twice: then what an earlier GET returned cannot be told any more."""

    def append(self, value: int) -> None:
        """Put where MEMOIZE puts: at the number of entries."""
        self.put(len(self), value)

    def put(self, index: int, value: int) -> None:
        """PUT anywhere."""
        self.overwritten |= index in self
        self[index] = value

    @property
    def held(self) -> int:
        """Bytes of memory, roughly."""
        return 110 * len(self)


class DenseMemo(array):  # type: ignore[type-arg]
    """A memo without gaps, or with few, which hold HOLE."""

    holes = 0
    overwritten = False
    """Whether any entry was written twice."""

    def memoize(self, value: int) -> None:
        """MEMOIZE where there are holes: put at the number of entries set."""
        self.put(len(self) - self.holes, value)

    def put(self, index: int, value: int) -> None:
        """PUT anywhere up to a little beyond the end."""
        if index < len(self):
            if self[index] == HOLE:
                self.holes -= 1
            else:
                self.overwritten = True
            self[index] = value
            return
        gap = index - len(self)
        self.holes += gap
        self.extend([HOLE] * gap)
        self.append(value)

    def takes(self, index: int) -> bool:
        """Whether ``index`` is near enough."""
        return index - len(self) + self.holes <= _MOST_HOLES

    @property
    def held(self) -> int:
        """Bytes of memory."""
        return len(self) * self.itemsize


Memo = DenseMemo | SparseMemo


def new_memo(size: int) -> DenseMemo:
    """A memo for a stream of ``size`` bytes: four bytes an entry as long as every value fits."""
    return DenseMemo("i" if size < 1 << 30 else "q")


def sparse(memo: DenseMemo) -> SparseMemo:
    """The same memo, ready for any index."""
    if len(memo) > _MOST_SPARSE:
        raise Stopped(Ending.LIMIT, "the memo is large and has wide gaps")
    other = SparseMemo((index, value) for index, value in enumerate(memo) if value != HOLE)
    other.overwritten = memo.overwritten
    return other
