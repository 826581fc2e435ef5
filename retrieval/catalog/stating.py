"""What a whole source looks like in the catalog, read fast: it is compared at every ingest."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Text, func, select, type_coerce

from retrieval.catalog.editing import uncover
from retrieval.catalog.records import DocumentState
from retrieval.catalog.rows import access_of, moment, origins_of, read_edits
from retrieval.catalog.schema import acls, documents
from retrieval.model import DocumentStatus, Metadata, TagOrigin

_COLUMNS = (
    documents.c.external_id,
    documents.c.id,
    documents.c.signature,
    documents.c.content_hash,
    documents.c.text_hash,
    documents.c.status,
    documents.c.acl_id,
    documents.c.title,
    documents.c.department,
    documents.c.language,
    documents.c.media_type,
    documents.c.owner,
    # As text: most documents of a source share a few lists, so each is parsed once.
    type_coerce(documents.c.tags, Text),
    documents.c.modified_at,
    documents.c.pages,
    type_coerce(documents.c.tag_origins, Text),
    documents.c.reason,
    documents.c.parent_id,
    documents.c.edits,
    documents.c.derived,
)


def read_states(connection: Connection, source_id: str) -> dict[str, DocumentState]:
    """Returns the state of every document of a source, by external id."""
    rules = connection.execute(select(acls).where(acls.c.source_id == source_id))
    access = {row.id: access_of(row) for row in rules}

    @cache
    def tags_of(stored: str) -> tuple[str, ...]:
        return tuple(json.loads(stored))

    @cache
    def origins_in(stored: str | None) -> tuple[TagOrigin, ...]:
        return origins_of(json.loads(stored)) if stored else ()

    # Positions instead of names: 100,000 rows take half the time.
    def state_of(row: Sequence[Any]) -> DocumentState:
        (_, identity, signature, content_hash, text_hash, status, acl_id, *known) = row
        title, department, language, media_type, owner, tags, *more = known
        modified_at, pages, origins, reason, parent_id, edits, derived = more
        told = (title, department, language, media_type, owner, tags_of(tags))
        metadata = Metadata(*told, moment(modified_at), pages, origins_in(origins))
        stored = (identity, signature, content_hash, text_hash, DocumentStatus(status))
        state = DocumentState(*stored, access[acl_id], metadata, reason, parent_id)
        if not edits:
            return state
        as_derived = replace(uncover(metadata, derived), fact_origins=())
        return replace(state, metadata=as_derived, edits=read_edits(edits))

    query: Select[Any] = select(*_COLUMNS).where(documents.c.source_id == source_id)
    rows = connection.execute(query, execution_options={"yield_per": 5_000})
    return {row[0]: state_of(row) for row in rows}


def list_copies(connection: Connection, source_id: str) -> list[list[str]]:
    """Returns the external ids of a source's readable documents with the same bytes, by group."""
    mine = (documents.c.source_id == source_id) & (documents.c.text_hash != "")
    twice = (
        select(documents.c.content_hash)
        .where(mine)
        .group_by(documents.c.content_hash)
        .having(func.count() > 1)
    )
    query = select(documents.c.content_hash, documents.c.external_id).where(mine)
    found: dict[str, list[str]] = {}
    for content_hash, name in connection.execute(query.where(documents.c.content_hash.in_(twice))):
        found.setdefault(content_hash, []).append(name)
    return sorted(sorted(names) for names in found.values())
