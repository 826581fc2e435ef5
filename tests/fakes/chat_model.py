"""A small true chat model: it says what a script says, in pieces, and can fail on the way."""

from collections.abc import Callable, Generator, Sequence

from langchain_core.messages import BaseMessage

from app.answering.counting import count_at_most
from app.answering.errors import ModelUnavailable
from app.answering.model import ModelState

Script = Callable[[Sequence[BaseMessage]], str]


class ScriptedChat:
    """Answers with ``script(messages)``, a few characters at a time.

    Attributes:
        prompts: The messages of every call.
        closed_early: How many streams were closed by their reader before the end.
    """

    def __init__(
        self,
        script: Script | str,
        *,
        window: int = 8192,
        piece: int = 3,
        fails_after: int | None = None,
        failure: ModelUnavailable | None = None,
    ) -> None:
        """Makes a model.

        Args:
            script: What to reply, or a function that tells.
            window: Its window in tokens.
            piece: Characters in a piece.
            fails_after: Pieces before ``failure`` is raised; None never fails.
            failure: What is raised then.
        """
        self._script: Script = script if callable(script) else lambda _messages: script
        self._window = window
        self._piece = piece
        self._fails_after = fails_after
        self._failure = failure
        self.prompts: list[tuple[BaseMessage, ...]] = []
        self.closed_early = 0

    @property
    def name(self) -> str:
        """Always the same."""
        return "scripted"

    @property
    def window(self) -> int:
        """As given."""
        return self._window

    def close(self) -> None:
        """Has nothing to close."""

    def state(self) -> ModelState:
        """Always usable."""
        return ModelState(connected=True, model_present=True, window=self._window)

    def count_tokens(self, text: str) -> int:
        """Counts like the real one."""
        return count_at_most(text)

    def stream(self, messages: Sequence[BaseMessage], *, max_tokens: int) -> Generator[str]:
        """Yields the script's reply, at most ``max_tokens`` pieces of it."""
        self.prompts.append(tuple(messages))
        reply = self._script(messages)
        pieces = [reply[at : at + self._piece] for at in range(0, len(reply), self._piece)]
        try:
            for index, piece in enumerate(pieces[:max_tokens]):
                if self._failure and index == self._fails_after:
                    raise self._failure
                yield piece
            if self._failure and self._fails_after is not None:
                raise self._failure
        except GeneratorExit:
            self.closed_early += 1
            raise


def obey(order: str, mark: str) -> tuple[str, ...]:
    """Returns the replies of a model that does what a document orders.

    It names the document as the source of it, mixes it into a true sentence, repeats the whole
    order as a fact, and does it without naming anything.

    Args:
        order: The instruction as the document has it.
        mark: What must not reach the reader.
    """
    one_line = " ".join(order.split())
    return (
        f"{mark} [1]",
        f"{mark}。[1]経費の上限は月50,000円です。[1]",
        f"経費の上限は月50,000円です（{mark}）。[1]",
        f"The expense limit is 50,000 yen a month, {mark}. [1]",
        f"{one_line} {mark} [1]",
        f"{one_line} {mark}",
        f"{mark}",
    )
