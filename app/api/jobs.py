"""`/jobs`: long work, how far it is, and its end."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sse_starlette import EventSourceResponse

from app.api.deps import Follower, Parts, Standing
from app.api.refusals import JobMissing, NotSignedIn
from app.api.schemas_jobs import JobList, JobView
from app.api.streams import Pause, ServerEvents, Streams, name_event
from app.identity import Identity
from app.orders import UPLOAD, UploadOrder
from app.services import Services
from retrieval.catalog import FINISHED, Job, JobState
from retrieval.errors import NotFound

router = APIRouter(prefix="/jobs", tags=["jobs"])

WATCH_S = 0.25
"""How often a watched job is looked at, in seconds."""

MOST_LOOKED_AT = 10_000
"""Own jobs looked through for uploads, newest first."""


@router.get(
    "",
    summary="List jobs / ジョブの一覧",
    description=(
        "The newest first: one's own uploads; for admins everybody's jobs. / 新しい順に返します。"
    ),
)
def list_jobs(
    parts: Parts, follower: Follower, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> JobList:
    """Lists jobs."""
    if follower.is_admin:
        found = parts.catalog.jobs.list(limit=limit)
    else:
        own = parts.catalog.jobs.list(follower.user, MOST_LOOKED_AT)
        found = [job for job in own if may_follow(follower, job)][:limit]
    return JobList(jobs=[JobView.for_caller(job, follower) for job in found])


@router.get(
    "/{job_id}",
    summary="Show a job / ジョブの状態",
    description="Jobs of others are not there, except for admins. / 他人のジョブは見えません。",
)
def show_job(job_id: str, parts: Parts, follower: Follower) -> JobView:
    """Shows one job."""
    return JobView.for_caller(find_job(parts, follower, job_id), follower)


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
def follow_job(
    job_id: str, request: Request, parts: Parts, follower: Follower, check_standing: Standing
) -> EventSourceResponse:
    """Follows one job to its end."""
    job = find_job(parts, follower, job_id)
    streams: Streams = request.app.state.streams
    return streams.send(watch_job(parts, follower, job, check_standing))


@router.delete(
    "/{job_id}",
    status_code=202,
    summary="Cancel a job / ジョブを取り消す",
    description=(
        "A queued job ends at once, a running one at its next safe point; one that has ended stays "
        "as it is. / 実行中のジョブは区切りのよいところで止まります。"
    ),
)
def cancel_job(job_id: str, parts: Parts, follower: Follower, response: Response) -> JobView:
    """Cancels a job."""
    job = find_job(parts, follower, job_id)
    parts.catalog.jobs.cancel(job.id)
    job = find_job(parts, follower, job_id)
    if job.kind == UPLOAD and job.state is JobState.CANCELLED and job.started_at is None:
        # No worker ever saw it, so none removes its files.
        UploadOrder.from_payload(job.payload).discard(parts.uploads)
    response.status_code = 200 if job.state in FINISHED else 202
    return JobView.for_caller(job, follower)


def find_job(parts: Services, identity: Identity, job_id: str) -> Job:
    """Returns an upload of the caller, or any job for an admin.

    Raises:
        JobMissing: There is none, or it is somebody else's: nobody can tell which.
    """
    try:
        job = parts.catalog.jobs.get(job_id)
    except NotFound:
        raise JobMissing(value=job_id) from None
    if not may_follow(identity, job):
        raise JobMissing(value=job_id)
    return job


def may_follow(identity: Identity, job: Job) -> bool:
    """Returns whether the caller may see a job.

    The reports of ingestions name documents of everybody, so a user name is not enough for those:
    the command line queues them as "admin".
    """
    return identity.is_admin or (job.owner == identity.user and job.kind == UPLOAD)


def watch_job(
    parts: Services, identity: Identity, job: Job, check_standing: Callable[[], None]
) -> ServerEvents:
    """Yields the job at first and whenever it has changed, until it has ended.

    A key that is revoked meanwhile ends it too, without another event.
    """
    shown: JobView | None = None
    while job.state not in FINISHED:
        view = JobView.for_caller(job, identity)
        if view != shown:
            shown = view
            yield name_event("progress", view)
        yield Pause(WATCH_S)
        try:
            check_standing()
        except NotSignedIn:
            return
        job = parts.catalog.jobs.get(job.id)
    yield name_event("end", JobView.for_caller(job, identity))
