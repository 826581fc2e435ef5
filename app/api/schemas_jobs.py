"""The shapes of jobs."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.showing import View
from app.identity import Identity
from retrieval.catalog import Job

OWN = frozenset(
    {
        *("source", "added", "changed", "removed", "failed", "warnings", "notices"),
        *("unchanged", "hidden_characters", "chunks", "counts", "error"),
    }
)
"""What an uploader sees of a report: what concerns the upload alone.

The rest compares it with documents of others. Text that some document already holds is not embedded
again, so the count of embedded chunks would tell whether a guess stands in a document that the
uploader may not read.
"""


class JobView(View):
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
    kind: str = Field(description="`ingest`, `upload` or `reindex`.")
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    owner: str
    cancel_requested: bool = Field(description="It ends at its next safe point.")
    progress: dict[str, Any]
    report: dict[str, Any] = Field(description="What came of it, once it has ended.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    url: str = Field(default_factory=lambda job: f"/api/v1/jobs/{job['id']}")
    events_url: str = Field(default_factory=lambda job: f"/api/v1/jobs/{job['id']}/events")

    @classmethod
    def for_caller(cls, job: Job, caller: Identity) -> "JobView":
        """Returns the job as it is sent to a caller; only admins see the whole report."""
        report = dict(job.report)
        if not caller.is_admin:
            report = _keep_own(report)
            if "counts" in report:
                report["counts"] = _keep_own(report["counts"])
        return cls.of(replace(job, report=report))


def _keep_own(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in OWN}


class JobResponse(BaseModel):
    """The job that was queued."""

    job: JobView


class JobList(BaseModel):
    """The newest jobs first."""

    jobs: list[JobView]
