"""A document that its source loses and has back is what people had made of it, and no wider."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from ingestion.model import Upload
from retrieval.catalog import Catalog, NewSource, schema
from retrieval.model import Access
from tests.integration.ingestion_place import EVERYONE, Place

HR = Access(frozenset({"group:hr"}))
SALES = Access(frozenset({"group:sales"}))
BOTH = Access(frozenset({"group:hr", "group:sales"}))


def _rule(place: Place, access: Access) -> None:
    names = ", ".join(f'"{name}"' for name in sorted(access.allow))
    place.write(".kura.toml", f'[[rule]]\npath = "**"\nallow = [{names}]\n')


def _bring(place: Place, name: str = "a.txt", text: str = "旅費は翌月です。") -> str:
    place.write(name, text)
    place.run()
    return place.states()[name].id


def _lose(place: Place, name: str = "a.txt") -> None:
    place.write("b.txt", "別の文書です。")
    (place.folder / name).unlink()
    assert name in place.run().removed


def test_what_people_set_is_there_again_with_the_file(place: Place) -> None:
    identity = _bring(place)
    edits = {"title": "旅費の規則", "department": "財務", "owner": "鈴木", "tags": ["旅費"]}
    place.catalog.documents.edit(identity, edits, HR)
    before = place.states()["a.txt"]
    _lose(place)
    assert _bring(place) == identity
    after = place.states()["a.txt"]
    assert (after.access, after.edits) == (HR, before.edits)
    shown = place.catalog.documents.get(identity, HR.allow)
    assert shown is not None
    assert (shown.metadata.title, shown.metadata.owner) == ("旅費の規則", "鈴木")
    contexts = {row.context for rows in place.catalog.chunks.all_index_rows(9) for row in rows}
    assert any(context.startswith("旅費の規則") for context in contexts)
    place.write("a.txt", "旅費は翌々月です。")
    place.run()
    assert place.states()["a.txt"].access == HR


@pytest.mark.parametrize(
    ("ruled", "stood", "expected"),
    [
        (EVERYONE, HR, HR),
        (SALES, HR, HR),  # named in place of those whom the rules name
        (BOTH, HR, HR),
        (HR, BOTH, HR),  # opened by hand
        (HR, EVERYONE, HR),
        (EVERYONE, Access(frozenset({"everyone"}), HR.allow), None),
    ],
)
def test_a_narrowing_by_hand_comes_back_and_an_opening_does_not(
    place: Place, ruled: Access, stood: Access, expected: Access | None
) -> None:
    _rule(place, ruled)
    place.catalog.documents.update(_bring(place), access=stood)
    _lose(place)
    _bring(place)
    assert place.states()["a.txt"].access == (expected or stood)


def test_rules_that_changed_meanwhile_hold_and_edits_stand(place: Place) -> None:
    place.catalog.documents.edit(_bring(place), {"owner": "鈴木"}, HR)
    _lose(place)
    _rule(place, SALES)
    _bring(place)
    state = place.states()["a.txt"]
    assert (state.access, state.edits.owner) == (SALES, "鈴木")


def test_a_document_under_its_sources_rule_follows_that_also_while_it_is_gone(
    place: Place,
) -> None:
    identity = _bring(place)
    source = place.source()
    place.catalog.sources.add(NewSource(source.name, source.kind, source.location, access=HR))
    assert place.catalog.documents.remove([identity], "gone") == 1
    place.run()  # the source is registered with its wider rule again
    assert place.states()["a.txt"].access == EVERYONE


def test_a_source_that_points_back_has_its_documents_as_wide_as_before(place: Place) -> None:
    other = place.home / "other"
    other.mkdir()
    (other / "b.txt").write_text("別の文書です。", encoding="utf-8")
    place.write("a.txt", "旅費は翌月です。")
    removed = []
    others = Access(frozenset({"group:sales", "group:board"}))
    for folder, access in ((place.folder, BOTH), (other, others), (place.folder, BOTH)):
        home = place.catalog.sources.add(NewSource("docs", "folder", str(folder), access=access))
        removed += place.pipeline().run(home, lambda _: None, pause=lambda: None).removed
    assert removed == ["a.txt", "b.txt"]
    assert place.catalog.documents.states(home.id)["a.txt"].access == BOTH


def test_a_file_that_cannot_be_read_when_it_is_back_is_as_closed(place: Place) -> None:
    identity = _bring(place)
    place.catalog.documents.edit(identity, {"owner": "鈴木"}, HR)
    _lose(place)
    _bring(place, text="LOCKED")
    failed = place.states()["a.txt"]
    assert (failed.reason, failed.access, failed.edits.owner) == ("password-protected", HR, "鈴木")
    _bring(place, text="読めました。")
    state = place.states()["a.txt"]
    assert (state.reason, state.access, state.edits.owner) == ("", HR, "鈴木")


def test_contents_are_as_closed_as_what_they_lie_in_and_keep_their_edits(place: Place) -> None:
    mail = "送付します。\n@x.txt: 百円です。"
    place.catalog.documents.update(_bring(place, "mail.txt", mail), access=HR)
    inner = place.states()["mail.txt!/x.txt"].id
    place.catalog.documents.edit(inner, {"title": "価格"})
    _lose(place, "mail.txt")
    _bring(place, "mail.txt", mail)
    state = place.states()["mail.txt!/x.txt"]
    assert (state.access, state.edits.title) == (HR, "価格")


def test_a_moved_document_is_known_by_its_last_place(place: Place) -> None:
    identity = _bring(place)
    (place.folder / "a.txt").rename(place.folder / "c.txt")
    place.run()
    place.catalog.documents.update(identity, access=HR)
    _lose(place, "c.txt")
    _bring(place, "a.txt", "まったく別の文書です。")
    assert place.states()["a.txt"].access == EVERYONE
    _bring(place, "c.txt")
    assert place.states()["c.txt"].access == HR


def test_a_listed_file_that_was_deleted_comes_back_no_wider(place: Place) -> None:
    identity = _bring(place)
    place.catalog.documents.update(identity, access=HR)
    place.catalog.documents.remove([identity], "deleted by hanako")
    place.run()
    assert place.states()["a.txt"].access == HR


def test_what_is_narrowed_and_deleted_while_a_run_goes_on_is_not_opened_by_it(
    place: Place,
) -> None:
    identity = _bring(place)
    place.write("a.txt", "旅費は来月です。")

    def narrow_and_delete() -> None:
        place.catalog.documents.edit(identity, {"owner": "鈴木"}, HR)
        place.catalog.documents.remove([identity], "deleted by hanako")

    place.pipeline().run(place.source(), lambda _: None, pause=narrow_and_delete)
    state = place.states()["a.txt"]
    assert (state.access, state.edits.owner) == (HR, "鈴木")


def test_a_deleted_upload_leaves_nothing_to_take_up(place: Place) -> None:
    home = place.catalog.sources.add(NewSource("uploads", "upload", "", access=EVERYONE))
    pipeline = place.pipeline()

    def upload() -> str:
        kept = pipeline._originals.put(place.write("../tray.txt", "旅費は翌月です。"))
        one = Upload("旅費.txt", kept, EVERYONE, owner="hanako")
        pipeline.ingest_upload(home, [one], lambda _: None, pause=lambda: None)
        return place.catalog.documents.states(home.id)["hanako/旅費.txt"].id

    identity = upload()
    place.catalog.documents.edit(identity, {"title": "秘密"}, HR)
    place.catalog.documents.remove([identity], "deleted by hanako")
    with place.catalog.database.read() as connection:
        stone = connection.execute(select(schema.tombstones)).one()
    assert (stone.signature, stone.allow, stone.edits) == (None, None, None)
    upload()
    state = place.catalog.documents.states(home.id)["hanako/旅費.txt"]
    assert (state.access, state.edits.title) == (EVERYONE, None)


def test_a_source_that_is_removed_takes_what_was_kept_with_it(place: Place) -> None:
    place.catalog.documents.edit(_bring(place), {"title": "秘密"}, HR)
    _lose(place)
    place.catalog.sources.remove(place.source().id)
    _bring(place)
    state = place.states()["a.txt"]
    assert (state.access, state.edits.title) == (EVERYONE, None)


def test_a_catalog_of_an_earlier_release_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    (tmp_path / "documents").mkdir()
    with Catalog(path) as catalog:
        before = Place(tmp_path, catalog)
        identity = _bring(before)
        catalog.documents.update(identity, access=HR)
        _lose(before)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP INDEX ix_tombstones_source_id_external_id")
        for name in ("signature", "allow", "deny", "edits"):
            connection.execute(f"ALTER TABLE tombstones DROP COLUMN {name}")
        connection.execute("UPDATE alembic_version SET version_num = '0006'")
        connection.commit()
    with Catalog(path) as catalog:
        place = Place(tmp_path, catalog)
        assert _bring(place) == identity
        assert place.states()["a.txt"].access == EVERYONE  # nobody knows any more
        catalog.documents.update(identity, access=HR)
        _lose(place)
        _bring(place)
        assert place.states()["a.txt"].access == HR
