"""Which method each column calls for, if nobody has said: by what its values are, what its name says, and what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from aisecops.content.personal import PersonalKind
from aisecops.content.personal.headers import may_name_persons, promised
from aisecops.core.taxonomy import Confidence
from aisecops.datasets.credentials import secrets_in
from aisecops.datasets.disclosure import distinct_texts, is_of_one_kind, personal_in
from aisecops.datasets.extra import load_polars
from aisecops.datasets.masking import PSEUDONYMS, MaskSettings, Method
from aisecops.datasets.nested import places
from aisecops.datasets.roles import ColumnRoles, guess_roles
from aisecops.defences.anonymisation.columns import fits
from aisecops.defences.anonymisation.dates import DateError, format_of
from aisecops.defences.anonymisation.inside import Inside
from aisecops.defences.anonymisation.texts import METHODS

_QUASI = re.compile(
    r"(?i)(?:^|_|\b)(?:age|sex|gender|zip|zipcode|zip_code|postal_?code|post_?code|plz|city|town|county|district|region|province|country|nationality|citizenship|ethnicity"
    r"|lat|latitude|lng|lon|longitude|race|religion|marital(?:_status)?|education|occupation|job|job_title|profession|employer|household_size"
    r"|children|alter|geschlecht|wohnort|beruf)(?:$|_(?:years|group|code)$)"
)
"""Names of what neighbours, voters' lists and profiles know of a person (Sweeney, 2000: sex, day of birth and postal code single out most of the United States)."""
_WORDY, _WORDS = 0.2, r"\S+\s+\S+\s+\S+\s+\S+"
_ALWAYS_LOW = frozenset({PersonalKind.EMAIL, PersonalKind.IP_ADDRESS, PersonalKind.MAC_ADDRESS})
"""Kinds that are masked however unsure it is whose they are: nothing else looks like them."""


class ColumnPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One column: what is done to it, why, and whether it is known outside the table (a quasi-identifier)."""

    name: str
    method: Method
    why: str
    quasi: bool = False
    spoken: Method | None = None
    """How its values are replaced where texts speak of them; None: they identify nobody."""
    inside: tuple[Inside, ...] = ()
    """Of lists and records, what becomes of each place in them."""


def planned(frame: Any, settings: MaskSettings, roles: ColumnRoles, subject: str) -> list[ColumnPlan]:
    """Return what is done to each column of ``frame`` (a lazy Polars frame, of which some rows are enough)."""
    schema = frame.collect_schema()
    plans = [
        _declared(frame, column, dtype, settings) or _fitting(_found(frame, column, dtype, settings, roles, subject), dtype)
        for column, dtype in schema.items()
    ]
    if not any(plan.method in PSEUDONYMS and plan.method is not Method.TOKEN for plan in plans):
        return plans
    return [_of_persons(plan) if schema[plan.name] == load_polars().String else plan for plan in plans]


def _fitting(plan: ColumnPlan, dtype: Any) -> ColumnPlan:
    """Return the plan with a method that can be carried out on this type, and with what its values are in texts."""
    if not fits(dtype, plan.method):
        plan = msgspec.structs.replace(plan, method=Method.TOKEN if fits(dtype, Method.TOKEN) else Method.REDACT)
    return msgspec.structs.replace(plan, spoken=plan.method) if plan.method in PSEUDONYMS else plan


def _of_persons(plan: ColumnPlan) -> ColumnPlan:
    """A column ``name`` beside addresses and telephone numbers holds names of persons."""
    if plan.method is Method.KEEP and plan.why != "as asked" and may_name_persons(plan.name):
        return msgspec.structs.replace(plan, method=Method.NAME, spoken=Method.NAME, why="names beside other personal data")
    return plan


def is_quasi(column: str) -> bool:
    """Whether a column of this name is a quasi-identifier as a rule."""
    return _QUASI.search(column) is not None


def _declared(frame: Any, column: str, dtype: Any, settings: MaskSettings) -> ColumnPlan | None:
    method = settings.columns.get(column)
    if method is None:
        return None
    if method is Method.TEXT and dtype.is_nested():
        return ColumnPlan(name=column, method=method, why="as asked", inside=_inside(frame, column, dtype, settings))
    quasi = method is Method.GENERALISE or is_quasi(column)
    return ColumnPlan(name=column, method=method, why="as asked", quasi=quasi, spoken=method if method in PSEUDONYMS else _promised(column))


def _promised(column: str) -> Method | None:
    """What a column that is dropped, redacted or kept may hold by its name: who is in it is still to be found in texts."""
    said = promised(column)
    method = METHODS[said[0]] if said else Method.NAME if may_name_persons(column) else None
    return method if method in PSEUDONYMS else None


def _found(frame: Any, column: str, dtype: Any, settings: MaskSettings, roles: ColumnRoles, subject: str) -> ColumnPlan:
    def plan(method: Method, why: str, *, quasi: bool = False) -> ColumnPlan:
        return ColumnPlan(name=column, method=method, why=why, quasi=quasi)

    coarser = Method.GENERALISE if settings.k > 1 else Method.KEEP
    if dtype.is_nested() and (inside := _inside(frame, column, dtype, settings)):
        return ColumnPlan(name=column, method=Method.TEXT, why="texts in lists or records", inside=inside)
    if dtype.is_nested() or dtype in (load_polars().Binary, load_polars().Object):
        return plan(Method.DROP, "binary, or lists and records without texts: nobody looks into it")
    if column == subject or column == roles.group:
        return plan(Method.TOKEN, "whose row it is")
    if column in (roles.label, roles.split, roles.consent, *settings.sensitive):
        return plan(Method.KEEP, "what the table is for")
    if (column == roles.id or guess_roles([column]).group) and _is_whole(frame, column, dtype):
        return plan(Method.TOKEN, "names a row, or whose it is")
    if dtype in (load_polars().Date, load_polars().Datetime):
        return plan(*_day(column, coarser, subject), quasi=_is_birth(column))
    values = distinct_texts(frame, column)
    wordy = len(values) and _wordy(values) and not is_of_one_kind(column, values)
    if dtype == load_polars().String and (column == roles.text or wordy):
        return plan(Method.TEXT, "sentences")
    if told := _personal(column, values, coarser):
        return told
    if len(values) and (secrets := secrets_in(column, values)):
        whole = all(secret.cell == secret.value for secret in secrets)
        return plan(Method.REDACT if whole else Method.TEXT, "secrets")
    if is_quasi(column):
        return plan(coarser, "known outside: a quasi-identifier", quasi=True)
    if len(values) and column != roles.source and _are_days(values, column):
        return plan(*_day(column, coarser, subject), quasi=_is_birth(column))
    if column in roles.personal:
        return plan(Method.TOKEN, "declared personal")
    return plan(Method.KEEP, "nothing personal found")


def _inside(frame: Any, column: str, dtype: Any, settings: MaskSettings) -> tuple[Inside, ...]:
    """Return what becomes of each place in a column of lists and records; nothing where no text is in it. Lists of numbers, which are as good as a name, go missing."""
    pl = load_polars()
    found = list[Inside]()
    for place in places(column, dtype):
        if place.dtype.is_nested() or place.dtype in (pl.Binary, pl.Object) or (place.steps[-1] is None and place.dtype.is_numeric()):
            continue
        leaf = next((step for step in reversed(place.steps) if step is not None), column)
        if place.dtype in (pl.Null, pl.Boolean):
            found.append(Inside(place.steps, Method.KEEP))
            continue
        cells = place.cells(frame).rename({place.name: leaf})
        method = _fitting(_found(cells, leaf, place.dtype, settings, guess_roles([leaf]), ""), place.dtype).method
        if method is Method.KEEP and place.dtype == pl.String:
            method = Method.TEXT
        found.append(Inside(place.steps, method))
    return tuple(found) if any(one.method is Method.TEXT for one in found) else ()


def _is_whole(frame: Any, column: str, dtype: Any) -> bool:
    """Whether these can be names of something: an ``index`` of real numbers is a measure."""
    pl = load_polars()
    if not dtype.is_float():
        return True
    known = pl.col(column).fill_nan(None).drop_nulls()
    return bool(frame.select((known.floor() == known).all()).collect(engine="streaming").item())


def _personal(column: str, values: Any, coarser: Method) -> ColumnPlan | None:
    found = [one for one in personal_in(column, values) if one.confidence.at_least(Confidence.MEDIUM) or one.kind in _ALWAYS_LOW]
    if not found:
        return None
    kinds = ", ".join(sorted({one.kind.value for one in found}))
    if found[0].mixed or found[0].sentences:
        return ColumnPlan(name=column, method=Method.TEXT, why=f"holds {kinds} among other values")
    if found[0].kind is PersonalKind.BIRTH_DATE:
        return ColumnPlan(name=column, method=coarser if coarser is Method.GENERALISE else Method.YEAR, why=kinds, quasi=True)
    method = METHODS[found[0].kind]
    return ColumnPlan(name=column, method=Method.TOKEN if found[0].kind is PersonalKind.POSTAL_ADDRESS else method, why=kinds)


def _day(column: str, coarser: Method, subject: str) -> tuple[Method, str]:
    if _is_birth(column):
        return (coarser, "day of birth: a quasi-identifier") if coarser is Method.GENERALISE else (Method.YEAR, "day of birth")
    return (Method.SHIFT, "days") if subject else (Method.YEAR, "days, and no subject by whom to shift them")


def _is_birth(column: str) -> bool:
    return re.search(r"(?i)birth|dob|born|geburt|nacimiento|naissance", column) is not None


def _are_days(values: Any, column: str) -> bool:
    looked = values.head(200).to_list()
    try:
        format_of(looked, column)
    except DateError:
        return False
    return not all(re.fullmatch("[0-9]{8}", value) for value in looked)  # eight digits are an order number as often


def _wordy(values: Any) -> bool:
    return bool(values.str.contains(_WORDS).sum() > _WORDY * len(values) and values.str.len_chars().mean() > 25)


def unknown(columns: Iterable[str], names: Sequence[str]) -> list[str]:
    """Return what is named among ``columns`` and is no column."""
    return [column for column in columns if column not in names]
