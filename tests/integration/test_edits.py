"""What a person sets of a document stands, whatever new versions, rules and moves say."""

import pytest

from ingestion.model import Upload
from retrieval.catalog import NewSource
from retrieval.errors import NotFound
from retrieval.model import Access, Document, DocumentStatus, Scope, TagOrigin
from tests.integration.ingestion_place import CALLER, EVERYONE, Place

DRAFT = "# 旅費規程（案）\n\n主管 経理部\n\n施行日 2024年4月1日\n\n旅費は翌月に精算します。"


def _one(place: Place, name: str) -> Document:
    return next(
        each
        for each in place.catalog.documents.list(Scope(CALLER), limit=100)
        if each.external_id == name
    )


def _edit(place: Place, name: str, **changes: object) -> Document:
    return place.catalog.documents.edit(_one(place, name).id, changes)  # type: ignore[arg-type]


def test_every_edited_fact_survives_a_new_version(place: Place) -> None:
    place.write("経理/旅費.txt", DRAFT)
    place.run()
    _edit(
        place, "経理/旅費.txt", title="旅費の規則", department="財務", owner="鈴木", tags=["旅費"]
    )
    place.write("経理/旅費.txt", DRAFT.replace("翌月", "翌々月"))
    assert place.run().changed == ["経理/旅費.txt"]
    about = _one(place, "経理/旅費.txt").metadata
    assert (about.title, about.department, about.owner) == ("旅費の規則", "財務", "鈴木")
    assert about.tags == ("旅費",)
    assert TagOrigin("旅費", "person", 1.0) in about.tag_origins
    assert {origin.tag for origin in about.fact_origins if origin.source == "person"} == {
        "title",
        "department",
        "owner",
    }


def test_an_edited_title_is_indexed_with_the_next_version(place: Place) -> None:
    place.write("a.txt", DRAFT)
    place.run()
    _edit(place, "a.txt", title="出張のきまり")
    place.write("a.txt", DRAFT.replace("翌月", "翌々月"))
    place.run()
    rows = [row for rows in place.catalog.chunks.all_index_rows(10) for row in rows]
    assert {row.title for row in rows} == {"出張のきまり"}
    assert all(row.context.startswith("出張のきまり") for row in rows)


def test_a_derived_tag_that_was_taken_away_does_not_come_back(place: Place) -> None:
    place.write("a.txt", DRAFT)
    place.run()
    tags = [tag for tag in _one(place, "a.txt").metadata.tags if tag != "status:draft"]
    assert "status:draft" in _one(place, "a.txt").metadata.tags
    _edit(place, "a.txt", tags=tags)
    place.write("a.txt", DRAFT.replace("翌月", "来月"))
    place.run()
    assert _one(place, "a.txt").metadata.tags == tuple(tags)


def test_a_tag_of_a_person_stands_before_derived_ones_of_its_category(place: Place) -> None:
    place.write("a.txt", DRAFT)
    place.run()
    tags = list(_one(place, "a.txt").metadata.tags)
    tags[tags.index("effective:2024-04-01")] = "effective:2024-05-01"
    _edit(place, "a.txt", tags=tags)
    place.write("a.txt", DRAFT.replace("2024年4月1日", "2024年6月1日"))
    place.run()
    found = _one(place, "a.txt").metadata.tags
    assert [tag for tag in found if tag.startswith("effective:")] == ["effective:2024-05-01"]


def test_a_field_that_is_given_back_is_derived_again_at_once(place: Place) -> None:
    place.write("経理/旅費.txt", DRAFT)
    place.run()
    before = _one(place, "経理/旅費.txt").metadata
    _edit(place, "経理/旅費.txt", title="別", department="別", owner="別", tags=["別"])
    place.write("経理/旅費.txt", DRAFT.replace("主管 経理部", "主管 総務部"))
    place.run()
    back = _edit(place, "経理/旅費.txt", title=None, department=None, owner=None, tags=None)
    assert back.metadata.title == before.title
    assert back.metadata.department == "経理"
    assert back.metadata.owner == "総務部"
    assert back.metadata.tags == before.tags
    assert all(origin.source != "person" for origin in back.metadata.tag_origins)


def test_edits_stand_while_the_rules_change(place: Place) -> None:
    place.write("a.txt", DRAFT)
    place.run()
    _edit(place, "a.txt", owner="鈴木", tags=["旅費"])
    place.write(".kura.toml", '[[rule]]\npath = "**"\nowner = "田中"\ntags = ["全社"]\n')
    assert place.run().retagged == ["a.txt"]
    about = _one(place, "a.txt").metadata
    assert about.owner == "鈴木"
    assert about.tags == ("全社", "旅費")


def test_edits_go_with_a_document_that_is_moved(place: Place) -> None:
    path = place.write("総務/規程.txt", DRAFT)
    place.run()
    _edit(place, "総務/規程.txt", title="旅費の規則", owner="鈴木")
    (place.folder / "人事").mkdir()
    path.rename(place.folder / "人事" / "規程.txt")
    place.run()
    about = _one(place, "人事/規程.txt").metadata
    assert (about.title, about.owner, about.department) == ("旅費の規則", "鈴木", "人事")


def test_nothing_of_its_old_place_stays_with_a_document_that_is_moved(place: Place) -> None:
    path = place.write("人事/極秘/表.txt", "給与の表です。\n@a.txt: 添付です。")
    place.run()
    assert "department:hr" in _one(place, "人事/極秘/表.txt").metadata.tags
    path.rename(place.folder / "表.txt")
    place.run()
    for name in ("表.txt", "表.txt!/a.txt"):
        document = _one(place, name)
        shown = f"{document.metadata}{document.external_id}"
        assert "人事" not in shown
        assert "hr" not in document.metadata.tags


def test_edits_stand_over_an_upload_of_the_same_name(place: Place) -> None:
    home = place.catalog.sources.add(NewSource("uploads", "upload", "", access=EVERYONE))

    def upload(text: str) -> None:
        path = place.write("../tray.txt", text)
        pipeline = place.pipeline()
        kept = pipeline._originals.put(path)
        one = Upload("旅費.txt", kept, EVERYONE, department="経理", owner="hanako", tags=("新",))
        pipeline.ingest_upload(home, [one], lambda _: None, pause=lambda: None)

    upload(DRAFT)
    _edit(place, "hanako/旅費.txt", title="旅費の規則", department="財務", tags=["旅費"])
    upload(DRAFT.replace("翌月", "来月"))
    about = _one(place, "hanako/旅費.txt").metadata
    assert (about.title, about.department) == ("旅費の規則", "財務")
    assert about.tags == ("旅費",)


def test_the_ingesting_side_sees_what_was_derived_and_what_was_edited(place: Place) -> None:
    place.write("a.txt", DRAFT)
    place.run()
    derived = place.states()["a.txt"].metadata
    _edit(place, "a.txt", title="別", tags=["別"])
    state = place.states()["a.txt"]
    assert state.metadata == derived
    assert (state.edits.title, state.edits.added) == ("別", ("別",))


def test_an_edit_of_what_is_not_there_is_refused(place: Place) -> None:
    with pytest.raises(NotFound):
        place.catalog.documents.edit("nothing", {"title": "x"})


def test_an_edit_is_logged_for_the_indexes(place: Place) -> None:
    place.write("a.txt", DRAFT)
    place.run()
    head = place.catalog.changes.head()
    _edit(place, "a.txt", title="別")
    assert place.catalog.changes.head() > head


def test_contents_are_stale_while_their_document_is(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@a.txt: 百円です。")
    place.run()
    place.write("mail.txt", "LOCKED 送付します。")
    place.run()
    inner = place.states()["mail.txt!/a.txt"]
    assert (inner.status, inner.reason) == (DocumentStatus.STALE, "parent-failed")
    assert place.texts()["mail.txt!/a.txt"] == "百円です。"
    place.write("mail.txt", "送付します。\n@a.txt: 百円です。")
    place.run()
    statuses = {state.status for state in place.states().values()}
    assert statuses == {DocumentStatus.CURRENT}


def test_contents_follow_the_rules_also_when_their_document_fails(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@a.txt: 百円です。")
    place.run()
    place.write("mail.txt", "LOCKED 送付します。")
    place.write(".kura.toml", '[[rule]]\npath = "**"\nallow = ["group:hr"]\n')
    place.run()
    assert place.states()["mail.txt!/a.txt"].access == Access(frozenset({"group:hr"}))
    assert place.texts() == {}


def test_other_places_of_the_same_bytes_are_told_to_those_who_may_read_them(place: Place) -> None:
    place.write(".kura.toml", '[[rule]]\npath = "秘/**"\nallow = ["group:board"]\n')
    for name in ("a.txt", "b/a.txt", "秘/a.txt"):
        place.write(name, "同じ内容です。")
    place.write("c.txt", "別の内容です。")
    place.run()
    documents = place.catalog.documents
    one = _one(place, "a.txt")
    assert [each.external_id for each in documents.locations(one, CALLER)] == ["b/a.txt"]
    board = CALLER | {"group:board"}
    found = {each.external_id for each in documents.locations(one, board)}
    assert found == {"b/a.txt", "秘/a.txt"}
    assert documents.locations(_one(place, "c.txt"), board) == []
