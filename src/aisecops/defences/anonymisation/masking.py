"""A table on its way to a masked copy: what is planned for its columns, what more than one batch is needed for, and the copy, batch by batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from aisecops.core.progress import Progress
from aisecops.core.text import inert, inert_path
from aisecops.datasets.extra import load_polars
from aisecops.datasets.headers import MISSING
from aisecops.datasets.masking import PSEUDONYMS, MaskSettings, Method
from aisecops.datasets.roles import ColumnRoles, guess_roles
from aisecops.datasets.sources import explained, ragged_line, separator_of
from aisecops.datasets.table import TableError
from aisecops.datasets.written import open_written
from aisecops.defences.anonymisation.classes import Classes, classes_of, is_met
from aisecops.defences.anonymisation.columns import MaskError, as_text, check_type, pseudonymised, redacted, shifted_days, type_after, years
from aisecops.defences.anonymisation.dates import Shifts, day_in_text, format_of, year_in_text
from aisecops.defences.anonymisation.inside import of_cell, texts_in
from aisecops.defences.anonymisation.keys import MaskingKey
from aisecops.defences.anonymisation.plan import ColumnPlan, planned, unknown
from aisecops.defences.anonymisation.pseudonyms import Pseudonyms
from aisecops.defences.anonymisation.report import MaskedColumn, MaskReport
from aisecops.defences.anonymisation.texts import Known, TextMasker

_SINKS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".arrow": "ipc",
    ".feather": "ipc",
    ".ipc": "ipc",
    ".jsonl": "ndjson",
    ".ndjson": "ndjson",
}
_BATCH_ROWS = 50_000
_PLANNED_ROWS = 50_000
"""Rows by which the plan is made; of more, evenly spaced ones."""
_MOST_KNOWN = 1_000_000
"""Values of identifying columns that are looked for in texts."""
_SAMPLES = 2
_FEW, _NEARLY_EACH = 20, 0.5


def _filled(columns: Sequence[Sequence[str | None]], row: int) -> list[str]:
    return [value for column in columns if (value := column[row])]


class Masking:
    """One data set on its way: what is planned for it, and what has been done."""

    def __init__(self, data: str, settings: MaskSettings, roles: ColumnRoles) -> None:
        pl = load_polars()
        self._data, self._settings = data, settings
        self._format = format_of_table(data)
        self._frame = open_written(data, missing=()).with_columns(pl.selectors.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))
        self._schema = self._frame.collect_schema()
        self._check_names(roles)
        self._roles = guess_roles(self._schema.names(), roles)
        self._subject = settings.subject or self._roles.group
        with explained(data):
            self._rows: int = self._frame.select(pl.len()).collect(engine="streaming").item()
            step = max(1, -(-self._rows // _PLANNED_ROWS))
            self._step = step
            self.plans = planned(self._frame.gather_every(step), self._settings, self._roles, self._subject)
        for one in self.plans:
            check_type(one.name, self._schema[one.name], one.method)
        self._kept = [one for one in self.plans if one.method is not Method.DROP]
        self._unsought: list[str] = []
        self._after = {one.name: type_after(self._schema[one.name], one.method) for one in self._kept}
        self._changed = dict.fromkeys(self._after, 0)
        self._samples: dict[str, list[str]] = {name: [] for name in self._after}
        self._characters = dict.fromkeys(self._after, 0)

    def _check_names(self, roles: ColumnRoles) -> None:
        named = (*self._settings.columns, *self._settings.sensitive, *self._settings.hierarchies, *roles.missing(self._schema.names()))
        if self._settings.subject:
            named = (*named, self._settings.subject)
        for name in unknown(named, self._schema.names()):
            raise TableError(
                f"there is no column `{inert(name, 60)}`",
                where=inert_path(self._data),
                fix=f"it has {', '.join(inert(known, 40) for known in self._schema.names()[:12])}",
            )

    # ------------------------------------------------------------ passes

    def prepare(self, key: MaskingKey, progress: Progress) -> None:
        """Look at what more than one batch is needed for: classes, ways of writing days, values to be found in texts."""
        progress.phase("looking at all rows", 0)
        with explained(self._data):
            self._look(key)

    def _look(self, key: MaskingKey) -> None:
        if not self._rows:
            raise MaskError("there are no rows", where=inert_path(self._data), fix="give a table with rows")
        if self._format == "csv":
            self._check_lines()
        self._key, self._pseudonyms, self._shifts = key, Pseudonyms(key), Shifts(key)
        self._telling = self._alone()
        self._forms = {one.name: self._form(one) for one in self._kept if one.method in (Method.SHIFT, Method.YEAR)}
        known = Known(self._known() if any(one.method is Method.TEXT for one in self._kept) else {})
        self._texts = {one.name: TextMasker(self._pseudonyms, known) for one in self._kept if one.method is Method.TEXT}
        self._sensitive = self._settings.sensitive or ((self._roles.label,) if self._roles.label else ())
        self._classes: Classes = classes_of(self._frame, self.plans, self._settings, self._subject, self._sensitive)

    def _check_lines(self) -> None:
        """Refuse short lines, which Polars fills up without a word: their values may stand in the wrong columns, unmasked."""
        pl = load_polars()
        names = self._schema.names()
        gaps = len(names) > 1 and self._frame.select(pl.col(names[-1]).null_count()).collect(engine="streaming").item()
        if gaps and (ragged := ragged_line(self._data)) is not None:
            raise ragged

    def _alone(self) -> list[str]:
        """The columns that are kept although nearly each row has a value of its own: whoever knows it from elsewhere knows the row."""
        pl = load_polars()
        kept = [
            one.name
            for one in self._kept
            if one.method is Method.KEEP and not self._schema[one.name].is_nested() and self._schema[one.name] != pl.Null
        ]
        if self._rows < _FEW or not kept:
            return []
        counts = self._frame.select(pl.col(kept).approx_n_unique()).collect(engine="streaming").row(0)
        return [name for name, count in zip(kept, counts, strict=True) if count > _NEARLY_EACH * self._rows]

    def _form(self, one: ColumnPlan) -> str:
        """How the days of a column of text are written; empty for one of dates."""
        pl = load_polars()
        if one.method is Method.SHIFT and not self._subject:
            fix = "name the column that says whose row it is: --subject NAME; or mask it by `year`"
            raise MaskError("days are shifted by subject, and there is none", where=f"column `{inert(one.name, 60)}`", fix=fix)
        if self._schema[one.name] != pl.String:
            return ""
        distinct = self._frame.select(pl.col(one.name).str.strip_chars().unique()).collect(engine="streaming")[one.name].to_list()
        return format_of([value for value in distinct if value is not None and value not in MISSING], f"column `{inert(one.name, 60)}`")

    def _known(self) -> dict[Method, list[str]]:
        """The values of identifying columns of text, if they are not too many to be held."""
        pl = load_polars()
        found: dict[Method, list[str]] = {}
        for one in self.plans:
            if one.spoken is not None and self._schema[one.name] == pl.String:
                distinct = self._frame.select(pl.col(one.name).drop_nulls().unique()).collect(engine="streaming")[one.name]
                if len(distinct) > _MOST_KNOWN:
                    self._unsought.append(one.name)
                else:
                    found.setdefault(one.spoken, []).extend(distinct.to_list())
        return found

    def write(self, path: str, progress: Progress) -> None:
        """Write the copy to ``path``, batch by batch."""
        from polars.io.plugins import register_io_source

        progress.phase("masking", self._rows)

        def source(*_: object) -> Iterator[Any]:  # nobody asks for a part of it
            start = 0
            for part in self._batches():
                yield self._masked(part, start)
                start += len(part)
                progress.step("rows", len(part))

        masked = register_io_source(source, schema=self._after)
        options = {"separator": separator_of(self._data)} if self._format == "csv" else {}
        getattr(masked, f"sink_{self._format}")(path, **options)

    def _batches(self) -> Iterator[Any]:
        with explained(self._data):
            parts = self._frame.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True)
        while True:
            with explained(self._data):
                part = next(parts, None)
            if part is None:
                return
            yield part

    def _masked(self, part: Any, start: int) -> Any:
        pl = load_polars()
        made = []
        for one in self._kept:
            before = part[one.name]
            after = self._column(one, part, start)
            self._count(one, before, after)
            made.append(after.alias(one.name))
        return pl.DataFrame(made)

    def _column(self, one: ColumnPlan, part: Any, start: int) -> Any:
        pl = load_polars()
        series = part[one.name]
        if series.dtype == pl.Null:
            return series
        match one.method:
            case Method.KEEP | Method.DROP:
                return series
            case Method.REDACT:
                return redacted(series)
            case Method.SHIFT:
                return shifted_days(series, as_text(part[self._subject]), self._shifts, self._forms[one.name])
            case Method.YEAR:
                return years(series, self._forms[one.name])
            case Method.GENERALISE:
                rows = self._classes.of_row[start : start + len(series)]
                return self._classes.values[one.name].gather(rows)
            case Method.TEXT:
                return self._by_row(part, one, start)
            case _:
                return pseudonymised(series, one.method, self._pseudonyms)

    def _by_row(self, part: Any, plan: ColumnPlan, start: int) -> Any:
        """Mask each text knowing the names of its row, what was generalised in it, and by how much its days move."""
        pl = load_polars()
        column, series = plan.name, part[plan.name]
        masker, rows = self._texts[column], range(len(part))
        names = [part[one.name].cast(pl.String).to_list() for one in self.plans if one.spoken is Method.NAME]
        details = [self._untold(part, one, start) for one in self.plans if one.quasi and part[one.name].dtype == pl.String]
        days = self._days(part)

        def masked(row: int, text: str) -> str:
            return masker.masked(text, _filled(names, row), _filled(details, row), days[row])

        if series.dtype.is_nested():
            methods = {one.steps: one.method for one in plan.inside}
            cells = [of_cell(cell, methods, partial(masked, row), self._pseudonyms.of) for row, cell in zip(rows, series.to_list(), strict=True)]
            return pl.Series(column, cells, dtype=series.dtype)
        made = [text and masked(row, text) for row, text in zip(rows, series.cast(pl.String).to_list(), strict=True)]
        return pl.Series(column, made, dtype=pl.String)

    def _untold(self, part: Any, one: ColumnPlan, start: int) -> list[str | None]:
        """What stands in a quasi-identifier, where its copy no longer says it."""
        before: list[str | None] = part[one.name].to_list()
        after = [None] * len(before) if one.method is Method.DROP else self._column(one, part, start).cast(load_polars().String).to_list()
        return [value if value != other else None for value, other in zip(before, after, strict=True)]

    def _days(self, part: Any) -> Sequence[Callable[[str], str] | None]:
        """What becomes of days in the texts of each row: they move with those of the columns, or their year is left."""
        if any(one.method is Method.SHIFT for one in self._kept):
            spans: dict[str | None, Callable[[str], str]] = {}
            subjects = as_text(part[self._subject]).to_list()
            for subject in dict.fromkeys(subjects):
                by = self._shifts.of(subject) if subject is not None and subject.strip() else None
                spans[subject] = partial(day_in_text, by=by, forms=tuple(self._forms.values()))
            return [spans[subject] for subject in subjects]
        if any(one.method is Method.YEAR for one in self._kept):
            return [year_in_text] * len(part)
        return [None] * len(part)

    def _count(self, one: ColumnPlan, before: Any, after: Any) -> None:
        pl = load_polars()
        if one.method is Method.KEEP:
            return
        if one.method is Method.REDACT and before.dtype != pl.String:
            self._changed[one.name] += len(before) - before.null_count()
            return
        if before.dtype.is_nested():
            cells = before.to_list()
            self._changed[one.name] += sum(cell != new for cell, new in zip(cells, after.to_list(), strict=True))
            self._characters[one.name] += sum(len(text) for cell in cells for text in texts_in(cell))
            return
        texts = before.cast(pl.String), after.cast(pl.String)
        different = texts[0].ne_missing(texts[1])
        self._changed[one.name] += int(different.sum())
        if one.method is Method.TEXT:
            self._characters[one.name] += int(texts[0].str.len_chars().sum() or 0)
        elif one.method in PSEUDONYMS and len(self._samples[one.name]) < _SAMPLES:
            new = texts[1].filter(different).unique(maintain_order=True).head(_SAMPLES).to_list()
            self._samples[one.name] += [inert(value, 40) for value in new[: _SAMPLES - len(self._samples[one.name])]]

    # ------------------------------------------------------------ telling

    def report(self, output: str) -> MaskReport:
        """Return what was done."""
        return MaskReport(
            output=inert_path(output),
            rows=self._rows,
            key_id=self._key.id,
            domain=inert(self._settings.domain, 60),
            columns=tuple(self._told(one) for one in self.plans),
            quasi_identifiers=tuple(inert(one.name, 60) for one in self.plans if one.quasi and one.method in (Method.GENERALISE, Method.KEEP)),
            subject=inert(self._subject, 60),
            k=self._settings.k,
            before=self._classes.before,
            after=self._classes.after,
            warnings=tuple(self._warnings()),
        )

    def _told(self, one: ColumnPlan) -> MaskedColumn:
        replaced = dict(sorted(self._texts[one.name].replaced.items())) if one.method is Method.TEXT else {}
        return MaskedColumn(
            name=inert(one.name, 60),
            method=one.method,
            why=one.why,
            changed=self._rows if one.method is Method.DROP else self._changed[one.name],
            lost=self._lost(one),
            samples=tuple(self._samples.get(one.name, ())),
            replaced=replaced,
        )

    def _lost(self, one: ColumnPlan) -> float | None:
        match one.method:
            case Method.KEEP:
                return 0.0
            case Method.DROP:
                return 1.0
            case Method.REDACT:
                return self._changed[one.name] / self._rows
            case Method.GENERALISE:
                return self._classes.lost[one.name]
            case Method.TEXT:
                return self._texts[one.name].characters / max(self._characters[one.name], 1)
            case _:
                return None

    def _warnings(self) -> Iterator[str]:
        after, quasi = self._classes.after, [one for one in self.plans if one.quasi and one.method is Method.KEEP]
        if quasi:
            yield f"kept although others know them of a person: {', '.join(inert(one.name, 60) for one in quasi)}"
        if after is not None and not is_met(after, self._settings) and self._settings.k > 1:
            yield f"k is {after.k}, not {self._settings.k}: not all quasi-identifiers are generalised"
        if self._telling:
            yield f"kept, and most rows have a value of their own, by which they can be found: {', '.join(inert(name, 60) for name in self._telling[:8])}"
        for name in self._unsought:
            yield f"`{inert(name, 60)}` has more than {_MOST_KNOWN:,} values: texts were not searched for them, but for what they look like"
        if self._step > 1:
            yield f"the plan was made by every {self._step}th row: what only others hold was not seen"
        if any(one.method is Method.TEXT for one in self.plans):
            yield "persons whom no column names can remain in the texts: look at a sample"


def format_of_table(path: str) -> str:
    """Return how Polars calls the format that the ending of ``path`` names. Raises ``MaskError``."""
    found = _SINKS.get(os.path.splitext(path)[1].lower())
    if found is None:
        raise MaskError("only tables can be masked", where=inert_path(path), fix=f"give one of {', '.join(_SINKS)}")
    return found
