"""`/documents`: what is known, its text and original, and how it is changed by those who may."""

from email.utils import format_datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from starlette.requests import Request

from app.api.deps import Parts, Reader, Speaking, Writer
from app.api.locating import name_original
from app.api.principals import check_allowance
from app.api.receiving import receive_form
from app.api.refusals import (
    DocumentMissing,
    LiesInAnother,
    NotYours,
    OriginalMissing,
    SpanWrong,
    TextMissing,
)
from app.api.schemas_documents import (
    DocumentChange,
    DocumentDetail,
    DocumentList,
    DocumentView,
    TextView,
    UploadResponse,
)
from app.api.schemas_filters import FilterRequest, read_filters
from app.api.uploading import UPLOAD_FORM, UPLOAD_KIND, name_owner, open_tray, order_upload
from app.identity import WRITE, Identity
from app.services import Services
from retrieval.model import Document, DocumentStatus

router = APIRouter(prefix="/documents", tags=["documents"])

OCTETS = "application/octet-stream"
FILE = {"type": "string", "format": "binary"}
ACTIVE_TYPES = ("html", "xml", "svg", "script")

Status = Literal["current", "stale", "failed"]


@router.get(
    "",
    summary="List documents / 文書の一覧",
    description="Readable documents by title, a page at a time. / 読める文書を題名順に返します。",
)
def list_documents(
    parts: Parts,
    reader: Reader,
    filters: Annotated[FilterRequest, Depends(read_filters)],
    status: Annotated[list[Status] | None, Query(description="Any of these.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> DocumentList:
    """Lists documents."""
    scope = filters.scope_for(reader)
    statuses = [DocumentStatus(value) for value in status] if status else None
    documents = parts.catalog.documents
    found = documents.list(scope, limit=limit + 1, after=after, statuses=statuses)
    page = found[:limit]
    return DocumentList(
        documents=[DocumentView.of(document) for document in page],
        count=documents.count(scope, statuses),
        next=page[-1].id if len(found) > limit else None,
    )


@router.post(
    "",
    status_code=202,
    summary="Upload documents / 文書をアップロードする",
    description=(
        "Takes files and queues one job that reads them. A file that is refused does not stop the "
        "others. Without `allow` only the uploader may read them; `allow` may name principals the "
        "caller carries (admins: any). A file of the same name replaces the caller's own earlier "
        "one. / ファイルを受け取り、取り込みのジョブを作ります。"
    ),
    openapi_extra=UPLOAD_FORM,
)
async def upload_documents(
    request: Request, parts: Parts, writer: Writer, language: Speaking
) -> UploadResponse:
    """Receives files."""
    with open_tray(parts.uploads) as tray:
        form = await receive_form(request, tray, parts.max_upload_bytes)
        return await run_in_threadpool(order_upload, parts, writer, form, language)


@router.get(
    "/{document_id}",
    summary="Show a document / 文書の情報",
    description=(
        "A document that the caller may not read is not there. / "
        "読めない文書は存在しないのと同じです。"
    ),
)
def show_document(document_id: str, parts: Parts, reader: Reader) -> DocumentDetail:
    """Shows one document."""
    document = find_document(parts, reader, document_id)
    return _show(parts, reader, document, editable=may_change(parts, reader, document))


@router.get(
    "/{document_id}/text",
    summary="Read a document's text / 本文を読む",
    description=(
        "The text as it was indexed, with typed blocks. `start` and `end` of a citation give the "
        "cited span. Offsets count Unicode characters. / 出典の位置をそのまま開けます。"
    ),
)
def read_text(
    document_id: str,
    parts: Parts,
    reader: Reader,
    start: Annotated[int, Query(ge=0, description="First character.")] = 0,
    end: Annotated[int | None, Query(ge=0, description="After the last character.")] = None,
) -> TextView:
    """Reads the text, or a span of it."""
    document = find_document(parts, reader, document_id)
    text = parts.catalog.documents.text(document_id, reader.principals)
    if text is None:
        raise TextMissing(value=document_id)
    stop = len(text.text) if end is None else end
    if end is not None and start > end:
        raise SpanWrong(start=start, end=end)
    return TextView.of(document, text, start, stop)


@router.get(
    "/{document_id}/original",
    response_class=FileResponse,
    summary="Download the original / 原本をダウンロードする",
    description="Always as an attachment, never shown in the page. / 必ず添付として送ります。",
    responses={
        200: {"content": {OCTETS: {"schema": FILE}}, "description": "The file as it was ingested."}
    },
)
def download_original(document_id: str, parts: Parts, reader: Reader) -> FileResponse:
    """Sends the original file."""
    document = find_document(parts, reader, document_id)
    path = parts.originals.path(document.content_hash) if document.content_hash else None
    if path is None or not path.is_file():
        raise OriginalMissing(value=document_id)
    return FileResponse(
        path,
        media_type=_passive_type(document.metadata.media_type),
        filename=name_original(document),
        content_disposition_type="attachment",
        headers={
            "Content-Security-Policy": "sandbox",
            # The file's own time is that of whoever brought the same bytes last.
            "Last-Modified": format_datetime(document.ingested_at, usegmt=True),
            "ETag": f'"{document.content_hash}"',
        },
    )


@router.patch(
    "/{document_id}",
    summary="Change access or metadata / 公開範囲や属性を変える",
    description=(
        "Holds from the next question on; nothing is read again. What is set here stands over "
        "rules and new versions; `null` gives a field back to them. For the uploader and admins. / "
        "次の質問から有効になり、新しい版でも上書きされません。null で自動の値に戻します。"
    ),
)
def change_document(
    document_id: str, body: DocumentChange, parts: Parts, writer: Writer
) -> DocumentDetail:
    """Changes what is known of a document, or who may read it."""
    document = find_changeable(parts, writer, document_id)
    access = body.access.to_access() if body.access else document.access
    if body.access is not None:
        check_allowance(writer, access)
    if access != document.access and document.parent_id is not None:
        raise LiesInAnother(value=document.parent_id)
    # Not asked for as the caller: who takes away their own access must still see what they did.
    changed = parts.catalog.documents.edit(
        document.id, body.edits(), access if body.access is not None else None
    )
    return _show(parts, writer, changed, editable=True)


@router.delete(
    "/{document_id}",
    status_code=204,
    summary="Delete a document / 文書を削除する",
    description=(
        "Gone from the next question on. A file that is still in its folder comes back with the "
        "next ingestion. For the uploader and admins. / 次の質問から出なくなります。"
    ),
)
def delete_document(document_id: str, parts: Parts, writer: Writer) -> Response:
    """Deletes a document."""
    document = find_changeable(parts, writer, document_id)
    parts.catalog.documents.remove([document.id], f"deleted by {writer.user}")
    return Response(status_code=204)


def _show(
    parts: Services, identity: Identity, document: Document, *, editable: bool
) -> DocumentDetail:
    others = parts.catalog.documents.locations(document, identity.principals)
    return DocumentDetail.for_caller(document, editable=editable, others=others)


def find_document(parts: Services, identity: Identity, document_id: str) -> Document:
    """Returns a document the caller may read.

    Raises:
        DocumentMissing: There is none, or it may not be read: nobody can tell which.
    """
    document = parts.catalog.documents.get(document_id, identity.principals)
    if document is None:
        raise DocumentMissing(value=document_id)
    return document


def find_changeable(parts: Services, identity: Identity, document_id: str) -> Document:
    """Returns a document the caller may change.

    Raises:
        DocumentMissing: The caller may not read it, or there is none.
        NotYours: The caller may read it and no more.
    """
    document = find_document(parts, identity, document_id)
    if not may_change(parts, identity, document):
        raise NotYours
    return document


def may_change(parts: Services, identity: Identity, document: Document) -> bool:
    """Returns whether the caller may change a document they can read."""
    if WRITE not in identity.scopes:
        return False
    if identity.is_admin:
        return True
    own = name_owner(document.external_id) == identity.user
    return own and parts.catalog.sources.get(document.source_id).kind == UPLOAD_KIND


def _passive_type(media_type: str) -> str:
    """Returns the media type, or plain octets for what a browser could run."""
    if not media_type or any(word in media_type for word in ACTIVE_TYPES):
        return OCTETS
    return media_type
