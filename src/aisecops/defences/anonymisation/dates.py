"""Days shifted by subject: every day of a person moves by the same span, so the time between two of them stays, and no day is the true one.

What weekday or season a day was goes with it. The span is derived from the key and the subject: the same in every file of the domain, and never zero.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from aisecops.core.errors import UserError
from aisecops.defences.anonymisation.keys import MaskingKey

WIDEST = 365
"""Days to either side."""
ISO = "ISO 8601"
"""With a time zone, or fractions of seconds: more than one way of writing, each of which comes back as it was."""
FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%Y%m%d",
    ISO,
)
"""How days are written in text; the first that all of a column fit."""
_LIKE_EACH_OTHER = ("%m/%d/%Y", "%d/%m/%Y")


class DateError(UserError):
    """A column does not hold days that can be read."""


class Shifts:
    """Gives each subject its span."""

    def __init__(self, key: MaskingKey) -> None:
        self._key = key.derive("shift")

    def of(self, subject: str) -> int:
        """Return the days, -365 to 365 and not 0, by which the days of ``subject`` move."""
        drawn = int.from_bytes(hmac.digest(self._key, subject.strip().encode("utf-8", "surrogatepass"), "sha256"), "big") % (2 * WIDEST)
        return drawn - WIDEST if drawn < WIDEST else drawn - WIDEST + 1


def format_of(values: Sequence[str], column: str) -> str:
    """Return the one way in which all of ``values`` are written.

    Raises
    ------
    DateError
        There is none, or both day and month may come first.
    """
    fitting = [form for form in FORMATS if all(_reads(value, form) for value in values)]
    if not fitting:
        odd = "its texts are written in no, or in more than one, of the ways known"
        raise DateError(odd, where=column, fix="write its days as YYYY-MM-DD, or mask it by `redact` or `drop`")
    if all(form in fitting for form in _LIKE_EACH_OTHER):
        raise DateError("whether day or month comes first cannot be told", where=column, fix="write its days as YYYY-MM-DD, or mask it by `redact`")
    return fitting[0]


def _reads(value: str, form: str) -> bool:
    try:
        # a way that would write the day otherwise than it stands there would change what it does not mean to
        return write(read(value, form), form, value) == value
    except ValueError:
        return False


def read(value: str, form: str) -> datetime:
    """Return the moment that ``value`` is. Raises ``ValueError``."""
    return datetime.fromisoformat(value) if form == ISO else datetime.strptime(value, form)


def write(moment: datetime, form: str, like: str) -> str:
    """Return the moment written as ``form``, and where that leaves a choice, as ``like`` is."""
    return moment.isoformat(" " if " " in like else "T") if form == ISO else moment.strftime(form)


def shifted(value: str, form: str, days: int) -> str:
    """Return the day ``value``, written as ``form``, moved by ``days``; the other way where the calendar ends."""
    moment = read(value, form)
    try:
        return write(moment + timedelta(days=days), form, value)
    except OverflowError:
        return write(moment - timedelta(days=days), form, value)


HIDDEN = "[date]"


def day_in_text(value: str, by: int | None, forms: Sequence[str]) -> str:
    """Return a day that stands in a text moved ``by`` days, as it was written; ``[date]`` where it cannot be read for sure, or nobody is there to move it by.

    Parameters
    ----------
    forms
        How the days of the table's columns are written: it tells whether day or month comes first.
    """
    fitting = [form for form in FORMATS if form != ISO and _reads(value, form)]
    if all(form in fitting for form in _LIKE_EACH_OTHER):
        fitting = [form for form in fitting if form in forms]
    return shifted(value, fitting[0], by) if fitting and by is not None else HIDDEN


def year_in_text(value: str) -> str:
    """Return the year of a day that stands in a text."""
    year = re.search(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", value)
    return year[0] if year else HIDDEN
