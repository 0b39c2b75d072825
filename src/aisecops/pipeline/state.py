"""``.aisecops/state.sqlite``: the one file in which a project's cache and its stored runs live.

Nothing here is needed to get results. So whatever is wrong with the file (garbage in it, a folder that cannot be written, a full disk) costs the
cache, with a note, and never the run.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_FILE = "state.sqlite"
_WAIT_SECONDS = 5.0
"""How long one process waits for another that is writing."""
_TABLES = """
    CREATE TABLE IF NOT EXISTS cache (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, started TEXT NOT NULL, outcome TEXT NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS chores (name TEXT PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
"""
_LAYOUT = 1
"""Grows when the tables change; a file of another layout is set aside like a broken one."""


def open_state(folder: str, note: Callable[[str], None], *, create: bool = True) -> sqlite3.Connection | None:
    """Open the state in ``folder``. None: there is none (with ``create=False``), or none can be had, which ``note`` is told.

    A file that is no sound database is renamed to ``state.sqlite.broken-…`` and a new one begun.
    """
    import sqlite3  # milliseconds that a small scan does without

    path = os.path.join(folder, _FILE)
    try:
        if not create and not os.path.lexists(path):
            return None
        os.makedirs(folder, exist_ok=True)
        if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
            note(f"no cache, no stored runs: {_FILE} is not a regular file")  # a fifo would hang us, a link would have us write elsewhere
            return None
        try:
            return _connect(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            set_aside(folder, note)
            return _connect(path)
    except (OSError, sqlite3.Error) as error:
        note(f"no cache, no stored runs: {_FILE} cannot be used ({type(error).__name__})")
        return None


def _connect(path: str) -> sqlite3.Connection:
    import sqlite3

    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout == 0:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_LAYOUT}; COMMIT")
        elif layout != _LAYOUT:
            raise sqlite3.DatabaseError(f"layout {layout}")
        # A crash of ours loses nothing; after a power cut the file may be broken, which costs what is said above. Waiting for the disk costs every scan more.
        connection.execute("PRAGMA synchronous = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def set_aside(folder: str, note: Callable[[str], None]) -> None:
    """Rename the state file, so that the next opening begins a new one, and what was in it can still be looked at."""
    path = os.path.join(folder, _FILE)
    aside = f"{path}.broken-{int(time.time())}"
    os.replace(path, aside)
    for suffix in ("-wal", "-shm"):
        try:
            os.unlink(path + suffix)
        except FileNotFoundError:
            continue
    note(f"{_FILE} was broken (stored runs and the cache were in it): it is kept as {os.path.basename(aside)}, and a new one begun")
