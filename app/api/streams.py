"""Server-sent events from a synchronous generator, which ends when the reader goes away."""

import json
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import CancelScope, CapacityLimiter, sleep, to_thread
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

Made = TypeVar("Made")

MOST_STREAMS = 200
"""Streams that may work at the same time; each needs a thread only while its next event is made."""


@dataclass(frozen=True, slots=True)
class Pause:
    """What a generator yields to be asked again later; it holds no thread meanwhile."""

    seconds: float


ServerEvents = Generator[ServerSentEvent | Pause, None, None]


def name_event(name: str, data: BaseModel | dict[str, Any]) -> ServerSentEvent:
    """Returns an event with a name and one line of JSON."""
    if isinstance(data, BaseModel):
        data = data.model_dump(mode="json", exclude_none=False)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data=text, event=name, sep="\n")


class Streams:
    """Sends generators as streams, and does other slow work, in a pool of threads of its own.

    The pool that handlers share stays free for what is answered at once.
    """

    def __init__(self, heartbeat_s: float) -> None:
        """Prepares; the pool belongs to the event loop that first uses it."""
        self._heartbeat_s = heartbeat_s
        self._limiter: CapacityLimiter | None = None

    def send(self, events: ServerEvents) -> EventSourceResponse:
        """Returns the answer that sends these events, with a comment while there are none."""
        return EventSourceResponse(
            self._follow(events),
            ping=self._heartbeat_s,
            ping_message_factory=beat,
            sep="\n",
        )

    async def work(self, make: Callable[[], Made]) -> Made:
        """Returns what a slow call returns."""
        return await to_thread.run_sync(make, limiter=self._pool())

    async def read_last(self, items: Iterator[Made], request: Request) -> Made | None:
        """Returns the last thing a generator yields, None when the caller has gone meanwhile.

        Whether the caller still waits is looked at after each thing; the generator is closed.
        """
        pool, last = self._pool(), None
        try:
            while (item := await to_thread.run_sync(_next, items, limiter=pool)) is not None:
                last = item
                if await request.is_disconnected():
                    return None
        finally:
            if isinstance(items, Generator):
                with CancelScope(shield=True):
                    await to_thread.run_sync(items.close, limiter=pool)
        return last

    def _pool(self) -> CapacityLimiter:
        if self._limiter is None:
            self._limiter = CapacityLimiter(MOST_STREAMS)
        return self._limiter

    async def _follow(self, events: ServerEvents) -> AsyncIterator[ServerSentEvent]:
        """Yields the events and closes the generator, also when the reader has gone.

        A generator cannot be closed while it runs, so closing waits for the event in the making;
        both happen in threads, and a cancelled ``run_sync`` waits for its thread.
        """
        pool = self._pool()
        try:
            while (event := await to_thread.run_sync(_next, events, limiter=pool)) is not None:
                if isinstance(event, Pause):
                    await sleep(event.seconds)
                else:
                    yield event
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(events.close, limiter=pool)


def _next(items: Iterator[Made]) -> Made | None:
    return next(items, None)


def beat() -> ServerSentEvent:
    """Returns a comment: it keeps the connection open and says nothing."""
    return ServerSentEvent(comment="still here", sep="\n")
