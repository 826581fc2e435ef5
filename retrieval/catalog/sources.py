"""Where documents come from."""

import time
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from retrieval import identity
from retrieval.catalog.database import Database
from retrieval.catalog.records import NewSource, Source
from retrieval.catalog.removing import remove_documents
from retrieval.catalog.returning import forget_past
from retrieval.catalog.rows import access_columns, access_of, record_of
from retrieval.catalog.rules import leave_behind, put_default
from retrieval.catalog.schema import documents, sources
from retrieval.errors import NotFound

SourceList = list[Source]

_REMOVED_AT_ONCE = 500  # documents in one transaction, so that other writers get their turn


class Sources:
    """The registered sources."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def add(self, source: NewSource) -> Source:
        """Registers a source, or replaces what is known of the one with the same name.

        A changed ``access`` holds at once for documents that follow the source's own rule, being
        published with exactly what it said. But where the source points to another place now, it
        opens none of those it had before.

        Returns:
            The source as stored.
        """
        values = {
            "id": identity.source_id(source.name),
            "name": source.name,
            "kind": source.kind,
            "location": source.location,
            "department": source.department,
            "settings": dict(source.settings),
            "owner": source.owner,
            "tags": list(source.tags),
            "schedule": source.schedule,
            **access_columns(source.access),
        }
        statement = insert(sources).values(**values, created_at=time.time())
        statement = statement.on_conflict_do_update(index_elements=["id"], set_=values)
        known = select(sources).where(sources.c.id == values["id"])
        with self._database.write() as connection:
            before = connection.execute(known).one_or_none()
            if before is not None and _is_elsewhere(before, source):
                leave_behind(connection, before.id, access_of(before), source.access)
            row = connection.execute(statement.returning(sources)).one()
            put_default(connection, row.id, source.access)
        return _source_of(row)

    def get(self, source_id: str) -> Source:
        """Returns the source with this id.

        Raises:
            NotFound: There is none.
        """
        with self._database.read() as connection:
            row = connection.execute(select(sources).where(sources.c.id == source_id)).one_or_none()
        if row is None:
            raise NotFound(what="source", value=source_id)
        return _source_of(row)

    def find(self, name: str) -> Source | None:
        """Returns the source with this name, or ``None``."""
        with self._database.read() as connection:
            row = connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
        return None if row is None else _source_of(row)

    def list(self) -> SourceList:
        """Returns all sources, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(sources).order_by(sources.c.name)).all()
        return [_source_of(row) for row in rows]

    def remove(self, source_id: str) -> int:
        """Removes a source with all its documents, which leave tombstones and logged changes.

        Large sources go in several transactions; the source itself goes in the last one, so an
        interrupted removal is finished by asking again.

        Returns:
            How many documents were removed.

        Raises:
            NotFound: There is no such source.
        """
        self.get(source_id)
        removed = 0
        batch = (
            select(documents.c.id).where(documents.c.source_id == source_id).limit(_REMOVED_AT_ONCE)
        )
        while True:
            with self._database.write() as connection:
                ids = list(connection.scalars(batch))
                removed += remove_documents(connection, ids, "source removed")
                if len(ids) < _REMOVED_AT_ONCE:
                    forget_past(connection, source_id)
                    connection.execute(delete(sources).where(sources.c.id == source_id))
                    return removed


def _is_elsewhere(before: Row[Any], after: NewSource) -> bool:
    """Returns whether a source would list another place than before."""
    place = (before.kind, before.location, before.settings)
    return place != (after.kind, after.location, dict(after.settings))


def _source_of(row: Row[Any]) -> Source:
    return record_of(Source, row, access=access_of(row), tags=tuple(row.tags or ()))
