"""What happens while an answer or a task is made, as the events of a stream."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import ServerSentEvent

from app.answering.model import Citation, NoticeRaised, Queued, SentenceReady
from app.api.errors import describe_error, describe_unexpected
from app.api.schemas_answers import CitationView, NoticeView, SentenceView
from app.api.streams import ServerEvents, beat, name_event
from retrieval.errors import KuraError, Language

Step = TypeVar("Step")


def tell_each(
    events: Iterator[Step],
    tell: Callable[[Step], ServerSentEvent],
    request: Request,
    language: Language,
    check_standing: Callable[[], None],
) -> ServerEvents:
    """Yields each event as it is told; an error on the way becomes the last one.

    So does the end of the caller's key, session or token.
    """
    try:
        with ExitStack() as stack:
            if isinstance(events, Generator):
                stack.callback(events.close)
            for event in events:
                check_standing()
                yield tell(event)
    except KuraError as error:
        yield name_event("error", describe_error(error, request.scope, language))
    except Exception as error:  # noqa: BLE001 - headers are sent: this is the only way to say it
        yield name_event("error", describe_unexpected(error, request.scope, language))


def tell_writing(event: object) -> ServerSentEvent:
    """Returns what answers and tasks tell alike; a comment for what has nothing to tell."""
    match event:
        case SentenceReady(sentence, citations):
            shown = SentenceView.of(sentence).model_dump(mode="json")
            return name_event("sentence", {**shown, "new_citations": show_citations(citations)})
        case NoticeRaised(notice):
            return name_event("notice", NoticeView.of(notice))
        case Queued(position):
            return name_event("queued", {"position": position})
        case _:
            return beat()


def show_citations(citations: Iterable[Citation]) -> list[dict[str, Any]]:
    """Returns citations as they are sent."""
    return [CitationView.of(citation).model_dump(mode="json") for citation in citations]
