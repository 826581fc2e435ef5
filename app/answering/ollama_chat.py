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
from app.answering.relaying import Connection
from app.answering.served_chat import ServedChat
from app.answering.thinking import ThinkingFilter
from app.answering.wording import write_messages

_AMENDABLE = (Amendment("does not support thinking", "think"),)


class OllamaChat(ServedChat):
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
        options = options or ChatOptions()
        address = Address(host, name, key)
        poster = Poster(address, options, lambda: ModelMissing(model=name), _AMENDABLE)
        super().__init__(name, options, poster, OllamaServer(address, options))

    def count_tokens(self, text: str) -> int:
        """Returns a safely high estimate: Ollama offers no exact count."""
        return count_at_most(text)

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
