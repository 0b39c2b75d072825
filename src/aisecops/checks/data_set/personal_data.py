"""Personal data in the columns and texts of a data set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from aisecops.checks.data_set.cells import columns_of
from aisecops.checks.data_set.subject import DataSet
from aisecops.checks.references import PRIVATE_DATA_EXPOSED, SENSITIVE_DISCLOSURE
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import agreeing, inert
from aisecops.datasets.roles import is_inside
from aisecops.project.data_sets import DataSetSettings

if TYPE_CHECKING:
    from aisecops.datasets.disclosure import ColumnDisclosure

_NAMES = {
    "email": "e-mail address/e-mail addresses",
    "phone": "telephone number/telephone numbers",
    "payment-card": "card number/card numbers",
    "bank-account": "bank account/bank accounts",
    "national-id": "identity number/identity numbers",
    "passport": "passport number/passport numbers",
    "driving-licence": "driving licence/driving licences",
    "vehicle-registration": "vehicle registration/vehicle registrations",
    "ip-address": "IP address/IP addresses",
    "mac-address": "hardware address/hardware addresses",
    "medical-record": "medical record number/medical record numbers",
    "birth-date": "date of birth/dates of birth",
    "postal-address": "postal address/postal addresses",
    "person-name": "name of a person/names of persons",
}
"""By its kind, what a value is called, and several are."""
_IDENTIFIES = frozenset(("national-id", "payment-card", "bank-account", "passport", "driving-licence", "medical-record"))
_OF_A_PERSON = _IDENTIFIES | {"email", "phone", "birth-date", "postal-address"}
"""Beside these, what a plain ``name`` holds is a person's."""
_PERHAPS = frozenset(("person-name", "postal-address", "birth-date"))
"""What values show only so well that it counts beside what a person has."""
_MOST_COLUMNS = 200
"""Columns that are told one by one."""


@check(
    id="data-set/personal-data",
    title="No undeclared personal data in data sets",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.PRIVACY,
    categories=("personal-data",),
    refs=(PRIVATE_DATA_EXPOSED, SENSITIVE_DISCLOSURE),
)
def personal_data(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find columns and texts that hold data of persons, unless the manifest says that they may.

    What it finds
        Columns of e-mail addresses, telephone, card, account, passport, driving licence, medical record and identity numbers of some fifty countries, names in any
        script, dates of birth, postal addresses, registrations of vehicles, and addresses and positions of the devices of persons: a column is judged by its name and
        by its distinct values together, and numbers count when nearly all of one shape pass their issuer's check digits. A column ``name`` is a person's beside what
        only persons have, and so is what holds known given names, streets or days spread over a lifetime under a name that says nothing. Also a few such values in a
        column of something else, and what stands in sentences, there by stricter rules. Values are shown with each letter as x and each digit as 9, never as they are.

    Why it matters
        What is in the training data can come out of the model: a language model has been made to recite names, telephone numbers and addresses word by word, and
        membership in a set of patients is itself a diagnosis. Data of persons needs a purpose and a legal basis, and must be deleted when asked for; nobody can
        delete what nobody knows of.

    Example
        A column ``note`` in which 41 of 12,000 texts hold a telephone number that the call centre typed in.

    How to fix
        Leave the column out, or replace it by keyed tokens; a model rarely learns from a name. Where it is needed, say so in ``aisecops.yaml``: ``personal: [email]``.

    Measurements
        ``personal-columns``: how many columns hold data of persons, declared ones included.

    Limits
        Inside sentences names of persons are found only with the extra ``ner``, full names and by a sample of 400 texts; in pictures nothing is found. Published test
        numbers and addresses of roles do not count, addresses at reserved domains only in a column of twenty and more persons (a table that was made up has the columns
        of the one that it stands for). Numbers without check digits and without a telling column name (nine digits in a row) are passed over: precision first.

    References
        Carlini et al., Extracting training data from large language models (USENIX Security 2021); GDPR Art. 4, 5, 17; CWE-359; OWASP LLM02:2025.
    """
    if data.kind == "images":
        yield NotExamined(code=Code.NO_PARSER, reason="pictures are not searched for faces or text", remedy="look at a sample of them")
    yield from data.examined(lambda: _searched(data, ctx), kinds=("table", "text"))


def _searched(data: DataSet, ctx: Context) -> Iterator[Result]:
    from aisecops.content.personal.headers import of_given_names
    from aisecops.datasets.disclosure import named_in, personal_in
    from aisecops.datasets.sources import explained

    found: dict[str, list[ColumnDisclosure]] = {}
    perhaps: dict[str, list[ColumnDisclosure]] = {}
    order: list[str] = []
    taggers = ctx.settings(DataSetSettings).taggers
    for item in columns_of(data, ctx, "personal data"):
        if isinstance(item, NotExamined):
            yield item
            continue
        order.append(item[0])
        with explained(data.location):
            told = [*personal_in(*item), *named_in(*item, taggers)]
        if sure := [one for one in told if one.confidence.at_least(Confidence.MEDIUM)]:
            found[item[0]] = sure
        elif told and told[0].kind in _PERHAPS:
            perhaps[item[0]] = [msgspec.structs.replace(told[0], confidence=Confidence.MEDIUM)]
    if any(one.kind in _OF_A_PERSON for told in found.values() for one in told) or any(map(of_given_names, found)):
        found = {name: (found | perhaps)[name] for name in order if name in found or name in perhaps}
    declared = data.declared.columns.personal
    own = set(data.names) - data.records.keys()
    new = [name for name in found if name not in declared and (name in own or not any(is_inside(name, column) for column in declared))]
    for name in new[:_MOST_COLUMNS]:
        yield _weakness(name, found[name])
    yield Reading(name="personal-columns", value=float(len(found)), unit="columns", n=max(1, len(data.names)), better=Better.LOWER)


def _weakness(column: str, told: Sequence[ColumnDisclosure]) -> Weakness:
    kinds = [one.kind.value for one in told]
    best = max((one.confidence for one in told), key=lambda confidence: confidence.rank)
    name = inert(column, 60)
    schemes = ", ".join(sorted({one.scheme for one in told if one.scheme}))
    shapes = list(dict.fromkeys(shape for one in told for shape in one.shapes))[:3]
    return Weakness(
        category="personal-data",
        identity=(column, *sorted(kinds)),
        title="A column holds personal data",
        message=f"{_holds(name, told)}{f' ({schemes})' if schemes else ''}. A model that is trained on it can give it away.",
        severity=Severity.HIGH if not _IDENTIFIES.isdisjoint(kinds) else Severity.MEDIUM,
        confidence=best,
        evidence={
            "column": name,
            "kinds": {one.kind.value: one.count for one in told},
            "distinct": told[0].distinct,
            "where": "sentences" if told[0].sentences else "mixed" if told[0].mixed else "column",
            "shapes": [inert(shape, 40) for shape in shapes],
        },
        fix=Fix(f"Leave it out or replace it by tokens; where it is needed, declare it: `personal: [{name}]` in aisecops.yaml."),
    )


def _holds(name: str, told: Sequence[ColumnDisclosure]) -> str:
    parts = [f"{one.count:,}{agreeing(one.count, _NAMES.get(one.kind.value, f'{one.kind.value}/{one.kind.value}'))}" for one in told]
    what = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    if told[0].sentences:
        return f"The texts of `{name}` hold {what} ({told[0].distinct:,} different texts)"
    return f"`{name}` holds {what} among {told[0].distinct:,} different values" if told[0].mixed else f"`{name}` holds {what}"
