"""Sources declared in a file, listed by kind, and ingested by themselves."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Timer

import pytest
from filelock import FileLock

from app.bootstrap import build_worker
from app.orders import INGEST, SCHEDULE_OWNER, order_ingestion
from app.role import hold_role
from app.routine import Household, Routine
from app.settings import Settings
from app.tidying import sweep_mirrors
from app.timetable import Timetable
from ingestion.errors import SourceInvalid, SourceUnavailable
from ingestion.sources.listing import SourceLister
from retrieval.catalog import Catalog, JobState, NewSource, Source
from retrieval.model import Access

EVERYONE = Access(frozenset({"everyone"}))
NIGHT = "0 2 * * *"


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def routine(settings: Settings, catalog: Catalog, clock: Clock) -> Routine:
    household = Household(settings.sources_file, settings.home / "mirrors", NIGHT)
    return Routine(catalog, household, clock)


def fill(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("# 規程\n\n日当は 2,500 円とする。\n", encoding="utf-8")
    return folder


def add(catalog: Catalog, name: str, location: Path, **facts: str) -> Source:
    return catalog.sources.add(
        NewSource(name, "folder", str(location), access=EVERYONE, schedule=facts.get("when", ""))
    )


def declare(settings: Settings, *folders: Path, more: str = "") -> None:
    text = "".join(f'[[source]]\nname = "{each.name}"\nlocation = "{each}"\n' for each in folders)
    settings.sources_file.write_text(text + more, encoding="utf-8")


def names(catalog: Catalog) -> list[str]:
    return [source.name for source in catalog.sources.list()]


def work_off(settings: Settings, catalog: Catalog) -> None:
    """Lets a worker do all that is queued."""
    with hold_role(settings.home), build_worker(settings) as worker:
        for job in catalog.jobs.unfinished(INGEST):
            worker.run(Event(), until=job.id)


def test_a_sources_file_is_applied_and_followed(
    settings: Settings, catalog: Catalog, routine: Routine, tmp_path: Path
) -> None:
    routine.attend_now()
    assert names(catalog) == []
    declare(settings, tmp_path / "a")
    routine.attend_now()
    declare(settings, tmp_path / "b", tmp_path / "c")
    routine.attend_now()
    assert names(catalog) == ["a", "b", "c"]
    settings.sources_file.unlink()
    routine.attend_now()
    assert names(catalog) == ["a", "b", "c"]


def test_a_broken_sources_file_changes_nothing_and_is_named_once_in_the_log(
    settings: Settings,
    catalog: Catalog,
    routine: Routine,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    declare(settings, tmp_path / "a", more='[[source]]\nname = "b"\nalow = ["everyone"]\n')
    with caplog.at_level(logging.WARNING):
        routine.attend_now()
        routine.attend_now()
    assert names(catalog) == []
    (record,) = [each for each in caplog.records if each.name == "app.routine"]
    assert "alow" in record.getMessage()
    declare(settings, tmp_path / "a")
    routine.attend_now()
    assert names(catalog) == ["a"]


def test_the_schedule_orders_each_due_source_once(
    catalog: Catalog, routine: Routine, clock: Clock, tmp_path: Path
) -> None:
    nightly = add(catalog, "nightly", tmp_path)
    add(catalog, "never", tmp_path, when="off")
    catalog.sources.add(NewSource("uploads", "upload", ""))
    routine.attend_now()
    assert catalog.jobs.unfinished(INGEST) == []
    clock.pass_by(days=5)
    for _ in range(3):
        routine.attend_now()
    (job,) = catalog.jobs.unfinished(INGEST)
    assert (job.payload["source_id"], job.owner) == (nightly.id, SCHEDULE_OWNER)
    catalog.jobs.claim()
    routine.attend_now()
    assert len(catalog.jobs.unfinished(INGEST)) == 1, "one is running"


def test_a_schedule_that_nobody_can_read_stops_no_other(
    catalog: Catalog, routine: Routine, clock: Clock, tmp_path: Path
) -> None:
    add(catalog, "broken", tmp_path, when="some day")
    good = add(catalog, "good", tmp_path)
    clock.pass_by(days=2)
    routine.attend_now()
    assert [job.payload["source_id"] for job in catalog.jobs.unfinished(INGEST)] == [good.id]


def test_a_source_that_fails_harms_no_other_and_waits_for_its_next_time(
    settings: Settings, catalog: Catalog, routine: Routine, clock: Clock, tmp_path: Path
) -> None:
    broken = add(catalog, "broken", tmp_path / "nowhere")
    good = add(catalog, "good", fill(tmp_path / "good"))
    clock.pass_by(days=1, hours=1)
    routine.attend_now()
    assert len(catalog.jobs.unfinished(INGEST)) == 2
    work_off(settings, catalog)
    outlook = Timetable(catalog, NIGHT).outlook(datetime.now(UTC))
    failed, done = outlook[broken.id].last_run, outlook[good.id].last_run
    assert failed is not None
    assert failed.report["error"]["code"] == "source-unavailable"
    assert done is not None
    assert done.state is JobState.SUCCEEDED
    assert list(catalog.documents.states(good.id)) == ["a.md"]
    following = outlook[broken.id].next_run_at
    assert following is not None
    assert following > datetime.now(UTC)
    clock.now = datetime.now(UTC)
    routine.attend_now()
    assert catalog.jobs.unfinished(INGEST) == []
    clock.pass_by(days=1, hours=1)
    routine.attend_now()
    assert len(catalog.jobs.unfinished(INGEST)) == 2


def test_a_worker_applies_the_file_when_it_starts(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    declare(settings, fill(tmp_path / "a"))
    stop = Event()
    timer = Timer(0.5, stop.set)
    with hold_role(settings.home), build_worker(settings) as worker:
        timer.start()
        worker.run(stop)
    assert names(catalog) == ["a"]


def test_an_ingestion_that_is_queued_already_is_not_ordered_again(
    catalog: Catalog, tmp_path: Path
) -> None:
    source = add(catalog, "a", tmp_path)
    first = order_ingestion(catalog, source.id, owner="admin")
    assert order_ingestion(catalog, source.id, owner="taro").id == first.id
    confirmed = order_ingestion(catalog, source.id, owner="admin", allow_removals=True)
    assert confirmed.id != first.id
    assert catalog.jobs.newest_by_source(INGEST)[source.id].id == confirmed.id
    assert catalog.jobs.newest_by_source(INGEST, ended=True) == {}
    catalog.jobs.finish(first.id, "failed", {})
    assert catalog.jobs.newest_by_source(INGEST, ended=True)[source.id].id == first.id


def mbox(path: Path) -> Path:
    path.write_bytes(b"From a@example.com Mon Jan  1 00:00:00 2024\nSubject: A\n\nText\n\n")
    return path


def mailbox(catalog: Catalog, path: Path) -> Source:
    return catalog.sources.add(NewSource("mail", "mbox", str(path), access=EVERYONE))


def test_a_mirrored_source_has_a_folder_that_only_its_user_may_open(
    catalog: Catalog, tmp_path: Path
) -> None:
    source = mailbox(catalog, mbox(tmp_path / "box"))
    mirrors = tmp_path / "mirrors"
    listing, sidecar = SourceLister(mirrors)(source, lambda _: None)
    assert len(listing.items) == 1
    assert sidecar.rules == ()
    for folder in (mirrors, mirrors / source.id):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_mirror_is_kept_for_its_place_and_emptied_for_another(
    catalog: Catalog, tmp_path: Path
) -> None:
    lister = SourceLister(tmp_path / "mirrors")
    box = mbox(tmp_path / "one")
    first = mailbox(catalog, box)
    lister(first, lambda _: None)
    box.unlink()
    left = tmp_path / "mirrors" / first.id / "left.txt"
    left.write_text("x")
    with pytest.raises(SourceUnavailable):
        lister(first, lambda _: None)
    assert left.exists()
    with pytest.raises(SourceUnavailable):
        lister(mailbox(catalog, tmp_path / "two"), lambda _: None)
    assert not left.exists()


def test_a_second_listing_of_the_same_source_waits_and_can_be_stopped(
    catalog: Catalog, tmp_path: Path
) -> None:
    source = mailbox(catalog, mbox(tmp_path / "box"))
    mirrors = tmp_path / "mirrors"
    mirrors.mkdir()
    told: list[int] = []
    with FileLock(mirrors / f"{source.id}.lock") as lock:

        def stop(count: int) -> None:
            told.append(count)
            raise InterruptedError

        with pytest.raises(InterruptedError):
            SourceLister(mirrors)(source, stop)
        assert told == [0]

        def release(_count: int) -> None:
            lock.release()

        listing, _ = SourceLister(mirrors)(source, release)
    assert len(listing.items) == 1


@pytest.mark.parametrize("kind", ["upload", "ftp"])
def test_what_is_not_listed_says_so(catalog: Catalog, tmp_path: Path, kind: str) -> None:
    source = catalog.sources.add(NewSource("x", kind, ""))
    with pytest.raises(SourceUnavailable, match=kind):
        SourceLister(tmp_path)(source, lambda _: None)


def test_settings_that_cannot_be_used_are_an_error_of_the_run(
    catalog: Catalog, tmp_path: Path
) -> None:
    new = NewSource("x", "web", "https://example.com/", settings={"no_such": 1})
    with pytest.raises(SourceInvalid, match="no_such"):
        SourceLister(tmp_path)(catalog.sources.add(new), lambda _: None)


def test_mirrors_go_with_their_source(catalog: Catalog, tmp_path: Path) -> None:
    source = mailbox(catalog, mbox(tmp_path / "box"))
    mirrors = tmp_path / "mirrors"
    SourceLister(mirrors)(source, lambda _: None)
    (mirrors / "orphan").mkdir()
    outside = fill(tmp_path / "outside")
    (mirrors / "link").symlink_to(outside)
    sweep_mirrors(catalog, mirrors)
    assert {entry.name.partition(".")[0] for entry in mirrors.iterdir()} == {source.id}
    assert (outside / "a.md").exists()
    catalog.sources.remove(source.id)
    sweep_mirrors(catalog, mirrors)
    assert list(mirrors.iterdir()) == []
