"""Chunks: fetched by those who may read them, and handed to the indexes."""

from retrieval.catalog import Catalog, IndexRow, NewSource, Source
from retrieval.identity import text_hash
from tests.integration.catalog_samples import (
    ANYONE,
    METADATA,
    add,
    version,
)

NOBODY: frozenset[str] = frozenset()


def test_very_many_ids_may_be_asked_for_at_once(catalog: Catalog, source: Source) -> None:
    new = add(catalog, source, "一つ")
    ids = [f"missing-{number}" for number in range(50_000)] + [new.chunks[1].id]
    assert list(catalog.chunks.fetch(ids, ANYONE)) == [new.chunks[1].id]
    assert [row.chunk_id for row in catalog.chunks.index_rows(ids)] == [new.chunks[1].id]


def test_fetched_chunks_stand_in_the_order_asked_for(catalog: Catalog, source: Source) -> None:
    ids = [chunk.id for title in "甲乙丙" for chunk in add(catalog, source, title).chunks]
    ids = ids[::-2] + ids[::2]
    assert list(catalog.chunks.fetch(ids, ANYONE)) == ids
    assert [row.chunk_id for row in catalog.chunks.index_rows(ids)] == ids


def test_neighbours_are_the_chunks_around_one_in_reading_order(
    catalog: Catalog, source: Source
) -> None:
    add(catalog, source, "別の文書")
    new = version(source, texts=["一", "二", "三", "四", "五"])
    catalog.documents.publish(new)
    around = catalog.chunks.neighbours(new.chunks[2].id, ANYONE, before=1, after=5)
    assert [chunk.text for chunk in around] == ["二", "四", "五"]
    assert catalog.chunks.neighbours("nothing", ANYONE, 1, 1) == []


def test_an_index_row_carries_all_that_an_index_keeps(catalog: Catalog, source: Source) -> None:
    new = version(source)
    document_id = catalog.documents.publish(new).document_id
    document = catalog.documents.get(document_id, ANYONE)
    assert document is not None
    assert METADATA.modified_at is not None
    assert catalog.chunks.index_rows([new.chunks[0].id]) == [
        IndexRow(
            chunk_id=new.chunks[0].id,
            document_id=document_id,
            acl_id=document.acl_id,
            source_id=source.id,
            department="人事",
            language="ja",
            media_type="text/plain",
            tags=("規程", "休暇"),
            modified_at=METADATA.modified_at.timestamp(),
            title="就業規則",
            heading=("休暇",),
            context="就業規則",
            text="有給休暇は年二十日です。",
            indexed_hash=text_hash("就業規則\n有給休暇は年二十日です。"),
        )
    ]


def test_all_index_rows_come_once_each_while_others_write(catalog: Catalog, source: Source) -> None:
    ids = {chunk.id for number in range(5) for chunk in add(catalog, source, str(number)).chunks}
    seen: list[str] = []
    for number, batch in enumerate(catalog.chunks.all_index_rows(batch=3)):
        assert len(batch) <= 3
        seen += [row.chunk_id for row in batch]
        catalog.sources.add(NewSource(f"other {number}", "folder", "/"))  # no lock is held
    assert len(seen) == len(set(seen))
    assert set(seen) == ids
