"""`/tasks`: summaries, comparisons and drafts, whole or as they come to be; and `/forms`."""

from collections.abc import Callable, Generator
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sse_starlette import ServerSentEvent

from app.api.deps import Parts, Reader, Speaking, Standing
from app.api.schemas_forms import FormList, FormView
from app.api.schemas_orders import ComparisonRequest, DraftRequest, SummaryRequest
from app.api.schemas_tasks import (
    ComparisonView,
    DraftView,
    EditionView,
    FieldView,
    SummaryView,
    TaskView,
    show_result,
)
from app.api.streams import Streams, name_event
from app.api.telling import show_citations, tell_each, tell_writing
from app.identity import ADMIN
from app.tasking.errors import FormHasNoFile
from app.tasking.forms import Form
from app.tasking.model import (
    ComparisonOrder,
    Done,
    Draft,
    DraftOrder,
    FieldReady,
    Progress,
    SectionBegun,
    SummaryOrder,
    TaskEvent,
)
from app.tasking.rendering import write_word
from retrieval.editions import effective_date
from retrieval.errors import Language

router = APIRouter(tags=["tasks"])

EVENT_STREAM = "text/event-stream"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_GONE = 499  # nobody reads it: the caller has closed the connection
_STREAMED = (
    " With `stream: true` or `Accept: text/event-stream` it comes as events; closing the "
    "connection stops the work. / `stream: true` で順に届きます。"
)
Begin = Callable[[], Generator[TaskEvent]]


@router.post(
    "/tasks/summary",
    response_model=SummaryView,
    summary="Summarise a document or a mail thread / 要約する",
    description=(
        "Every sentence is cited. Without a chat model they are the document's own most telling "
        "sentences by section. / 出典付きで要約します。言語モデルがなければ、節ごとの重要な文を"
        "そのまま示します。" + _STREAMED
    ),
)
async def summarise(
    body: SummaryRequest,
    request: Request,
    parts: Parts,
    reader: Reader,
    language: Speaking,
    check_standing: Standing,
) -> Response | TaskView:
    """Summarises."""
    order = SummaryOrder(
        document_id=body.document,
        principals=reader.principals,
        language=body.language or language,
        thread=body.thread,
        most=body.sentences,
    )
    begin = partial(parts.tasks.summarise, order)
    return await _work(begin, request, body.stream, language, check_standing)


@router.post(
    "/tasks/comparison",
    response_model=ComparisonView,
    summary="Compare two documents / 2 つの文書を比べる",
    description=(
        "Sentences and table rows that were added, removed, changed or moved, changed figures "
        "and dates first, each with its place in both. / 追加・削除・変更・移動を、数値と日付の"
        "変更を先に、両方の位置とともに返します。" + _STREAMED
    ),
)
async def compare(
    body: ComparisonRequest,
    request: Request,
    parts: Parts,
    reader: Reader,
    language: Speaking,
    check_standing: Standing,
) -> Response | TaskView:
    """Compares."""
    spoken = body.language or language
    order = ComparisonOrder(body.before, body.after, reader.principals, spoken)
    begin = partial(parts.tasks.compare, order)
    return await _work(begin, request, body.stream, language, check_standing)


@router.post(
    "/tasks/draft",
    response_model=DraftView,
    summary="Draft in a company form / 書式で下書きを作る",
    description=(
        "Each field is a question asked of the documents and carries its source; without evidence "
        "it stays empty. Of a form with `word`, `Accept` with the media type of DOCX gives the "
        "company's own document filled in. / 項目ごとに文書に尋ね、出典を付けます。根拠がなければ"
        "空欄です。Word の書式は、記入済みの DOCX でも受け取れます。" + _STREAMED
    ),
    responses={200: {"content": {WORD: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def draft(
    body: DraftRequest,
    request: Request,
    parts: Parts,
    reader: Reader,
    language: Speaking,
    check_standing: Standing,
) -> Response | TaskView:
    """Drafts."""
    order = DraftOrder(
        form=body.form,
        principals=reader.principals,
        language=body.language or language,
        about=body.about,
        document_ids=frozenset(body.documents),
        values=body.values,
    )
    begin = partial(parts.tasks.draft, order)
    if WORD in request.headers.get("accept", ""):
        streams: Streams = request.app.state.streams
        form = await streams.work(partial(parts.tasks.shelf.get, body.form))
        return await _send_word(begin, form, request)
    return await _work(begin, request, body.stream, language, check_standing)


async def _send_word(begin: Begin, form: Form, request: Request) -> Response:
    if form.word is None:  # said before the work, not after it
        raise FormHasNoFile(value=form.id)
    streams: Streams = request.app.state.streams
    last = await streams.read_last(await streams.work(begin), request)
    if not isinstance(last, Done) or not isinstance(last.result, Draft):
        return Response(None, _GONE)
    content = await streams.work(partial(write_word, form, last.result))
    attached = f"attachment; filename*=UTF-8''{quote(form.word.name, safe='')}"
    return Response(content, media_type=WORD, headers={"Content-Disposition": attached})


@router.get(
    "/forms",
    summary="List forms / 書式の一覧",
    description="The forms a draft can be made in. / 下書きに使える書式です。",
)
def list_forms(parts: Parts, reader: Reader, language: Speaking) -> FormList:
    """Lists forms."""
    good, bad = parts.tasks.shelf.list()
    wrong = [error.message(language) for error in bad] if ADMIN in reader.scopes else []
    return FormList(forms=[FormView.of(form) for form in good], wrong=wrong)


@router.get(
    "/documents/{document_id}/editions",
    summary="List other editions of a document / ほかの版の一覧",
    description=(
        "Readable documents of the same title but for its year or version, the newest first. / "
        "年や版だけが題名の異なる、読める文書です。"
    ),
)
def list_editions(document_id: str, parts: Parts, reader: Reader) -> list[EditionView]:
    """Lists editions."""
    finder = parts.tasks.finder
    own = str(effective_date(finder.get(document_id, reader.principals)) or "")
    found = finder.editions(document_id, reader.principals)
    dated = [(each, str(effective_date(each) or "")) for each in found]
    return [
        EditionView(id=each.id, title=each.metadata.title, date=day, older=day < own)
        for each, day in dated
    ]


async def _work(
    begin: Begin,
    request: Request,
    stream: bool,
    language: Language,
    check_standing: Callable[[], None],
) -> Response | TaskView:
    streams: Streams = request.app.state.streams
    # Begun here, so that a task that cannot be done is still refused with a status.
    events = await streams.work(begin)
    if not stream and EVENT_STREAM not in request.headers.get("accept", ""):
        last = await streams.read_last(events, request)
        return show_result(last.result) if isinstance(last, Done) else Response(None, _GONE)
    return streams.send(tell_each(events, _tell, request, language, check_standing))


def _tell(event: TaskEvent) -> ServerSentEvent:
    match event:
        case Progress(done, total):
            return name_event("progress", {"done": done, "total": total})
        case SectionBegun(document_id, heading):
            return name_event("section", {"document_id": document_id, "heading": list(heading)})
        case FieldReady(filled, citations):
            shown = FieldView.of(filled).model_dump(mode="json")
            return name_event("field", {**shown, "new_citations": show_citations(citations)})
        case Done(result):
            return name_event("result", show_result(result))
        case _:
            return tell_writing(event)
