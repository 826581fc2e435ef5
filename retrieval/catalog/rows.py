"""Rows of the tables as the records and domain objects they stand for, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Row, Select, select

from retrieval.catalog.schema import acls, chunks, documents, sources
from retrieval.model import (
    Access,
    Block,
    BlockKind,
    Chunk,
    Document,
    DocumentStatus,
    Edits,
    Metadata,
    TagOrigin,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

StoredBlock = Sequence[Any]
Record = TypeVar("Record", bound="DataclassInstance")

whole_documents: Select[Any] = (
    select(
        documents,
        sources.c.name.label("source_name"),
        acls.c.allow,
        acls.c.deny,
    )
    .join(sources, sources.c.id == documents.c.source_id)
    .join(acls, acls.c.id == documents.c.acl_id)
)
"""Everything a :class:`Document` is made of; restrict it before running it."""


def moment(seconds: float | None) -> datetime | None:
    """Returns the stored time as an aware datetime, ``None`` staying ``None``."""
    return None if seconds is None else instant(seconds)


def instant(seconds: float) -> datetime:
    """Returns the stored time as an aware datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def record_of(kind: type[Record], row: Row[Any], **converted: object) -> Record:
    """Returns the record whose fields are columns of the row, or come converted.

    Stored times become datetimes, and lists tuples.
    """
    stored = row._asdict()
    named = [field.name for field in fields(kind) if field.name in stored]
    plain = {name: moment(stored[name]) if name.endswith("_at") else stored[name] for name in named}
    plain = {name: tuple(v) if isinstance(v, list) else v for name, v in plain.items()}
    return kind(**plain | converted)


def access_of(row: Row[Any]) -> Access:
    """Returns the rule in a row's ``allow`` and ``deny``."""
    return Access(allow=frozenset(row.allow), deny=frozenset(row.deny))


def access_columns(access: Access) -> dict[str, list[str]]:
    """Returns the ``allow`` and ``deny`` of a rule, in one fixed order."""
    return {"allow": sorted(access.allow), "deny": sorted(access.deny)}


def metadata_of(row: Row[Any]) -> Metadata:
    """Returns what a row of ``documents`` says beside the text."""
    return Metadata(
        title=row.title,
        department=row.department,
        language=row.language,
        media_type=row.media_type,
        owner=row.owner,
        tags=tuple(row.tags),
        modified_at=moment(row.modified_at),
        pages=row.pages,
        tag_origins=origins_of(row.tag_origins),
        keywords=tuple(row.keywords or ()),
        fact_origins=origins_of(row.fact_origins),
    )


def origins_of(stored: Sequence[Sequence[Any]] | None) -> tuple[TagOrigin, ...]:
    """Returns the tag origins that :func:`metadata_columns` kept."""
    return tuple(TagOrigin(*origin) for origin in stored or ())


def stored_origins(origins: Sequence[TagOrigin]) -> list[list[Any]]:
    """Returns origins as kept."""
    return [[each.tag, each.source, each.confidence] for each in origins]


def metadata_columns(metadata: Metadata) -> dict[str, Any]:
    """Returns the columns of ``documents`` that keep the metadata."""
    modified_at = metadata.modified_at
    return {
        "title": metadata.title,
        "department": metadata.department,
        "language": metadata.language,
        "media_type": metadata.media_type,
        "owner": metadata.owner,
        "tags": list(metadata.tags),
        "modified_at": None if modified_at is None else modified_at.timestamp(),
        "pages": metadata.pages,
        "tag_origins": stored_origins(metadata.tag_origins),
        "fact_origins": stored_origins(metadata.fact_origins),
        "keywords": list(metadata.keywords),
    }


def read_edits(stored: Mapping[str, Any] | None) -> Edits:
    """Returns what a person set of a document, as its column of ``documents`` keeps it."""
    if not stored:
        return Edits()
    added, removed = tuple(stored.get("added", ())), tuple(stored.get("removed", ()))
    facts = {name: stored.get(name) for name in ("title", "department", "owner")}
    return Edits(**facts, added=added, removed=removed)


def document_of(row: Row[Any]) -> Document:
    """Returns the document in a row of :data:`whole_documents`."""
    return Document(
        id=row.id,
        source_id=row.source_id,
        source_name=row.source_name,
        external_id=row.external_id,
        metadata=metadata_of(row),
        status=DocumentStatus(row.status),
        reason=row.reason,
        version=row.version,
        size=row.size,
        content_hash=row.content_hash,
        ingested_at=instant(row.ingested_at),
        acl_id=row.acl_id,
        access=access_of(row),
        edits=read_edits(row.edits),
        parent_id=row.parent_id,
    )


def chunk_of(row: Row[Any]) -> Chunk:
    """Returns the chunk in a row of ``chunks``."""
    return Chunk(
        id=row.id,
        document_id=row.document_id,
        ordinal=row.ordinal,
        text=row.text,
        heading=tuple(row.heading),
        context=row.context,
        kind=BlockKind(row.kind),
        page=row.page,
        sheet=row.sheet,
        start=row.start,
        end=row.end,
    )


def chunk_columns(chunk: Chunk, document_id: str, indexed_hash: str) -> dict[str, Any]:
    """Returns the row of ``chunks`` that keeps the chunk, in the table's order of columns."""
    values = (
        chunk.id,
        document_id,
        chunk.ordinal,
        chunk.text,
        list(chunk.heading),
        chunk.context,
        chunk.kind.value,
        chunk.page,
        chunk.sheet,
        chunk.start,
        chunk.end,
        indexed_hash,
    )
    return dict(zip(chunks.columns.keys(), values, strict=True))


def stored_block(block: Block, text: str) -> StoredBlock:
    """Returns a block as kept: without its text where its span of the document says the same."""
    own = None if text[block.start : block.end] == block.text else block.text
    return [block.kind.value, own, block.page, block.sheet, block.level, block.start, block.end]


def block_of(stored: StoredBlock, text: str) -> Block:
    """Returns the block that :func:`stored_block` kept."""
    kind, own, page, sheet, level, start, end = stored
    shown = text[start:end] if own is None else own
    return Block(BlockKind(kind), shown, page, sheet, level, start, end)
