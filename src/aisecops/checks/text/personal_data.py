"""Personal data that a notebook's outputs show, or that stands in source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from aisecops.checks.references import PRIVATE_DATA_EXPOSED, SENSITIVE_DISCLOSURE
from aisecops.codebase.text import TextPart
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Context, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Severity, Stage, Threat

if TYPE_CHECKING:
    from aisecops.content.personal.exposure import Exposure

_NAMES = {
    "email": ("e-mail address", "e-mail addresses"),
    "phone": ("telephone number", "telephone numbers"),
    "payment-card": ("card number", "card numbers"),
    "bank-account": ("bank account", "bank accounts"),
    "national-id": ("identity number", "identity numbers"),
    "passport": ("passport number", "passport numbers"),
    "driving-licence": ("driving licence", "driving licences"),
    "vehicle-registration": ("vehicle registration", "vehicle registrations"),
    "medical-record": ("medical record number", "medical record numbers"),
    "birth-date": ("date of birth", "dates of birth"),
    "postal-address": ("postal address", "postal addresses"),
    "person-name": ("name of a person", "names of persons"),
}
_IDENTIFIES = frozenset(("national-id", "payment-card", "bank-account", "passport", "medical-record"))
_LONG_NUMBER = re.compile(r"[0-9][0-9A-Z .-]{7,}")
_LONGEST = 1 << 20
"""Characters of one output that are read: a person has stopped reading long before."""
_MOST = 4 << 20
"""Characters of all outputs of a file that are read, at 2 MB/s."""
_ENDS_OF_FIXTURES = (
    "test",
    "tests",
    "fixtures",
    "testing",
    "testdata",
    "test_data",
    "examples",
    "docs",
    "conftest.py",
    "locale",
    "locales",
    "providers",
)


class _Texts(Protocol):
    """The subjects that this check reads."""

    asset: Asset
    texts: tuple[TextPart, ...]


@check(
    id="text/personal-data",
    title="No personal data in outputs and source",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK, AssetKind.CONFIGURATION),
    stage=Stage.CODE,
    threat=Threat.PRIVACY,
    categories=("personal-data",),
    refs=(PRIVATE_DATA_EXPOSED, SENSITIVE_DISCLOSURE),
)
def personal_data(file: _Texts, ctx: Context) -> Iterator[Weakness | NotExamined]:
    """Find data of real persons in the outputs of notebooks, and in source where it is plainly real.

    What it finds
        Outputs of cells that show persons: data frames (as text and as HTML), records and lists with e-mail addresses, telephone numbers, names, dates of birth, postal
        addresses, identity, card, account, passport or medical record numbers. Numbers count when their check digits hold, other values when header or label say
        what they are. In code and settings only numbers with valid check digits and a label count, beside the name or address of the person. What is found is
        counted and named by kind; the values themselves are kept nowhere.

    Why it matters
        Outputs are stored in the notebook and go wherever it goes: repository, review, backup, every fork. ``df.head()`` on customer data is a disclosure that
        no access control of the data base prevents and that lasts in the history after the cell is cleared. Privacy laws count it as a breach (GDPR articles 4 and 33).

    Example
        A cell ``customers.head()`` whose output lists names, telephone numbers and dates of birth.

    How to fix
        Clear the outputs, and keep them out with a hook (``nbstripout``). If the notebook was shared, rewrite the history and tell whoever answers for data
        protection. Show counts, ``df.dtypes`` or masked columns instead. Replace real persons in source by values that are reserved for it (example.com, 555 numbers).

    Limits
        One e-mail address alone, and names alone, are not reported; neither are reserved domains and published test numbers. A table whose addresses are all at
        reserved domains is taken to be made up. Free text about persons is not understood. Pictures are not read.

    References
        CWE-359; OWASP LLM02:2025; RFC 2606 (reserved domains).
    """
    by_cell: dict[int | None, list[Exposure]] = {}
    left = _MOST
    for part in file.texts:
        if part.role != "output":
            if not _is_fixture(file.asset.path) and (found := _in_source(part.text.content)):
                yield _weakness(found, _place(file.asset.path, part, found.start), "Source names real persons", "Here stand")
        else:
            if found := _in_output(part.text.content[: min(_LONGEST, left)]):
                by_cell.setdefault(part.cell, []).append(found)
            left -= min(len(part.text.content), left)
    if not left:
        yield NotExamined(
            code=Code.TRUNCATED,
            reason=f"personal data was looked for in the first {_MOST >> 20} million characters of the outputs",
            remedy="clear the outputs",
        )
    for cell, exposures in by_cell.items():
        shown = Location(path=file.asset.path, cell=cell)
        yield _weakness(_together(exposures), shown, "An output shows personal data", f"The output of cell {cell} shows")


def _in_output(text: str) -> Exposure | None:
    from aisecops.content.personal.exposure import exposure  # 30 ms that files without outputs need not wait for

    return exposure(text)


def _in_source(text: str) -> Exposure | None:
    if not _LONG_NUMBER.search(text) or ("@" not in text and "name" not in text):
        return None
    from aisecops.content.personal.exposure import exposure_in_source

    return exposure_in_source(text)


def _place(path: str, part: TextPart, offset: int) -> Location:
    at = part.text.at(offset)
    return Location(path=path, line=at.line, column=at.column, cell=at.cell or part.cell)


def _is_fixture(path: str) -> bool:
    return any(part in _ENDS_OF_FIXTURES or part.startswith("test_") for part in path.lower().split("/"))


def _together(exposures: Sequence[Exposure]) -> Exposure:
    """The forms of one output (text, HTML) show the same: the fullest counts."""
    return max(exposures, key=lambda found: (found.confidence.rank, sum(found.counts.values())))


def _weakness(found: Exposure, place: Location, title: str, beginning: str) -> Weakness:
    counts = {kind.value: count for kind, count in found.counts.items()}
    severe = not _IDENTIFIES.isdisjoint(counts) or ("person-name" in counts and len(found.counts) > 2)
    schemes = f" ({', '.join(found.schemes)})" if found.schemes else ""
    return Weakness(
        category="personal-data",
        identity=(title, *counts, *found.headers),
        title=title,
        message=f"{beginning} {_told(found)}{schemes}. They go wherever this file goes.",
        severity=Severity.HIGH if severe else Severity.MEDIUM,
        confidence=found.confidence,
        locations=(place,),
        evidence={"counts": counts, "headers": list(found.headers), "schemes": list(found.schemes)},
        fix=Fix("Clear it, also from the history, and show counts or masked values instead."),
    )


def _told(found: Exposure) -> str:
    told = [f"{count:,} {_NAMES.get(kind, (kind, kind))[count != 1]}" for kind, count in found.counts.items()]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
