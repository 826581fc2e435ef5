"""Connections: how a transaction begins, what it guarantees, and how its failures are named."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from retrieval.errors import CatalogUnavailable

BUSY_TIMEOUT_S = 30
_READERS_KEPT = 8
_READERS_MORE = 56  # above what any web server's thread pool starts by default


class Database:
    """The SQLite file: many readers, and one writer of this process at a time.

    A transaction belongs to quick work only: nothing may be parsed, embedded or fetched inside.
    """

    def __init__(self, path: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Takes a file whose tables are already up to date.

        Args:
            path: The file.
            busy_timeout_s: Seconds to wait for the write lock before giving up.
        """
        self.path = path
        self._readers = _engine(
            path, busy_timeout_s, "BEGIN", kept=_READERS_KEPT, more=_READERS_MORE
        )
        # One connection: threads queue up fairly in the pool rather than by SQLite's polling.
        self._writer = _engine(path, busy_timeout_s, "BEGIN IMMEDIATE", kept=1, more=0)
        # Writes nothing itself, so that every commit, also one of this process, is another's.
        with naming_failures(path):
            self._watch = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._watch_lock = Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Gives a connection that sees one unchanging state and cannot write.

        Raises:
            CatalogUnavailable: The file is locked, damaged or gone.
        """
        with naming_failures(self.path), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Gives a connection that holds the write lock; commits at the end, or not at all.

        Never nest it in the same thread: the second would wait for the first.

        Raises:
            CatalogUnavailable: The file stays locked for 30 seconds, is damaged, or the disk is
                full. Nothing was written then.
        """
        with naming_failures(self.path), self._writer.begin() as connection:
            yield connection

    def data_version(self) -> int:
        """Returns a number that differs after every commit by any thread or process."""
        with self._watch_lock, naming_failures(self.path):
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Closes every connection."""
        self._readers.dispose()
        self._writer.dispose()
        with self._watch_lock:
            self._watch.close()


@contextmanager
def naming_failures(path: Path) -> Iterator[None]:
    """Turns SQLite's own complaints into the one error callers know.

    Mistakes of ours (a broken constraint, wrong SQL arguments) pass through unchanged.

    Raises:
        CatalogUnavailable: The file is locked, damaged, read-only, full or gone.
    """
    try:
        yield
    except PoolTimeout as error:
        reason = "no connection became free in time"
        raise CatalogUnavailable(path=path, reason=reason) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if not _is_about_the_file(error):
            raise
        reason = str(error.orig if isinstance(error, DatabaseError) else error)
        raise CatalogUnavailable(path=path, reason=reason) from error


def _read_json(stored: str) -> Any:  # noqa: ANN401 - a column holds any JSON
    # A search reads some two hundred small values, which takes json.loads a third of its time.
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError:  # as for Infinity, which json.dumps writes
        return json.loads(stored)


def _is_about_the_file(error: DatabaseError | sqlite3.DatabaseError) -> bool:
    # "Not a database" and "malformed" come as plain DatabaseError, the rest as OperationalError.
    if isinstance(error, OperationalError | sqlite3.OperationalError):
        return True
    return type(error) in (DatabaseError, sqlite3.DatabaseError)


def _engine(path: Path, timeout_s: float, begin: str, *, kept: int, more: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": timeout_s, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=kept,
        max_overflow=more,
        pool_timeout=timeout_s,
        json_serializer=partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
        json_deserializer=_read_json,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transaction control begins too late and cannot say IMMEDIATE.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if begin == "BEGIN":
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
