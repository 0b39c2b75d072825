"""Stored runs: so that a run can be judged, shown and compared again."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from aisecops.core.decoding import UNDECODABLE
from aisecops.core.errors import RecordError
from aisecops.core.run import SCHEMA, Run, RunInfo
from aisecops.core.text import inert, inert_path
from aisecops.core.verdict import Outcome
from aisecops.pipeline.state import open_state

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

KEPT = 100
"""Runs that are kept; older ones go."""


class StoredRun(msgspec.Struct, frozen=True):
    """A line of the list of stored runs."""

    id: str
    started: str
    outcome: str


class RunStore:
    """The stored runs of the project whose state is in ``folder``."""

    def __init__(self, folder: str, note: Callable[[str], None]) -> None:
        self._folder = folder
        self._note = note

    def save(self, record: bytes, info: RunInfo, outcome: Outcome) -> bool:
        """Keep ``record`` (the JSON document of the run). False: the folder takes nothing; the run itself is none the worse for it."""
        row = (info.id, info.started, outcome.value, zlib.compress(record, 1))
        return self._use(lambda connection: _save(connection, row), create=True) or False

    def list(self) -> list[StoredRun]:
        """Return the stored runs, the newest first."""
        return self._use(_list) or []

    def load(self, name: str) -> Run:
        """Return the run that ``name`` names: an id or the beginning of one, ``latest``, or the path of a JSON record.

        Raises
        ------
        RecordError
            There is none, there are several, or it is not what was written.
        """
        if name.endswith(".json") or os.sep in name or os.path.isfile(name):
            return _load_file(name)
        return read_record(self._record(self._id(name)), where=f"run {name}")

    def _id(self, name: str) -> str:
        runs = self.list()
        if not runs:
            raise RecordError("no run is stored here", where=self._folder, fix="`aisecops scan` makes one; a path to a JSON record works, too")
        ids = [run.id for run in runs if run.id.startswith(name)] if name != "latest" else [runs[0].id]
        if name in ids:  # an id may be the beginning of another
            return name
        if len(ids) != 1:
            what = f"{len(ids)} stored runs begin with {name!r}" if ids else f"no stored run is called {name!r}"
            newest = ", ".join(ids[:5] or [run.id for run in runs[:5]])
            raise RecordError(what, fix=f"the newest are: {newest}")
        return ids[0]

    def _record(self, id: str) -> bytes:
        row = self._use(lambda connection: connection.execute("SELECT record FROM runs WHERE id = ?", (id,)).fetchone())
        try:
            return zlib.decompress(row[0] if row else b"")
        except (TypeError, zlib.error):
            raise RecordError("the stored record is broken", where=f"run {id}", fix="scan again") from None

    def _use(self, use: Callable[[sqlite3.Connection], T], *, create: bool = False) -> T | None:
        """Return what ``use`` makes of the database; None where there is none, or none that works."""
        connection = open_state(self._folder, self._note, create=create)
        if connection is None:
            return None
        import sqlite3

        try:
            return use(connection)
        except sqlite3.Error as error:
            self._note(f"stored runs cannot be used ({type(error).__name__})")
            return None
        finally:
            connection.close()


def _save(connection: sqlite3.Connection, row: tuple[str, str, str, bytes]) -> bool:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT OR REPLACE INTO runs (id, started, outcome, record) VALUES (?, ?, ?, ?)", row)
        connection.execute("DELETE FROM runs WHERE id NOT IN (SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT ?)", (KEPT,))
    return True


def _list(connection: sqlite3.Connection) -> list[StoredRun]:
    return [StoredRun(*row) for row in connection.execute("SELECT id, started, outcome FROM runs ORDER BY started DESC, id DESC")]


def _load_file(path: str) -> Run:
    try:
        with open(path, "rb") as file:
            return read_record(file.read(), where=inert_path(path))
    except OSError as error:
        raise RecordError(
            f"cannot be read: {os.strerror(error.errno or 0)}", where=inert_path(path), fix="name a stored run or a JSON record"
        ) from None


def read_record(data: bytes, *, where: str) -> Run:
    """Return the run that the JSON document ``data`` holds.

    Raises
    ------
    RecordError
        It is no record, one of another schema, or its results are not the ones that it was written with.
    """
    fix = "use a record that `aisecops scan --format json` has written, as it is"
    try:
        run = msgspec.json.decode(data, type=Run)
    except UNDECODABLE as error:
        raise RecordError(inert(f"this is no run record: {error}"), where=where, fix=fix) from None
    if run.schema != SCHEMA:
        raise RecordError(inert(f"the record has schema {run.schema!r}, not {SCHEMA!r}"), where=where, fix=fix)
    if run.results.digest() != run.run.results_digest:
        raise RecordError("the results do not match their digest: the record was changed after it was written", where=where, fix=fix)
    return run
