"""Finds out what answers at the chat model's address, and picks a model when none is named."""

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from langchain_core.messages import BaseMessage

from app.answering.chat_options import ChatOptions
from app.answering.errors import CloudRefused, ModelUnreachable
from app.answering.locating import find_provider
from app.answering.model import ModelState
from app.answering.ollama_chat import OllamaChat
from app.answering.ollama_state import OllamaServer, find_cloud
from app.answering.openai_chat import OpenAIChat
from app.answering.openai_state import OpenAIServer
from app.answering.posting import Address, open_client
from app.answering.presets import SUGGESTED, find_preset
from app.answering.server_state import ANSWER_S, RememberedState, tell_unusable
from app.settings import wrong

_KNOCK_PATH = "/v1/models"
_OPENAI_STATUSES = frozenset({200, 401, 403, 503})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chat model is to be found.

    Attributes:
        url: The server's address; a ``/v1`` at its end may be there or not.
        model: Its name there; "" picks one.
        key: For servers that want one.
        allow_cloud: Whether text may be sent to a public address.
    """

    url: str
    model: str = ""
    key: str = ""
    allow_cloud: bool = False

    @property
    def host(self) -> str:
        """The address without the protocol's path."""
        return self.url.rstrip("/").removesuffix("/v1")


class PickedChat:
    """The ``ChatModel`` port on whatever answers at an address: Ollama, or one like OpenAI's.

    What answers is asked, not configured. A model that was picked is kept until it disappears;
    while there is none, everything is asked of one that is not there, whose state says what to do.
    """

    def __init__(self, place: Place, options: ChatOptions) -> None:
        """Keeps the address; nothing is sent before the first use."""
        self._place = place
        self._options = options
        timeout = httpx.Timeout(ANSWER_S, connect=options.connect_s)
        self._address = Address(place.host, place.model, place.key)
        self._client = open_client(self._address, timeout)
        self._lock = threading.Lock()
        self._chosen: OllamaChat | OpenAIChat = self._make(OllamaChat, place.model or SUGGESTED)
        self._certain = False
        self._state = RememberedState(self._look)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
        self._chosen.close()

    @property
    def name(self) -> str:
        """The name of the model chosen, or of the one to install."""
        return self._chosen.name

    @property
    def window(self) -> int:
        """The chosen model's window; 0 while there is none."""
        return self.state().window

    def state(self) -> ModelState:
        """Returns whether a model can be used, looking for one when there is none."""
        return self._state.get()

    def count_tokens(self, text: str) -> int:
        """Counts as the chosen model does."""
        return self._chosen.count_tokens(text)

    def stream(self, messages: Sequence[BaseMessage], *, max_tokens: int) -> Generator[str]:
        """Yields the chosen model's reply.

        Raises:
            CloudRefused: It is outside, and that is not allowed.
            ModelUnavailable: One of its children.
        """
        provider = find_provider(self._place.host) or self.state().provider
        if provider and not self._place.allow_cloud:
            raise CloudRefused(provider=provider)
        yield from self._chosen.stream(messages, max_tokens=max_tokens)

    def _look(self) -> ModelState:
        provider = find_provider(self._place.host)
        if provider and not self._place.allow_cloud:
            return _refuse(provider)
        with self._lock:
            if not self._certain and not self._choose():
                lost = ModelUnreachable(model=self.name, host=self._place.host)
                return tell_unusable(lost, connected=False)
        state = self._chosen.state()
        self._certain = state.usable
        if state.provider and not self._place.allow_cloud:  # Ollama passes it on
            return _refuse(state.provider)
        return replace(state, provider=provider or state.provider)

    def _choose(self) -> bool:
        """Makes the model that answers, if it is another one; returns whether any does."""
        kind = self._find_kind()
        if kind is None:
            return False
        name = self._place.model or self._find_name(kind) or SUGGESTED
        if kind is not type(self._chosen) or name != self._chosen.name:
            self._chosen.close()
            self._chosen = self._make(kind, name)
        return True

    def _make(
        self, kind: type[OllamaChat] | type[OpenAIChat], name: str
    ) -> OllamaChat | OpenAIChat:
        return kind(self._place.host, name, self._options, self._place.key)

    def _find_kind(self) -> type[OllamaChat] | type[OpenAIChat] | None:
        """Returns what answers; None when nothing does."""
        try:
            response = self._client.get("/api/version")
            if response.is_success and "version" in response.json():
                return OllamaChat
        except httpx.HTTPError:
            return None
        except (ValueError, TypeError):
            pass  # something else answers
        try:
            response = self._client.get(_KNOCK_PATH)
        except httpx.HTTPError:
            return None
        return OpenAIChat if response.status_code in _OPENAI_STATUSES else None

    def _find_name(self, kind: type[OllamaChat] | type[OpenAIChat]) -> str | None:
        """Returns a model that can chat: a known one if there is any, else the first."""
        try:
            if kind is OllamaChat:
                names = _list_ollama(
                    self._address, self._options, allow_cloud=self._place.allow_cloud
                )
            else:
                names = _list_openai(self._address, self._options)
        except (httpx.HTTPError, ValueError):
            return None
        known = [name for name in names if find_preset(name) is not None]
        return next(iter(known or names), None)


def _refuse(provider: str) -> ModelState:
    state = tell_unusable(CloudRefused(provider=provider), connected=False)
    return replace(state, provider=provider)


def _list_ollama(address: Address, options: ChatOptions, *, allow_cloud: bool) -> list[str]:
    server = OllamaServer(address, options)
    found = []
    try:
        for name in server.list_models():
            shown = server.show(name)
            here = allow_cloud or not find_cloud(name, shown)
            if here and "completion" in shown.get("capabilities", ()):
                found.append(name)
    finally:
        server.close()
    return found


def _list_openai(address: Address, options: ChatOptions) -> list[str]:
    server = OpenAIServer(address, options)
    try:
        return [str(item["id"]) for item in server.list_models()]
    finally:
        server.close()


def read_key(file: Path) -> str:
    """Returns the key a file holds, without the line's end.

    Raises:
        WrongSetting: It cannot be read, or holds nothing.
    """
    try:
        key = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        key = ""
    if not key.isascii() or not key:
        raise wrong("chat_key_file", file)
    return key
