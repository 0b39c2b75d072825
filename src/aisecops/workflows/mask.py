"""``mask``: write a pseudonymised copy of a data set, and say what risk is left in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from aisecops.core.progress import Progress, Silent
from aisecops.core.text import inert, inert_path
from aisecops.datasets.masking import PSEUDONYMS, MaskSettings, Method
from aisecops.datasets.roles import NO_ROLES, ColumnRoles, guess_roles

if TYPE_CHECKING:
    from aisecops.defences.anonymisation.classes import Classes
    from aisecops.defences.anonymisation.keys import MaskingKey
    from aisecops.defences.anonymisation.plan import ColumnPlan
    from aisecops.defences.anonymisation.report import MaskedColumn, MaskReport

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
KEY_VARIABLE = "AISECOPS_MASK_KEY"
_AS_FOUND = MaskSettings()


class MaskRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to mask.

    Parameters
    ----------
    data, output
        The table, and what to write: of the same format, not there yet.
    key
        16 random bytes or more.
    key_from
        Where the key comes from, for messages.
    settings, roles
        As declared; what they leave open is found.
    """

    data: str
    output: str
    key: bytes
    key_from: str = "the key"
    settings: MaskSettings = MaskSettings()
    roles: ColumnRoles = ColumnRoles()


def read_key(file: str = "", variable: str = KEY_VARIABLE) -> tuple[bytes, str, str]:
    """Return the key from a file, or from an environment variable; where it comes from; and a warning or nothing.

    Raises
    ------
    KeyRefusedError
        There is none.
    """
    from aisecops.defences.anonymisation.keys import MAKE_ONE, KeyRefusedError

    if not file:
        value = os.environ.get(variable, "")
        if not value:
            fix = f"set {inert(variable, 60)} or name a file by --key-file; {MAKE_ONE}"
            raise KeyRefusedError("there is no key, and without one anybody can undo pseudonyms", where=f"${inert(variable, 60)}", fix=fix)
        return os.fsencode(value), f"${inert(variable, 60)}", ""
    where = inert_path(file)
    try:
        with open(file, "rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise KeyRefusedError("not a file", where=where, fix=MAKE_ONE)
            key = opened.read(4096)
    except OSError as wrong:
        raise KeyRefusedError(f"the key cannot be read ({wrong.strerror})", where=where, fix=MAKE_ONE) from None
    return key, where, f"{where} can be read by others: chmod 600 it" if mode & 0o077 and os.name == "posix" else ""


def plan(data: str, settings: MaskSettings = _AS_FOUND, roles: ColumnRoles = NO_ROLES) -> list[ColumnPlan]:
    """Return what would be done to each column; nothing is written. Raises ``MaskError``, ``TableError`` and ``MissingExtraError``."""
    return _Masking(data, settings, roles).plans


def mask(request: MaskRequest, progress: Progress | None = None) -> MaskReport:
    """Write the masked copy and return what was done.

    The table is read three times at most, in batches: for the plan and the values to be found in texts, for the quasi-identifiers (which alone are held in memory),
    and for writing. The same key, settings and table give the same copy.

    Raises
    ------
    MaskError
        A column is not there or of the wrong type for its method, k cannot be reached, or ``output`` exists.
    KeyRefusedError
        The key is weak.
    TableError, MissingExtraError
        The table cannot be read.
    """
    from aisecops.datasets.sources import explained
    from aisecops.defences.anonymisation.columns import MaskError
    from aisecops.defences.anonymisation.keys import MaskingKey

    shown = progress or Silent()
    _check_output(request)
    key = MaskingKey(request.key, request.settings.domain, request.key_from)
    masking = _Masking(request.data, request.settings, request.roles)
    beside = f"{request.output}.{os.getpid()}.new"
    try:
        with explained(request.data):
            masking.prepare(key, shown)
            masking.write(beside, shown)
        os.link(beside, request.output)
    except FileExistsError:
        raise MaskError("it exists already", where=inert_path(request.output), fix="choose a new name: nothing is overwritten") from None
    except OSError as error:
        raise MaskError(
            f"it cannot be written ({error.strerror})", where=inert_path(request.output), fix="choose a place that can be written"
        ) from None
    finally:
        shown.close()
        if os.path.lexists(beside):
            os.unlink(beside)
    return masking.report(request.output)


class _Masking:
    """One data set on its way: what is planned for it, and what has been done."""

    def __init__(self, data: str, settings: MaskSettings, roles: ColumnRoles) -> None:
        from aisecops.datasets.sources import explained
        from aisecops.datasets.written import open_written
        from aisecops.defences.anonymisation.columns import check_type, type_after
        from aisecops.defences.anonymisation.plan import planned

        self._data, self._settings = data, settings
        self._format = _format(data)
        self._frame = open_written(data, missing=())
        self._schema = self._frame.collect_schema()
        self._check_names(roles)
        self._roles = guess_roles(self._schema.names(), roles)
        self._subject = settings.subject or self._roles.group
        with explained(data):
            import polars as pl

            self._rows: int = self._frame.select(pl.len()).collect(engine="streaming").item()
            step = max(1, -(-self._rows // _PLANNED_ROWS))
            self._step = step
            self.plans = planned(self._frame.gather_every(step), self._settings, self._roles, self._subject)
        for one in self.plans:
            check_type(one.name, self._schema[one.name], one.method)
        self._kept = [one for one in self.plans if one.method is not Method.DROP]
        self._after = {one.name: type_after(self._schema[one.name], one.method) for one in self._kept}
        self._changed = dict.fromkeys(self._after, 0)
        self._samples: dict[str, list[str]] = {name: [] for name in self._after}
        self._characters = dict.fromkeys(self._after, 0)

    def _check_names(self, roles: ColumnRoles) -> None:
        from aisecops.datasets.table import TableError
        from aisecops.defences.anonymisation.plan import unknown

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
        from aisecops.defences.anonymisation.classes import classes_of
        from aisecops.defences.anonymisation.columns import MaskError
        from aisecops.defences.anonymisation.dates import Shifts
        from aisecops.defences.anonymisation.pseudonyms import Pseudonyms
        from aisecops.defences.anonymisation.texts import Known, TextMasker

        progress.phase("looking at all rows", 0)
        if not self._rows:
            raise MaskError("there are no rows", where=inert_path(self._data), fix="give a table with rows")
        if self._format == "csv":
            self._check_lines()
        self._key, self._pseudonyms, self._shifts = key, Pseudonyms(key), Shifts(key)
        self._forms = {one.name: self._form(one) for one in self._kept if one.method in (Method.SHIFT, Method.YEAR)}
        known = Known(self._known() if any(one.method is Method.TEXT for one in self._kept) else {})
        self._texts = {one.name: TextMasker(self._pseudonyms, known) for one in self._kept if one.method is Method.TEXT}
        self._sensitive = self._settings.sensitive or ((self._roles.label,) if self._roles.label else ())
        self._classes: Classes = classes_of(self._frame, self.plans, self._settings, self._subject, self._sensitive)

    def _check_lines(self) -> None:
        """Refuse short lines, which Polars fills up without a word: their values may stand in the wrong columns, unmasked."""
        import polars as pl

        from aisecops.datasets.sources import ragged_line

        names = self._schema.names()
        gaps = len(names) > 1 and self._frame.select(pl.col(names[-1]).null_count()).collect(engine="streaming").item()
        if gaps and (ragged := ragged_line(self._data)) is not None:
            raise ragged

    def _form(self, one: ColumnPlan) -> str:
        """How the days of a column of text are written; empty for one of dates."""
        import polars as pl

        from aisecops.datasets.sources import MISSING
        from aisecops.defences.anonymisation.columns import MaskError
        from aisecops.defences.anonymisation.dates import format_of

        if one.method is Method.SHIFT and not self._subject:
            fix = "name the column that says whose row it is: --subject NAME; or mask it by `year`"
            raise MaskError("days are shifted by subject, and there is none", where=f"column `{inert(one.name, 60)}`", fix=fix)
        if self._schema[one.name] != pl.String:
            return ""
        distinct = self._frame.select(pl.col(one.name).str.strip_chars().unique()).collect(engine="streaming")[one.name].to_list()
        return format_of([value for value in distinct if value is not None and value not in MISSING], f"column `{inert(one.name, 60)}`")

    def _known(self) -> dict[Method, list[str]]:
        """The values of identifying columns of text, if they are not too many to be held."""
        import polars as pl

        found: dict[Method, list[str]] = {}
        for one in self._kept:
            if one.method in PSEUDONYMS and self._schema[one.name] == pl.String:
                distinct = self._frame.select(pl.col(one.name).drop_nulls().unique().head(_MOST_KNOWN)).collect(engine="streaming")[one.name]
                found.setdefault(one.method, []).extend(distinct.to_list())
        return found

    def write(self, path: str, progress: Progress) -> None:
        """Write the copy to ``path``, batch by batch."""
        from polars.io.plugins import register_io_source

        from aisecops.datasets.sources import separator_of

        progress.phase("masking", self._rows)

        def source(*_: object) -> Iterator[Any]:  # nobody asks for a part of it
            start = 0
            for part in self._frame.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True):
                yield self._masked(part, start)
                start += len(part)
                progress.step("rows", len(part))

        masked = register_io_source(source, schema=self._after)
        options = {"separator": separator_of(self._data)} if self._format == "csv" else {}
        getattr(masked, f"sink_{self._format}")(path, **options)

    def _masked(self, part: Any, start: int) -> Any:
        import polars as pl

        made = []
        for one in self._kept:
            before = part[one.name]
            after = self._column(one, part, start)
            self._count(one, before, after)
            made.append(after.alias(one.name))
        return pl.DataFrame(made)

    def _column(self, one: ColumnPlan, part: Any, start: int) -> Any:
        import polars as pl

        from aisecops.defences.anonymisation.columns import pseudonymised, redacted, replaced, shifted_days, years

        series = part[one.name]
        match one.method:
            case Method.KEEP | Method.DROP:
                return series
            case Method.REDACT:
                return redacted(series)
            case Method.SHIFT:
                return shifted_days(series, part[self._subject].cast(pl.String), self._shifts, self._forms[one.name])
            case Method.YEAR:
                return years(series, self._forms[one.name])
            case Method.GENERALISE:
                rows = self._classes.of_row[start : start + len(series)]
                return self._classes.values[one.name].gather(rows)
            case Method.TEXT if names := [other.name for other in self._kept if other.method is Method.NAME]:
                return self._by_row(part, one.name, names)
            case Method.TEXT:
                return replaced(series.cast(pl.String), self._texts[one.name].masked)
            case _:
                return pseudonymised(series, one.method, self._pseudonyms)

    def _by_row(self, part: Any, column: str, names: Sequence[str]) -> Any:
        """Mask each text knowing the names of its row."""
        import polars as pl

        texts, masker = part[column].cast(pl.String).to_list(), self._texts[column]
        named = zip(*(part[name].cast(pl.String).to_list() for name in names), strict=True)
        made = [text and masker.masked(text, [name for name in row if name]) for text, row in zip(texts, named, strict=True)]
        return pl.Series(column, made, dtype=pl.String)

    def _count(self, one: ColumnPlan, before: Any, after: Any) -> None:
        import polars as pl

        if one.method is Method.KEEP:
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
        from aisecops.defences.anonymisation.report import MaskReport

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
        from aisecops.defences.anonymisation.report import MaskedColumn

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
        from aisecops.defences.anonymisation.classes import is_met

        after, quasi = self._classes.after, [one for one in self.plans if one.quasi and one.method is Method.KEEP]
        if quasi:
            yield f"kept although others know them of a person: {', '.join(inert(one.name, 60) for one in quasi)}"
        if after is not None and not is_met(after, self._settings) and self._settings.k > 1:
            yield f"k is {after.k}, not {self._settings.k}: not all quasi-identifiers are generalised"
        if self._step > 1:
            yield f"the plan was made by every {self._step}th row: what only others hold was not seen"
        if any(one.method is Method.TEXT for one in self.plans):
            yield "persons whom no column names can remain in the texts: look at a sample"


def _format(path: str) -> str:
    from aisecops.defences.anonymisation.columns import MaskError

    found = _SINKS.get(os.path.splitext(path)[1].lower())
    if found is None:
        raise MaskError("only tables can be masked", where=inert_path(path), fix=f"give one of {', '.join(_SINKS)}")
    return found


def _check_output(request: MaskRequest) -> None:
    from aisecops.defences.anonymisation.columns import MaskError

    where = inert_path(request.output)
    ending = os.path.splitext(request.data)[1].lower()
    if _SINKS.get(os.path.splitext(request.output)[1].lower()) != _format(request.data):
        raise MaskError("the copy keeps the format", where=where, fix=f"name it with the ending `{ending}`")
    if os.path.lexists(request.output):
        raise MaskError("it exists already", where=where, fix="choose a new name: nothing is overwritten")
