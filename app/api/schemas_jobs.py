"""The shapes of jobs and sources."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from retrieval.catalog import Job


class JobView(BaseModel):
    """A piece of long work and how far it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "5f0d2c7e",
                    "kind": "upload",
                    "state": "running",
                    "owner": "hanako",
                    "cancel_requested": False,
                    "progress": {"stage": "reading", "done": 3, "total": 8},
                    "report": {},
                    "created_at": "2026-04-01T00:00:00Z",
                    "started_at": "2026-04-01T00:00:01Z",
                    "finished_at": None,
                    "url": "/api/v1/jobs/5f0d2c7e",
                    "events_url": "/api/v1/jobs/5f0d2c7e/events",
                }
            ]
        }
    )

    id: str
    kind: str = Field(description="`ingest`, `upload`, `delete` or `reindex`.")
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    owner: str
    cancel_requested: bool = Field(description="It ends at its next safe point.")
    progress: dict[str, Any]
    report: dict[str, Any] = Field(description="What came of it, once it has ended.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    url: str
    events_url: str

    @classmethod
    def of(cls, job: Job) -> "JobView":
        """Returns the job as it is sent."""
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state.value,
            owner=job.owner,
            cancel_requested=job.cancel_requested,
            progress=dict(job.progress),
            report=dict(job.report),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            url=f"/api/v1/jobs/{job.id}",
            events_url=f"/api/v1/jobs/{job.id}/events",
        )


class JobResponse(BaseModel):
    """The job that was queued."""

    job: JobView


class JobList(BaseModel):
    """The newest jobs first."""

    jobs: list[JobView]
