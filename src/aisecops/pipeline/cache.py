"""What earlier runs have found out of each asset, by key."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from aisecops.core.decoding import UNDECODABLE
from aisecops.core.examination import Code
from aisecops.pipeline.engine import TaskResult
from aisecops.pipeline.plan import Task
from aisecops.pipeline.state import open_state, set_aside

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

WORTH_TASKS = 100
WORTH_BYTES = 8 << 20
_MAX_BYTES = 256 << 20
_MAX_DAYS = 30
_KEYS_PER_QUERY = 500
_DAY = 86_400
_PASSING = frozenset({Code.TIMEOUT, Code.CRASH, Code.UNREADABLE, Code.MISSING_EXTRA, Code.WEAK_ISOLATION})
"""Gaps that are there because of this moment or this machine: the next run may do better."""
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def worthwhile(tasks: Sequence[Task]) -> bool:
    """Whether looking up ``tasks`` can save more than opening a database costs (about ten milliseconds: some hundred small files, or a few megabytes)."""
    return len(tasks) >= WORTH_TASKS or sum(task.asset.size for task in tasks) >= WORTH_BYTES


def lasting(result: TaskResult) -> bool:
    """Whether ``result`` is a function of its key alone: nothing cut it short."""
    return result.complete and not any(gap.code in _PASSING for gap in result.not_examined)


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one asset: ``said`` holds results, each with its step; ``quiet`` names the steps that found nothing (nearly all), one behind the other.

    One entry for an asset, not one for each step: there are dozens of steps, and to look so many up was most of what a scan costs in which nothing has changed.
    """

    said: tuple[tuple[bytes, TaskResult], ...] = ()
    quiet: bytes = b""


class Cache:
    """The cache of the project whose state is in ``folder``. It opens on first use; where it cannot, it is empty and keeps nothing.

    Keys are hashed with a secret of this user, so entries that came along with somebody's files (a state file in a repository) match nothing.
    """

    def __init__(self, folder: str, note: Callable[[str], None]) -> None:
        self._folder = folder
        self._note = note
        self._connection: sqlite3.Connection | None = None
        self._dead = False

    def secret(self) -> bytes | None:
        """Return the user's secret, made on first use; None where there is no place for it, and so no cache."""
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        path = os.path.join(home, "aisecops", "cache-secret")
        try:
            return _kept(path) or _made(path)
        except OSError:
            return None

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Kept]:
        """Return what is there."""
        return self._try(lambda connection: _select(connection, keys)) or {}

    def put(self, entries: Mapping[bytes, Kept]) -> None:
        """Keep ``entries``, in one transaction; once a day, drop what is old or too much."""
        today = _today()
        rows = [(key, _encoder.encode(entries[key]), today) for key in sorted(entries)]  # in the order of the table: half the work
        self._try(lambda connection: _insert(connection, rows))

    def value(self, key: bytes) -> bytes:
        """Return what ``put_value`` has kept under ``key``; empty if there is nothing."""
        row = self._try(lambda connection: connection.execute("SELECT value FROM cache WHERE key = ?", (key,)).fetchone())
        return row[0] if row and isinstance(row[0], bytes) else b""

    def put_value(self, key: bytes, value: bytes) -> None:
        """Keep ``value`` under ``key``."""
        self._try(lambda connection: _insert(connection, [(key, value, _today())]))

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self, use: Callable[[sqlite3.Connection], T]) -> T | None:
        """Use the database; if that fails, do without for the rest of the run."""
        if self._connection is None and not self._dead:
            self._connection = open_state(self._folder, self._note)
            self._dead = self._connection is None
        if self._connection is None:
            return None
        import sqlite3

        try:
            return use(self._connection)
        except sqlite3.Error as error:
            self._give_up(broken=isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError))
            return None

    def _give_up(self, *, broken: bool) -> None:
        self.close()
        self._dead = True
        try:
            if broken:
                set_aside(self._folder, self._note)
            else:
                self._note("no cache: state.sqlite cannot be written")
        except OSError:
            self._note("no cache: state.sqlite is broken")


def _today() -> int:
    return int(time.time()) // _DAY


def _select(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Kept]:
    decoder = msgspec.msgpack.Decoder(Kept)  # made here: it takes a millisecond
    found: dict[bytes, Kept] = {}
    stale: list[tuple[int, bytes]] = []
    today = _today()
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        some = keys[start : start + _KEYS_PER_QUERY]
        marks = ",".join("?" * len(some))
        query = f"SELECT key, value, used FROM cache WHERE key IN ({marks})"  # noqa: S608  only question marks
        for key, value, used in connection.execute(query, some):
            try:
                found[key] = decoder.decode(value)
            except (*UNDECODABLE, TypeError):
                continue
            if used < today:
                stale.append((today, key))
    if stale:
        _in_one(connection, "UPDATE cache SET used = ? WHERE key = ?", stale)
    return found


def _insert(connection: sqlite3.Connection, rows: Sequence[tuple[bytes, bytes, int]]) -> None:
    if rows:
        _in_one(connection, "INSERT OR REPLACE INTO cache (key, value, used) VALUES (?, ?, ?)", rows)
    today = _today()
    last = connection.execute("SELECT day FROM chores WHERE name = 'prune'").fetchone()
    if last is None or last[0] < today:
        connection.execute("INSERT OR REPLACE INTO chores (name, day) VALUES ('prune', ?)", (today,))
    if last is not None and last[0] < today:
        prune(connection, _MAX_BYTES, today - _MAX_DAYS)


def _in_one(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Run ``statement`` for all ``rows`` in one transaction that has the right to write from its start: two processes then wait for each other rather than fail."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany(statement, rows)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def prune(connection: sqlite3.Connection, max_bytes: int, oldest_day: int) -> None:
    """Drop what was last used before ``oldest_day``, then what was used longest ago until ``max_bytes`` remain."""
    connection.execute("DELETE FROM cache WHERE used < ?", (oldest_day,))
    connection.execute(
        "DELETE FROM cache WHERE key IN (SELECT key FROM (SELECT key, SUM(LENGTH(value) + 64) OVER (ORDER BY used DESC, key) AS running FROM cache) "
        "WHERE running > ?)",
        (max_bytes,),
    )
    connection.execute("PRAGMA incremental_vacuum").fetchall()


def _kept(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            secret = file.read(64)
    except FileNotFoundError:
        return b""
    return secret if len(secret) == 32 else b""


def _made(path: str) -> bytes:
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    secret = os.urandom(32)
    beside = f"{path}.{os.getpid()}"
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secret)
    os.replace(beside, path)
    return _kept(path)
