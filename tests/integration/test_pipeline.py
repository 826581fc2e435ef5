"""The pipeline: from a folder into the catalog, and what a second run leaves alone."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingestion.errors import SidecarInvalid, SourceUnavailable
from ingestion.model import Parsed
from ingestion.report import Progress
from retrieval.errors import EmbedderUnavailable
from retrieval.model import Access, DocumentStatus
from retrieval.originals import OriginalStore
from retrieval.ports import Vectors
from tests.fakes.embedder import HashEmbedder
from tests.fakes.reader import TextReader
from tests.integration.ingestion_place import Place


class Interrupted(Exception):
    """What a test raises from ``pause``."""


def _reader(place: Place) -> TextReader:
    assert isinstance(place.reader, TextReader)
    return place.reader


def test_documents_are_added_with_text_department_and_original(place: Place) -> None:
    path = place.write("人事/規程.txt", "# 休暇規程\n\n有給休暇は二十日です。")
    report = place.run()
    assert report.added == ["人事/規程.txt"]
    state = place.states()["人事/規程.txt"]
    assert (state.status, state.metadata.department) == (DocumentStatus.CURRENT, "人事")
    assert place.texts()["人事/規程.txt"] == "休暇規程\n\n有給休暇は二十日です。"
    kept = OriginalStore(place.home / "originals").path(state.content_hash)
    assert kept.read_bytes() == path.read_bytes()


def test_a_second_run_reads_and_embeds_nothing(place: Place) -> None:
    for number in range(5):
        place.write(f"{number}.txt", f"文書その{number}です。")
    first = place.run()
    seen, embedded = list(_reader(place).read_names), list(place.model.embedded)
    head = place.catalog.changes.head()
    second = place.run()
    assert (first.embedded, second.embedded, second.unchanged) == (5, 0, 5)
    assert _reader(place).read_names == seen
    assert place.model.embedded == embedded
    assert place.catalog.changes.head() == head


def test_a_touched_file_is_hashed_but_not_read(place: Place) -> None:
    path = place.write("a.txt", "同じ内容です。")
    place.run()
    os.utime(path, ns=(1, 1))
    report = place.run()
    assert (report.unchanged, len(_reader(place).read_names)) == (1, 1)
    place.run()
    assert len(_reader(place).read_names) == 1


def test_other_bytes_with_the_same_text_change_no_chunk(place: Place) -> None:
    place.write("a.txt", "同じ内容です。")
    place.run()
    head = place.catalog.changes.head()
    place.write("a.txt", "同じ内容です。   \n")
    report = place.run()
    assert (report.changed, report.unchanged, report.embedded) == ([], 1, 0)
    assert [change.operation for change in place.catalog.changes.since(head)] in ([], ["access"])


def test_only_what_changed_is_embedded_again(place: Place) -> None:
    long = "この節の本文は変わりません。" * 20
    place.write("a.txt", f"# 一\n\n{long}\n\n# 二\n\n{long}古い。")
    place.run()
    place.write("a.txt", f"# 一\n\n{long}\n\n# 二\n\n{long}新しい。")
    report = place.run()
    assert (report.changed, report.embedded) == (["a.txt"], 1)


def test_rules_that_change_change_access_without_reading(place: Place) -> None:
    place.write("人事/給与.txt", "給与の表です。")
    place.run()
    place.write(
        ".kura.toml",
        '[[rule]]\npath = "人事/**"\nallow = ["group:hr"]\nowner = "佐藤"\ntags = ["取扱注意"]\n',
    )
    report = place.run()
    state = place.states()["人事/給与.txt"]
    assert report.retagged == ["人事/給与.txt"]
    assert state.access.allow == frozenset({"group:hr"})
    assert (state.metadata.owner, state.metadata.tags) == (
        "佐藤",
        ("取扱注意", "department:hr"),
    )
    assert len(_reader(place).read_names) == 1
    assert place.texts() == {}
    assert place.run().retagged == []


def test_rules_that_cannot_be_understood_stop_the_run_before_anything_changes(
    place: Place,
) -> None:
    gone = place.write("old.txt", "古い文書です。")
    place.run()
    gone.unlink()
    place.write("new.txt", "新しい文書です。")
    place.write(".kura.toml", '[[rule]]\npath = "**"\nallow = "everyone"\n')
    head = place.catalog.changes.head()
    with pytest.raises(SidecarInvalid):
        place.run()
    assert place.catalog.changes.head() == head
    assert set(place.states()) == {"old.txt"}


def test_without_any_rule_nobody_may_read(place: Place) -> None:
    place.write("a.txt", "秘密の文書です。")
    place.pipeline().run(place.source(Access()), lambda _: None, pause=lambda: None)
    assert place.texts() == {}


def test_access_narrowed_by_hand_survives_a_new_version(place: Place) -> None:
    place.write("a.txt", "一版です。")
    place.run()
    narrow = Access(frozenset({"group:hr"}))
    place.catalog.documents.update(place.states()["a.txt"].id, access=narrow)
    place.write("a.txt", "二版になりました。")
    place.run()
    assert place.states()["a.txt"].access == narrow


def test_a_file_that_fails_is_listed_with_its_reason_and_not_tried_again(place: Place) -> None:
    place.write("locked.txt", "LOCKED")
    place.write("empty.txt", "")
    report = place.run()
    assert {failure.external_id: failure.code for failure in report.failed} == {
        "locked.txt": "password-protected",
        "empty.txt": "empty-file",
    }
    assert "パスワード" in next(f.ja for f in report.failed if f.external_id == "locked.txt")
    second = place.run()
    assert (second.failed, second.still_failed) == ([], 2)
    assert _reader(place).read_names == ["locked.txt"]


def test_a_failed_new_version_keeps_the_last_good_one(place: Place) -> None:
    place.write("a.txt", "良い版です。")
    place.run()
    place.write("a.txt", "LOCKED")
    place.run()
    assert place.states()["a.txt"].status is DocumentStatus.STALE
    assert place.texts()["a.txt"] == "良い版です。"
    place.write("a.txt", "良い版です。")
    place.run()
    assert place.states()["a.txt"].status is DocumentStatus.CURRENT


def test_a_document_that_vanishes_is_removed(place: Place) -> None:
    place.write("keep.txt", "残ります。")
    place.write("gone.txt", "消えます。").unlink()
    gone = place.write("gone.txt", "消えます。")
    place.run()
    gone.unlink()
    assert place.run().removed == ["gone.txt"]
    assert set(place.states()) == {"keep.txt"}


def test_an_empty_folder_removes_nothing_until_it_is_confirmed(place: Place) -> None:
    path = place.write("a.txt", "一つだけの文書です。")
    place.run()
    path.unlink()
    held = place.run()
    assert (held.held, held.removed, set(place.states())) == (["a.txt"], [], {"a.txt"})
    assert place.run(allow_removals=True).removed == ["a.txt"]


def test_a_folder_that_is_gone_is_an_error_and_removes_nothing(place: Place) -> None:
    place.write("a.txt", "文書です。").unlink()
    place.write("a.txt", "文書です。")
    place.run()
    place.folder.rename(place.home / "elsewhere")
    with pytest.raises(SourceUnavailable):
        place.run()
    assert set(place.states()) == {"a.txt"}


def test_an_interrupted_run_is_completed_by_the_next(place: Place) -> None:
    for number in range(40):
        place.write(f"{number:02}.txt", f"文書その{number}の本文です。")
    calls: list[int] = []

    def interrupt() -> None:
        calls.append(1)
        if len(calls) == 20:
            raise Interrupted

    with pytest.raises(Interrupted):
        place.pipeline().run(place.source(), lambda _: None, pause=interrupt)
    before = len(place.states())
    assert 0 < before < 40
    report = place.run()
    assert (len(report.added), report.unchanged) == (40 - before, before)
    assert len(place.texts()) == 40


def test_progress_is_told_and_becomes_json(place: Place) -> None:
    place.write("a.txt", "文書です。")
    told: list[Progress] = []
    report = place.pipeline().run(place.source(), told.append, pause=lambda: None)
    assert [(step.stage, step.done, step.total) for step in told] == [
        ("listing", 0, 0),
        ("reading", 0, 1),
        ("reading", 1, 1),
        ("done", 1, 1),
    ]
    assert told[2].as_json()["current"] == "a.txt"
    assert report.as_json()["counts"]["added"] == 1


class _GrowingReader(TextReader):
    """A file that somebody writes to for the first few times it is read."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def read(self, path: Path, name: str, passwords: Sequence[str] = ()) -> Parsed:
        parsed = super().read(path, name, passwords)
        if self._times > 0:
            self._times -= 1
            with path.open("a", encoding="utf-8") as file:
                file.write("\n\n追記しました。")
        return parsed


def test_a_file_that_changes_while_it_is_read_is_read_once_more(place: Place) -> None:
    place.reader = _GrowingReader(1)
    place.write("a.txt", "最初の文です。")
    report = place.run()
    assert report.added == ["a.txt"]
    assert place.texts()["a.txt"] == "最初の文です。\n\n追記しました。"


def test_a_file_that_never_stands_still_is_tried_again_next_time(place: Place) -> None:
    place.reader = _GrowingReader(2)
    place.write("a.txt", "最初の文です。")
    assert [failure.code for failure in place.run().failed] == ["changed-while-reading"]
    assert place.run().added == ["a.txt"]


class _BrokenEmbedder(HashEmbedder):
    """A model that cannot be loaded."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        del texts
        raise EmbedderUnavailable(model="m", reason="missing")


def test_without_the_model_documents_are_still_published(place: Place) -> None:
    place.model = _BrokenEmbedder()
    place.write("a.txt", "文書です。")
    report = place.run()
    assert (report.added, report.notices) == (["a.txt"], ["embedder-unavailable"])
