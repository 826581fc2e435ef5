"""`/sources`: where documents come from. Only admins see these."""

from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, Response

from app.api.deps import Admin, Parts
from app.api.refusals import FolderMissing, FolderOutside, SourceMissing
from app.api.schemas_jobs import JobResponse, JobView
from app.api.schemas_sources import IngestRequest, SourceList, SourceRequest, SourceView
from app.orders import order_ingestion
from app.registering import check_change, check_from_outside, find_outside
from app.services import Services
from app.timetable import Outlook, Timetable
from ingestion.sources.kinds import FOLDER
from retrieval.catalog import NewSource, Source
from retrieval.errors import NotFound

router = APIRouter(prefix="/sources", tags=["sources"])

UNKNOWN = Outlook(None, None)
"""How a source stands that was removed while it was looked at."""


@router.get(
    "",
    summary="List sources / 取り込み元の一覧",
    description="For admins, with the last and the next run. / 管理者だけが使えます。",
)
def list_sources(parts: Parts, _admin: Admin) -> SourceList:
    """Lists all sources."""
    outlooks = _look_ahead(parts)
    return SourceList(
        sources=[
            SourceView.of(source, outlooks.get(source.id, UNKNOWN))
            for source in parts.catalog.sources.list()
        ]
    )


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
    new = body.to_source()
    if new.kind == FOLDER:
        folder = Path(new.location)
        if not folder.is_absolute() or "\0" in new.location or not folder.is_dir():
            raise FolderMissing(value=new.location)
    new = check_from_outside(new)
    _stay_inside(new, parts)
    check_change(parts.catalog.sources.find(new.name), new)
    return _view(parts.catalog.sources.add(new), parts)


@router.get(
    "/{source_id}",
    summary="Show a source / 取り込み元の情報",
    description="For admins. / 管理者だけが使えます。",
)
def show_source(source_id: str, parts: Parts, _admin: Admin) -> SourceView:
    """Shows one source."""
    return _view(find_source(parts, source_id), parts)


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
    _stay_inside(source, parts)
    removals = body is not None and body.allow_removals
    job = order_ingestion(parts.catalog, source.id, owner=admin.user, allow_removals=removals)
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


def _stay_inside(source: NewSource | Source, parts: Services) -> None:
    outside = find_outside(source, parts.folder_roots)
    if outside:
        allowed = ", ".join(map(str, parts.folder_roots))
        raise FolderOutside(value=outside, allowed=allowed)


def _view(source: Source, parts: Services) -> SourceView:
    return SourceView.of(source, _look_ahead(parts).get(source.id, UNKNOWN))


def _look_ahead(parts: Services) -> dict[str, Outlook]:
    return Timetable(parts.catalog, parts.schedule).outlook(datetime.now(UTC))
