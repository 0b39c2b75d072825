"""How the machine writes a value as one integer.

Nothing of the stream is ever built: of a value, the machine remembers only what some later opcode could make dangerous. Negative integers are harmless
(``max(items) < 0`` says so for a whole container at C speed); the others carry a number and two bits that say what kind of thing it is.
"""

from __future__ import annotations

DATA = -1
"""A number, None, or a container that the stream made; no opcode takes items out of a container again."""
EMPTY_TUPLE = -2
"""Data, too; told apart because so many calls have no arguments."""
HOLE = -3
"""A memo entry that was never written."""
STRING = -16
"""``STRING - offset``: the literal, text or bytes, whose opcode is at ``offset``. It is decoded only if it names something."""

GLOBAL, RESULT, LOADER, TRACKED = 0, 1, 2, 3
"""The kind, ``value & 3``, of a value >= 0; ``value >> 2`` is its number. GLOBAL: in the trace's globals. RESULT: what the use of that number made. LOADER:
something of unknown making. TRACKED: a data type of numpy (``dtypes``), or an array wrapper of joblib, whose state decides how many raw bytes follow (``arrays``)."""

UNKNOWN = LOADER
"""The one LOADER value."""
