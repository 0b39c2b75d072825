"""What the columns of a table are for, by their names and by what their cells hold.

A name proposes and the cells dispose: a duration is no time of recording, a share of water no text. Where only the cells speak clearly (paths of pictures, ``train`` and
``test``, one column of sentences), they need no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from aisecops.datasets.extra import load_polars
from aisecops.datasets.pieces import column_groups
from aisecops.datasets.recorded_days import recorded_days
from aisecops.datasets.roles import NO_ROLES, ColumnRoles, guess_roles, hinted, role_of, words_of

_LOOKED_AT, _FEWEST = 1_000, 20
"""Rows that are looked at, and those below which cells prove nothing and names decide."""
_MOST_TEXTUAL = 60
"""Columns of text up to which those without a telling name are looked at."""
_PICTURE = r"(?i)\.(?:png|jpe?g|bmp|gif|tiff?|webp|npy|dcm)$"
_TRAIN, _HELD_OUT = ("train", "training"), ("test", "testing", "val", "valid", "validation", "dev", "eval", "holdout", "calibration")
_NEARLY_ALL = 0.9
_LONG, _MANY = 6.0, 0.9
"""Words of a cell on average, and share of different cells, from which on a column without a telling name holds texts."""
_FEW_BESIDES = 3
"""Columns beside such texts, roles not counted, up to which the table is one of texts: of more they are a remark."""
_MOST_CLASSES, _MOST_PARTS = 30, 50
_CLOCK = r"^\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[AaPp][Mm])?\s*$"


def roles_of(frame: Any, names: Sequence[str], declared: ColumnRoles = NO_ROLES) -> ColumnRoles:
    """Return ``declared`` with the roles that it leaves open filled by what the columns of a lazy Polars frame are called and hold.

    Parameters
    ----------
    frame
        The table; its first 1,000 rows are read, of the columns whose names or types may tell.
    """
    taken = set(declared.named().values())
    cells = dict(_looked_at(frame, [name for name in names if name not in taken]))
    proposed = {name: role for name in cells if (role := role_of(name))}
    denied = {(role, name) for name, role in proposed.items() if cells[name].enough and not _FITS[role](cells[name])}
    if {"x", "y", "z"} <= set(map(words_of, names)):  # a place in space
        denied |= {("label", name) for name in names if words_of(name) == "y"}
    found = guess_roles(names, declared, denied)
    return _added(found, [name for name in names if name in cells and cells[name].enough], cells, len(names))


class _Cells(msgspec.Struct, frozen=True):
    """The first cells of a column that are there, and how many rows were looked at."""

    values: Any
    rows: int

    @property
    def enough(self) -> bool:
        return len(self.values) >= _FEWEST

    @property
    def is_text(self) -> bool:
        pl = load_polars()
        return self.values.dtype in (pl.String, pl.Categorical, pl.Enum) and not self.is_number

    @property
    def is_number(self) -> bool:
        return self.values.dtype.is_numeric() or self.numbers is not None

    @property
    def numbers(self) -> Any:
        """The cells as numbers; None where one of them is none."""
        pl = load_polars()
        if self.values.dtype.is_numeric():
            return self.values.cast(pl.Float64)
        if self.values.dtype != pl.String:
            return None
        numbers = self.values.str.strip_chars().cast(pl.Float64, strict=False)
        return None if numbers.null_count() else numbers

    @property
    def is_whole(self) -> bool:
        """Whether the cells are whole numbers."""
        numbers = self.numbers
        return numbers is not None and bool((numbers == numbers.round()).all())

    @property
    def distinct(self) -> int:
        return int(self.values.n_unique()) if not self.values.dtype.is_nested() else len(self.values)

    @property
    def words(self) -> float:
        """Words of a cell, on average; in scripts without spaces four signs count for one."""
        texts = self.values.cast(load_polars().String)
        spaced = texts.str.count_matches(r"\S+").mean() or 0.0
        dense = texts.str.count_matches(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]").mean() or 0.0
        return float(spaced + dense / 4)

    def share(self, pattern: str) -> float:
        return float(self.values.cast(load_polars().String).str.contains(pattern).mean() or 0.0)


def _looked_at(frame: Any, names: Sequence[str]) -> Iterator[tuple[str, _Cells]]:
    pl = load_polars()
    schema = frame.collect_schema()
    textual = [name for name in names if schema[name] in (pl.String, pl.Categorical, pl.Enum)]
    more = set(textual) if len(textual) <= _MOST_TEXTUAL else set()
    wanted = [name for name in names if role_of(name) or hinted(name) or name in more]
    for group in column_groups(frame, wanted):
        for column in frame.select(group).head(_LOOKED_AT).collect().iter_columns():
            yield column.name, _Cells(column.drop_nulls(), len(column))


def _is_label(cells: _Cells) -> bool:
    """Not the name of each row, such as the text on a button."""
    return not cells.values.dtype.is_nested() and (cells.is_number or cells.distinct <= len(cells.values) / 2)


def _is_part(cells: _Cells) -> bool:
    return cells.distinct <= _MOST_PARTS and (cells.is_text or cells.is_whole or cells.values.dtype == load_polars().Boolean)


def _is_texts(cells: _Cells) -> bool:
    return cells.values.dtype.is_nested() or (cells.is_text and cells.words >= 1.5 and cells.distinct > min(_FEWEST, len(cells.values) / 4))


def _is_image(cells: _Cells) -> bool:
    return not cells.is_number


def _is_source(cells: _Cells) -> bool:
    return not cells.is_number or cells.is_whole


def _is_group(cells: _Cells) -> bool:
    return (cells.is_text or cells.is_whole) and cells.words < 3


def _is_id(cells: _Cells) -> bool:
    return (cells.is_text or cells.is_whole) and cells.distinct >= 0.8 * len(cells.values) and cells.words < 3


def _is_time(cells: _Cells) -> bool:
    """Days or moments, or numbers that go on counting; neither a time of day nor how long something took."""
    pl, dtype = load_polars(), cells.values.dtype
    if dtype.is_temporal():
        return bool(dtype not in (pl.Time, pl.Duration))
    if dtype.is_nested() or dtype == pl.Boolean:
        return False
    if recorded_days(cells.values).null_count() <= (1 - _NEARLY_ALL) * len(cells.values):
        return True
    numbers = cells.numbers
    if numbers is not None:
        return cells.distinct >= _FEWEST and bool(numbers.is_sorted())
    return cells.share(r"\d.*[-/.:, ]") >= _NEARLY_ALL and cells.share(_CLOCK) < 1 - _NEARLY_ALL


_FITS: dict[str, Callable[[_Cells], bool]] = {
    "label": _is_label,
    "split": _is_part,
    "text": _is_texts,
    "image": _is_image,
    "consent": lambda _: True,
    "source": _is_source,
    "group": _is_group,
    "id": _is_id,
    "time": _is_time,
}


def _added(found: ColumnRoles, names: Sequence[str], cells: dict[str, _Cells], columns: int) -> ColumnRoles:
    """Fill what is still open of a table of so many columns by names that only hint, and by cells alone."""
    for role, told in _TOLD:
        found = _filled(found, role, [name for name in names if name not in found.named().values() and told(name, cells[name])][:1])
    texts = [name for name in names if name not in found.named().values() and _is_sentences(cells[name], named="text" in hinted(name))]
    if texts and columns - len(found.named()) - len(texts) <= _FEW_BESIDES:
        longest = max(texts, key=lambda name: cells[name].words)
        found = _filled(found, "text", [longest])
    for kind, most in (("label", _MOST_CLASSES), ("label of two", 2), ("label of texts", _MOST_CLASSES if found.text else 0)):
        classes = [name for name in names if name not in found.named().values() and kind in hinted(name) and _is_classes(cells[name], most)]
        found = _filled(found, "label", classes if len(classes) == 1 else [])
    return found


def _filled(found: ColumnRoles, role: str, names: Sequence[str]) -> ColumnRoles:
    return msgspec.structs.replace(found, **{role: names[0]}) if names and not getattr(found, role) else found


def _names_parts(cells: _Cells) -> bool:
    if not cells.is_text or not 2 <= cells.distinct <= len((*_TRAIN, *_HELD_OUT)):
        return False
    values = set(cells.values.cast(load_polars().String).str.strip_chars().str.to_lowercase().unique())
    return values <= {*_TRAIN, *_HELD_OUT} and not values.isdisjoint(_TRAIN)


def _comes_again(cells: _Cells) -> bool:
    """Whether most values name several rows, and none names a large part of them."""
    return _is_group(cells) and 5 <= cells.distinct <= len(cells.values) / 2


def _is_day(cells: _Cells) -> bool:
    dtype = cells.values.dtype
    return not dtype.is_nested() and cells.distinct > 1 and (dtype.is_temporal() or not cells.is_number) and _is_time(cells)


def _is_sentences(cells: _Cells, *, named: bool) -> bool:
    """Many words, most cells different, and letters: an address has as many figures."""
    return (
        cells.is_text
        and cells.words >= (_LONG / 2 if named else _LONG)
        and cells.distinct >= _MANY * len(cells.values)
        and cells.share(r"(?:\d\D*){6}") < 1 - _NEARLY_ALL
    )


def _is_classes(cells: _Cells, most: int) -> bool:
    return 2 <= cells.distinct <= min(most, len(cells.values) / 5) and not cells.values.dtype.is_nested() and not cells.values.dtype.is_temporal()


_TOLD: tuple[tuple[str, Callable[[str, _Cells], bool]], ...] = (
    ("image", lambda _, cells: cells.is_text and cells.share(_PICTURE) >= _NEARLY_ALL),
    ("split", lambda _, cells: _names_parts(cells)),
    ("group", lambda name, cells: "group" in hinted(name) and _comes_again(cells)),
    ("group", lambda name, cells: words_of(name) == "id" and _comes_again(cells)),  # several visits of one patient
    ("id", lambda name, cells: "id" in hinted(name) and _is_id(cells) and cells.distinct == cells.rows),
    ("time", lambda name, cells: "time" in hinted(name) and _is_day(cells)),
)
"""Roles and what must hold of a column that no telling name has given one, the clearest first."""
