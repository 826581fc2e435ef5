"""A chat model served by Ollama, over its HTTP API.

The ``ollama`` package tells which models there are (``ollama_state.py``). It is not used for the
chat itself: its call has no way to send ``truncate`` and ``shift``, it takes a stream that just
ends for a complete one, and it cannot be broken off while the model is silent.
"""

import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import httpx
from langchain_core.messages import BaseMessage
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_when_event_set,
    wait_exponential,
)

from app.answering.counting import count_at_least, count_at_most
from app.answering.errors import (
    ModelBusy,
    ModelMissing,
    ModelReplyBroken,
    ModelTooSlow,
    ModelUnavailable,
    ModelUnreachable,
    PromptTooLong,
    PromptTruncated,
    ReplyCut,
)
from app.answering.model import ModelState
from app.answering.ollama_replies import ThinkingFilter, read_line
from app.answering.ollama_state import OllamaServer
from app.answering.relaying import BEAT_S, Connection, relay

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}
_GOOD_STATE_S = 10.0
_BAD_STATE_S = 3.0  # a server that was just started is noticed within this time


@dataclass(frozen=True, slots=True)
class OllamaOptions:
    """How the model is asked.

    Attributes:
        window: Most tokens of prompt and reply together (num_ctx). One value for all calls,
            because another one makes Ollama load the model again.
        temperature: How freely words are chosen; 0 always takes the likeliest.
        top_p: Only the likeliest words that together reach this probability are considered.
        keep_alive: How long Ollama keeps the model in memory after a reply.
        connect_s: Seconds to wait for a connection.
        first_token_s: Seconds to wait for the first and between any two pieces.
        total_s: Seconds for a whole reply.
        attempts: Tries while the server is starting or busy, before the first piece only.
    """

    window: int = 8192
    temperature: float = 0.1
    top_p: float = 0.9
    keep_alive: str = "30m"
    connect_s: float = 2.0
    first_token_s: float = 90.0
    total_s: float = 180.0
    attempts: int = 3


class OllamaChat:
    """The ``ChatModel`` port on an Ollama server. Safe to share between threads."""

    def __init__(self, host: str, name: str, options: OllamaOptions | None = None) -> None:
        """Keeps the address; nothing is sent before the first use.

        Args:
            host: Base address, such as ``http://127.0.0.1:11434``.
            name: Model name as ``ollama list`` shows it; ``:latest`` may be left out.
            options: How to ask.
        """
        self._host = host
        self._name = name
        self._options = options or OllamaOptions()
        # No proxy from the environment: questions go to the configured address and nowhere else.
        self._client = httpx.Client(
            base_url=host,
            trust_env=False,
            follow_redirects=False,
            # A connection for each reply: it is broken off when the asker goes away.
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=httpx.Timeout(
                self._options.first_token_s, connect=self._options.connect_s, pool=5.0
            ),
        )
        self._server = OllamaServer(host, self._options.connect_s)
        self._lock = threading.Lock()
        self._state: ModelState | None = None
        self._state_until = 0.0

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
        self._server.close()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def window(self) -> int:
        """The smaller of the model's own window and the configured one; 0 while unknown."""
        return self.state().window

    def count_tokens(self, text: str) -> int:
        """Returns a safely high estimate: Ollama offers no exact count."""
        return count_at_most(text)

    def state(self) -> ModelState:
        """Returns whether server and model are there, asked anew every few seconds."""
        with self._lock:
            if self._state is None or time.monotonic() >= self._state_until:
                self._state = self._server.describe(self._name, self._options.window)
                kept = _GOOD_STATE_S if self._state.usable else _BAD_STATE_S
                self._state_until = time.monotonic() + kept
            return self._state

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
        deadline = time.monotonic() + self._options.total_s
        response = self._open(self._body(messages, max_tokens), connection)
        try:
            yield from self._read(response, messages, deadline)
        except httpx.TimeoutException:
            raise ModelTooSlow(model=self._name, seconds=self._options.first_token_s) from None
        except (httpx.TransportError, httpx.StreamError) as error:
            raise ReplyCut(model=self._name, reason=type(error).__name__) from error
        finally:
            response.close()

    def _read(
        self, response: httpx.Response, messages: Sequence[BaseMessage], deadline: float
    ) -> Generator[str]:
        thinking = ThinkingFilter()
        for raw in response.iter_lines():
            if time.monotonic() > deadline:
                raise ModelTooSlow(model=self._name, seconds=self._options.total_s)
            if not raw.strip():
                continue
            line = read_line(raw, self._name)
            if visible := thinking.feed(line.content):
                yield visible
            if line.done:
                if rest := thinking.close():
                    yield rest
                self._check_end(line.prompt_tokens, line.done_reason, messages)
                return
        raise ReplyCut(model=self._name, reason="connection closed before the end")

    def _check_end(
        self, prompt_tokens: int | None, reason: str, messages: Sequence[BaseMessage]
    ) -> None:
        text = "".join(str(message.text) for message in messages)
        if prompt_tokens and prompt_tokens < count_at_least(text):
            raise PromptTruncated(
                model=self._name, read=prompt_tokens, sent=self.count_tokens(text)
            )
        if reason == "length":
            raise ReplyCut(model=self._name, reason="num_predict reached")

    def _body(self, messages: Sequence[BaseMessage], max_tokens: int) -> dict[str, object]:
        return {
            "model": self._name,
            "messages": [
                {"role": _ROLES[message.type], "content": str(message.text)} for message in messages
            ],
            "stream": True,
            "think": False,
            "truncate": False,
            "shift": False,
            "keep_alive": self._options.keep_alive,
            "options": {
                "num_ctx": self.window or self._options.window,
                "num_predict": max_tokens,
                "temperature": self._options.temperature,
                "top_p": self._options.top_p,
            },
        }

    def _open(self, body: dict[str, object], connection: Connection) -> httpx.Response:
        """Returns the opened stream, retried while the server is starting or busy."""
        retrying = Retrying(
            stop=stop_after_attempt(self._options.attempts)
            | stop_when_event_set(connection.given_up),
            wait=wait_exponential(multiplier=0.2, max=2),
            sleep=sleep_using_event(connection.given_up),
            retry=retry_if_exception_type((ModelBusy, ModelUnreachable)),
            reraise=True,
        )
        return retrying(self._try_open, body, connection)

    def _try_open(self, body: dict[str, object], connection: Connection) -> httpx.Response:
        request = self._client.build_request(
            "POST", "/api/chat", json=body, extensions={"trace": connection.trace}
        )
        try:
            response = self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise ModelUnreachable(model=self._name, host=self._host) from None
        except httpx.TimeoutException:
            raise ModelTooSlow(model=self._name, seconds=self._options.first_token_s) from None
        except httpx.TransportError as error:
            raise ReplyCut(model=self._name, reason=type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            raise self._refused(response)
        return response

    def _refused(self, response: httpx.Response) -> ModelUnavailable:
        try:
            text = response.read().decode("utf-8", "replace")[:300]
        except httpx.TransportError:
            text = ""
        finally:
            response.close()
        status = response.status_code
        if status == httpx.codes.NOT_FOUND:
            return ModelMissing(model=self._name)
        if status in {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS}:
            return ModelBusy(model=self._name, status=status)
        if status == httpx.codes.BAD_REQUEST and ("context" in text or "exceed" in text):
            return PromptTooLong(model=self._name, window=self.window)
        return ModelReplyBroken(model=self._name, reason=f"HTTP {status} {text}".strip())
