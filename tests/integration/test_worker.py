"""Real worker processes, stopped in every way a process can be."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import connect
from threading import Event, Thread
from uuid import uuid4

import psutil
import pytest

from app.bootstrap import build_worker, open_searcher, open_store
from app.orders import INGEST, INGEST_PRIORITY, UPLOAD, UPLOAD_PRIORITY, UploadedFile, UploadOrder
from app.role import WorkerBusy, hold_role, is_alive
from app.settings import Settings, load_settings
from app.supervising import Supervisor
from retrieval.catalog import Catalog, Job, JobState, NewSource, Source
from retrieval.fusion import LEXICAL
from retrieval.model import Access, Scope
from tests.patience import PATIENCE_S, reserved_port, wait_for

STAFF = frozenset({"everyone", "user:taro", "group:staff"})
SHARED = Access(allow=frozenset({"group:staff"}))
MANY = 600
"""So many documents that no run is through them by the time that somebody looks at it."""


def fill(folder: Path, count: int) -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        text = f"# 規程 {number}\n\n部品 KX-{number:04d} は倉庫の {number} 番棚に保管します。\n"
        (folder / f"{number:04d}.md").write_text(text, encoding="utf-8")
    return folder


def register(catalog: Catalog, folder: Path) -> Source:
    new = NewSource(name=folder.name, kind="folder", location=str(folder), access=SHARED)
    return catalog.sources.add(new)


def order(catalog: Catalog, source: Source) -> Job:
    payload = {"source_id": source.id}
    return catalog.jobs.enqueue(INGEST, payload, owner="admin", priority=INGEST_PRIORITY)


@contextmanager
def started_worker(settings: Settings, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of its own, killed at the end when it still runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "work", *options],
        env={**os.environ, "KURA_HOME": str(settings.home), "KURA_READERS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def work_until(settings: Settings, job: Job) -> None:
    with hold_role(settings.home), build_worker(settings) as worker:
        worker.run(Event(), until=job.id)


def find(settings: Settings, catalog: Catalog, query: str) -> list[str]:
    with open_searcher(settings, catalog) as searcher:
        passages = searcher.search(query, Scope(STAFF), 10).passages
    return [passage.document.external_id for passage in passages]


def documents_in(catalog: Catalog, source: Source) -> int:
    return len(catalog.documents.states(source.id))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_worker_ended_in_the_middle_is_completed_by_the_next(
    settings: Settings, catalog: Catalog, tmp_path: Path, how: signal.Signals
) -> None:
    source = register(catalog, fill(tmp_path / "rules", MANY))
    job = order(catalog, source)
    with started_worker(settings) as process:
        wait_for(lambda: documents_in(catalog, source) >= 5)
        process.send_signal(how)
        status = process.wait(PATIENCE_S)
    before = catalog.documents.states(source.id).keys()
    assert len(before) < MANY, "it was already done"
    if how is not signal.SIGKILL:
        assert status == 0
        assert catalog.jobs.get(job.id).state is JobState.QUEUED
    paths = sorted((tmp_path / "rules").iterdir())
    rest = [path for path in paths if path.name not in before]
    for path in rest[20:]:  # a part of them is enough
        path.unlink()
    expected = {*before, *(path.name for path in rest[:20])}
    work_until(settings, job)
    done = catalog.jobs.get(job.id)
    assert done.state is JobState.SUCCEEDED
    assert catalog.documents.states(source.id).keys() == expected
    assert not done.report["failed"]
    for name in (min(expected), max(expected)):
        assert find(settings, catalog, f"KX-{name[:4]}")[0] == name


def test_a_killed_worker_leaves_no_reader_behind(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    source = register(catalog, fill(tmp_path / "rules", MANY))
    order(catalog, source)
    with started_worker(settings) as process:
        wait_for(lambda: documents_in(catalog, source) >= 2)
        children = psutil.Process(process.pid).children(recursive=True)
    assert children
    wait_for(lambda: not any(child.is_running() for child in children))


def test_a_supervised_worker_ends_when_its_parent_does(settings: Settings) -> None:
    with started_worker(settings, "--supervised") as process:
        wait_for(lambda: is_alive(settings.home))
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


def test_a_second_worker_is_refused_by_name(settings: Settings, catalog: Catalog) -> None:
    assert catalog.jobs.list() == []
    with hold_role(settings.home):
        with pytest.raises(WorkerBusy) as caught, hold_role(settings.home):
            pass
        assert str(os.getpid()) in caught.value.message("en")
        assert is_alive(settings.home)
    assert not is_alive(settings.home)


def test_a_second_ingestion_queues_behind_the_first_and_says_so(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    ahead = order(catalog, register(catalog, fill(tmp_path / "first", MANY)))
    with started_worker(settings):
        wait_for(lambda: catalog.jobs.get(ahead.id).state is JobState.RUNNING)
        with subprocess.Popen(
            [sys.executable, "-m", "app.cli", "ingest", str(fill(tmp_path / "second", 3))],
            env={**os.environ, "KURA_HOME": str(settings.home), "KURA_LANGUAGE": "en"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as second:
            assert second.stderr is not None
            assert "queued behind 1" in second.stderr.readline()
            waiting = catalog.jobs.list(limit=1)[0]
            assert [job.id for job in catalog.jobs.unfinished()] == [ahead.id, waiting.id]
            assert waiting.state is JobState.QUEUED
            catalog.jobs.cancel(ahead.id)
            told, faults = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 0, faults
    assert "added 3" in told


def test_a_cancelled_ingestion_ends_and_keeps_what_went_in(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    source = register(catalog, fill(tmp_path / "rules", MANY))
    job = order(catalog, source)
    with started_worker(settings) as process:
        wait_for(lambda: documents_in(catalog, source) >= 5)
        assert catalog.jobs.cancel(job.id)
        wait_for(lambda: catalog.jobs.get(job.id).state is JobState.CANCELLED)
        assert process.poll() is None
    assert 5 <= documents_in(catalog, source) < MANY
    assert find(settings, catalog, "KX-0000")[0] == "0000.md"


def receive(settings: Settings, catalog: Catalog, name: str, text: str) -> Job:
    """Does what the API does with a received file."""
    source = catalog.sources.find("uploads") or catalog.sources.add(
        NewSource("uploads", "upload", "")
    )
    tray = settings.home / "uploads" / uuid4().hex
    tray.mkdir(parents=True)
    (tray / name).write_text(text, encoding="utf-8")
    file = UploadedFile(f"{tray.name}/{name}", f"taro/{name}", name, len(text.encode()))
    upload = UploadOrder(source.id, (file,), SHARED, "taro", tags=("new",))
    return catalog.jobs.enqueue(UPLOAD, upload.to_payload(), owner="taro", priority=UPLOAD_PRIORITY)


def test_an_upload_goes_in_and_its_tray_is_gone(settings: Settings, catalog: Catalog) -> None:
    job = receive(settings, catalog, "notice.txt", "創立記念日は十月一日で、全社休業です。")
    work_until(settings, job)
    assert catalog.jobs.get(job.id).state is JobState.SUCCEEDED
    assert find(settings, catalog, "創立記念日") == ["taro/notice.txt"]
    assert list((settings.home / "uploads").iterdir()) == []


def test_received_files_nobody_waits_for_are_swept_up_after_a_day(
    settings: Settings, catalog: Catalog
) -> None:
    yesterday = time.time() - 25 * 3600
    for name in ("old", "new"):
        tray = settings.home / "uploads" / name
        tray.mkdir(parents=True)
        (tray / "file.txt").write_text("x")
    os.utime(settings.home / "uploads" / "old", (yesterday, yesterday))
    work_until(settings, receive(settings, catalog, "notice.txt", "創立記念日は十月一日です。"))
    assert [tray.name for tray in (settings.home / "uploads").iterdir()] == ["new"]


def test_an_upload_goes_before_bulk_work_that_is_under_way(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    source = register(catalog, fill(tmp_path / "rules", MANY))
    bulk = order(catalog, source)
    with started_worker(settings):
        wait_for(lambda: documents_in(catalog, source) >= 5)
        small = receive(settings, catalog, "notice.txt", "創立記念日は十月一日で、全社休業です。")
        wait_for(lambda: catalog.jobs.get(small.id).state is JobState.SUCCEEDED)
        assert catalog.jobs.get(bulk.id).state is JobState.RUNNING
        assert find(settings, catalog, "創立記念日")[0] == "taro/notice.txt"


def test_a_job_that_cannot_be_done_fails_with_its_reason_and_the_worker_lives_on(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    folder = fill(tmp_path / "rules", 2)
    gone = catalog.sources.add(NewSource("gone", "folder", str(tmp_path / "gone"), "", SHARED))
    bad, good = order(catalog, gone), order(catalog, register(catalog, folder))
    work_until(settings, good)
    failed = catalog.jobs.get(bad.id)
    assert failed.state is JobState.FAILED
    assert failed.report["error"]["code"] == "source-unavailable"
    assert "gone" in failed.report["error"]["ja"]
    assert catalog.jobs.get(good.id).state is JobState.SUCCEEDED


def test_an_idle_worker_follows_what_others_change(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    source = register(catalog, fill(tmp_path / "rules", 3))
    stop = Event()
    with hold_role(settings.home), build_worker(settings) as worker:
        worker.run(Event(), until=order(catalog, source).id)
        thread = Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            catalog.sources.remove(source.id)
            head = catalog.changes.head()
            with open_searcher(settings, catalog) as searcher:
                wait_for(lambda: searcher.applied() >= head)
        finally:
            stop.set()
            thread.join()


def test_an_older_catalog_put_back_is_found_by_words_though_a_job_waits_for_it(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    source = register(catalog, fill(tmp_path / "rules", 1))
    work_until(settings, order(catalog, source))
    with connect(catalog.database.path) as now, connect(tmp_path / "copy") as copy:
        now.backup(copy)
    fill(tmp_path / "rules", 3)
    work_until(settings, order(catalog, source))
    with connect(catalog.database.path) as now, connect(tmp_path / "copy") as copy:
        copy.backup(now)
    for number in range(4):  # read first, they become the lines that the index had applied
        (tmp_path / "rules" / f"0-{number}.md").write_text(f"納品書 {number}", encoding="utf-8")
    work_until(settings, order(catalog, source))
    with open_searcher(settings, catalog) as searcher:
        found = searcher.search("納品書", Scope(STAFF), 10).passages
    by_words = {each.document.external_id for each in found if LEXICAL in each.scores}
    assert by_words == {f"0-{number}.md" for number in range(4)}


def test_without_an_embedding_model_words_are_still_found_and_the_report_says_so(
    tmp_path: Path,
) -> None:
    settings = load_settings(home=tmp_path / "home", embedding_model=str(tmp_path / "none"))
    with open_store(settings) as catalog:
        job = order(catalog, register(catalog, fill(tmp_path / "rules", 2)))
        work_until(settings, job)
        assert catalog.jobs.get(job.id).report["notices"] == ["embedder-unavailable"]
        with open_searcher(settings, catalog) as searcher:
            result = searcher.search("KX-0001", Scope(STAFF), 5)
    assert result.passages[0].document.external_id == "0001.md"
    assert result.degraded == ("vector",)


def test_a_supervisor_starts_its_worker_again_and_takes_it_along(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    supervisor = Supervisor([sys.executable, "-c", "import time; time.sleep(600)"], log)
    supervisor.start()
    wait_for(lambda: supervisor.pid)
    first = supervisor.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: supervisor.pid not in {None, first})
    second = supervisor.pid
    assert second is not None
    supervisor.stop()
    assert supervisor.pid is None
    assert not psutil.pid_exists(second)


def test_a_server_killed_outright_takes_its_worker_along(settings: Settings) -> None:
    with (
        reserved_port() as port,
        subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
            env={**os.environ, "KURA_HOME": str(settings.home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as server,
    ):
        try:
            wait_for(lambda: is_alive(settings.home))
        finally:
            server.kill()
    wait_for(lambda: not is_alive(settings.home))


def test_what_a_command_reports_of_a_job_is_json_to_its_end(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    job = order(catalog, register(catalog, fill(tmp_path / "rules", 2)))
    work_until(settings, job)
    report = catalog.jobs.get(job.id).report
    assert json.loads(json.dumps(report))["counts"]["added"] == 2
