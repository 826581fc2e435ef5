"""Looking a document up by whatever somebody calls it, whoever may read it: for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from retrieval.catalog.database import Database
from retrieval.catalog.rows import access_of, instant
from retrieval.catalog.rules import DEFAULT
from retrieval.catalog.schema import acls, chunks, documents, sources, tombstones
from retrieval.model import Access

MOST_FOUND = 20
"""Of more documents that a name fits, only the first by title are told."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog knows of a document, for those who may know of all of them.

    Attributes:
        status: "current", "stale" or "failed".
        reason: Code of the failure, "" while current.
        details: Values that the failure's message names.
        access: The rule it is under.
        follows_source: That rule is its source's own, not one given to the document.
        characters: Length of its text; 0 without one.
        chunks: How many pieces of it are searched.
    """

    id: str
    source_name: str
    external_id: str
    title: str
    status: str
    reason: str
    details: Mapping[str, Any]
    language: str
    access: Access
    follows_source: bool
    characters: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that was here once."""

    document_id: str
    external_id: str
    removed_at: datetime
    why: str


class Locator:
    """Finds documents by name. It asks for no principals: keep it from who is no administrator."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def find(self, name: str) -> tuple[Known, ...]:
        """Returns the documents of this id, external id or title, else those that contain it.

        What fits an id is looked for no further, and what fits a whole name neither.
        """
        exact = or_(documents.c.external_id == name, documents.c.title == name)
        part = or_(
            documents.c.external_id.contains(name, autoescape=True),
            documents.c.title.contains(name, autoescape=True),
        )
        with self._database.read() as connection:
            for condition in (documents.c.id == name, exact, part):
                if name and (found := _read(connection, condition)):
                    return found
        return ()

    def find_removed(self, name: str) -> Removed | None:
        """Returns the last document of this id or external id that was removed."""
        fits = or_(tombstones.c.document_id == name, tombstones.c.external_id == name)
        query = select(tombstones).where(fits).order_by(tombstones.c.removed_at.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Removed(row.document_id, row.external_id, instant(row.removed_at), row.why)

    def chunk_ids(self, document_id: str) -> tuple[str, ...]:
        """Returns the ids of a document's chunks, in its order."""
        query = select(chunks.c.id).where(chunks.c.document_id == document_id)
        with self._database.read() as connection:
            return tuple(connection.scalars(query.order_by(chunks.c.ordinal)))


def _read(connection: Connection, condition: ColumnElement[bool]) -> tuple[Known, ...]:
    own = chunks.c.document_id == documents.c.id
    number = select(func.count()).where(own).scalar_subquery()
    length = select(func.coalesce(func.max(chunks.c.end), 0)).where(own).scalar_subquery()
    query = (
        select(
            documents,
            acls.c.allow,
            acls.c.deny,
            acls.c.fingerprint,
            sources.c.name.label("source_name"),
            number.label("number"),
            length.label("length"),
        )
        .join(acls, acls.c.id == documents.c.acl_id)
        .join(sources, sources.c.id == documents.c.source_id)
        .where(condition)
        .order_by(documents.c.title, documents.c.id)
        .limit(MOST_FOUND)
    )
    return tuple(
        Known(
            id=row.id,
            source_name=row.source_name,
            external_id=row.external_id,
            title=row.title,
            status=row.status,
            reason=row.reason,
            details=row.details,
            language=row.language,
            access=access_of(row),
            follows_source=row.fingerprint == DEFAULT,
            characters=row.length,
            chunks=row.number,
        )
        for row in connection.execute(query)
    )
