"""Taking documents out, leaving tombstones and a logged change for each of their chunks."""

import time
from collections.abc import Sequence

from sqlalchemy import Connection, delete, literal, select
from sqlalchemy.dialects.sqlite import insert

from retrieval.catalog.changes import log_all
from retrieval.catalog.records import Operation
from retrieval.catalog.rules import forget_unused
from retrieval.catalog.schema import chunks, documents, tombstones
from retrieval.catalog.selecting import within


def remove_documents(connection: Connection, ids: Sequence[str], why: str) -> int:
    """Removes the documents that exist among the ids, with their texts, chunks and contents.

    Returns:
        How many there were, with the documents that lay in them.
    """
    inner = select(documents.c.id).where(within(documents.c.parent_id, ids))
    ids = [*ids, *connection.scalars(inner)]
    chosen = within(documents.c.id, ids)
    found = list(connection.scalars(select(documents.c.source_id).where(chosen)))
    log_all(
        connection, Operation.REMOVE, select(chunks.c.id).where(within(chunks.c.document_id, ids))
    )
    entombed = select(
        documents.c.id,
        documents.c.source_id,
        documents.c.external_id,
        literal(time.time()),
        literal(why),
    ).where(chosen)
    statement = insert(tombstones).from_select(list(tombstones.c), entombed)
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["document_id"], set_={"removed_at": new.removed_at, "why": new.why}
        )
    )
    connection.execute(delete(documents).where(chosen))  # versions and chunks go with them
    for source_id in sorted(set(found)):
        forget_unused(connection, source_id)
    return len(found)
