"""What an Ollama server says of itself: whether it answers, which models it has, their windows.

Not through the ``ollama`` package: it drops ``remote_host``, the one field that tells that a model
which looks local runs in somebody's cloud.
"""

from dataclasses import replace
from typing import Any

import httpx

from app.answering.chat_options import ChatOptions
from app.answering.errors import ModelKeyRefused, ModelMissing, ModelReplyBroken, ModelUnreachable
from app.answering.model import ModelState
from app.answering.posting import LOCKED, Address, open_client
from app.answering.server_state import ANSWER_S, tell_unusable

_WINDOW_KEY = ".context_length"  # the key's beginning names the model's architecture
_CLOUD = "ollama.com"


class OllamaServer:
    """Asks one Ollama server about one model. Safe to share between threads."""

    def __init__(self, address: Address, options: ChatOptions) -> None:
        """Keeps the address; nothing is sent before the first use."""
        self._address = address
        self._most_tokens = options.window
        timeout = httpx.Timeout(ANSWER_S, connect=options.connect_s)
        self._client = open_client(address, timeout)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def list_models(self) -> list[str]:
        """Returns the names of all models it has, the latest first.

        Raises:
            httpx.HTTPError: It does not answer, or not with a list.
            ValueError: Its answer is not Ollama's.
        """
        response = self._client.get("/api/tags").raise_for_status()
        try:
            return [str(item["name"]) for item in response.json()["models"]]
        except (KeyError, TypeError) as error:
            raise ValueError("no list of models") from error

    def show(self, model: str) -> dict[str, Any]:
        """Returns all it says of a model.

        Raises:
            httpx.HTTPError: It does not answer, or does not know the model.
            ValueError: Its answer is not Ollama's.
        """
        shown = self._client.post("/api/show", json={"model": model}).raise_for_status().json()
        if not isinstance(shown, dict):
            raise ValueError("no description of a model")
        return shown

    def describe(self) -> ModelState:
        """Returns whether the model can be used; its window is at most the configured one."""
        model, host = self._address.model, self._address.host
        try:
            if not {model, f"{model}:latest"} & set(self.list_models()):
                return tell_unusable(ModelMissing(model=model), connected=True)
            shown = self.show(model)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status in LOCKED:
                refused = ModelKeyRefused(host=host, status=status)
                return tell_unusable(refused, connected=True)
            broken = ModelReplyBroken(model=model, reason=f"HTTP {status}")
            return tell_unusable(broken, connected=True)
        except httpx.HTTPError:
            return tell_unusable(ModelUnreachable(model=model, host=host), connected=False)
        except ValueError as error:
            return tell_unusable(ModelReplyBroken(model=model, reason=error), connected=True)
        windows = _find_windows(shown)
        state = ModelState(True, True, min([self._most_tokens, *windows]))
        return replace(state, provider=find_cloud(model, shown), window_told=bool(windows))


def find_cloud(model: str, shown: dict[str, Any]) -> str:
    """Returns the host that a model really runs on, "" when that is the server itself."""
    remote = str(shown.get("remote_host") or "")
    named = model.endswith(("-cloud", ":cloud"))
    return (httpx.URL(remote).host or remote) if remote else (_CLOUD if named else "")


def _find_windows(shown: dict[str, Any]) -> list[int]:
    info = shown.get("model_info")
    return [
        value
        for key, value in (info.items() if isinstance(info, dict) else ())
        if key.endswith(_WINDOW_KEY) and isinstance(value, int) and value > 0
    ]
