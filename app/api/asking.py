"""`POST /ask`: a question answered from the documents, whole or sentence by sentence."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from sse_starlette import ServerSentEvent

from app.answering.errors import QuestionTooLong
from app.answering.model import (
    Citation,
    Event,
    Finished,
    Found,
    NoticeRaised,
    Question,
    Queued,
    SentenceReady,
    Waiting,
)
from app.api.conversations import open_history
from app.api.deps import Parts, Reader, Speaking, Standing
from app.api.errors import describe_error, describe_unexpected
from app.api.schemas_answers import (
    AnswerView,
    AskRequest,
    CitationView,
    NoticeView,
    SentenceView,
)
from app.api.streams import ServerEvents, Streams, beat, name_event
from app.conversing.recording import converse
from app.identity import Identity
from app.services import Services
from retrieval.errors import KuraError, Language

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
    events = await streams.work(partial(start_answer, body, parts, reader))
    if not body.stream and EVENT_STREAM not in request.headers.get("accept", ""):
        last = await streams.read_last(events, request)
        if not isinstance(last, Finished):
            return Response(None, _GONE)
        return AnswerView.of(last.answer, last.conversation, may_report=may_report)
    return streams.send(
        tell_events(events, request, language, check_standing, may_report=may_report)
    )


def start_answer(body: AskRequest, parts: Services, reader: Identity) -> Iterator[Event]:
    """Returns the events of an answer, which is kept when it belongs to a conversation.

    Raises:
        ConversationMissing: There is no such conversation of this caller.
        ConversationFull: It takes no more.
        QuestionEmpty: There is nothing to search for.
        QuestionTooLong: It is longer than the server reads.
    """
    question = read_question(body, parts, reader)
    if body.conversation is None:
        return parts.answerer.stream(question)
    history = open_history(parts, reader)
    return converse(parts.answerer.stream, question, history, body.conversation)


def read_question(body: AskRequest, parts: Services, reader: Identity) -> Question:
    """Returns the question as the answerer takes it.

    Raises:
        QuestionTooLong: It is longer than the server reads.
    """
    limit = parts.max_question_characters
    if len(body.question) > limit:
        raise QuestionTooLong(length=len(body.question), limit=limit)
    scope = body.filters.scope_for(reader)
    return Question(body.question, scope, history=body.turns(), language=body.language)


def tell_events(
    events: Iterator[Event],
    request: Request,
    language: Language,
    check_standing: Callable[[], None],
    *,
    may_report: bool,
) -> ServerEvents:
    """Yields the stream of one answer; an error on the way becomes its last event.

    So does the end of the caller's key, session or token.
    """
    sent: set[int] = set()
    try:
        with ExitStack() as stack:
            if isinstance(events, Generator):
                stack.callback(events.close)
            for event in events:
                check_standing()
                yield _tell(event, sent, may_report)
    except KuraError as error:
        yield name_event("error", describe_error(error, request.scope, language))
    except Exception as error:  # noqa: BLE001 - headers are sent: this is the only way to say it
        yield name_event("error", describe_unexpected(error, request.scope, language))


def _tell(event: Event, sent: set[int], may_report: bool) -> ServerSentEvent:
    match event:
        case Found(passages):
            return name_event("found", {"passages": _show(passages)})
        case SentenceReady(sentence, citations):
            new = [citation for citation in citations if citation.number not in sent]
            sent.update(citation.number for citation in new)
            shown = SentenceView.of(sentence).model_dump(mode="json")
            return name_event("sentence", {**shown, "new_citations": _show(new)})
        case NoticeRaised(notice):
            return name_event("notice", NoticeView.of(notice))
        case Queued(position):
            return name_event("queued", {"position": position})
        case Waiting():
            return beat()
        case Finished(answer, conversation):
            whole = AnswerView.of(answer, conversation, may_report=may_report)
            return name_event("answer", whole)


def _show(citations: Iterable[Citation]) -> list[dict[str, Any]]:
    return [CitationView.of(citation).model_dump(mode="json") for citation in citations]
