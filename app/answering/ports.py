"""What answering needs from outside, each as small as its use."""

from collections.abc import Generator, Sequence
from typing import Protocol

from langchain_core.messages import BaseMessage

from app.answering.model import ModelState
from retrieval.model import Scope, SearchResult


class PassageSearch(Protocol):
    """Finds the passages a caller may read."""

    def search(self, query: str, scope: Scope, count: int = 10) -> SearchResult:
        """Returns at most ``count`` passages, best first."""
        ...


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
