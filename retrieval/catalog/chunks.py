"""Chunks: shown to those who may read their document, and handed to the indexes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, select

from retrieval.catalog.database import Database
from retrieval.catalog.records import IndexRow
from retrieval.catalog.rows import chunk_of, document_of, whole_documents
from retrieval.catalog.schema import acls, chunks, documents
from retrieval.catalog.selecting import as_parameter, permits, readable, within
from retrieval.model import Chunk, Document, Principals

_index_rows: Select[Any] = select(
    chunks.c.id,
    chunks.c.document_id,
    documents.c.acl_id,
    documents.c.source_id,
    documents.c.department,
    documents.c.language,
    documents.c.media_type,
    documents.c.tags,
    documents.c.modified_at,
    documents.c.title,
    chunks.c.heading,
    chunks.c.context,
    chunks.c.text,
    chunks.c.indexed_hash,
).join(documents, documents.c.id == chunks.c.document_id)

# Every search runs these two; made once, they need not be put together each time.
_named: Select[Any] = select(chunks).where(within(chunks.c.id, bindparam("ids")))
_owning = whole_documents.where(
    within(documents.c.id, bindparam("ids")), permits(bindparam("principals"))
)

_DOCUMENTS_AT_ONCE = 50


class Chunks:
    """The chunks of all current and stale documents."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def fetch(
        self, ids: Iterable[str], principals: Principals
    ) -> dict[str, tuple[Chunk, Document]]:
        """Returns the chunks that exist and that this caller may read, with their documents.

        This is the last check before a text goes anywhere: it looks at the rules themselves, in
        the same transaction as the texts. The order is that of the ids.
        """
        wanted = list(ids)
        with self._database.read() as connection:
            found = connection.execute(_named, {"ids": as_parameter(wanted)}).all()
            owners = as_parameter({row.document_id for row in found})
            reader = {"ids": owners, "principals": as_parameter(principals)}
            readable = {row.id: document_of(row) for row in connection.execute(_owning, reader)}
        pairs = {
            row.id: (chunk_of(row), readable[row.document_id])
            for row in found
            if row.document_id in readable
        }
        return {chunk_id: pairs[chunk_id] for chunk_id in wanted if chunk_id in pairs}

    def neighbours(
        self, chunk_id: str, principals: Principals, before: int, after: int
    ) -> list[Chunk]:
        """Returns the chunks around one, without itself, in the document's order.

        Empty where there is no such chunk that this caller may read.

        Args:
            chunk_id: The chunk in the middle.
            principals: Who asks.
            before: At most so many chunks before it.
            after: At most so many chunks after it.
        """
        middle = (
            select(chunks.c.document_id, chunks.c.ordinal)
            .join(documents, documents.c.id == chunks.c.document_id)
            .join(acls, acls.c.id == documents.c.acl_id)
            .where(chunks.c.id == chunk_id, permits(principals))
            .subquery()
        )
        near = and_(
            chunks.c.document_id == middle.c.document_id,
            chunks.c.ordinal.between(middle.c.ordinal - before, middle.c.ordinal + after),
            chunks.c.id != chunk_id,
        )
        query = select(chunks).join(middle, near).order_by(chunks.c.ordinal)
        with self._database.read() as connection:
            return [chunk_of(row) for row in connection.execute(query)]

    def index_rows(self, ids: Iterable[str]) -> list[IndexRow]:
        """Returns what an index keeps of these chunks, in their order, without the missing.

        For the side that writes indexes: this asks for no principals.
        """
        wanted = list(ids)
        with self._database.read() as connection:
            rows = connection.execute(_index_rows.where(within(chunks.c.id, wanted))).all()
        found = {row.id: _index_row(row) for row in rows}
        return [found[chunk_id] for chunk_id in wanted if chunk_id in found]

    def all_index_rows(self, batch: int) -> Iterator[list[IndexRow]]:
        """Gives every chunk's row, at most ``batch`` at a time, ordered by chunk id.

        No transaction stays open in between. Who needs one state takes the log's head first and
        replays what came after it. For the side that writes indexes: this asks for no principals.
        """
        last = ""
        while True:
            query = _index_rows.where(chunks.c.id > last).order_by(chunks.c.id).limit(batch)
            with self._database.read() as connection:
                rows = [_index_row(row) for row in connection.execute(query)]
            if not rows:
                return
            yield rows
            last = rows[-1].chunk_id

    def counts(self, principals: Principals) -> dict[str, int]:
        """Returns how many chunks each document has that this caller may read and has any."""
        query = select(chunks.c.document_id, func.count())
        query = query.join(documents, documents.c.id == chunks.c.document_id)
        query = query.where(readable(principals)).group_by(chunks.c.document_id)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def of_documents(self, ids: Sequence[str]) -> Iterator[list[IndexRow]]:
        """Gives the chunks of each of these documents in their order, document by document.

        The documents come in no particular order; one without chunks is left out. No transaction
        stays open in between. Whoever asks for the ids has asked who may read them.
        """
        order = (chunks.c.document_id, chunks.c.ordinal)
        for start in range(0, len(ids), _DOCUMENTS_AT_ONCE):
            some = ids[start : start + _DOCUMENTS_AT_ONCE]
            query = _index_rows.where(within(chunks.c.document_id, some)).order_by(*order)
            with self._database.read() as connection:
                rows = [_index_row(row) for row in connection.execute(query)]
            for _, group in groupby(rows, key=lambda row: row.document_id):
                yield list(group)


def _index_row(row: Row[Any]) -> IndexRow:
    return IndexRow(
        chunk_id=row.id,
        document_id=row.document_id,
        acl_id=row.acl_id,
        source_id=row.source_id,
        department=row.department,
        language=row.language,
        media_type=row.media_type,
        tags=tuple(row.tags),
        modified_at=row.modified_at,
        title=row.title,
        heading=tuple(row.heading),
        context=row.context,
        text=row.text,
        indexed_hash=row.indexed_hash,
    )
