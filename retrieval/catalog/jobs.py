"""The queue of long work, and how far each piece is."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, select, update

from retrieval.catalog.database import Database
from retrieval.catalog.records import FINISHED, Job, JobState
from retrieval.catalog.rows import record_of
from retrieval.catalog.schema import jobs
from retrieval.catalog.selecting import within
from retrieval.errors import Invalid, NotFound

JobList = list[Job]
JobsBySource = dict[str, Job]

_SWEPT_AT_ONCE = 1000


class Jobs:
    """The queue. One worker claims from it; anyone may ask and watch."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def enqueue(
        self, kind: str, payload: Mapping[str, Any], *, owner: str, priority: int = 10
    ) -> Job:
        """Asks for work.

        Args:
            kind: "ingest", "upload", "delete" or "reindex".
            payload: What the work needs to know; JSON-able.
            owner: The user who asks.
            priority: Smaller goes first.

        Returns:
            The job, queued.
        """
        values = {
            "id": str(uuid4()),
            "kind": kind,
            "state": JobState.QUEUED.value,
            "priority": priority,
            "payload": dict(payload),
            "progress": {},
            "report": {},
            "owner": owner,
            "cancel_requested": False,
            "created_at": time.time(),
        }
        with self._database.write() as connection:
            return _job_of(connection.execute(insert(jobs).values(values).returning(jobs)).one())

    def get(self, job_id: str) -> Job:
        """Returns a job.

        Raises:
            NotFound: There is none with this id.
        """
        with self._database.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise NotFound(what="job", value=job_id)
        return _job_of(row)

    def list(self, owner: str | None = None, limit: int = 100) -> JobList:
        """Returns the newest jobs first, of one owner or of everybody."""
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
        if owner is not None:
            query = query.where(jobs.c.owner == owner)
        with self._database.read() as connection:
            return [_job_of(row) for row in connection.execute(query)]

    def newest_by_source(self, kind: str, *, ended: bool = False) -> JobsBySource:
        """Returns the job of this kind that was asked for last, by the id of its source.

        Args:
            kind: As when it was asked for.
            ended: Look only at jobs that have ended.
        """
        source = jobs.c.payload["source_id"].as_string()
        # SQLite takes the other columns from the row that has the maximum.
        query = select(jobs, func.max(jobs.c.created_at)).where(jobs.c.kind == kind)
        if ended:
            query = query.where(jobs.c.state.in_(FINISHED))
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(source)).all()
        return {str(row.payload["source_id"]): _job_of(row) for row in rows}

    def unfinished(self, kind: str | None = None) -> JobList:
        """Returns the jobs, of this kind or all, that are queued or running, the oldest first."""
        query = select(jobs).where(jobs.c.state.not_in(FINISHED))
        query = query.order_by(jobs.c.created_at, jobs.c.id)
        if kind is not None:
            query = query.where(jobs.c.kind == kind)
        with self._database.read() as connection:
            return [_job_of(row) for row in connection.execute(query)]

    def claim(self) -> Job | None:
        """Takes the queued job with the smallest priority, the oldest of these first.

        Returns:
            The job, now running, which nobody else gets; ``None`` when nothing is queued.
        """
        queued = jobs.c.state == JobState.QUEUED
        if not self._any(queued):
            return None  # an idle worker asks often and should not take the write lock for it
        order = (jobs.c.priority, jobs.c.created_at, jobs.c.id)
        first = select(jobs.c.id).where(queued).order_by(*order).limit(1).scalar_subquery()
        now = time.time()
        values = {"state": JobState.RUNNING.value, "started_at": now, "heartbeat_at": now}
        statement = update(jobs).where(jobs.c.id == first).values(values).returning(jobs)
        with self._database.write() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _job_of(row)

    def report_progress(self, job_id: str, progress: Mapping[str, Any]) -> None:
        """Replaces a running job's progress, which also shows that its worker is alive."""
        values = {"progress": dict(progress), "heartbeat_at": time.time()}
        self._change((jobs.c.id == job_id) & (jobs.c.state == JobState.RUNNING), values)

    def finish(self, job_id: str, state: str, report: Mapping[str, Any]) -> None:
        """Ends a job that is not ended yet.

        Args:
            job_id: The job.
            state: "succeeded", "failed" or "cancelled".
            report: What came of it; JSON-able.

        Raises:
            Invalid: The state is not one in which a job can end.
        """
        if state not in FINISHED:
            raise Invalid(field="state", value=state, allowed=", ".join(FINISHED))
        values = {"state": str(state), "report": dict(report), "finished_at": time.time()}
        self._change((jobs.c.id == job_id) & jobs.c.state.not_in(FINISHED), values)

    def cancel(self, job_id: str) -> bool:
        """Stops a job: a queued one at once, a running one at its next pause.

        Returns:
            Whether there was anything left to stop.
        """
        chosen = jobs.c.id == job_id
        ended = {"state": JobState.CANCELLED.value, "finished_at": time.time()}
        asked = {"cancel_requested": True}
        queued, running = (jobs.c.state == state for state in (JobState.QUEUED, JobState.RUNNING))
        with self._database.write() as connection:
            at_once = connection.execute(update(jobs).where(chosen, queued).values(ended | asked))
            later = connection.execute(update(jobs).where(chosen, running).values(asked))
            return at_once.rowcount + later.rowcount == 1

    def is_cancelled(self, job_id: str) -> bool:
        """Returns whether somebody asked for the job to stop."""
        return self._any((jobs.c.id == job_id) & jobs.c.cancel_requested)

    def requeue_abandoned(self) -> int:
        """Queues running jobs again, whose worker is gone; those to be cancelled end instead.

        Only for the process that has just taken the worker's lock.

        Returns:
            How many were queued again.
        """
        running = jobs.c.state == JobState.RUNNING
        ended = {"state": JobState.CANCELLED.value, "finished_at": time.time()}
        again = {"state": JobState.QUEUED.value, "started_at": None, "heartbeat_at": None}
        with self._database.write() as connection:
            connection.execute(update(jobs).where(running, jobs.c.cancel_requested).values(ended))
            return int(connection.execute(update(jobs).where(running).values(again)).rowcount)

    def sweep(self, before: float) -> int:
        """Deletes jobs that ended before this moment, the oldest, at most a thousand.

        The last one of each kind and source stays: the schedule goes by it.

        Returns:
            How many there were.
        """
        source, ended = jobs.c.payload["source_id"].as_string(), jobs.c.state.in_(FINISHED)
        # SQLite takes the id from the row that has the maximum.
        newest = select(jobs.c.id, func.max(jobs.c.created_at)).where(ended)
        last = select(newest.group_by(jobs.c.kind, source).subquery().c.id)
        over = ended & (jobs.c.finished_at < before) & jobs.c.id.not_in(last)
        query = select(jobs.c.id).where(over).order_by(jobs.c.finished_at).limit(_SWEPT_AT_ONCE)
        with self._database.read() as connection:
            ids = connection.scalars(query).all()
        if ids:  # looked at often, and seldom worth the write lock
            with self._database.write() as connection:
                connection.execute(delete(jobs).where(within(jobs.c.id, ids)))
        return len(ids)

    def pending(self, below_priority: int) -> bool:
        """Returns whether a job of a smaller priority number than this one is queued."""
        return self._any((jobs.c.state == JobState.QUEUED) & (jobs.c.priority < below_priority))

    def _any(self, condition: ColumnElement[bool]) -> bool:
        with self._database.read() as connection:
            return bool(connection.execute(select(exists().where(condition))).scalar())

    def _change(self, condition: ColumnElement[bool], values: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(update(jobs).where(condition).values(values))


def _job_of(row: Row[Any]) -> Job:
    return record_of(Job, row, state=JobState(row.state))
