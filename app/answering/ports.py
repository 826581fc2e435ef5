"""What answering needs from outside, each as small as its use."""

from collections.abc import Generator, Sequence
from typing import Protocol, Self

from langchain_core.messages import BaseMessage

from app.answering.model import ModelState
from retrieval.model import Passage, Scope, SearchResult


class PassageSearch(Protocol):
    """Finds the passages a caller may read."""

    def search(self, query: str, scope: Scope, count: int = 10) -> SearchResult:
        """Returns at most ``count`` passages, best first."""
        ...

    def neighbours(self, passage: Passage, scope: Scope) -> tuple[Passage, ...]:
        """Returns what stands directly before and after a passage in its own section."""
        ...


class InLine(str):
    """An empty piece which says why the model is silent: others are before this question.

    Attributes:
        position: 1 is next; 0 says that its turn has come.
    """

    __slots__ = ("position",)
    position: int

    def __new__(cls, position: int) -> Self:
        """Makes an empty piece."""
        piece = super().__new__(cls, "")
        piece.position = position
        return piece


class ChatModel(Protocol):
    """Writes text from messages. ``tests/contract/test_chat_model.py`` holds all to this."""

    @property
    def name(self) -> str:
        """The model's name as its server knows it."""
        ...

    @property
    def window(self) -> int:
        """Tokens that prompt and reply may take together; 0 while the server is unknown."""
        ...

    def state(self) -> ModelState:
        """Returns whether it can be used; remembered for a few seconds, never raises."""
        ...

    def count_tokens(self, text: str) -> int:
        """Returns how many tokens the text takes at most; may be high, is never low."""
        ...

    def stream(self, messages: Sequence[BaseMessage], *, max_tokens: int) -> Generator[str]:
        """Yields the reply's text as it comes, without any thinking.

        What cannot fit the window is refused before anything is sent.

        An empty piece says that the model is still silent; it comes about once a second, so that
        the reader can turn away also before the first word.

        Closing the generator ends the request at the server. When it ends by itself the reply
        was complete.

        Args:
            messages: The prompt.
            max_tokens: Most tokens the reply may take.

        Raises:
            ModelUnavailable: One of its children, before the first piece or after any.
        """
        ...
