"""Taking documents out, leaving tombstones and a logged change for each of their chunks."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, case, delete, literal, select
from sqlalchemy.dialects.sqlite import insert

from retrieval.catalog.changes import log_all
from retrieval.catalog.records import Operation
from retrieval.catalog.rules import DEFAULT, FORMER, forget_unused
from retrieval.catalog.schema import acls, chunks, documents, sources, tombstones
from retrieval.catalog.selecting import within

_UPLOAD = "upload"
"""The kind of source that lists nothing: what is uploaded again is as the upload says."""


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
    statement = insert(tombstones).from_select(list(tombstones.c), _entomb(why).where(chosen))
    kept = {column.name: statement.excluded[column.name] for column in tombstones.c}
    del kept["document_id"]
    connection.execute(statement.on_conflict_do_update(index_elements=["document_id"], set_=kept))
    connection.execute(delete(documents).where(chosen))  # versions and chunks go with them
    for source_id in sorted(set(found)):
        forget_unused(connection, source_id)
    return len(found)


def _entomb(why: str) -> Select[Any]:
    """Returns the tombstones of documents; of an upload nothing stays that a person said of it."""
    returns = sources.c.kind != _UPLOAD
    is_given = returns & acls.c.fingerprint.not_in([DEFAULT, FORMER])
    return (
        select(
            documents.c.id,
            documents.c.source_id,
            documents.c.external_id,
            literal(time.time()),
            literal(why),
            case((returns, documents.c.signature)),
            case((is_given, acls.c.allow)),
            case((is_given, acls.c.deny)),
            case((returns, documents.c.edits)),
        )
        .join(sources, sources.c.id == documents.c.source_id)
        .join(acls, acls.c.id == documents.c.acl_id)
    )
