"""Follows jobs to their end, taking the worker's role when nobody else has it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.reporting import judge, show
from app.cli.speaking import Exit, emit, say, warn
from app.role import WorkerBusy, find_worker, hold_role, is_alive
from app.settings import Settings
from app.worker import POLL_S, Worker
from retrieval.catalog import FINISHED, Catalog, Job

SAFE_POINT_S = 30.0
"""How long a cancelled run may take to reach a safe point before it is stopped like a worker."""


def see_through(settings: Settings, catalog: Catalog, jobs: list[Job], *, as_json: bool) -> Exit:
    """Follows the jobs one after the other, prints their reports and returns the exit status."""
    with _show_progress(quiet=as_json) as progress:
        ended = [_Following(settings, catalog, job, progress).run() for job in jobs]
    if as_json:
        emit({"jobs": [describe_job(job) for job in ended]})
    else:
        for job in ended:
            show(job, catalog)
    return max((judge(job) for job in ended), default=Exit.OK)


def describe_job(job: Job) -> dict[str, object]:
    """Returns what programs are told about an ended job."""
    return {"id": job.id, "kind": job.kind, "state": str(job.state), "report": dict(job.report)}


@contextmanager
def _show_progress(*, quiet: bool) -> Iterator[Progress]:
    """Shows a moving bar on a terminal, and nothing that moves elsewhere."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    ) as progress:
        yield progress


class _Following:
    """One job, from the queue to its end."""

    def __init__(self, settings: Settings, catalog: Catalog, job: Job, progress: Progress) -> None:
        self._settings = settings
        self._catalog = catalog
        self._job = job
        self._progress = progress
        self._bar = progress.add_task(self._name(), total=None)

    def run(self) -> Job:
        """Returns the job once it has ended, whoever worked on it."""
        try:
            self._say_what_is_ahead()
            while not self._has_ended():
                self._work_or_watch()
        except KeyboardInterrupt:
            self._say_who_goes_on()
            raise
        self._progress.remove_task(self._bar)
        return self._job

    def _work_or_watch(self) -> None:
        """Does the work where nobody else does; else waits until the job ended or nobody does."""
        try:
            with hold_role(self._settings.home):
                self._work_here()
        except WorkerBusy:
            while not self._has_ended() and is_alive(self._settings.home):
                time.sleep(POLL_S)
                self._refresh()

    def _name(self) -> str:
        source_id = self._job.payload.get("source_id")
        return self._catalog.sources.get(source_id).name if source_id else self._job.kind

    def _has_ended(self) -> bool:
        self._job = self._catalog.jobs.get(self._job.id)
        return self._job.state in FINISHED

    def _say_what_is_ahead(self) -> None:
        unfinished = self._catalog.jobs.unfinished()
        waiting = [job for job in unfinished if job.created_at < self._job.created_at]
        if waiting and is_alive(self._settings.home):
            warn(
                say(
                    f"Another job is running; this one is queued behind {len(waiting)}.",
                    f"別のジョブを実行中です。{len(waiting)} 件の後に実行します。",
                )
            )

    def _work_here(self) -> None:
        """Works in a thread of this process, and watches from here so that Ctrl-C is heard."""
        from app.bootstrap import build_worker

        with build_worker(self._settings) as worker:
            self._watch_own(worker)

    def _watch_own(self, worker: Worker) -> None:
        # Waits on an event: a thread's join() that Ctrl-C interrupts takes the thread for ended.
        stop, ended = Event(), Event()

        def work() -> None:
            try:
                worker.run(stop, until=self._job.id)
            finally:
                ended.set()

        Thread(target=work, name="worker").start()
        try:
            while not ended.wait(POLL_S):
                self._refresh()
        except KeyboardInterrupt:
            self._catalog.jobs.cancel(self._job.id)
            warn(say("Stopping at the next safe point…", "区切りのよい所で止めています…"))
            ended.wait(SAFE_POINT_S)
            raise
        finally:
            stop.set()
            ended.wait()

    def _say_who_goes_on(self) -> None:
        if self._has_ended():
            return
        job, pid = self._job.id, find_worker(self._settings.home)
        warn(
            say(
                f"The worker (process {pid}) goes on with job {job}."
                if pid
                else f"Job {job} waits for the next worker.",
                f"ジョブ {job} はワーカー（プロセス {pid}）が続けます。"
                if pid
                else f"ジョブ {job} は次のワーカーが実行します。",
            )
        )

    def _refresh(self) -> None:
        if self._has_ended():
            return
        done, total = self._job.progress.get("done"), self._job.progress.get("total")
        if total or done:  # while a source is listed only what was found so far is known
            self._progress.update(self._bar, completed=done or 0, total=total or None)
