"""The log that every derived index replays."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, func, insert, literal, select

from retrieval.catalog.database import Database
from retrieval.catalog.records import Change, Operation
from retrieval.catalog.schema import changes


class Changes:
    """The log as its readers see it."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def head(self) -> int:
        """Returns the newest line's number, 0 while the log is empty."""
        with self._database.read() as connection:
            return head(connection)

    def since(self, seq: int, limit: int = 5000) -> list[Change]:
        """Returns at most ``limit`` lines after line ``seq``, oldest first."""
        query = select(changes).where(changes.c.seq > seq).order_by(changes.c.seq).limit(limit)
        with self._database.read() as connection:
            return [
                Change(number, chunk_id, Operation(operation))
                for number, chunk_id, operation in connection.execute(query)
            ]


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
