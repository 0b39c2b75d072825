"""What masking has done to a table, and the risk that is left."""

from __future__ import annotations

import msgspec

from aisecops.datasets.masking import Method
from aisecops.defences.anonymisation.risk import Risk


class MaskedColumn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one column.

    Parameters
    ----------
    name, method, why
        As planned.
    changed
        Cells that are different now.
    lost
        Information lost, 0 to 1: of a generalised column the width of its classes, of text the share of characters replaced, of a dropped or redacted one the share of
        cells; None where values still tell rows apart as before but mean nothing.
    samples
        A few values as they are now; none of columns that still hold original values.
    replaced
        Of text: what was replaced, by kind.
    """

    name: str
    method: Method
    why: str
    changed: int = 0
    lost: float | None = None
    samples: tuple[str, ...] = ()
    replaced: dict[str, int] = {}


class MaskReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was written, and what risk is left. It holds no value of the original.

    Parameters
    ----------
    output, rows
        The copy.
    key_id, domain
        Copies with the same of both can be joined.
    columns
        In the order of the table.
    quasi_identifiers, subject, k
        What the risk is measured by; k as asked.
    before, after
        The risk; missing where there is no quasi-identifier.
    warnings
        What a person should look at.
    """

    output: str
    rows: int
    key_id: str
    domain: str
    columns: tuple[MaskedColumn, ...]
    quasi_identifiers: tuple[str, ...] = ()
    subject: str = ""
    k: int = 1
    before: Risk | None = None
    after: Risk | None = None
    warnings: tuple[str, ...] = ()
