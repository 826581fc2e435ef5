"""Another vocabulary, other rules or another way of tagging: tagged again, and nothing is read."""

from pathlib import Path

import pytest

from ingestion.errors import VocabularyInvalid
from ingestion.model import Upload
from ingestion.pipeline import Pipeline
from ingestion.rehearsing import plan_run
from ingestion.report import Report
from ingestion.vocabulary import VOCABULARY
from retrieval.catalog import NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.model import Access, DocumentStatus
from retrieval.originals import OriginalStore
from tests.fakes.reader import TextReader
from tests.integration.ingestion_place import EVERYONE, Place

MEMO = '[[type]]\nid = "memo"\nja = "覚え"\nen = "Memo"\nwords = ["覚え書き"]\n'


def _pipeline(place: Place, vocabulary: Path) -> Pipeline:
    cache = EmbeddingCache(place.home / "embeddings.sqlite")
    originals = OriginalStore(place.home / "originals")
    embedder = CachedEmbedder(place.model, cache)
    return Pipeline(place.catalog, originals, embedder, place.reader, vocabulary=vocabulary)


def _run(place: Place, vocabulary: Path) -> Report:
    pipeline = _pipeline(place, vocabulary)
    return pipeline.run(place.source(), lambda _: None, pause=lambda: None)


def _readings(place: Place) -> int:
    assert isinstance(place.reader, TextReader)
    return len(place.reader.read_names)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_bytes(VOCABULARY.read_bytes())
    return path


def test_another_vocabulary_tags_again_without_reading_or_embedding(
    place: Place, own: Path
) -> None:
    place.write("覚え書き.txt", "# 覚え書き\n\n会議の規程です。\n@規程.txt: 覚え書きの添付です。")
    place.write("規程.txt", "旅費の規程です。")
    _run(place, own)
    readings, embedded = _readings(place), list(place.model.embedded)
    texts = [row for rows in place.catalog.chunks.all_index_rows(10) for row in rows]
    own.write_text(MEMO, encoding="utf-8")
    report = _run(place, own)
    assert sorted(report.retagged) == ["規程.txt", "覚え書き.txt"]
    assert (report.added, report.changed, report.embedded) == ([], [], 0)
    assert (_readings(place), place.model.embedded) == (readings, embedded)
    states = place.states()
    assert states["覚え書き.txt"].metadata.tags == ("type:memo",)
    assert states["規程.txt"].metadata.tags == ()
    assert states["覚え書き.txt!/規程.txt"].metadata.tags == ("type:memo",)
    again = [row for rows in place.catalog.chunks.all_index_rows(10) for row in rows]
    assert [(row.chunk_id, row.indexed_hash) for row in again] == [
        (row.chunk_id, row.indexed_hash) for row in texts
    ]
    assert _run(place, own).unchanged == 2


def test_access_narrowed_by_hand_stands_when_the_vocabulary_changes(
    place: Place, own: Path
) -> None:
    place.write("a.txt", "給与の表です。")
    _run(place, own)
    narrow = Access(frozenset({"group:hr"}))
    place.catalog.documents.update(place.states()["a.txt"].id, access=narrow)
    own.write_text(MEMO, encoding="utf-8")
    _run(place, own)
    assert place.states()["a.txt"].access == narrow


def test_what_failed_is_not_read_again_for_another_vocabulary(place: Place, own: Path) -> None:
    place.write("a.txt", "LOCKED")
    place.write("b.txt", "旅費の規程です。")
    _run(place, own)
    place.write("b.txt", "LOCKED")
    _run(place, own)
    readings = _readings(place)
    own.write_text(MEMO, encoding="utf-8")
    _run(place, own)
    assert _readings(place) == readings
    states = place.states()
    assert states["a.txt"].status is DocumentStatus.FAILED
    assert states["b.txt"].status is DocumentStatus.STALE
    assert _run(place, own).still_failed == 2


def test_an_owner_that_the_rules_no_longer_name_is_the_one_the_text_names(place: Place) -> None:
    place.write("a.txt", "# 規程\n\n主管 経理部\n\n旅費の規程です。")
    place.write(".kura.toml", '[[rule]]\npath = "**"\nowner = "田中"\n')
    place.run()
    assert place.states()["a.txt"].metadata.owner == "田中"
    place.write(".kura.toml", "")
    place.run()
    assert place.states()["a.txt"].metadata.owner == "経理部"
    assert _readings(place) == 1


def test_uploads_are_tagged_again_with_the_next_upload(place: Place, own: Path) -> None:
    source = place.catalog.sources.add(NewSource("uploads", "upload", "", access=EVERYONE))

    def upload(name: str) -> Report:
        kept = OriginalStore(place.home / "originals").put(
            place.write(f"../{name}", f"{name}です。")
        )
        one = Upload(name, kept, EVERYONE, department="総務", owner="hanako", tags=("新",))
        pipeline = _pipeline(place, own)
        return pipeline.ingest_upload(source, [one], lambda _: None, pause=lambda: None)

    upload("覚え書き.txt")
    own.write_text(MEMO, encoding="utf-8")
    assert upload("b.txt").retagged == ["hanako/覚え書き.txt"]
    about = place.catalog.documents.states(source.id)["hanako/覚え書き.txt"].metadata
    assert about.tags == ("新", "type:memo")
    assert (about.department, about.owner) == ("総務", "hanako")
    assert upload("c.txt").retagged == []


def test_a_plan_tells_of_another_vocabulary(place: Place, own: Path) -> None:
    place.write("a.txt", "旅費の規程です。")
    _run(place, own)
    assert plan_run(place.catalog, place.source(), "", vocabulary=own).unchanged == 1
    own.write_text(MEMO, encoding="utf-8")
    plan = plan_run(place.catalog, place.source(), "", vocabulary=own)
    assert plan.change == {"a.txt": "access or tags"}


def test_a_vocabulary_that_cannot_be_understood_changes_nothing(place: Place, own: Path) -> None:
    place.write("a.txt", "旅費の規程です。")
    _run(place, own)
    head = place.catalog.changes.head()
    own.write_text("[[type]", encoding="utf-8")
    with pytest.raises(VocabularyInvalid):
        _run(place, own)
    assert place.catalog.changes.head() == head
