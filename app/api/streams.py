"""Server-sent events from a synchronous generator, which ends when the reader goes away."""

import json
from collections.abc import AsyncIterator, Generator
from typing import Any

from anyio import CancelScope, CapacityLimiter, to_thread
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

ServerEvents = Generator[ServerSentEvent, None, None]

MOST_STREAMS = 200
"""Streams that may work at the same time; each needs a thread only while its next event is made."""


def name_event(name: str, data: BaseModel | dict[str, Any]) -> ServerSentEvent:
    """Returns an event with a name and one line of JSON."""
    if isinstance(data, BaseModel):
        data = data.model_dump(mode="json", exclude_none=False)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data=text, event=name, sep="\n")


class Streams:
    """Sends generators as streams; threads are taken from a pool of their own."""

    def __init__(self, heartbeat_s: float) -> None:
        """Prepares; the pool belongs to the event loop that first uses it."""
        self._heartbeat_s = heartbeat_s
        self._limiter: CapacityLimiter | None = None

    def send(self, events: ServerEvents) -> EventSourceResponse:
        """Returns the answer that sends these events, with a comment while there are none."""
        return EventSourceResponse(
            self._follow(events),
            ping=self._heartbeat_s,
            ping_message_factory=_beat,
            sep="\n",
        )

    async def _follow(self, events: ServerEvents) -> AsyncIterator[ServerSentEvent]:
        """Yields the events and closes the generator, also when the reader has gone.

        A generator cannot be closed while it runs, so closing waits for the event in the making;
        both happen in threads, and a cancelled ``run_sync`` waits for its thread.
        """
        if self._limiter is None:
            self._limiter = CapacityLimiter(MOST_STREAMS)
        try:
            while (
                event := await to_thread.run_sync(_next, events, limiter=self._limiter)
            ) is not None:
                yield event
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(events.close, limiter=self._limiter)


def _next(events: ServerEvents) -> ServerSentEvent | None:
    return next(events, None)


def _beat() -> ServerSentEvent:
    return ServerSentEvent(comment="still here", sep="\n")
