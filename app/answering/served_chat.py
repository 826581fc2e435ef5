"""What every chat model behind a server has: a state that is remembered, and a stream that ends."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence

from langchain_core.messages import BaseMessage

from app.answering.chat_options import ChatOptions
from app.answering.model import ModelState
from app.answering.ollama_state import OllamaServer
from app.answering.openai_state import OpenAIServer
from app.answering.posting import Poster
from app.answering.relaying import BEAT_S, Connection, relay
from app.answering.server_state import RememberedState
from app.answering.thinking import leave_room


class ServedChat(ABC):
    """The part of the ``ChatModel`` port that no protocol changes."""

    def __init__(
        self, name: str, options: ChatOptions, poster: Poster, server: OllamaServer | OpenAIServer
    ) -> None:
        """Keeps the parts; nothing is sent before the first use."""
        self._name = name
        self._options = options
        self._poster = poster
        self._described = server
        self._state = RememberedState(self._describe)

    def close(self) -> None:
        """Closes the connections."""
        self._poster.close()
        self._described.close()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def window(self) -> int:
        """The smaller of the model's window and the configured one, less what it may think.

        0 while that is unknown.
        """
        return self.state().window

    def state(self) -> ModelState:
        """Returns whether server and model are there, asked anew every few seconds."""
        return self._state.get()

    def stream(self, messages: Sequence[BaseMessage], *, max_tokens: int) -> Generator[str]:
        """Yields the reply piece by piece; see the port for the rules.

        Raises:
            ModelUnavailable: One of its children.
        """
        connection = Connection()

        def produce() -> Generator[str]:
            return self._produce(messages, max_tokens, connection)

        return relay(produce, connection.hang_up, BEAT_S)

    @abstractmethod
    def _produce(
        self, messages: Sequence[BaseMessage], max_tokens: int, connection: Connection
    ) -> Generator[str]:
        """Asks the server and yields what it writes for the reader."""

    def _describe(self) -> ModelState:
        return leave_room(self._described.describe(), self._options.thinking_tokens)
