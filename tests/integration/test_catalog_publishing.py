"""What publishing and changing a document leave in the tables and the log."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from retrieval import identity
from retrieval.catalog import Catalog, Source, schema
from retrieval.errors import Invalid, NotFound
from retrieval.model import Access, Block, BlockKind, Document, DocumentStatus, Metadata
from tests.integration.catalog_samples import (
    ANYONE,
    HANAKO,
    METADATA,
    PERSONNEL,
    PUBLIC,
    logged,
    read,
    version,
)


def acl_count(catalog: Catalog) -> int:
    with catalog.database.read() as connection:
        return len(connection.execute(select(schema.acls)).all())


def test_a_published_document_is_read_back_as_it_was_given(
    catalog: Catalog, source: Source
) -> None:
    new = version(source)
    before = datetime.now(UTC)
    done = catalog.documents.publish(new)
    assert (done.version, done.added, done.removed, done.kept, done.seq) == (1, 2, 0, 0, 2)
    document = read(catalog, done.document_id)
    assert before <= document.ingested_at <= datetime.now(UTC)
    assert document == Document(
        id=identity.document_id(source.id, "rules.txt"),
        source_id=source.id,
        source_name="規程集",
        external_id="rules.txt",
        metadata=METADATA,
        status=DocumentStatus.CURRENT,
        reason="",
        version=1,
        size=new.size,
        content_hash=new.content_hash,
        ingested_at=document.ingested_at,
        acl_id=document.acl_id,
        access=PUBLIC,
    )
    whole = catalog.documents.text(done.document_id, ANYONE)
    assert whole is not None
    assert (whole.version, whole.text, whole.blocks) == (1, new.text, new.blocks)
    found = catalog.chunks.fetch([chunk.id for chunk in new.chunks], ANYONE)
    assert tuple(chunk for chunk, _ in found.values()) == new.chunks
    assert {owner for _, owner in found.values()} == {document}


def test_a_block_that_differs_from_its_span_keeps_its_own_text(
    catalog: Catalog, source: Source
) -> None:
    table = Block(BlockKind.TABLE, "見出し\n値", sheet="一覧", start=0, end=4)
    heading = Block(BlockKind.HEADING, "申請", level=2, start=5, end=7)
    new = replace(version(source), text="四月一日\n申請", blocks=(table, heading))
    done = catalog.documents.publish(new)
    whole = catalog.documents.text(done.document_id, ANYONE)
    assert whole is not None
    assert whole.blocks == (table, heading)


def test_the_log_says_which_chunks_came(catalog: Catalog, source: Source) -> None:
    new = version(source)
    catalog.documents.publish(new)
    assert logged(catalog) == [("add", chunk.id) for chunk in new.chunks]


def test_publishing_the_same_again_keeps_all_ids_and_logs_nothing(
    catalog: Catalog, source: Source
) -> None:
    first = catalog.documents.publish(version(source))
    again = catalog.documents.publish(version(source))
    assert (again.version, again.added, again.removed, again.kept) == (2, 0, 0, 2)
    assert again.seq == first.seq == catalog.changes.head()


def test_an_edited_document_logs_only_what_differs(catalog: Catalog, source: Source) -> None:
    old = version(source, texts=["甲", "乙", "丙"])
    new = version(source, texts=["新しい前書き", "甲", "丙"])
    first = catalog.documents.publish(old)
    done = catalog.documents.publish(new)
    assert (done.version, done.added, done.removed, done.kept) == (2, 1, 1, 2)
    assert logged(catalog, first.seq) == [("remove", old.chunks[1].id), ("add", new.chunks[0].id)]
    kept, _ = catalog.chunks.fetch([new.chunks[1].id], ANYONE)[new.chunks[1].id]
    assert kept == new.chunks[1]  # moved to its new place and offsets
    assert catalog.chunks.fetch([old.chunks[1].id], ANYONE) == {}


def test_a_chunk_whose_context_changed_is_to_be_indexed_again(
    catalog: Catalog, source: Source
) -> None:
    first = catalog.documents.publish(version(source))
    new = version(source, context="就業規則（改訂版）")
    done = catalog.documents.publish(new)
    assert (done.added, done.removed, done.kept) == (2, 0, 0)
    assert logged(catalog, first.seq) == [("add", chunk.id) for chunk in new.chunks]
    row = catalog.chunks.index_rows([new.chunks[0].id])[0]
    assert row.indexed_hash == identity.text_hash(new.chunks[0].indexed_text)


@pytest.mark.parametrize(
    "metadata",
    [
        replace(METADATA, title="別の題"),
        replace(METADATA, department="総務"),
        replace(METADATA, language="en"),
        replace(METADATA, media_type="text/html"),
        replace(METADATA, tags=("規程",)),
        replace(METADATA, modified_at=None),
    ],
)
def test_publishing_with_another_fact_logs_access_for_the_kept_chunks(
    catalog: Catalog, source: Source, metadata: Metadata
) -> None:
    first = catalog.documents.publish(version(source))
    new = version(source, metadata=metadata)
    done = catalog.documents.publish(new)
    assert (done.added, done.kept) == (0, 2)
    assert logged(catalog, first.seq) == [("access", chunk.id) for chunk in new.chunks]
    assert read(catalog, done.document_id).metadata == metadata


def test_facts_that_no_index_keeps_are_not_logged(catalog: Catalog, source: Source) -> None:
    first = catalog.documents.publish(version(source))
    changed = replace(METADATA, owner="taro", pages=4)
    assert catalog.documents.update(first.document_id, metadata=changed) == first.seq
    assert read(catalog, first.document_id).metadata == changed


def test_only_the_text_of_the_current_version_is_kept(catalog: Catalog, source: Source) -> None:
    for texts in (["一"], ["二"], ["三"]):
        done = catalog.documents.publish(version(source, texts=texts))
    with catalog.database.read() as connection:
        kept = connection.execute(select(schema.versions.c.number, schema.versions.c.text)).all()
    assert [tuple(row) for row in kept] == [(3, "三")]
    assert done.version == 3


def test_two_chunks_with_one_id_are_refused_and_nothing_is_written(
    catalog: Catalog, source: Source
) -> None:
    new = version(source)
    with pytest.raises(Invalid, match="chunks"):
        catalog.documents.publish(replace(new, chunks=(new.chunks[0], new.chunks[0])))
    assert catalog.documents.states(source.id) == {}


def test_a_version_for_an_unknown_source_is_refused(catalog: Catalog, source: Source) -> None:
    unknown = replace(source, id=identity.source_id("無い"))
    with pytest.raises(NotFound, match="source"):
        catalog.documents.publish(version(unknown))


def test_editing_access_logs_access_and_moves_the_document_to_another_rule(
    catalog: Catalog, source: Source
) -> None:
    new = version(source)
    first = catalog.documents.publish(new)
    public = read(catalog, first.document_id).acl_id
    seq = catalog.documents.update(first.document_id, access=PERSONNEL)
    assert seq == first.seq + 2
    assert logged(catalog, first.seq) == [("access", chunk.id) for chunk in new.chunks]
    document = read(catalog, first.document_id)
    assert document.access == PERSONNEL
    assert document.acl_id != public
    assert catalog.documents.get(first.document_id, ANYONE) is None
    rows = catalog.chunks.index_rows([new.chunks[0].id])
    assert rows[0].acl_id == document.acl_id


def test_saying_the_same_access_again_changes_nothing(catalog: Catalog, source: Source) -> None:
    first = catalog.documents.publish(version(source, access=PERSONNEL))
    assert catalog.documents.update(first.document_id, access=PERSONNEL) == first.seq


def test_a_rule_no_document_is_under_is_forgotten(catalog: Catalog, source: Source) -> None:
    first = catalog.documents.publish(version(source, access=PERSONNEL))
    assert acl_count(catalog) == 2
    catalog.documents.update(first.document_id, access=PUBLIC)
    assert acl_count(catalog) == 1
    catalog.documents.publish(version(source, access=PERSONNEL))
    catalog.documents.remove([first.document_id], "gone")
    assert acl_count(catalog) == 1


def test_the_id_of_a_forgotten_rule_is_never_given_again(catalog: Catalog, source: Source) -> None:
    first = catalog.documents.publish(version(source, access=PERSONNEL))
    old = read(catalog, first.document_id).acl_id
    catalog.documents.update(first.document_id, access=PUBLIC)
    again = catalog.documents.publish(version(source, access=PERSONNEL))
    assert read(catalog, again.document_id).acl_id > old


def test_updating_an_unknown_document_is_refused(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="document 'nothing'"):
        catalog.documents.update("nothing", access=PUBLIC)


def test_the_log_is_read_in_pages(catalog: Catalog, source: Source) -> None:
    catalog.documents.publish(version(source, texts=["一", "二", "三"]))
    assert [change.seq for change in catalog.changes.since(0, limit=2)] == [1, 2]
    assert [change.seq for change in catalog.changes.since(2)] == [3]
    assert catalog.changes.since(3) == []


def test_an_access_without_anybody_is_readable_by_nobody(catalog: Catalog, source: Source) -> None:
    done = catalog.documents.publish(version(source, access=Access()))
    assert catalog.documents.get(done.document_id, HANAKO) is None
