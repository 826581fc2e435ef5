"""The log that every derived index replays."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, literal, select

from retrieval.catalog.database import Database
from retrieval.catalog.records import Change, Operation
from retrieval.catalog.schema import changes
from retrieval.errors import LogCut


class Changes:
    """The log as its readers see it."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def head(self) -> int:
        """Returns the newest line's number, 0 while the log is empty."""
        with self._database.read() as connection:
            return head(connection)

    def reaches(self, seq: int) -> bool:
        """Returns whether who has applied line ``seq`` can be brought up to date by the log.

        Not so where the lines after it were dropped, or where the log ends before it, as after an
        older copy of the catalog was put back. Then everything is taken from the catalog anew.
        """
        with self._database.read() as connection:
            return _beginning(connection) <= seq <= head(connection)

    def since(self, seq: int, limit: int = 5000) -> list[Change]:
        """Returns at most ``limit`` lines after line ``seq``, oldest first.

        Raises:
            LogCut: Lines after it were dropped.
        """
        query = select(changes).where(changes.c.seq > seq).order_by(changes.c.seq).limit(limit)
        with self._database.read() as connection:
            if seq < _beginning(connection):
                raise LogCut(seq=seq)
            return [
                Change(number, chunk_id, Operation(operation))
                for number, chunk_id, operation in connection.execute(query)
            ]

    def drop_before(self, seq: int, limit: int) -> int:
        """Drops at most ``limit`` lines before line ``seq``, the oldest; the newest line stays.

        Returns:
            How many were dropped.
        """
        with self._database.write() as connection:
            end = min(seq, head(connection), _beginning(connection) + 1 + limit)
            return connection.execute(delete(changes).where(changes.c.seq < end)).rowcount


def _beginning(connection: Connection) -> int:
    """Returns the number after which the log has every line."""
    first = connection.execute(select(func.min(changes.c.seq))).scalar()
    return 0 if first is None else int(first) - 1


def head(connection: Connection) -> int:
    """Returns the newest line's number as this transaction sees it."""
    return int(connection.execute(select(func.max(changes.c.seq))).scalar() or 0)


def log(connection: Connection, operation: Operation, chunk_ids: Iterable[str]) -> None:
    """Writes one line for each chunk."""
    rows = [{"chunk_id": chunk_id, "operation": operation.value} for chunk_id in chunk_ids]
    if rows:
        connection.execute(insert(changes), rows)


def log_all(connection: Connection, operation: Operation, chunk_ids: Select[Any]) -> None:
    """Writes one line for each chunk whose id the query gives."""
    chosen = chunk_ids.add_columns(literal(operation.value))
    connection.execute(insert(changes).from_select(["chunk_id", "operation"], chosen))
