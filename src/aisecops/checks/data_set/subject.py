"""A data set as its checks see it: opened lazily, with the roles of its columns. Neither numpy nor Polars is imported before a data set is met."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from aisecops.core.asset import Asset, AssetFacts, AssetKind
from aisecops.core.check import Context, RefusedError, Result, subject
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert, inert_path
from aisecops.datasets.roles import ColumnRoles
from aisecops.project.data_sets import DataSetSettings, DeclaredData, guessed_role

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from aisecops.datasets.packed import Copy, PartCopies
    from aisecops.datasets.reading import TableSource
    from aisecops.datasets.table import Table

_EAGER = 4 << 20
"""Bytes up to which a table is read whole at once: what is wrong with it is then told once, and not by every check."""
_UNPACKING, _READER = 3, 128 << 20
"""Memory that a column of a row group takes for each byte that it unpacks to, while it is searched (measured: 2.9 of 304 MiB), and what the reader takes anyway."""
_MOST_COLUMNS = 5_000
_FEW_VALUES = 3
"""Different values up to which numbers and texts in one column are categories."""
_CODES = {"MissingExtraError": Code.MISSING_EXTRA, "TooMuchError": Code.TOO_LARGE}
"""By the name of the error: what raises these is imported late."""
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_OF_WORKBOOKS = (
    "save each sheet as CSV: libreoffice --convert-to 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1' FILE"
)
_EXPANSION = 6
"""How much larger than its file a table is in memory, at most, as a rule."""


class DataSet:
    """A table, texts or images, not read yet.

    Attributes
    ----------
    kind : str
        ``table``, ``text`` (a file of lines) or ``images`` (a folder, or arrays).
    location : str
        Where this process opens it.
    role : str
        ``train``, ``test``, ... as declared, else as its path says; empty: unknown.
    declared : DeclaredData
        What the manifest says; its defaults where it says nothing.
    roles : ColumnRoles
        The columns by what they are for: declared, else guessed from names and cells. ``roles.label`` is the label column, empty if there is none.
    names : tuple of str
        The columns; each field of a record is one (``customer.age``).
    records : dict
        Of such a field the column that it stands in.
    """

    def __init__(self, asset: Asset, location: str, declared: DeclaredData) -> None:
        self.asset, self.location, self.declared = asset, location, declared
        self._copy = _unpacked(asset, location)
        if self._copy:
            self.location = location = self._copy.path
        self.role = declared.role or str(asset.facts.get("role", "")) or guessed_role(asset.path)
        self.kind = _kind(location)
        self.roles = ColumnRoles()
        self.names: tuple[str, ...] = ()
        self.records: dict[str, str] = {}
        if self.kind == "text":
            self.names, self.roles = ("text",), ColumnRoles(text="text")
        if self.kind == "table":
            from aisecops.datasets.columnar import by_columns
            from aisecops.datasets.delimited import ending_of
            from aisecops.datasets.nested import fields_apart
            from aisecops.datasets.role_values import roles_of
            from aisecops.datasets.sources import explained
            from aisecops.datasets.written import read_written

            self.frame, self.records = fields_apart(self.stored)
            self.names = tuple(self.frame.collect_schema().names())
            self._check_columns()
            if asset.size <= _EAGER and self.unpacked <= (_EAGER if self._copy else 16 * _EAGER):
                read = read_written(location)
                self.stored, self.rows = read.lazy(), len(read)
                self.frame = fields_apart(self.stored)[0].collect().lazy() if self.records else self.stored
            elif (
                os.path.isfile(location)
                and ending_of(location) in (".csv", ".tsv")
                and (told := by_columns(self.frame, location, len(self.names))) is not None
            ):
                self.frame, self._columns_apart = told
            said = declared.described.roles() if declared.described else ColumnRoles()
            with explained(location):
                self.roles = roles_of(self.frame, self.names, declared.columns.completed(said, self.names))

    @cached_property
    def source(self) -> TableSource:
        """The table as numbers, lazily (``aisecops.datasets.reading``): without lists, which are no number, and with neither infinity nor the texts among numbers."""
        from aisecops.datasets.extra import load_polars
        from aisecops.datasets.nested import fields_apart
        from aisecops.datasets.reading import scan_table

        pl: Any = load_polars()
        source = scan_table(self.location)  # days of Parquet become what they are in CSV: a text
        frame = fields_apart(source.frame)[0].drop(self.unsearched).with_columns(pl.selectors.temporal().cast(pl.String))
        numbers = pl.selectors.float()
        frame = frame.with_columns(pl.when(numbers.is_finite()).then(numbers))
        mixed = _with_texts_among_numbers(frame)
        forced = frozenset({self.roles.label} & set(mixed))
        numbers = pl.col([name for name in mixed if name not in forced])
        return msgspec.structs.replace(source, frame=frame.with_columns(numbers.cast(pl.Float64, strict=False)), forced=forced)

    @cached_property
    def unsearched(self) -> tuple[str, ...]:
        """The columns that ``table`` leaves out: lists, and bytes of whatever meaning."""
        from aisecops.datasets.extra import load_polars

        pl: Any = load_polars()
        return tuple(name for name, dtype in self.frame.collect_schema().items() if dtype.is_nested() or dtype.base_type() in (pl.Binary, pl.Object))

    @cached_property
    def frame(self) -> Any:
        """The table as a lazy Polars frame, each field of a record a column; cells of CSV are text as they are written, so that mixed types are no hindrance."""
        return self.stored

    @cached_property
    def stored(self) -> Any:
        """The same with the columns of the file."""
        from aisecops.datasets.extra import load_polars
        from aisecops.datasets.reading import read_texts
        from aisecops.datasets.written import open_written

        if self.kind == "text":
            return load_polars().LazyFrame({"text": read_texts(self.location).texts})
        return open_written(self.location)

    @cached_property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.collect(_count(self.frame)).item())

    def collect(self, frame: Any) -> Any:
        """Return what a lazy frame gives, with errors that name the line. Raises ``TableError``."""
        from aisecops.datasets.sources import explained

        with explained(self.location):
            return frame.collect(engine="streaming")

    def table(self) -> Table:
        """Return the whole table as numbers."""
        return self.source.read()

    def sample(self, most: int, seed: int) -> tuple[Table, npt.NDArray[np.int64], int]:
        """Return at most so many of the rows that have a label, drawn by ``seed``, in their order; their indices from 0; and how many rows have a label."""
        import numpy as np

        table = self.table()
        known = np.flatnonzero(~np.isnan(table.column(self.roles.label).values))
        chosen = known if len(known) <= most else np.sort(np.random.default_rng(seed).choice(known, most, replace=False))
        columns = tuple(msgspec.structs.replace(column, values=column.values[chosen]) for column in table.columns)
        return msgspec.structs.replace(table, columns=columns), chosen, len(known)

    def images(self) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
        """Return images, shape (n, height, width[, channels]), and their labels as text; the folder's subfolders are the labels."""
        from aisecops.datasets.images import read_images

        return read_images(self.location, label=self.declared.columns.label)

    @cached_property
    def unpacked(self) -> int:
        """Bytes that the file holds: of a packed one those that it unpacks to; of Parquet as far as it says."""
        from aisecops.datasets.delimited import ending_of
        from aisecops.datasets.parquet_footer import unpacked
        from aisecops.datasets.parts import files_of

        said = [unpacked(file) for file in files_of(self.location) if ending_of(file) == ".parquet"]
        size = sum(map(os.path.getsize, files_of(self.location))) if self._copy else self.asset.size
        return max(size, sum(one.total for one in said if one))

    @cached_property
    def headless(self) -> bool:
        """Whether it is a CSV file whose first line is a row: its columns are called ``column_1``, ``column_2``, ..."""
        from aisecops.datasets.delimited import delimited, ending_of
        from aisecops.datasets.parts import files_of

        return self.kind == "table" and ending_of(first := files_of(self.location)[0]) in (".csv", ".tsv") and delimited(first).headless

    def fits(self, ctx: Context) -> bool:
        """Whether the whole table may be held in memory within the task's budget."""
        return self._needed <= ctx.budget.memory_bytes

    @property
    def _needed(self) -> int:
        size = self.unpacked if self._copy else self.asset.size
        return max(size * _EXPANSION, self.unpacked * 2)

    def facts(self) -> AssetFacts:
        """What it is, and what its columns are for."""
        facts: dict[str, Any] = {"content": self.kind}
        if self.role:
            facts["role"] = self.role
        if self.kind == "table":
            facts["columns"] = len(self.names)
            if self.headless:
                facts["header"] = "none"
            if "rows" in self.__dict__:
                facts["rows"] = self.rows
            facts |= {f"{role}-column": inert(name, 60) for role, name in self.roles.named().items()}
        return AssetFacts(facts=facts, depends=(f"#{AssetKind.DATA_SET.value}",))  # it is compared with others: training sets, earlier versions

    def examined(self, examine: Callable[[], Iterator[Result]], *, kinds: tuple[str, ...] = ("table",)) -> Iterator[Result]:
        """Yield what ``examine`` does if the set is of one of ``kinds``; what keeps it from being read is told as not examined."""
        if self.kind not in kinds:
            return
        try:
            yield from examine()
        except ModuleNotFoundError as error:
            yield _missing(error)
        except UserError as error:
            yield gap(error)

    def too_large(self, ctx: Context) -> NotExamined:
        """Return what to say where ``fits`` does not hold."""
        need = self._needed >> 20
        return NotExamined(
            code=Code.TOO_LARGE,
            reason=f"the whole table is needed at once, which takes about {need:,} MiB; the limit is {ctx.budget.memory_bytes >> 20:,} MiB",
            remedy="allow more memory, or give a sample of the rows",
        )

    def _check_columns(self) -> None:
        from aisecops.datasets.table import TableError

        if len(self.names) > _MOST_COLUMNS:
            raise TableError(f"{len(self.names):,} columns, more than {_MOST_COLUMNS:,}", fix="give the columns that a model learns from")
        if lost := self.declared.columns.missing(self.names):
            shown = ", ".join(inert(name, 40) for name in self.names[:12])
            raise TableError(f"there is no column `{inert(lost[0], 60)}`, which the manifest names", fix=f"it has {shown}")


def _with_texts_among_numbers(frame: Any) -> list[str]:
    """Return the columns of texts most of whose different values, but not all, are numbers."""
    from aisecops.datasets.extra import load_polars

    pl: Any = load_polars()
    texts = [name for name, dtype in frame.collect_schema().items() if dtype == pl.String]
    values = [pl.col(name).drop_nulls().unique() for name in texts]
    numbers = [value.cast(pl.Float64, strict=False).count() for value in values]
    told = frame.select(
        ((number < value.len()) & (2 * number > value.len()) & (value.len() > _FEW_VALUES)).alias(name)
        for name, value, number in zip(texts, values, numbers, strict=True)
    )
    return [name for name, is_so in told.collect(engine="streaming").row(0, named=True).items() if is_so] if texts else []


def _count(frame: Any) -> Any:
    from aisecops.datasets.extra import load_polars

    return frame.select(load_polars().len())


def _kind(location: str) -> str:
    if os.path.isdir(location):
        from aisecops.datasets.parts import parts_of

        return "images" if parts_of(location) is None else "table"
    if location.lower().endswith(".npz"):
        return "images"
    return "text" if location.lower().endswith((".txt", ".text")) else "table"


def gap(error: UserError) -> NotExamined:
    """Return ``error`` as something that was not examined. The place is a line at most: the record names the file itself."""
    code = _CODES.get(type(error).__name__, Code.BAD_INPUT)
    line = error.where.rpartition(":")[2] if error.where else ""
    reason = f"line {line}: {error.what}" if line.isdecimal() else error.what
    return NotExamined(code=code, reason=reason, remedy=error.fix)


def _too_much_at_once(location: str, ctx: Context) -> NotExamined | None:
    from aisecops.datasets.parquet_pages import at_once

    most = at_once(location)
    if most * _UNPACKING + _READER <= ctx.budget.memory_bytes:
        return None
    need, limit = (most * _UNPACKING + _READER) >> 20, ctx.budget.memory_bytes >> 20
    return NotExamined(
        code=Code.TOO_LARGE,
        reason=f"a page, or a nested column of a row group, unpacks to {most >> 20:,} MiB, which is read at once and takes some {need:,} MiB; the limit is {limit:,} MiB",
        remedy="write it with fewer rows in a row group, keep long texts in files of their own, or allow more memory (--memory)",
    )


def _media(asset: Asset, location: str) -> NotExamined | None:
    """Return what to say of a folder of recordings, or of an archive whose pictures or recordings are the data set (of one in it that is a table, the path goes on)."""
    from aisecops.datasets.media import ARCHIVES, media_in_archive, recordings_in

    if os.path.isdir(location) and (number := recordings_in(location)):
        reason = f"{number:,} recordings of sound or film, which are not examined"
        return NotExamined(code=Code.NO_PARSER, reason=reason, remedy="listen to a sample; a table that names them is examined for all else")
    whole = asset.path.endswith(inert_path(os.path.basename(location))) and location.lower().endswith(ARCHIVES)
    if whole and (number := media_in_archive(location)):
        reason = f"{number:,} pictures or recordings in an archive, where they are not examined"
        return NotExamined(code=Code.NO_PARSER, reason=reason, remedy="unpack it, and examine the folder")
    return None


def _missing(error: ModuleNotFoundError) -> NotExamined:
    name = (error.name or "a library").partition(".")[0]
    return NotExamined(code=Code.MISSING_EXTRA, reason=f"{name} is not installed here", remedy="pip install 'aisecops[data]'")


def _unpacked(asset: Asset, location: str) -> Copy | PartCopies | None:
    """Return the table in a packed file, or in packed parts: of the tables in one zip each is an asset, whose path goes on behind the zip's."""
    from aisecops.datasets.packed import is_packed, whole_table
    from aisecops.datasets.parts import is_of_parts
    from aisecops.datasets.zipped import place_of, tables_in

    if is_of_parts(location) or not is_packed(location):
        return whole_table(location)
    _, inside, name = f"/{asset.path}".partition(f"/{inert_path(os.path.basename(location))}/")
    member = next((table for table in tables_in(location) if inside and place_of(table) == name), "")
    return whole_table(location, member)


@subject(AssetKind.DATA_SET, version=3)
def data_set(asset: Asset, ctx: Context) -> DataSet:
    """Open the data set, or refuse it once for all checks."""
    from aisecops.datasets.delimited import LINES, TABLES, ending_of

    location = ctx.location(asset)
    if (media := _media(asset, location)) is not None:
        raise RefusedError(media)
    ending = ending_of(location)
    if not os.path.isdir(location) and ending not in (*TABLES, ".json", ".txt", ".text", ".npz", ".zip"):
        reason = f"files that end in {inert(ending, 20)} are not read" if ending else "the name does not say which format this is"
        reason = f"sheets of workbooks ({ending}) are not read as tables" if ending in _WORKBOOKS else reason
        remedy = _OF_WORKBOOKS if ending in _WORKBOOKS else "keep data as CSV, Parquet, Arrow or JSON lines"
        raise RefusedError(NotExamined(code=Code.NO_PARSER, reason=reason, remedy=remedy))
    try:
        import numpy  # noqa: F401 - the base install has none

        from aisecops.datasets.packed import LONGEST_LINE, is_packed
        from aisecops.datasets.parts import files_of

        plain = [file for file in files_of(location) if not is_packed(file)]
        if asset.size >= LONGEST_LINE and any(ending_of(file) in LINES for file in plain[:1]):
            from aisecops.datasets.sources import explained, has_line_of

            with explained(location):
                long = any(has_line_of(file, LONGEST_LINE) for file in plain)
            if long:
                reason = f"a line of more than {LONGEST_LINE >> 20} MiB: a reader of tables would hold it many times over"
                raise RefusedError(NotExamined(code=Code.TOO_LARGE, reason=reason, remedy="keep long texts in files of their own"))

        if why := next((why for file in plain if ending_of(file) == ".parquet" and (why := _too_much_at_once(file, ctx))), None):
            raise RefusedError(why)
        data = DataSet(asset, location, ctx.settings(DataSetSettings).declared.get(asset.id, DeclaredData()))
    except ModuleNotFoundError as error:
        raise RefusedError(_missing(error)) from None
    except UserError as error:
        raise RefusedError(gap(error)) from None
    if data.location != location and ending_of(data.location) == ".parquet" and (why := _too_much_at_once(data.location, ctx)):
        raise RefusedError(why)
    return data
