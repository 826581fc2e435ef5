"""A chat model behind an OpenAI-compatible server: llama.cpp, LM Studio, vLLM, or a provider."""

from collections.abc import Generator, Sequence
from functools import lru_cache, partial

from langchain_core.messages import BaseMessage

from app.answering.amending import Amendment
from app.answering.chat_options import ChatOptions
from app.answering.counting import check_fits, check_read, count_at_most
from app.answering.errors import ModelNotServed, ReplyCut, ReplyTooLong
from app.answering.openai_replies import ReplyEvent, read_event
from app.answering.openai_state import OpenAIServer, Program
from app.answering.posting import Address, Poster
from app.answering.relaying import Connection
from app.answering.served_chat import ServedChat
from app.answering.thinking import ThinkingFilter, ThinkingShown
from app.answering.wording import write_messages

_UNDERSTAND_TEMPLATE_OPTIONS = frozenset({Program.LLAMA_CPP, Program.VLLM})
_REMEMBERED_COUNTS = 512
_AMENDABLE = (
    Amendment(r"max_completion_tokens", "max_tokens", "max_completion_tokens"),
    *(
        Amendment(rf"\b{field}\b", field)
        for field in ("temperature", "top_p", "stream_options", "chat_template_kwargs")
    ),
)


class OpenAIChat(ServedChat):
    """The ``ChatModel`` port on ``/v1/chat/completions``. Safe to share between threads."""

    def __init__(
        self, host: str, name: str, options: ChatOptions | None = None, key: str = ""
    ) -> None:
        """Keeps the address; nothing is sent before the first use.

        Args:
            host: Base address without ``/v1``, such as ``http://127.0.0.1:8080``.
            name: Model name as ``/v1/models`` lists it.
            options: How to ask.
            key: Sent as a bearer token where the server wants one.
        """
        options = options or ChatOptions()
        address = Address(host, name, key)
        missing = partial(ModelNotServed, model=name, host=address.host, offered="-")
        self._server = OpenAIServer(address, options)
        super().__init__(name, options, Poster(address, options, missing, _AMENDABLE), self._server)
        self._count = lru_cache(_REMEMBERED_COUNTS)(self._server.count)
        self._begins_thinking = False

    def count_tokens(self, text: str) -> int:
        """Returns the exact count where the server counts, else a safely high estimate."""
        counted = self._count(text) if text else 0
        if counted is None:
            self._count.cache_clear()  # it may come to count later
            return count_at_most(text)
        return counted

    def _produce(
        self, messages: Sequence[BaseMessage], max_tokens: int, connection: Connection
    ) -> Generator[str]:
        state = self.state()
        sent = sum(self.count_tokens(str(message.text)) for message in messages)
        check_fits(self._name, sent + max_tokens, state.window or self._options.window)
        thinking = ThinkingFilter(self._name, inside=self._begins_thinking)
        body = self._body(messages, max_tokens, state.thinking)
        read, reason = None, ""
        for event in self._read_events(body, connection):
            if visible := self._filter(thinking, event.content):
                yield visible
            read, reason = event.prompt_tokens or read, event.finish_reason or reason
            if event.last:
                break
        if not reason:
            raise ReplyCut(model=self._name, reason="connection closed before the end")
        if rest := thinking.close():
            yield rest
        check_read(self._name, messages, read)
        if reason == "length":
            raise ReplyTooLong(model=self._name, reason="max_tokens reached")

    def _read_events(
        self, body: dict[str, object], connection: Connection
    ) -> Generator[ReplyEvent]:
        for raw in self._poster.read_lines("/v1/chat/completions", body, connection):
            event = read_event(raw, self._name)
            if event is not None:
                yield event

    def _filter(self, thinking: ThinkingFilter, content: str) -> str:
        try:
            return thinking.feed(content)
        except ThinkingShown:
            self._begins_thinking = True
            raise

    def _body(
        self, messages: Sequence[BaseMessage], max_tokens: int, thinking: int
    ) -> dict[str, object]:
        body: dict[str, object] = {
            "model": self._name,
            "messages": write_messages(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": max_tokens + thinking,
            "temperature": self._options.temperature,
            "top_p": self._options.top_p,
        }
        if self._server.program in _UNDERSTAND_TEMPLATE_OPTIONS:
            body["chat_template_kwargs"] = {"enable_thinking": thinking > 0}
        return body
