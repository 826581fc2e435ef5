"""`/jobs`: long work, how far it is, and its end."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sse_starlette import EventSourceResponse

from app.api.deps import Parts, Reader
from app.api.refusals import JobMissing
from app.api.schemas_jobs import JobList, JobView
from app.api.streams import ServerEvents, Streams, name_event
from app.identity import Identity
from app.services import Services
from retrieval.catalog import Job, JobState
from retrieval.errors import NotFound

router = APIRouter(prefix="/jobs", tags=["jobs"])

WATCH_S = 0.25
"""How often a watched job is looked at, in seconds."""

ENDED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


@router.get(
    "",
    summary="List jobs / ジョブの一覧",
    description="The newest first: one's own; for admins everybody's. / 新しい順に返します。",
)
def list_jobs(
    parts: Parts, reader: Reader, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> JobList:
    """Lists jobs."""
    owner = None if reader.is_admin else reader.user
    return JobList(jobs=[JobView.of(job) for job in parts.catalog.jobs.list(owner, limit)])


@router.get(
    "/{job_id}",
    summary="Show a job / ジョブの状態",
    description="Jobs of others are not there, except for admins. / 他人のジョブは見えません。",
)
def show_job(job_id: str, parts: Parts, reader: Reader) -> JobView:
    """Shows one job."""
    return JobView.of(find_job(parts, reader, job_id))


@router.get(
    "/{job_id}/events",
    response_class=EventSourceResponse,
    summary="Follow a job / ジョブの進み具合を追う",
    description=(
        "Events: `progress` whenever something changes, and `end` once it has ended. Each carries "
        "the whole job. / 変化のたびに `progress`、終わりに `end` を送ります。"
    ),
    responses={
        200: {
            "description": "A stream of events.",
            "content": {
                "text/event-stream": {
                    "example": 'event: progress\ndata: {"id":"...","state":"running", ...}\n\n'
                }
            },
        }
    },
)
def follow_job(job_id: str, request: Request, parts: Parts, reader: Reader) -> EventSourceResponse:
    """Follows one job to its end."""
    job = find_job(parts, reader, job_id)
    streams: Streams = request.app.state.streams
    return streams.send(watch_job(parts, job))


@router.delete(
    "/{job_id}",
    status_code=202,
    summary="Cancel a job / ジョブを取り消す",
    description=(
        "A queued job ends at once, a running one at its next safe point; one that has ended stays "
        "as it is. / 実行中のジョブは区切りのよいところで止まります。"
    ),
)
def cancel_job(job_id: str, parts: Parts, reader: Reader, response: Response) -> JobView:
    """Cancels a job."""
    job = find_job(parts, reader, job_id)
    parts.catalog.jobs.cancel(job.id)
    job = find_job(parts, reader, job_id)
    response.status_code = 200 if job.state in ENDED else 202
    return JobView.of(job)


def find_job(parts: Services, identity: Identity, job_id: str) -> Job:
    """Returns a job of the caller, or anybody's for an admin.

    Raises:
        JobMissing: There is none, or it is somebody else's: nobody can tell which.
    """
    try:
        job = parts.catalog.jobs.get(job_id)
    except NotFound:
        raise JobMissing(value=job_id) from None
    if not identity.is_admin and job.owner != identity.user:
        raise JobMissing(value=job_id)
    return job


def watch_job(parts: Services, job: Job) -> ServerEvents:
    """Yields the job at first and whenever it has changed, until it has ended."""
    shown: JobView | None = None
    while job.state not in ENDED:
        view = JobView.of(job)
        if view != shown:
            shown = view
            yield name_event("progress", view)
        time.sleep(WATCH_S)
        job = parts.catalog.jobs.get(job.id)
    yield name_event("end", JobView.of(job))
