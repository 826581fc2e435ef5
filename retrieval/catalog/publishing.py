"""Writing a document: a new version with the difference to the one before, or a failure."""

import time
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from retrieval.catalog.changes import head, log, log_all
from retrieval.catalog.editing import (
    Changes,
    apply_changes,
    derived_of,
    edit_columns,
    fact_columns,
)
from retrieval.catalog.records import Failed, Moved, Operation, Published
from retrieval.catalog.returning import forget_name, take_up
from retrieval.catalog.rows import chunk_columns, read_edits, stored_block
from retrieval.catalog.rules import forget_unused, rule_for, rule_for_item
from retrieval.catalog.schema import chunks, documents, versions
from retrieval.catalog.selecting import within
from retrieval.errors import Invalid, NotFound
from retrieval.identity import document_id, text_hash
from retrieval.model import Access, Basis, Chunk, DocumentStatus, Metadata, NewVersion

PARENT_FAILED = "parent-failed"
"""Why a document is stale that lies in one whose newest version could not be read."""

_INDEXED_FACTS = (
    "acl_id",
    "title",
    "department",
    "language",
    "media_type",
    "tags",
    "modified_at",
)
"""What the derived indexes know of a document; a change of any of them is logged."""

_PLACED = tuple(column.name for column in chunks.columns if column.name != "id")


def publish_version(connection: Connection, new: NewVersion) -> Published:
    """Makes a version the document's current one and logs what that changes for the indexes."""
    identity = identify(connection, new.source_id, new.external_id)
    before = _stored(connection, identity)
    new, edits = take_up(connection, new, before)
    acl_id = rule_for_item(connection, new, before.acl_id if before else None)
    number = (before.version if before else 0) + 1
    row = {
        "id": identity,
        "source_id": new.source_id,
        "external_id": new.external_id,
        "acl_id": acl_id,
        "status": DocumentStatus.CURRENT.value,
        "reason": "",
        "details": {},
        "version": number,
        **fact_columns(new.metadata, edits),
        **edit_columns(edits),
        "size": new.size,
        "signature": new.signature,
        "content_hash": new.content_hash,
        "text_hash": new.text_hash,
        "ingested_at": time.time(),
        "parent_id": new.parent_id,
    }
    _put_document(connection, row)
    _put_version(connection, identity, number, new)
    added, removed, kept = _replace_chunks(connection, identity, new.chunks)
    if before is not None and _facts_differ(before, row):
        log(connection, Operation.ACCESS, kept)
        forget_unused(connection, new.source_id)
    return Published(
        document_id=identity,
        version=number,
        added=len(added),
        removed=len(removed),
        kept=len(kept),
        seq=head(connection),
    )


def note_failure(connection: Connection, failed: Failed) -> str:
    """Marks a document's last good version stale, or keeps a row that only says what failed.

    Returns:
        The document's id.
    """
    identity = identify(connection, failed.source_id, failed.external_id)
    before = _stored(connection, identity)
    failed, edits = take_up(connection, failed, before)
    acl_id = rule_for_item(connection, failed, before.acl_id if before else None)
    attempt = {"reason": failed.reason, "details": dict(failed.details)}
    if before is not None and before.version > 0:
        stale = {"status": DocumentStatus.STALE.value, "signature": failed.signature, **attempt}
        _change_facts(connection, before, {**stale, "acl_id": acl_id})
        _let_contents_follow(connection, identity, acl_id)
        return identity
    name = PurePosixPath(failed.external_id).name or failed.external_id
    row = {
        "id": identity,
        "source_id": failed.source_id,
        "external_id": failed.external_id,
        "acl_id": acl_id,
        "status": DocumentStatus.FAILED.value,
        **attempt,
        "version": 0,
        **fact_columns(Metadata(title=name, media_type=failed.media_type), edits),
        **edit_columns(edits),
        "size": failed.size,
        "signature": failed.signature,
        "content_hash": failed.content_hash,
        "text_hash": "",
        "ingested_at": time.time(),
        "parent_id": failed.parent_id,
    }
    _put_document(connection, row)
    return identity


def change_facts(
    connection: Connection,
    identity: str,
    access: Access | None,
    metadata: Metadata | None,
    basis: Basis | None = None,
) -> int:
    """Changes what is known of a document beside its text.

    Returns:
        The log's head once that is done.

    Raises:
        NotFound: There is no such document.
    """
    before = _stored(connection, identity)
    if before is None:
        raise NotFound(what="document", value=identity)
    values: dict[str, Any] = (
        {} if metadata is None else fact_columns(metadata, read_edits(before.edits))
    )
    if access is not None:
        values["acl_id"] = rule_for(connection, before.source_id, access, before.acl_id, basis)
        for inner in _contents(connection, identity):
            _change_facts(connection, inner, {"acl_id": values["acl_id"]})
    _change_facts(connection, before, values)
    return head(connection)


def edit_facts(connection: Connection, identity: str, changes: Changes) -> None:
    """Notes what a person set of a document, or gives back to what is derived.

    Raises:
        NotFound: There is no such document.
    """
    before = _stored(connection, identity)
    if before is None:
        raise NotFound(what="document", value=identity)
    edits = apply_changes(before, changes)
    values = {**fact_columns(derived_of(before), edits), **edit_columns(edits)}
    _change_facts(connection, before, values)


def move_document(connection: Connection, moved: Moved) -> int:
    """Gives a document, and what lies in it, the names of its new place; texts stay as they are.

    Returns:
        The log's head once that is done.

    Raises:
        NotFound: There is no such document.
    """
    before = _stored(connection, moved.document_id)
    if before is None:
        raise NotFound(what="document", value=moved.document_id)
    for inner in _contents(connection, moved.document_id):
        name = moved.external_id + inner.external_id.removeprefix(before.external_id)
        renamed = update(documents).where(documents.c.id == inner.id)
        connection.execute(renamed.values(external_id=name))
    place = {"external_id": moved.external_id, "signature": moved.signature}
    connection.execute(update(documents).where(documents.c.id == before.id).values(place))
    return change_facts(connection, before.id, moved.access, moved.metadata, moved.basis)


def identify(connection: Connection, source_id: str, external_id: str) -> str:
    """Returns the id of a source's item: that of its document, else the next one that is free.

    A document that was moved keeps its id, so the id its old place stands for may be taken.
    """
    named = (documents.c.source_id == source_id) & (documents.c.external_id == external_id)
    known = connection.scalar(select(documents.c.id).where(named))
    if known is not None:
        return str(known)
    identity, number = document_id(source_id, external_id), 0
    while connection.scalar(select(documents.c.id).where(documents.c.id == identity)) is not None:
        number += 1
        identity = document_id(source_id, f"{external_id}\0{number}")
    return identity


def _contents(connection: Connection, identity: str) -> Sequence[Row[Any]]:
    """Returns the documents that lie in this one."""
    return connection.execute(select(documents).where(documents.c.parent_id == identity)).all()


def _let_contents_follow(connection: Connection, identity: str, acl_id: int) -> None:
    """Marks what lies in a document that failed, for nobody knows whether it still does."""
    follow = {"status": DocumentStatus.STALE.value, "reason": PARENT_FAILED, "details": {}}
    for inner in _contents(connection, identity):
        is_good = inner.status == DocumentStatus.CURRENT
        _change_facts(connection, inner, {"acl_id": acl_id, **(follow if is_good else {})})


def _stored(connection: Connection, identity: str) -> Row[Any] | None:
    return connection.execute(select(documents).where(documents.c.id == identity)).one_or_none()


def _facts_differ(before: Row[Any], after: Mapping[str, Any]) -> bool:
    known = before._mapping
    return any(fact in after and after[fact] != known[fact] for fact in _INDEXED_FACTS)


def _change_facts(connection: Connection, before: Row[Any], values: Mapping[str, Any]) -> None:
    if values:
        connection.execute(update(documents).where(documents.c.id == before.id).values(values))
    if _facts_differ(before, values):
        log_all(
            connection,
            Operation.ACCESS,
            select(chunks.c.id).where(chunks.c.document_id == before.id),
        )
        forget_unused(connection, before.source_id)


def _put_document(connection: Connection, row: Mapping[str, Any]) -> None:
    statement = upsert(documents).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
    forget_name(connection, row["source_id"], row["external_id"])


def _put_version(connection: Connection, identity: str, number: int, new: NewVersion) -> None:
    row = {
        "document_id": identity,
        "number": number,
        "content_hash": new.content_hash,
        "text_hash": new.text_hash,
        "text": new.text,
        "blocks": [stored_block(block, new.text) for block in new.blocks],
        "declared": dict(new.declared),
        "created_at": time.time(),
    }
    connection.execute(insert(versions).values(row))
    older = (versions.c.document_id == identity) & (versions.c.number < number)
    connection.execute(delete(versions).where(older))


def _replace_chunks(
    connection: Connection, identity: str, new: Sequence[Chunk]
) -> tuple[list[str], list[str], list[str]]:
    before = {
        row.id: row
        for row in connection.execute(select(chunks).where(chunks.c.document_id == identity))
    }
    rows = {
        chunk.id: chunk_columns(chunk, identity, text_hash(chunk.indexed_text)) for chunk in new
    }
    if len(rows) < len(new):
        raise Invalid(field="chunks", value=identity, allowed="each chunk has an id of its own")
    fresh = {
        chunk_id: chunk_id not in before or before[chunk_id].indexed_hash != row["indexed_hash"]
        for chunk_id, row in rows.items()
    }
    added = [chunk_id for chunk_id, is_fresh in fresh.items() if is_fresh]
    kept = [chunk_id for chunk_id, is_fresh in fresh.items() if not is_fresh]
    removed = [chunk_id for chunk_id in before if chunk_id not in rows]
    if removed:
        connection.execute(delete(chunks).where(within(chunks.c.id, removed)))
    changed = [row for chunk_id, row in rows.items() if not _same(before.get(chunk_id), row)]
    if changed:
        _put_chunks(connection, changed)
    log(connection, Operation.REMOVE, removed)
    log(connection, Operation.ADD, added)
    return added, removed, kept


def _same(before: Row[Any] | None, row: Mapping[str, Any]) -> bool:
    return before is not None and all(before._mapping[name] == row[name] for name in _PLACED)


def _put_chunks(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    statement = upsert(chunks)
    placed = {name: statement.excluded[name] for name in _PLACED}
    statement = statement.on_conflict_do_update(index_elements=["id"], set_=placed)
    connection.execute(statement, rows)
