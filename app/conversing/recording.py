"""Watching an answer come to be, and keeping it once it is whole.

What is stopped, cut or fails is not kept at all, nor is its question. A conversation that was
deleted while its answer was being written stays deleted. That something cannot be kept never
costs the reader the answer.
"""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.answering.model import Event, Finished, Found
from app.conversing.history import Asked, History
from retrieval.errors import KuraError

NEW = "new"
"""What is said in place of an id to begin a conversation."""

UNKNOWN = "unknown"
"""In place of the ids of documents that nobody can tell; it is the id of none."""

logger = logging.getLogger(__name__)


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
    conversation: str | None
    begun: bool = False
    written: bool = False

    def open(self) -> None:
        """Makes the conversation when it is to be a new one."""
        if self.conversation != NEW:
            return
        self.conversation = None
        try:
            self.conversation = self.history.begin(self.asked.question)
        except KuraError as error:
            logger.warning("this conversation cannot be kept: %s", error)
        self.begun = self.conversation is not None

    def write(self, finished: Finished, read: list[str]) -> str | None:
        """Keeps the answer; returns in which conversation, ``None`` when in none."""
        if self.conversation is None:
            return None
        try:
            self.written = self.history.add(self.conversation, self.asked, finished.answer, read)
        except KuraError as error:
            logger.warning("an answer cannot be kept: %s", error)
        return self.conversation if self.written else None

    def close(self) -> None:
        """Leaves no empty conversation behind."""
        if self.begun and not self.written and self.conversation is not None:
            with suppress(KuraError):  # it is in no list and goes when its time is over
                self.history.drop_empty(self.conversation)
