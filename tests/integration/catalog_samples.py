"""Small true documents for the tests of the catalog."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from retrieval import identity
from retrieval.catalog import Catalog, Failed, NewSource, Source
from retrieval.model import (
    EVERYONE,
    Access,
    Block,
    BlockKind,
    Chunk,
    Document,
    Metadata,
    NewVersion,
)

PUBLIC = Access(allow=frozenset({EVERYONE}))
PERSONNEL = Access(allow=frozenset({"group:人事"}))
ANYONE = frozenset({EVERYONE, "user:taro"})
HANAKO = frozenset({EVERYONE, "user:hanako", "group:人事"})
METADATA = Metadata(
    title="就業規則",
    department="人事",
    language="ja",
    media_type="text/plain",
    owner="hanako",
    tags=("規程", "休暇"),
    modified_at=datetime(2024, 4, 1, 9, 30, tzinfo=UTC),
    pages=3,
)


def add_source(catalog: Catalog, name: str = "規程集", access: Access = PUBLIC) -> Source:
    return catalog.sources.add(NewSource(name, "folder", f"/srv/{name}", access=access))


def version(
    source: Source,
    external_id: str = "rules.txt",
    texts: Sequence[str] = ("有給休暇は年二十日です。", "申請は三日前までです。"),
    *,
    access: Access = PUBLIC,
    metadata: Metadata = METADATA,
    context: str = "就業規則",
) -> NewVersion:
    document_id = identity.document_id(source.id, external_id)
    seen: list[str] = []
    chunks: list[Chunk] = []
    blocks: list[Block] = []
    start = 0
    for ordinal, text in enumerate(texts):
        chunk_id = identity.chunk_id(document_id, ("休暇",), text, seen.count(text))
        end = start + len(text)
        seen.append(text)
        blocks.append(Block(BlockKind.PARAGRAPH, text, page=1, start=start, end=end))
        chunks.append(
            Chunk(
                id=chunk_id,
                document_id=document_id,
                ordinal=ordinal,
                text=text,
                heading=("休暇",),
                context=context,
                page=1,
                start=start,
                end=end,
            )
        )
        start = end + 1
    whole = "\n".join(texts)
    return NewVersion(
        source_id=source.id,
        external_id=external_id,
        metadata=metadata,
        access=access,
        text=whole,
        blocks=tuple(blocks),
        chunks=tuple(chunks),
        content_hash=identity.text_hash("bytes" + whole),
        text_hash=identity.text_hash(whole),
        signature="size-time",
        size=len(whole),
    )


def failure(source: Source, external_id: str = "rules.txt", access: Access = PUBLIC) -> Failed:
    return Failed(
        source_id=source.id,
        external_id=external_id,
        reason="damaged",
        details={"name": external_id},
        signature="size-time-2",
        content_hash="f" * 64,
        size=99,
        access=access,
        media_type="application/pdf",
    )


def logged(catalog: Catalog, after: int = 0) -> list[tuple[str, str]]:
    return [(change.operation.value, change.chunk_id) for change in catalog.changes.since(after)]


def add(catalog: Catalog, source: Source, title: str, access: Access = PUBLIC) -> NewVersion:
    new = version(source, f"{title}.txt", metadata=replace(METADATA, title=title), access=access)
    catalog.documents.publish(new)
    return new


def read(catalog: Catalog, document_id: str) -> Document:
    document = catalog.documents.get(document_id, HANAKO)
    assert document is not None
    return document
