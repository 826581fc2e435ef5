"""One chat model for many askers: a queue in front of it, and a rest when it keeps failing."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from langchain_core.messages import BaseMessage

from app.answering.errors import (
    CloudRefused,
    ModelResting,
    ModelUnavailable,
    ModelUnreachable,
    PromptTooLong,
    PromptTruncated,
    QueueSlow,
    ReplyTooLong,
)
from app.answering.model import Bilingual, ModelState
from app.answering.ports import ChatModel, InLine
from app.answering.queueing import Line, Ticket
from app.answering.relaying import BEAT_S
from app.answering.tripping import Breaker
from retrieval.model import Principals

_SOUND = (PromptTruncated, ReplyTooLong)  # the server did its work
# It was not asked at all; a server that is gone is noticed, and noticed again, by its state.
_NOT_ASKED = (PromptTooLong, CloudRefused, ModelUnreachable)


class ClosableChat(ChatModel, Protocol):
    """A chat model that holds connections."""

    def close(self) -> None:
        """Closes them."""
        ...


def ask_for(model: ChatModel | None, principals: Principals) -> ChatModel | None:
    """Returns the model as one person asks it; whoever has no name shares one turn at it."""
    if not isinstance(model, SharedChat):
        return model
    names = sorted(each for each in principals if each.startswith("user:"))
    return model.on_behalf_of(" ".join(names))


class SharedChat:
    """The ``ChatModel`` port on another one, which all askers share."""

    def __init__(self, model: ClosableChat, line: Line, breaker: Breaker, asker: str = "") -> None:
        """Keeps the parts.

        Args:
            model: The model itself.
            line: Who waits for it.
            breaker: Whether it is well.
            asker: On whose behalf it is asked, for the turns in the queue.
        """
        self._model = model
        self._line = line
        self._breaker = breaker
        self._asker = asker

    def on_behalf_of(self, asker: str) -> "SharedChat":
        """Returns the same model with the same queue, asked by somebody."""
        return SharedChat(self._model, self._line, self._breaker, asker)

    def close(self) -> None:
        """Closes the model's connections."""
        self._model.close()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def window(self) -> int:
        """The model's window."""
        return self._model.window

    def count_tokens(self, text: str) -> int:
        """Counts as the model does."""
        return self._model.count_tokens(text)

    def rest(self) -> int:
        """Returns in how many seconds it is asked again after it kept failing; asks nobody."""
        return self._breaker.rest()

    def state(self) -> ModelState:
        """Returns the model's state, how many wait for it and whether it is left alone."""
        state = replace(self._model.state(), waiting=self._line.waiting)
        rest = self._breaker.rest()
        if not state.usable or not rest:
            return state
        error = ModelResting(model=self.name, seconds=rest)
        remedy = Bilingual(ja=error.message("ja"), en=error.message("en"))
        return replace(state, resting_s=rest, reason_code=error.code, remedy=remedy)

    def stream(self, messages: Sequence[BaseMessage], *, max_tokens: int) -> Generator[str]:
        """Yields where the question stands in line while it does, then the model's reply.

        Raises:
            QueueFull: There is no place in the queue.
            QueueSlow: Its turn did not come in time.
            ModelResting: The model has failed repeatedly.
            ModelUnavailable: One of its children.
        """
        ticket = self._line.join(self._asker)
        try:
            yield from self._stand(ticket)
            yield from self._ask(messages, max_tokens)
        finally:
            self._line.leave(ticket)

    def _stand(self, ticket: Ticket) -> Generator[str]:
        if ticket.called.is_set():
            return
        until = time.monotonic() + self._line.patience_s
        while True:
            yield InLine(self._line.position(ticket))
            if ticket.called.wait(min(BEAT_S, max(0.0, until - time.monotonic()))):
                yield InLine(0)
                return
            if time.monotonic() >= until:
                raise QueueSlow(seconds=round(self._line.patience_s))

    def _ask(self, messages: Sequence[BaseMessage], max_tokens: int) -> Generator[str]:
        if not self._breaker.enter():
            raise ModelResting(model=self.name, seconds=self._breaker.rest())
        # Whoever stops reading before the first word has learnt nothing of the model.
        conclude = self._breaker.withdraw
        try:
            with closing(self._model.stream(messages, max_tokens=max_tokens)) as stream:
                for piece in stream:
                    if piece:
                        conclude = self._breaker.succeed
                    yield piece
            conclude = self._breaker.succeed
        except ModelUnavailable as error:
            conclude = self._judge(error)
            raise
        finally:
            conclude()

    def _judge(self, error: ModelUnavailable) -> Callable[[], None]:
        """Returns what a failure tells the breaker."""
        if isinstance(error, _SOUND):
            return self._breaker.succeed
        return self._breaker.withdraw if isinstance(error, _NOT_ASKED) else self._breaker.fail
