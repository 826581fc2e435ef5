"""Picks a chat model when the settings name none: the first one Ollama has."""

import threading
from collections.abc import Generator, Sequence

import httpx
from langchain_core.messages import BaseMessage

from app.answering.model import ModelState
from app.answering.ollama_chat import OllamaChat, OllamaOptions

SUGGESTED = "qwen3:4b"
"""What a machine without any model is told to pull; Apache-2.0, good at Japanese for its size."""


class FirstInstalled:
    """The ``ChatModel`` port on whichever chat model Ollama lists first.

    The choice is kept until that model disappears; while there is none, everything is asked of a
    model that is not there, whose state says what to install.
    """

    def __init__(self, host: str, options: OllamaOptions) -> None:
        """Keeps the address; nothing is sent before the first use."""
        self._host = host
        self._options = options
        self._client = httpx.Client(base_url=host, trust_env=False, timeout=5.0)
        self._lock = threading.Lock()
        self._chosen = OllamaChat(host, SUGGESTED, options)

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
        """Returns whether a model can be used, looking for one when the last is gone."""
        state = self._chosen.state()
        if state.usable or not state.connected:
            return state
        with self._lock:
            if (name := self._find()) is not None and name != self._chosen.name:
                self._chosen = OllamaChat(self._host, name, self._options)
        return self._chosen.state()

    def count_tokens(self, text: str) -> int:
        """Returns a safely high estimate."""
        return self._chosen.count_tokens(text)

    def stream(self, messages: Sequence[BaseMessage], *, max_tokens: int) -> Generator[str]:
        """Yields the chosen model's reply.

        Raises:
            ModelUnavailable: One of its children.
        """
        self.state()
        yield from self._chosen.stream(messages, max_tokens=max_tokens)

    def _find(self) -> str | None:
        """Returns the first model that can chat, None when there is none."""
        try:
            for item in self._client.get("/api/tags").raise_for_status().json()["models"]:
                shown = self._client.post("/api/show", json={"model": item["name"]})
                if "completion" in shown.raise_for_status().json().get("capabilities", ()):
                    return str(item["name"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None
        return None
