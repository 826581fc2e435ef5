"""The one process that writes indexes: takes jobs from the catalog and sees them through.

A job is finished only when both indexes have applied what it changed. A worker that is told to
stop leaves its job at the next safe point and puts it back into the queue; one that is killed
leaves it running, and the next worker to take the lock puts it back.
"""

import errno
import logging
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from app.orders import REINDEX, UPLOAD, UploadedFile, UploadOrder
from app.tidying import cut_log, sweep_originals, sweep_records, sweep_uploads
from retrieval.catalog import FINISHED
from retrieval.errors import KuraError

if TYPE_CHECKING:
    from app.routine import Routine
    from ingestion.model import Upload
    from ingestion.pipeline import Pipeline
    from ingestion.report import Progress
    from retrieval.catalog import Catalog, Job
    from retrieval.indexing import Indexer
    from retrieval.originals import OriginalStore

logger = logging.getLogger(__name__)

TIDY_S = 600.0
"""How often an idle worker looks for what nothing needs any more, in seconds."""

POLL_S = 0.2
"""How often an idle worker looks for new jobs and changes, in seconds."""

_FULL = ("disk is full", "No space left on device")  # as SQLite and the system say it

Work = Callable[["Job", Callable[[], None]], dict[str, Any]]
"""Does one job, calling what it is given between two steps, and returns its report."""


class Cancelled(KuraError):
    """Somebody asked for the job to end before it was done."""

    code = "cancelled"
    ja = "ジョブは取り消されました。取り込み済みの文書はそのまま使えます。"
    en = "The job was cancelled. What had already gone in stays usable."


class Stopping(Exception):
    """The worker was told to stop; the job goes back into the queue."""


class DiskFull(KuraError):
    """There is no space left to write to."""

    code = "disk-full"
    ja = "ディスクの空きがありません: {reason}。空きを作ってからもう一度実行してください。"
    en = "The disk is full: {reason}. Free some space and run it again."


class Unexpected(KuraError):
    """A fault of this program's own; the log has the details."""

    code = "unexpected"
    ja = "予期しない問題で止まりました（{reason}）。worker.log に詳細があります。"
    en = "An unexpected fault ended the job ({reason}). worker.log has the details."


class Worker:
    """Runs jobs, one after the other, and keeps the indexes at the head of the change log."""

    def __init__(
        self,
        catalog: "Catalog",
        pipeline: "Pipeline",
        indexer: "Indexer",
        originals: "OriginalStore",
        home: Path,
        routine: "Routine",
    ) -> None:
        """Keeps the parts; nothing runs before ``run``."""
        self._catalog = catalog
        self._pipeline = pipeline
        self._indexer = indexer
        self._originals = originals
        self._home = home
        self._routine = routine
        self._uploads = home / "uploads"
        self._log = home / "worker.log"
        self._other_work: dict[str, Work] = {}
        self._seen = -1
        self._tidied_at = -math.inf

    def take_on(self, kind: str, work: "Work") -> None:
        """Has jobs of one more kind done by this, which returns what their report says."""
        self._other_work[kind] = work

    def run(self, stop: Event, *, until: str | None = None) -> None:
        """Works until told to stop, or until the job named by ``until`` has ended.

        The caller holds the role (``hold_role``).
        """
        self._catalog.jobs.requeue_abandoned()
        self._indexer.mend_words()
        # Before a job writes: an index of a catalog that was put back is ahead of the log only now.
        self._follow(self._indexer.catch_up)
        self._tidy_up()
        try:
            while not stop.is_set() and not self._ended(until):
                if until is None:  # who waits for one job leaves the rest to the server's worker
                    self._routine.attend()
                job = self._catalog.jobs.claim()
                if job is not None:
                    self._see_through(job, stop)
                elif not self._follow_changes():
                    self._tidy_up()
                    stop.wait(POLL_S)
        except Stopping:
            logger.info("stopped at a safe point; the job goes back into the queue")
        finally:
            self._catalog.jobs.requeue_abandoned()

    def _ended(self, job_id: str | None) -> bool:
        if job_id is None:
            return False
        return self._catalog.jobs.get(job_id).state in FINISHED

    def _follow_changes(self) -> bool:
        """Brings the indexes up to what the API wrote; returns whether there was anything."""
        version = self._catalog.data_version()
        if version == self._seen:
            return False
        self._seen = version
        self._follow(self._bring_up_to_date)
        return True

    def _follow(self, bring_up: Callable[[], object]) -> None:
        try:
            bring_up()
        except (KuraError, OSError):
            logger.exception("the indexes could not follow the catalog; trying again")
            time.sleep(POLL_S)

    def _bring_up_to_date(self) -> None:
        self._indexer.catch_up()
        if self._indexer.publish_if_due():
            self._indexer.clean_up()

    def _see_through(self, job: "Job", stop: Event) -> None:
        """Runs one job to its end and writes down how it ended."""
        state, report = "succeeded", {}
        try:
            report = self._do(job, stop)
            self._bring_up_to_date()
        except Stopping:
            raise
        except Cancelled as error:
            state, report = "cancelled", {"error": describe(error)}
            self._follow_changes()
        except Exception as error:
            fault = name_fault(error)
            foreseen = not isinstance(fault, Unexpected)
            logger.error("job %s (%s) failed: %s", job.id, job.kind, fault, exc_info=not foreseen)
            state, report = "failed", {**report, "error": describe(fault)}
        self._write_down(job.id, state, report, stop)
        if job.kind == UPLOAD:
            UploadOrder.from_payload(job.payload).discard(self._uploads)

    def _write_down(self, job_id: str, state: str, report: dict[str, Any], stop: Event) -> None:
        """Keeps trying: on a full disk even this small row may have to wait for space."""
        while True:
            try:
                self._catalog.jobs.finish(job_id, state, report)
            except (KuraError, OSError) as error:
                logger.warning("job %s cannot be closed yet: %s", job_id, error)
                if stop.wait(5.0):
                    raise Stopping from error
            else:
                return

    def _do(self, job: "Job", stop: Event) -> dict[str, Any]:
        if job.kind == REINDEX:
            self._indexer.mend_words()
            self._indexer.catch_up(anew=True)
            generation = self._indexer.publish_if_due(force=True)
            self._indexer.clean_up()
            return {"generation": generation, "seq": self._catalog.changes.head()}
        usual = self._take_upload if job.kind == UPLOAD else self._ingest
        work = self._other_work.get(job.kind, usual)
        return work(job, self._pause_for(job, stop))

    def _pause_for(self, job: "Job", stop: Event) -> Callable[[], None]:
        """Returns what runs between two committed batches of a job."""
        jobs = self._catalog.jobs

        def pause() -> None:
            if stop.is_set():
                raise Stopping
            if jobs.is_cancelled(job.id):
                raise Cancelled
            self._routine.watch()
            if jobs.pending(job.priority):
                urgent = jobs.claim()
                if urgent is not None:
                    self._see_through(urgent, stop)

        return pause

    def _ingest(self, job: "Job", pause: Callable[[], None]) -> dict[str, Any]:
        source = self._catalog.sources.get(job.payload["source_id"])
        report = self._pipeline.run(
            source,
            self._report_to(job),
            pause=pause,
            allow_removals=bool(job.payload.get("allow_removals")),
        )
        return report.as_json()

    def _take_upload(self, job: "Job", pause: Callable[[], None]) -> dict[str, Any]:
        order = UploadOrder.from_payload(job.payload)
        source = self._catalog.sources.get(order.source_id)
        uploads = [self._keep(file, order) for file in order.files]
        report = self._pipeline.ingest_upload(source, uploads, self._report_to(job), pause=pause)
        return report.as_json()

    def _keep(self, file: UploadedFile, order: UploadOrder) -> "Upload":
        from ingestion.model import Upload

        return Upload(
            name=file.external_id.partition("/")[2] or file.name,
            content_hash=self._originals.put(self._uploads / file.path),
            access=order.access,
            department=order.department,
            owner=order.owner,
            tags=order.tags,
        )

    def _tidy_up(self) -> None:
        """Removes, now and then and never during a job, what nothing needs any more."""
        if time.monotonic() - self._tidied_at < TIDY_S:
            return
        self._tidied_at = time.monotonic()
        try:
            sweep_uploads(self._catalog, self._uploads)
            sweep_originals(self._catalog, self._originals)
            sweep_records(self._catalog, datetime.now(UTC))
            cut_log(self._log)
            self._indexer.trim_log()
            self._indexer.trim_cache()
        except (KuraError, OSError) as error:
            logger.warning("could not tidy up: %s", error)

    def _report_to(self, job: "Job") -> Callable[["Progress"], None]:
        return lambda progress: self._catalog.jobs.report_progress(job.id, progress.as_json())


def name_fault(error: Exception) -> KuraError:
    """Returns the error to report: full disks and unknown faults get one of their own.

    What a full disk made of a source's copy is told as the full disk it is, also where another
    program wrote it.
    """
    cause = (error.__cause__ or error) if isinstance(error, KuraError) else error
    full = isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}
    if full or any(words in str(cause) for words in _FULL):
        return DiskFull(reason=str(cause))
    if isinstance(error, KuraError):
        return error
    return Unexpected(reason=f"{type(error).__name__}: {error}")


def describe(error: KuraError) -> dict[str, str]:
    """Returns the error as it is kept in a job's report."""
    return {"code": error.code, "ja": error.message("ja"), "en": error.message("en")}
