"""A chat model served by Ollama, over its HTTP API."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from langchain_core.messages import BaseMessage

from app.answering.amending import Amendment
from app.answering.chat_options import ChatOptions
from app.answering.counting import check_fits, check_read, count_at_most
from app.answering.errors import ModelMissing, ReplyCut, ReplyTooLong
from app.answering.model import ModelState
from app.answering.ollama_replies import read_line
from app.answering.ollama_state import OllamaServer
from app.answering.posting import Address, Poster
from app.answering.relaying import BEAT_S, Connection, relay
from app.answering.server_state import RememberedState
from app.answering.thinking import ThinkingFilter, leave_room
from app.answering.wording import write_messages

_AMENDABLE = (Amendment("does not support thinking", "think"),)


class OllamaChat:
    """The ``ChatModel`` port on an Ollama server. Safe to share between threads."""

    def __init__(
        self, host: str, name: str, options: ChatOptions | None = None, key: str = ""
    ) -> None:
        """Keeps the address; nothing is sent before the first use.

        Args:
            host: Base address, such as ``http://127.0.0.1:11434``.
            name: Model name as ``ollama list`` shows it; ``:latest`` may be left out.
            options: How to ask.
            key: For a server behind a proxy that wants one.
        """
        self._name = name
        self._options = options or ChatOptions()
        address = Address(host, name, key)
        self._poster = Poster(address, self._options, lambda: ModelMissing(model=name), _AMENDABLE)
        self._server = OllamaServer(address, self._options)
        self._state = RememberedState(self._describe)

    def close(self) -> None:
        """Closes the connections."""
        self._poster.close()
        self._server.close()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def window(self) -> int:
        """The smaller of the model's own window and the configured one, less what it may think.

        0 while that is unknown.
        """
        return self.state().window

    def count_tokens(self, text: str) -> int:
        """Returns a safely high estimate: Ollama offers no exact count."""
        return count_at_most(text)

    def state(self) -> ModelState:
        """Returns whether server and model are there, asked anew every few seconds."""
        return self._state.get()

    def _describe(self) -> ModelState:
        return leave_room(self._server.describe(), self._options.thinking_tokens)

    def stream(self, messages: Sequence[BaseMessage], *, max_tokens: int) -> Generator[str]:
        """Yields the reply piece by piece; see the port for the rules.

        Raises:
            ModelUnavailable: One of its children.
        """
        connection = Connection()

        def produce() -> Generator[str]:
            return self._produce(messages, max_tokens, connection)

        return relay(produce, connection.hang_up, BEAT_S)

    def _produce(
        self, messages: Sequence[BaseMessage], max_tokens: int, connection: Connection
    ) -> Generator[str]:
        state = self.state()
        window = state.window or self._options.window
        sent = [self.count_tokens(str(message.text)) for message in messages]
        check_fits(self._name, sum(sent) + max_tokens, window)
        thinking = ThinkingFilter(self._name)
        body = self._body(messages, max_tokens, replace(state, window=window))
        for raw in self._poster.read_lines("/api/chat", body, connection):
            line = read_line(raw, self._name)
            if visible := thinking.feed(line.content):
                yield visible
            if line.done:
                if rest := thinking.close():
                    yield rest
                check_read(self._name, messages, line.prompt_tokens)
                if line.done_reason == "length":
                    raise ReplyTooLong(model=self._name, reason="num_predict reached")
                return
        raise ReplyCut(model=self._name, reason="connection closed before the end")

    def _body(
        self, messages: Sequence[BaseMessage], max_tokens: int, state: ModelState
    ) -> dict[str, object]:
        return {
            "model": self._name,
            "messages": write_messages(messages),
            "stream": True,
            "think": state.thinking > 0,
            "truncate": False,
            "shift": False,
            "keep_alive": self._options.keep_alive,
            "options": {
                "num_ctx": state.window + state.thinking,
                "num_predict": max_tokens + state.thinking,
                "temperature": self._options.temperature,
                "top_p": self._options.top_p,
            },
        }
