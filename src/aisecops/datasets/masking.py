"""How a data set is to be masked: a method for each column, and what its rows must still hide in; declared in a manifest or on the command line."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Method(StrEnum):
    """What becomes of the values of a column.

    ``keep``: nothing. ``drop``: the column goes. ``redact``: each value by one word. ``token``: an opaque keyed token, whole numbers by whole numbers.
    ``email``, ``phone``, ``card``, ``iban``, ``ip``, ``name``, ``digits`` (identity numbers): keyed pseudonyms that look like what they stand for. ``text``: personal
    values and secrets inside sentences are replaced where they stand. ``shift``: days are moved, by the same span for all rows of a subject. ``year``: only the year is
    left of a day. ``generalise``: a quasi-identifier, made coarser until each row hides among k.
    """

    KEEP = "keep"
    DROP = "drop"
    REDACT = "redact"
    TOKEN = "token"  # noqa: S105 a method, no password
    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    IP = "ip"
    NAME = "name"
    DIGITS = "digits"
    TEXT = "text"
    SHIFT = "shift"
    YEAR = "year"
    GENERALISE = "generalise"


PSEUDONYMS = (Method.TOKEN, Method.EMAIL, Method.PHONE, Method.CARD, Method.IBAN, Method.IP, Method.NAME, Method.DIGITS)
"""Methods that give each value a keyed pseudonym of its own."""


class MaskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    """The ``mask`` section of a data set in ``aisecops.yaml``.

    Parameters
    ----------
    columns
        Column to method; the others get what the values and names call for.
    subject
        The column that says whose row it is: days are shifted by subject, and k counts subjects. Empty: the column of the role ``group``.
    k
        How many rows (with ``subject``: subjects) share each combination of quasi-identifiers at least; 1: nothing is generalised but what ``columns`` names.
    l
        How many different values each ``sensitive`` column has in each class at least.
    t
        How far the distribution of a ``sensitive`` column in a class may be from that in the table, 0 to 1; 1: as far as it likes.
    sensitive
        The columns that nobody must learn of a person.
    hierarchies
        Column to (value to what it is a kind of): categories are generalised along these.
    population
        How many persons the rows were drawn from; 0: nobody knows, and nothing is estimated about them.
    domain
        Copies of different domains cannot be linked, even under one key.
    """

    columns: dict[str, Method] = {}
    subject: str = ""
    k: int = 5
    l: int = 1  # noqa: E741 the name that the literature uses
    t: float = 1.0
    sensitive: tuple[str, ...] = ()
    hierarchies: dict[str, dict[str, str]] = {}
    population: int = 0
    domain: str = ""

    def __post_init__(self) -> None:
        if self.k < 1 or self.l < 1 or not 0 < self.t <= 1 or self.population < 0:
            raise ValueError("`k` and `l` are 1 or more, `t` is above 0 and at most 1, `population` is 0 or more")
        if (self.l > 1 or self.t < 1) and not self.sensitive:
            raise ValueError("`l` and `t` speak of sensitive columns: name them in `sensitive`")
