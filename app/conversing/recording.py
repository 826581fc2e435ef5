"""Watching an answer come to be, and keeping it once it is whole.

What is stopped, cut or fails is not kept at all, nor is its question. A conversation that was
deleted while its answer was being written stays deleted. That something cannot be kept never
costs the reader the answer.
"""

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.answering.model import Event, Finished, Found, Question
from app.conversing.history import Asked, History
from retrieval.errors import KuraError

NEW = "new"
"""What is said in place of an id to begin a conversation."""

UNKNOWN = "unknown"
"""In place of the ids of documents that nobody can tell; it is the id of none."""

PATIENCE_S = 1.0
"""How long an answer waits for its conversation to be begun while the catalog is locked."""

logger = logging.getLogger(__name__)


def converse(
    answer: Callable[[Question], Iterator[Event]],
    question: Question,
    history: History,
    conversation: str,
) -> Generator[Event]:
    """Returns the events of an answer in a conversation, which it is kept in.

    Args:
        answer: Starts an answer.
        question: What is asked; turns that it brings along stand in for the kept ones.
        history: Whose conversations these are.
        conversation: Id of the one it belongs to, or ``NEW``.

    Raises:
        ConversationMissing: There is no such conversation of this reader.
        ConversationFull: It takes no more.
        QuestionEmpty: There is nothing to search for.
        QuestionTooLong: It is longer than is read.
    """
    sources: tuple[str, ...] = (UNKNOWN,) if question.history else ()
    if conversation != NEW:
        history.check_place(conversation)
        sources += history.sources(conversation)
        earlier = question.history or history.look_back(conversation)
        question = replace(question, history=earlier)
    return record(answer(question), history, conversation, question.text, sources)


def record(
    events: Iterator[Event],
    history: History,
    conversation: str,
    question: str,
    sources: Sequence[str] = (),
) -> Generator[Event]:
    """Yields the events of an answer; the last one tells in which conversation it was kept.

    Args:
        events: The answer as it comes to be.
        history: Whose conversations these are.
        conversation: Id of the one it belongs to, or ``NEW``.
        question: What was asked.
        sources: Ids of the documents that its history may speak of: the answer may, too.
    """
    asked = Asked(question, datetime.now(UTC))
    page = _Page(history, asked, conversation)
    page.open()
    read = list(sources)
    with ExitStack() as stack:
        stack.callback(page.close)
        if isinstance(events, Generator):
            stack.callback(events.close)
        for event in events:
            if isinstance(event, Found):
                read += [passage.document_id for passage in event.passages]
            if isinstance(event, Finished):
                yield replace(event, conversation=page.write(event, read))
            else:
                yield event


@dataclass
class _Page:
    """Where an answer goes when it is whole."""

    history: History
    asked: Asked
    conversation: str
    begun: Future[str | None] | None = None
    written: bool = False

    def open(self) -> None:
        """Makes the conversation when it is to be a new one.

        It is to be there before the first word is shown, so that whoever then deletes all deletes
        this one, too. But while another program locks the catalog, the answer goes ahead.
        """
        if self.conversation == NEW:
            thread = ThreadPoolExecutor(1)
            self.begun = thread.submit(self._begin)
            thread.shutdown(wait=False)
            wait([self.begun], PATIENCE_S)

    def write(self, finished: Finished, read: list[str]) -> str | None:
        """Keeps the answer; returns in which conversation, ``None`` when in none."""
        place = self.begun.result() if self.begun is not None else self.conversation
        if place is None:
            return None
        try:
            self.written = self.history.add(place, self.asked, finished.answer, read)
        except KuraError as error:
            logger.warning("an answer cannot be kept: %s", error)
        return place if self.written else None

    def close(self) -> None:
        """Leaves no empty conversation behind, also where it is only begun later."""
        if self.begun is not None and not self.written:
            self.begun.add_done_callback(self._drop)

    def _begin(self) -> str | None:
        try:
            return self.history.begin(self.asked.question)
        except KuraError as error:
            logger.warning("this conversation cannot be kept: %s", error)
            return None

    def _drop(self, begun: Future[str | None]) -> None:
        place = begun.result()
        if place is not None:
            with suppress(KuraError):  # it is in no list and goes when its time is over
                self.history.drop_empty(place)
