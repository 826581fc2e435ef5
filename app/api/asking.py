"""`POST /ask`: a question answered from the documents, whole or sentence by sentence."""

from collections.abc import Callable, Iterator
from functools import partial

from fastapi import APIRouter, Request, Response
from sse_starlette import ServerSentEvent

from app.answering.errors import check_length
from app.answering.model import (
    Event,
    Finished,
    Found,
    Question,
    SentenceReady,
)
from app.api.conversations import open_history
from app.api.deps import Parts, Reader, Speaking, Standing
from app.api.schemas_answers import (
    AnswerView,
    AskRequest,
)
from app.api.streams import ServerEvents, Streams, name_event
from app.api.telling import show_citations, tell_each, tell_writing
from app.conversing.recording import converse
from app.identity import Identity
from app.services import Services
from retrieval.errors import Language

router = APIRouter(tags=["questions"])

EVENT_STREAM = "text/event-stream"
_GONE = 499  # nobody reads it: the caller has closed the connection
STREAM_EXAMPLE = (
    'event: found\ndata: {"passages":[{"number":1,"title":"就業規則", ...}]}\n\n'
    'event: queued\ndata: {"position":2}\n\n'
    'event: sentence\ndata: {"text":"10日です。","citations":[1],"starts_line":false,'
    '"verdict":"supported","new_citations":[...]}\n\n'
    'event: notice\ndata: {"code":"...","message":"..."}\n\n'
    'event: answer\ndata: {"id":"...","kind":"generated", ...}\n\n'
)


@router.post(
    "/ask",
    response_model=AnswerView,
    summary="Ask a question / 質問する",
    description=(
        "Answers from the documents the caller may read, with citations down to characters. "
        "With `stream: true` or `Accept: text/event-stream` the answer comes as events: `found`, "
        "`queued` (while others are before it at the model), `sentence` (once for each checked "
        "sentence), `notice`, `answer` (the whole), and `error` (a problem) when it fails on the "
        "way. Closing the connection stops the model. / "
        "読める文書だけから、出典付きで答えます。`stream: true` で一文ずつ届きます。"
    ),
    responses={
        200: {
            "description": "The whole answer, or a stream of events.",
            "content": {EVENT_STREAM: {"example": STREAM_EXAMPLE}},
        }
    },
)
async def ask(
    body: AskRequest,
    request: Request,
    parts: Parts,
    reader: Reader,
    language: Speaking,
    check_standing: Standing,
) -> Response | AnswerView:
    """Answers a question."""
    may_report = reader.acting_as is None
    streams: Streams = request.app.state.streams
    # Started here, so that a question that cannot be asked is still refused with a status.
    events = await streams.work(partial(start_answer, body, parts, reader, language))
    if not body.stream and EVENT_STREAM not in request.headers.get("accept", ""):
        last = await streams.read_last(events, request)
        if not isinstance(last, Finished):
            return Response(None, _GONE)
        return AnswerView.of(last.answer, last.conversation, may_report=may_report)
    return streams.send(
        tell_events(events, request, language, check_standing, may_report=may_report)
    )


def start_answer(
    body: AskRequest, parts: Services, reader: Identity, language: Language
) -> Iterator[Event]:
    """Returns the events of an answer, which is kept when it belongs to a conversation.

    Raises:
        ConversationMissing: There is no such conversation of this caller.
        ConversationFull: It takes no more.
        QuestionEmpty: There is nothing to search for.
        QuestionTooLong: It is longer than the server reads.
    """
    check_length(body.question)
    scope = body.filters.scope_for(reader)
    question = Question(body.question, scope, body.turns(), body.language, language)
    if body.conversation is None:
        return parts.answerer.stream(question)
    history = open_history(parts, reader)
    return converse(parts.answerer.stream, question, history, body.conversation)


def tell_events(
    events: Iterator[Event],
    request: Request,
    language: Language,
    check_standing: Callable[[], None],
    *,
    may_report: bool,
) -> ServerEvents:
    """Returns the stream of one answer."""
    tell = partial(_tell, sent=set(), may_report=may_report)
    return tell_each(events, tell, request, language, check_standing)


def _tell(event: Event, sent: set[int], may_report: bool) -> ServerSentEvent:
    match event:
        case Found(passages):
            return name_event("found", {"passages": show_citations(passages)})
        case SentenceReady(sentence, citations):
            new = tuple(citation for citation in citations if citation.number not in sent)
            sent.update(citation.number for citation in new)
            return tell_writing(SentenceReady(sentence, new))
        case Finished(answer, conversation):
            whole = AnswerView.of(answer, conversation, may_report=may_report)
            return name_event("answer", whole)
        case _:
            return tell_writing(event)
