"""What nothing needs any more goes, and nothing before that."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from sqlalchemy import select, update

from app.bootstrap import build_worker
from app.orders import REINDEX
from app.role import hold_role
from app.settings import Settings
from app.tidying import LONGEST_LOG, RECORDS_KEPT_DAYS, sweep_originals, sweep_records
from retrieval.catalog import Catalog, JobState, schema
from retrieval.model import Access
from retrieval.originals import OriginalStore
from tests.fakes.keeping import keep
from tests.integration.test_worker import fill, order, register, work_until

HOURS_AGO = time.time() - 7200


def kept(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "originals").rglob("*") if path.is_file()]


def test_originals_of_a_removed_source_go_and_those_of_others_stay(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    first, second = (register(catalog, fill(tmp_path / name, 2)) for name in ("one", "two"))
    (tmp_path / "two" / "own.txt").write_text("二つ目だけにある文書です。", encoding="utf-8")
    for source in (first, second):
        work_until(settings, order(catalog, source))
    assert len(kept(settings)) == 3
    for path in kept(settings):
        os.utime(path, (HOURS_AGO, HOURS_AGO))
    catalog.sources.remove(second.id)
    with hold_role(settings.home), build_worker(settings) as worker:
        worker.run(Event(), until=order(catalog, first).id)
    assert len(kept(settings)) == 2


def test_what_came_within_the_hour_stays(catalog: Catalog, tmp_path: Path) -> None:
    store = OriginalStore(tmp_path / "originals")
    fresh, old = keep(store, b"fresh"), keep(store, b"old")
    os.utime(store.path(old), (HOURS_AGO, HOURS_AGO))
    sweep_originals(catalog, store)
    assert store.path(fresh).exists()
    assert not store.path(old).exists()


def test_jobs_of_long_ago_go_but_for_the_last_of_each_source(
    catalog: Catalog, tmp_path: Path
) -> None:
    first, second = (register(catalog, fill(tmp_path / name, 1)) for name in ("one", "two"))
    old = [order(catalog, source) for source in (first, first, second)]
    reindex = [catalog.jobs.enqueue(REINDEX, {}, owner="admin") for _ in range(2)]
    for job in [*old, *reindex]:
        catalog.jobs.finish(job.id, JobState.SUCCEEDED, {})
    fresh, waiting = order(catalog, second), order(catalog, second)
    catalog.jobs.finish(fresh.id, JobState.FAILED, {})
    with catalog.database.write() as connection:
        long_ago = schema.jobs.c.id != fresh.id
        times = {"created_at": schema.jobs.c.created_at - 9e6, "finished_at": 1.0}
        connection.execute(update(schema.jobs).where(long_ago).values(times))
    sweep_records(catalog, datetime.now(UTC))
    kept = {job.id for job in catalog.jobs.list()}
    assert kept == {old[1].id, reindex[1].id, fresh.id, waiting.id}


def test_old_tombstones_go_but_for_what_a_person_had_set(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    folder = fill(tmp_path / "docs", 4)
    source = register(catalog, folder)
    work_until(settings, order(catalog, source))
    states = list(catalog.documents.states(source.id).values())
    catalog.documents.edit(states[0].id, {"owner": "鈴木"}, None)
    catalog.documents.update(states[1].id, access=Access(frozenset({"user:taro"})))
    catalog.documents.remove([state.id for state in states[:3]], "gone")
    now = datetime.now(UTC)
    sweep_records(catalog, now + timedelta(days=RECORDS_KEPT_DAYS - 1))
    assert len(catalog.documents.past(source.id)) == 3
    sweep_records(catalog, now + timedelta(days=RECORDS_KEPT_DAYS + 1))
    assert len(catalog.documents.past(source.id)) == 2
    work_until(settings, order(catalog, source))
    back = catalog.documents.states(source.id)
    assert len(back) == 4
    by_id = {state.id: state for state in back.values()}
    assert by_id[states[0].id].edits.owner == "鈴木"
    assert by_id[states[1].id].access == Access(frozenset({"user:taro"}))
    assert by_id[states[2].id].access == states[2].access


def test_tombstones_of_a_source_that_is_gone_go_with_time(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    source = register(catalog, fill(tmp_path / "docs", 2))
    work_until(settings, order(catalog, source))
    catalog.sources.remove(source.id)
    later = datetime.now(UTC) + timedelta(days=RECORDS_KEPT_DAYS + 1)
    for count, moment in ((2, datetime.now(UTC)), (0, later)):
        sweep_records(catalog, moment)
        with catalog.database.read() as connection:
            assert len(connection.execute(select(schema.tombstones)).all()) == count


def test_the_hour_begins_anew_when_the_same_file_comes_again(
    catalog: Catalog, tmp_path: Path
) -> None:
    store = OriginalStore(tmp_path / "originals")
    again = keep(store, b"again")
    os.utime(store.path(again), (HOURS_AGO, HOURS_AGO))
    keep(store, b"again")
    sweep_originals(catalog, store)
    assert store.path(again).exists()


def test_a_log_that_grew_long_is_put_aside_while_its_worker_goes_on_writing(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    log = settings.home / "worker.log"
    with log.open("ab") as written:  # as the server opens it for its worker
        written.write(b"short\n")
        written.flush()
        work_until(settings, order(catalog, register(catalog, fill(tmp_path / "one", 1))))
        assert log.read_bytes() == b"short\n"
        written.write(b"x" * LONGEST_LOG)
        written.flush()
        work_until(settings, order(catalog, register(catalog, fill(tmp_path / "two", 1))))
        written.write(b"next\n")
    assert log.read_bytes() == b"next\n"
    assert log.with_suffix(".log.1").stat().st_size == LONGEST_LOG + len(b"short\n")
