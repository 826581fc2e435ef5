"""What a run makes of moved, shrunk and copied files, and what a plan says of them beforehand."""

import os
import shutil

import pytest

from ingestion.planning import Plan
from ingestion.rehearsing import plan_run
from retrieval.model import DocumentStatus
from tests.fakes.reader import TextReader
from tests.integration.ingestion_place import Place

_LONG = "有給休暇は入社の日に二十日与えます。" * 40


def _plan(place: Place, *, allow_removals: bool = False) -> Plan:
    return plan_run(place.catalog, place.source(), "", allow_removals=allow_removals)


def _readings(place: Place) -> int:
    assert isinstance(place.reader, TextReader)
    return len(place.reader.read_names)


@pytest.mark.parametrize("renamed", [True, False], ids=["renamed", "copied and deleted"])
def test_a_moved_file_keeps_its_id_and_is_not_read_again(place: Place, renamed: bool) -> None:
    path = place.write("総務/規程.txt", "有給休暇は二十日です。")
    place.run()
    before = place.states()["総務/規程.txt"].id
    target = place.folder / "人事" / "休暇規程.txt"
    target.parent.mkdir()
    if renamed:
        path.rename(target)
    else:
        shutil.copyfile(path, target)
        path.unlink()
    report = place.run()
    state = place.states()["人事/休暇規程.txt"]
    assert report.moved == ["総務/規程.txt -> 人事/休暇規程.txt"]
    assert (report.added, report.removed, report.embedded, report.held) == ([], [], 0, [])
    assert (state.id, _readings(place)) == (before, 1)
    assert (state.metadata.department, state.metadata.title) == ("人事", "休暇規程")
    assert place.run().unchanged == 1


def test_a_moved_file_is_under_the_rules_of_its_new_place(place: Place) -> None:
    path = place.write("公開/給与.txt", "給与の表です。")
    place.write(".kura.toml", '[[rule]]\npath = "人事/**"\nallow = ["group:hr"]\n')
    place.run()
    (place.folder / "人事").mkdir()
    path.rename(place.folder / "人事" / "給与.txt")
    place.run()
    assert place.states()["人事/給与.txt"].access.allow == frozenset({"group:hr"})
    assert place.texts() == {}


def test_a_new_file_at_the_old_place_is_another_document(place: Place) -> None:
    path = place.write("a.txt", "最初の文書です。")
    place.run()
    path.rename(place.folder / "b.txt")
    place.write("a.txt", "次の文書です。")
    place.run()
    place.write("a.txt", "さらに次の文書です。")
    place.run()
    states = place.states()
    assert states["a.txt"].id != states["b.txt"].id
    assert place.texts() == {"a.txt": "さらに次の文書です。", "b.txt": "最初の文書です。"}


def test_a_folder_that_is_renamed_is_moved_and_not_held(place: Place) -> None:
    for number in range(30):
        place.write(f"旧/{number}.txt", f"文書その{number}です。\n@x.txt: 添付{number}です。")
    place.run()
    (place.folder / "旧").rename(place.folder / "新")
    report = place.run()
    assert (len(report.moved), report.held, report.removed) == (30, [], [])
    assert place.texts()["新/7.txt!/x.txt"] == "添付7です。"


def test_a_version_that_lost_nearly_all_of_its_text_is_held(place: Place) -> None:
    place.write("規程.txt", _LONG)
    place.run()
    place.write("規程.txt", "準備中です。")
    report = place.run()
    assert [failure.code for failure in report.failed] == ["shrunk"]
    assert place.states()["規程.txt"].status is DocumentStatus.STALE
    assert place.texts()["規程.txt"] == _LONG
    assert place.run().still_failed == 1
    assert _plan(place).hold == {"規程.txt": "shrunk"}
    assert place.run(allow_removals=True).changed == ["規程.txt"]
    assert place.texts()["規程.txt"] == "準備中です。"


def test_the_same_bytes_in_two_places_are_told_of(place: Place) -> None:
    place.write("a.txt", "同じ内容です。")
    place.write("b/a.txt", "同じ内容です。")
    place.write("c.txt", "別の内容です。")
    report = place.run()
    assert report.duplicates == [["a.txt", "b/a.txt"]]
    assert report.embedded == 2


def test_a_file_locked_with_a_known_password_is_read(place: Place) -> None:
    place.write("a.txt", "LOCKED秘密\n\n給与の表です。")
    assert [failure.code for failure in place.run().failed] == ["password-protected"]
    place.write(".kura.toml", 'passwords = ["違う", "秘密"]\n')
    assert place.run().added == ["a.txt"]


def test_what_needs_tesseract_is_tried_again_once_it_is_there(place: Place) -> None:
    place.write("a.txt", "LOCKED")
    place.run()
    assert place.run().failed == []
    assert isinstance(place.reader, TextReader)
    place.reader.abilities = "tesseract"
    assert len(place.run().failed) == 1


def test_a_plan_says_what_a_run_would_do_and_changes_nothing(place: Place) -> None:
    for name in ("keep", "gone", "edit", "touch", "move"):
        place.write(f"{name}.txt", f"{name} の本文です。")
    place.run()
    head, readings = place.catalog.changes.head(), _readings(place)
    (place.folder / "gone.txt").unlink()
    (place.folder / "move.txt").rename(place.folder / "moved.txt")
    place.write("edit.txt", "新しい本文です。")
    os.utime(place.folder / "touch.txt", ns=(1, 1))
    place.write("new.txt", "新しい文書です。")
    plan = _plan(place)
    assert plan.as_json() == {
        "source": "docs",
        "add": {"new.txt": "new"},
        "change": {"edit.txt": "content"},
        "move": {"moved.txt": "same content as move.txt"},
        "remove": {"gone.txt": "no longer in the source"},
        "hold": {},
        "unchanged": 2,
    }
    assert (place.catalog.changes.head(), _readings(place)) == (head, readings)
    report = place.run()
    assert (report.added, report.changed, report.removed) == (
        list(plan.add),
        list(plan.change),
        list(plan.remove),
    )


def test_a_plan_holds_what_a_run_would_hold(place: Place) -> None:
    path = place.write("a.txt", "一つだけの文書です。")
    place.run()
    path.unlink()
    assert _plan(place).hold == {"a.txt": "the source is empty"}
    assert _plan(place, allow_removals=True).remove == {"a.txt": "no longer in the source"}
