"""`/sources`: where documents come from. Only admins see these."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import Admin, Parts
from app.api.refusals import FolderMissing, SourceMissing
from app.api.schemas_documents import AccessView
from app.api.schemas_filters import Name
from app.api.schemas_jobs import JobResponse, JobView
from app.orders import INGEST, INGEST_PRIORITY
from app.services import Services
from retrieval.catalog import JobState, NewSource, Source
from retrieval.errors import NotFound

router = APIRouter(prefix="/sources", tags=["sources"])

RECENT_JOBS = 500


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
                }
            ]
        },
    )

    name: Name
    kind: Literal["folder", "upload"] = "folder"
    location: str = Field(default="", description="Absolute path of the folder, on the server.")
    department: Annotated[str, Field(max_length=200)] = ""
    access: AccessView = Field(
        default=AccessView(), description="Who may read, where nothing nearer says otherwise."
    )
    settings: dict[str, Any] = {}


class SourceView(BaseModel):
    """Where documents come from."""

    id: str
    name: str
    kind: str
    location: str
    department: str
    access: AccessView
    settings: dict[str, Any]
    created_at: datetime

    @classmethod
    def of(cls, source: Source) -> "SourceView":
        """Returns the source as it is sent."""
        return cls(
            id=source.id,
            name=source.name,
            kind=source.kind,
            location=source.location,
            department=source.department,
            access=AccessView.of(source.access),
            settings=dict(source.settings),
            created_at=source.created_at,
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


@router.get(
    "",
    summary="List sources / 取り込み元の一覧",
    description="For admins. / 管理者だけが使えます。",
)
def list_sources(parts: Parts, _admin: Admin) -> SourceList:
    """Lists all sources."""
    return SourceList(sources=[SourceView.of(source) for source in parts.catalog.sources.list()])


@router.post(
    "",
    status_code=201,
    summary="Register a source / 取り込み元を登録する",
    description=(
        "A source of the same name is changed. Nothing is read before it is ingested. Access is "
        "nobody's unless named. / 同名の取り込み元は上書きします。公開先は明示が必要です。"
    ),
)
def register_source(body: SourceRequest, parts: Parts, _admin: Admin) -> SourceView:
    """Registers a source."""
    if body.kind == "folder":
        folder = Path(body.location)
        if not folder.is_absolute() or not folder.is_dir():
            raise FolderMissing(value=body.location)
    source = parts.catalog.sources.add(
        NewSource(
            name=body.name,
            kind=body.kind,
            location=body.location,
            department=body.department,
            access=body.access.to_access(),
            settings=body.settings,
        )
    )
    return SourceView.of(source)


@router.get(
    "/{source_id}",
    summary="Show a source / 取り込み元の情報",
    description="For admins. / 管理者だけが使えます。",
)
def show_source(source_id: str, parts: Parts, _admin: Admin) -> SourceView:
    """Shows one source."""
    return SourceView.of(find_source(parts, source_id))


@router.delete(
    "/{source_id}",
    status_code=204,
    summary="Remove a source and its documents / 取り込み元と文書を削除する",
    description="The files themselves stay where they are. / 元のファイルは消えません。",
)
def remove_source(source_id: str, parts: Parts, _admin: Admin) -> Response:
    """Removes a source."""
    parts.catalog.sources.remove(find_source(parts, source_id).id)
    return Response(status_code=204)


@router.post(
    "/{source_id}/ingest",
    status_code=202,
    summary="Ingest a source / 取り込む",
    description=(
        "Queues a job; one that is queued already is answered instead of a second. / "
        "取り込みのジョブを作ります。"
    ),
)
def ingest_source(
    source_id: str, parts: Parts, admin: Admin, body: IngestRequest | None = None
) -> JobResponse:
    """Queues an ingestion."""
    source = find_source(parts, source_id)
    removals = body is not None and body.allow_removals
    payload = {"source_id": source.id, "allow_removals": removals}
    jobs = parts.catalog.jobs
    for job in jobs.list(limit=RECENT_JOBS):
        if (job.kind, job.state) == (INGEST, JobState.QUEUED) and dict(job.payload) == payload:
            return JobResponse(job=JobView.for_caller(job, admin))
    job = jobs.enqueue(INGEST, payload, owner=admin.user, priority=INGEST_PRIORITY)
    return JobResponse(job=JobView.for_caller(job, admin))


def find_source(parts: Services, source_id: str) -> Source:
    """Returns the source with this id.

    Raises:
        SourceMissing: There is none.
    """
    try:
        return parts.catalog.sources.get(source_id)
    except NotFound:
        raise SourceMissing(value=source_id) from None
