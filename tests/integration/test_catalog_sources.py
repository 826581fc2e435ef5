"""Sources: registered, changed and removed with all that is in them; generations beside them."""

import pytest
from sqlalchemy import select, text

from retrieval.catalog import Catalog, GenerationRow, NewSource, schema
from retrieval.errors import Invalid, NotFound
from retrieval.identity import source_id
from retrieval.model import Access
from tests.integration.catalog_samples import (
    ANYONE,
    HANAKO,
    PERSONNEL,
    PUBLIC,
    add_source,
    version,
)


def test_a_source_is_found_by_its_name_and_by_its_id(catalog: Catalog) -> None:
    new = NewSource("規程集", "folder", "/srv/規程", "人事", PERSONNEL, {"ocr": False, "深さ": 3})
    source = catalog.sources.add(new)
    assert source.id == source_id("規程集")
    assert (source.kind, source.location, source.department) == ("folder", "/srv/規程", "人事")
    assert (source.access, source.settings) == (PERSONNEL, {"ocr": False, "深さ": 3})
    assert catalog.sources.get(source.id) == catalog.sources.find("規程集") == source
    assert catalog.sources.find("無い") is None
    with pytest.raises(NotFound, match="source 'nothing'"):
        catalog.sources.get("nothing")


def test_adding_the_same_name_again_updates_the_source(catalog: Catalog) -> None:
    first = add_source(catalog)
    add_source(catalog, "a")
    again = catalog.sources.add(NewSource("規程集", "folder", "/elsewhere"))
    assert (again.id, again.created_at) == (first.id, first.created_at)
    assert (again.location, again.access) == ("/elsewhere", Access())
    assert [source.name for source in catalog.sources.list()] == ["a", "規程集"]


def test_a_changed_access_holds_at_once_for_documents_that_follow_the_source(
    catalog: Catalog,
) -> None:
    source = add_source(catalog)
    following = catalog.documents.publish(version(source, "a.txt")).document_id
    own = Access(frozenset({"user:taro"}))
    apart = catalog.documents.publish(version(source, "b.txt", access=own)).document_id
    head = catalog.changes.head()
    add_source(catalog, access=PERSONNEL)
    assert catalog.sources.get(source.id).access == PERSONNEL
    assert catalog.documents.get(following, ANYONE) is None
    assert catalog.documents.get(following, HANAKO) is not None
    assert catalog.documents.get(apart, ANYONE) is not None
    assert catalog.changes.head() == head


def test_a_rule_of_ones_own_is_not_widened_with_the_source(catalog: Catalog) -> None:
    source = add_source(catalog)
    own = catalog.documents.publish(version(source, access=PERSONNEL)).document_id
    add_source(catalog, access=PERSONNEL)  # now both say the same
    add_source(catalog, access=PUBLIC)
    assert catalog.documents.get(own, ANYONE) is None


def test_a_removed_source_takes_all_its_documents_along(catalog: Catalog) -> None:
    source, other = add_source(catalog), add_source(catalog, "別")
    for number in range(4):
        catalog.documents.publish(version(source, f"{number}.txt", access=PERSONNEL))
    kept = catalog.documents.publish(version(other))
    assert catalog.sources.remove(source.id) == 4
    assert catalog.sources.list() == [other]
    changes = catalog.changes.since(kept.seq)
    assert [change.operation for change in changes] == ["remove"] * 8
    with catalog.database.read() as connection:
        stones = connection.execute(select(schema.tombstones)).all()
        left = {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: S608
            for table in ("acls", "documents", "versions", "chunks")
        }
    assert {stone.external_id for stone in stones} == {f"{number}.txt" for number in range(4)}
    assert left == {"acls": 1, "documents": 1, "versions": 1, "chunks": 2}
    with pytest.raises(NotFound):
        catalog.sources.remove(source.id)


def test_publishing_a_generation_switches_the_live_one(catalog: Catalog) -> None:
    assert catalog.generations.live() is None
    for name, seq in (("g1", 10), ("g2", 20)):
        catalog.generations.publish(GenerationRow(name, "model-a", seq, seq * 2))
        live = catalog.generations.live()
        assert live is not None
        assert (live.id, live.fingerprint, live.seq, live.size) == (name, "model-a", seq, seq * 2)
    listed = [(row.id, row.live, row.state) for row in catalog.generations.list()]
    assert listed == [("g2", True, "published"), ("g1", False, "published")]


def test_an_earlier_generation_can_be_made_live_again(catalog: Catalog) -> None:
    first = GenerationRow("g1", "model-a", 10, 20)
    catalog.generations.publish(first)
    catalog.generations.publish(GenerationRow("g2", "model-b", 20, 40))
    catalog.generations.retire("g1")
    catalog.generations.publish(first)
    live = catalog.generations.live()
    assert live is not None
    assert (live.id, live.state) == ("g1", "published")
    assert [row.live for row in catalog.generations.list()] == [True, False]


def test_only_a_generation_that_is_not_live_can_retire(catalog: Catalog) -> None:
    catalog.generations.publish(GenerationRow("g1", "model-a", 10, 20))
    with pytest.raises(Invalid, match="g1"):
        catalog.generations.retire("g1")
    with pytest.raises(NotFound, match="g9"):
        catalog.generations.retire("g9")
    catalog.generations.publish(GenerationRow("g2", "model-a", 11, 21))
    catalog.generations.retire("g1")
    assert [row.state for row in catalog.generations.list()] == ["published", "retired"]
