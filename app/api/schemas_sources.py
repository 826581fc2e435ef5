"""The shapes of sources."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas_documents import AccessView
from app.api.schemas_filters import Name
from app.timetable import Outlook, describe_run
from retrieval.catalog import NewSource, Source

Fact = Annotated[str, Field(max_length=200)]


class SourceRequest(BaseModel):
    """A source to register, or to change when one of that name exists."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "hr",
                    "kind": "folder",
                    "location": "/srv/documents/hr",
                    "department": "人事",
                    "access": {"allow": ["group:hr"]},
                    "schedule": "0 3 * * *",
                }
            ]
        },
    )

    name: Name
    kind: Literal["folder", "upload", "web", "git", "imap", "maildir", "mbox"] = Field(
        default="folder",
        description="Kind `loader` runs code: it is declared in the sources file alone.",
    )
    location: Annotated[str, Field(max_length=4000)] = Field(
        default="",
        description="Absolute path of the folder on the server, or the address of the pages, the"
        " repository or the mailbox.",
    )
    department: Fact = ""
    owner: Fact = Field(default="", description="Owner of documents that have no other.")
    tags: Annotated[list[Fact], Field(max_length=50)] = Field(
        default=[], description="Tags of all its documents."
    )
    access: AccessView = Field(
        default=AccessView(), description="Who may read, where nothing nearer says otherwise."
    )
    schedule: Fact = Field(
        default="",
        description="Five cron fields in the server's local time, `off`, or empty for"
        " `KURA_SCHEDULE`.",
    )
    settings: dict[str, Any] = Field(
        default={}, description="Settings of its kind; passwords are never among them."
    )

    def to_source(self) -> NewSource:
        """Returns the source as it is registered."""
        return NewSource(
            name=self.name,
            kind=self.kind,
            location=self.location,
            department=self.department,
            access=self.access.to_access(),
            settings=self.settings,
            owner=self.owner,
            tags=tuple(self.tags),
            schedule=self.schedule,
        )


class RunView(BaseModel):
    """The last ingestion of a source that has ended."""

    job_id: str
    state: Literal["succeeded", "failed", "cancelled"]
    created_at: datetime
    finished_at: datetime
    counts: dict[str, int] = Field(description="Documents by what became of them.")
    error: dict[str, str] | None = Field(description="`code`, `ja` and `en` of a failed run.")


class SourceView(BaseModel):
    """Where documents come from."""

    id: str
    name: str
    kind: str
    location: str
    department: str
    owner: str
    tags: list[str]
    access: AccessView
    schedule: str
    settings: dict[str, Any]
    created_at: datetime
    next_run_at: datetime | None = Field(
        description="When it is ingested by itself; in the past when a run was missed."
    )
    last_run: RunView | None

    @classmethod
    def of(cls, source: Source, outlook: Outlook) -> "SourceView":
        """Returns the source as it is sent."""
        run = outlook.last_run
        return cls(
            id=source.id,
            name=source.name,
            kind=source.kind,
            location=source.location,
            department=source.department,
            owner=source.owner,
            tags=list(source.tags),
            access=AccessView.of(source.access),
            schedule=source.schedule,
            settings=dict(source.settings),
            created_at=source.created_at,
            next_run_at=outlook.next_run_at,
            last_run=None if run is None else RunView.model_validate(describe_run(run)),
        )


class SourceList(BaseModel):
    """All sources, by name."""

    sources: list[SourceView]


class IngestRequest(BaseModel):
    """How to ingest."""

    model_config = ConfigDict(extra="forbid")

    allow_removals: bool = Field(
        default=False,
        description="Remove documents whose files are gone, even when they are suspiciously many.",
    )
