"""Sources under attack, under haste and on a bad day: nothing opens by itself, nothing is lost."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer

import pytest

from app.orders import order_ingestion
from app.routine import Household, Routine
from app.worker import DiskFull, Worker, name_fault
from ingestion.errors import SourceUnavailable
from ingestion.planning import Occasion, make_task
from ingestion.publishing import Place as Where
from ingestion.publishing import Publisher, Steps
from ingestion.report import Report
from ingestion.sidecar import Ruling
from ingestion.sources.folder import list_folder
from retrieval.catalog import Catalog, NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.model import Access
from retrieval.originals import OriginalStore
from tests.fakes.embedder import HashEmbedder
from tests.integration.ingestion_place import EVERYONE, Place
from tests.integration.mail_samples import make_mail
from tests.integration.mirrored_place import MirroredPlace

HR = Access(frozenset({"group:hr"}))
BOARD = Access(frozenset({"group:board"}))


@pytest.fixture
def place(tmp_path: Path, catalog: Catalog) -> Place:
    return Place(tmp_path, catalog)


def test_access_that_somebody_narrows_while_a_run_goes_on_is_not_opened_by_it(
    place: Place,
) -> None:
    place.write("a.txt", "一版です。")
    place.run()
    place.write("a.txt", "二版になりました。")
    state = place.states()["a.txt"]

    def narrow() -> None:
        place.catalog.documents.update(state.id, access=HR)

    place.pipeline().run(place.source(), lambda _: None, pause=narrow)
    assert place.states()["a.txt"].access == HR
    assert place.states()["a.txt"].text_hash != state.text_hash
    place.run()
    assert place.states()["a.txt"].access == HR


@pytest.mark.parametrize("broken", [False, True])
def test_a_source_that_is_narrowed_while_a_run_goes_on_is_narrow_for_all_it_brings(
    place: Place, *, broken: bool
) -> None:
    place.write("old.txt", "一版です。")
    place.run()
    place.write("old.txt", "LOCKED" if broken else "二版になりました。")
    place.write("new.txt", "LOCKED" if broken else "新しい文書です。")
    place.pipeline().run(place.source(), lambda _: None, pause=lambda: _drop(place.source(HR)))
    found = place.catalog.documents.states(place.source(HR).id)
    assert {state.access for state in found.values()} == {HR}
    assert len(found) == 2
    assert place.texts() == {}


def test_a_source_that_is_opened_while_a_run_goes_on_opens_nothing_of_what_it_brings(
    place: Place, tmp_path: Path
) -> None:
    place.write("new.txt", "給与表です。")
    elsewhere = NewSource("docs", "folder", str(tmp_path), access=EVERYONE)

    def point_elsewhere() -> None:
        place.catalog.sources.add(elsewhere)

    place.pipeline().run(place.source(HR), lambda _: None, pause=point_elsewhere)
    assert place.texts() == {}


def test_what_lies_in_a_document_that_is_narrowed_while_a_run_goes_on_is_as_closed(
    place: Place,
) -> None:
    place.write("a.zip.txt", "送付状です。\n\n@x.txt: 一つ目です。")
    place.run()
    outer = place.states()["a.zip.txt"]
    place.write(
        "a.zip.txt", "送付状、その二です。\n\n@x.txt: 一つ目です。\n\n@y.txt: 新しい価格です。"
    )

    def narrow() -> None:
        place.catalog.documents.update(outer.id, access=HR)

    place.pipeline().run(place.source(), lambda _: None, pause=narrow)
    assert len(place.states()) == 3
    assert {state.access for state in place.states().values()} == {HR}


class Idle:
    """An indexer with nothing to index."""

    def mend_words(self) -> None:
        """Has nothing to mend."""

    def catch_up(self) -> None:
        """Has nothing to catch up with."""

    def trim_log(self) -> None:
        """Has no log to trim."""

    def trim_cache(self) -> None:
        """Has no cache to trim."""

    def publish_if_due(self) -> bool:
        return False


class Editing:
    """A pipeline in the middle of whose run somebody narrows the sources file."""

    def __init__(self, file: Path, look: Callable[[], object]) -> None:
        self.file, self.look = file, look
        self.seen: object = None

    def run(self, *_: object, pause: Callable[[], None], allow_removals: bool) -> Report:
        del allow_removals
        self.file.write_text(self.file.read_text().replace("everyone", "group:hr"))
        pause()
        self.seen = self.look()
        return Report("docs")


@pytest.mark.parametrize("serves", [True, False])
def test_a_sources_file_that_is_narrowed_in_the_middle_of_a_job_holds_at_once(
    tmp_path: Path, catalog: Catalog, *, serves: bool
) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\nname="docs"\nlocation="/srv/docs"\nallow=["everyone"]\n')
    routine = Routine(catalog, Household(file, tmp_path / "mirrors", "off"), every=0)
    source = catalog.sources.add(NewSource("docs", "folder", "/srv/docs", access=EVERYONE))
    job = order_ingestion(catalog, source.id, owner="admin")
    pipeline = Editing(file, lambda: catalog.sources.get(source.id).access)
    originals = OriginalStore(tmp_path / "originals")
    worker = Worker(catalog, pipeline, Idle(), originals, tmp_path, routine)  # type: ignore[arg-type]
    stop = Event()
    Timer(1.0, stop.set).start()
    worker.run(stop, until=None if serves else job.id)
    assert catalog.jobs.get(job.id).state == "succeeded"
    assert pipeline.seen == (HR if serves else EVERYONE)


def test_a_document_that_somebody_deletes_while_a_run_goes_on_stops_it_not(place: Place) -> None:
    place.write("a.txt", "一版です。")
    place.run()
    source = place.source()
    (item,) = list_folder(place.folder).items
    known = place.states()["a.txt"]
    task = make_task(item, Ruling(HR, "人事"), known, Occasion("r"))
    embedder = CachedEmbedder(HashEmbedder(), EmbeddingCache(place.home / "embeddings.sqlite"))

    def describe(*_: object) -> None:
        raise AssertionError("there is no text to describe")

    where = Where(place.catalog, embedder, source)
    publisher = Publisher(where, Report("docs"), Steps(describe, describe))  # type: ignore[arg-type]
    place.catalog.documents.remove([known.id], "deleted by hanako")
    publisher.retag(task)
    assert place.states() == {}


def test_a_source_that_is_pointed_elsewhere_opens_nothing_of_its_former_place(
    place: Place, tmp_path: Path
) -> None:
    for number in range(3):
        place.write(f"{number}.txt", f"給与表その{number}です。")
    closed = place.source(HR)
    place.pipeline().run(closed, lambda _: None, pause=lambda: None)
    elsewhere = tmp_path / "public"
    elsewhere.mkdir()
    moved = place.catalog.sources.add(NewSource("docs", "folder", str(elsewhere), access=EVERYONE))
    assert place.texts() == {}

    report = place.pipeline().run(moved, lambda _: None, pause=lambda: None)
    assert (len(report.held), place.texts()) == (3, {})

    place.catalog.sources.add(NewSource("docs", "folder", str(elsewhere), access=BOARD))
    kept = place.catalog.documents.states(moved.id)
    assert {state.access for state in kept.values()} == {HR.within(BOARD)}

    place.catalog.sources.add(NewSource("docs", "folder", str(elsewhere), access=EVERYONE))
    (elsewhere / "0.txt").write_text("案内です。", encoding="utf-8")
    place.pipeline().run(moved, lambda _: None, pause=lambda: None)
    assert place.texts() == {"0.txt": "案内です。"}


def test_a_rule_within_another_lets_nobody_in_whom_either_keeps_out() -> None:
    assert EVERYONE.within(HR) == HR.within(EVERYONE) == HR
    assert HR.within(BOARD) == Access()
    denied = replace(EVERYONE, deny=frozenset({"user:taro"}))
    assert HR.within(denied) == replace(HR, deny=frozenset({"user:taro"}))


def _drop(_: object) -> None:
    """Takes what a callback returns."""


def test_a_disk_that_is_full_for_a_copy_is_told_as_that_and_costs_nothing(
    tmp_path: Path, catalog: Catalog
) -> None:
    there = _deliver(tmp_path, catalog, 3)
    there.run()
    kept = there.texts()
    note = there.mirror / "mails.json.part"
    note.symlink_to("/dev/full")
    _write_mail(tmp_path, 3)
    with pytest.raises(SourceUnavailable) as full:
        there.run()
    assert isinstance(name_fault(full.value), DiskFull)
    by_git = SourceUnavailable(path="x", reason="fatal: write error: No space left on device")
    assert isinstance(name_fault(by_git), DiskFull)
    assert name_fault(SourceUnavailable(path="x", reason="gone")).code == "source-unavailable"
    assert there.texts() == kept
    note.unlink()
    assert len(there.run().added) == 1


def test_a_mirror_that_somebody_deletes_is_made_again_and_nothing_is_read_twice(
    tmp_path: Path, catalog: Catalog
) -> None:
    there = _deliver(tmp_path, catalog, 3)
    there.run()
    shutil.rmtree(there.mirror)
    report = there.run()
    assert (report.added, report.changed, report.removed, report.unchanged) == ([], [], [], 3)
    assert len(there.reader.read_names) == 3
    shutil.rmtree(there.home / "mirrors")
    assert there.run().unchanged == 3


def test_a_mail_whose_subject_is_a_megabyte_long_is_one_document(
    tmp_path: Path, catalog: Catalog
) -> None:
    there = _deliver(tmp_path, catalog, 0)
    endless = make_mail("長" * 350_000, "本文です。", identity="x")
    (tmp_path / "Maildir" / "new" / "endless").write_bytes(endless)
    (name,) = there.run().added
    assert len(name) < 1_000


def _deliver(tmp_path: Path, catalog: Catalog, mails: int) -> MirroredPlace:
    for place in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / place).mkdir(parents=True)
    for number in range(mails):
        _write_mail(tmp_path, number)
    return MirroredPlace(tmp_path, catalog, "maildir", str(tmp_path / "Maildir"))


def _write_mail(tmp_path: Path, number: int) -> None:
    mail = make_mail(f"件名{number}", f"本文{number}です。", identity=str(number))
    (tmp_path / "Maildir" / "new" / str(number)).write_bytes(mail)


def test_a_box_that_is_damaged_loses_no_mail_and_a_pipe_beside_it_stops_nothing(
    tmp_path: Path, catalog: Catalog
) -> None:
    boxes = tmp_path / "Mail"
    boxes.mkdir()
    for name in ("a", "b"):
        mail = make_mail(f"件名{name}", f"本文{name}です。", identity=name)
        (boxes / name).write_bytes(b"From a@example.com Mon Apr  1 10:00:00 2024\n" + mail)
    os.mkfifo(boxes / "pipe")
    there = MirroredPlace(tmp_path, catalog, "mbox", str(boxes))
    assert len(there.run().added) == 2
    (boxes / "b").write_bytes(b"\0" * 100)
    report = there.run()
    assert (report.removed, report.skipped) == ([], {"b": "not-mbox"})
    assert len(there.texts()) == 2
    (boxes / "b").unlink()
    assert len(there.run().removed) == 1
