"""What failing, healing and removing a document leave in the tables and the log."""

import pytest
from sqlalchemy import select, text

from retrieval.catalog import Catalog, Source, schema
from retrieval.model import DocumentStatus, Metadata
from tests.integration.catalog_samples import (
    ANYONE,
    METADATA,
    PERSONNEL,
    failure,
    logged,
    read,
    version,
)


def test_a_failure_keeps_the_last_good_version_as_stale(catalog: Catalog, source: Source) -> None:
    new = version(source)
    done = catalog.documents.publish(new)
    assert catalog.documents.fail(failure(source)) == done.document_id
    document = read(catalog, done.document_id)
    assert (document.status, document.reason) == (DocumentStatus.STALE, "damaged")
    assert (document.version, document.metadata) == (1, METADATA)
    assert (document.content_hash, document.size) == (new.content_hash, new.size)
    assert catalog.documents.text(done.document_id, ANYONE) is not None
    assert len(catalog.chunks.fetch([chunk.id for chunk in new.chunks], ANYONE)) == 2
    assert catalog.changes.head() == done.seq
    state = catalog.documents.states(source.id)["rules.txt"]
    assert (state.signature, state.content_hash) == ("size-time-2", new.content_hash)


def test_a_failure_that_brings_a_stricter_rule_applies_it(catalog: Catalog, source: Source) -> None:
    done = catalog.documents.publish(version(source))
    catalog.documents.fail(failure(source, access=PERSONNEL))
    assert catalog.documents.get(done.document_id, ANYONE) is None
    assert [operation for operation, _ in logged(catalog, done.seq)] == ["access", "access"]


def test_a_first_reading_that_fails_is_kept_with_its_reason_and_without_text(
    catalog: Catalog, source: Source
) -> None:
    document_id = catalog.documents.fail(failure(source, "人事/台帳.pdf"))
    document = read(catalog, document_id)
    assert (document.status, document.reason) == (DocumentStatus.FAILED, "damaged")
    assert document.metadata == Metadata(title="台帳.pdf", media_type="application/pdf")
    assert (document.version, document.size) == (0, 99)
    assert catalog.documents.text(document_id, ANYONE) is None
    assert catalog.changes.head() == 0


@pytest.mark.parametrize("good_before", [True, False])
def test_a_good_version_after_a_failure_is_current(
    catalog: Catalog, source: Source, good_before: bool
) -> None:
    if good_before:
        catalog.documents.publish(version(source))
    catalog.documents.fail(failure(source))
    done = catalog.documents.publish(version(source, texts=["直しました。"]))
    document = read(catalog, done.document_id)
    assert (document.status, document.reason) == (DocumentStatus.CURRENT, "")
    assert document.version == done.version == (2 if good_before else 1)


def test_touching_a_document_stores_the_signature_and_heals_a_stale_one(
    catalog: Catalog, source: Source
) -> None:
    done = catalog.documents.publish(version(source))
    catalog.documents.fail(failure(source))
    catalog.documents.touch(done.document_id, "size-time-3")
    state = catalog.documents.states(source.id)["rules.txt"]
    assert (state.signature, state.status) == ("size-time-3", DocumentStatus.CURRENT)
    assert read(catalog, done.document_id).reason == ""


def test_touching_does_not_heal_what_never_was_good(catalog: Catalog, source: Source) -> None:
    document_id = catalog.documents.fail(failure(source))
    catalog.documents.touch(document_id, "size-time-3")
    assert read(catalog, document_id).status is DocumentStatus.FAILED


def test_a_removed_document_leaves_a_tombstone_and_a_logged_removal(
    catalog: Catalog, source: Source
) -> None:
    new = version(source)
    done = catalog.documents.publish(new)
    other = catalog.documents.publish(version(source, "other.txt"))
    assert catalog.documents.remove([done.document_id, "nothing"], "deleted in the folder") == 1
    gone = sorted(("remove", chunk.id) for chunk in new.chunks)
    assert sorted(logged(catalog, other.seq)) == gone
    assert catalog.documents.get(done.document_id, ANYONE) is None
    assert list(catalog.documents.states(source.id)) == ["other.txt"]
    with catalog.database.read() as connection:
        stone = connection.execute(select(schema.tombstones)).one()
        counts = [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: S608
            for table in ("versions", "chunks")
        ]
    assert (stone.external_id, stone.why) == ("rules.txt", "deleted in the folder")
    assert counts == [1, 2]


def test_a_document_that_comes_back_has_its_old_ids_and_no_tombstone(
    catalog: Catalog, source: Source
) -> None:
    done = catalog.documents.publish(version(source))
    catalog.documents.remove([done.document_id], "deleted")
    again = catalog.documents.publish(version(source))
    assert again.document_id == done.document_id
    assert (again.version, again.added) == (1, 2)
    with catalog.database.read() as connection:
        assert connection.execute(select(schema.tombstones)).all() == []
