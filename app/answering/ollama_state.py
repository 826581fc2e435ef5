"""What an Ollama server says of itself: whether it answers, which models it has, their windows."""

import httpx
import ollama

from app.answering.errors import (
    ModelMissing,
    ModelReplyBroken,
    ModelUnavailable,
    ModelUnreachable,
)
from app.answering.model import Bilingual, ModelState

_ANSWER_S = 5.0  # a server that is busy generating still answers these within milliseconds
_WINDOW_KEY = ".context_length"  # the key's beginning names the model's architecture


class OllamaServer:
    """Asks one Ollama server about its models. Safe to share between threads."""

    def __init__(self, host: str, connect_s: float) -> None:
        """Keeps the address; nothing is sent before the first use.

        Args:
            host: Base address, such as ``http://127.0.0.1:11434``.
            connect_s: Seconds to wait for a connection.
        """
        self._host = host
        # Neither a proxy nor a key out of the environment: what is configured and nothing else.
        self._client = ollama.Client(
            host=host,
            trust_env=False,
            follow_redirects=False,
            auth=_without_key,
            timeout=httpx.Timeout(_ANSWER_S, connect=connect_s),
        )

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()  # type: ignore[no-untyped-call]

    def describe(self, model: str, most_tokens: int) -> ModelState:
        """Returns whether the model can be used; its window is at most ``most_tokens``."""
        try:
            names = {str(item.model) for item in self._client.list().models}
        except (ConnectionError, httpx.HTTPError):
            return _unusable(ModelUnreachable(model=model, host=self._host), connected=False)
        except (ollama.ResponseError, ValueError) as error:
            return _unusable(ModelReplyBroken(model=model, reason=str(error)), connected=True)
        if not names & {model, f"{model}:latest"}:
            return _unusable(ModelMissing(model=model), connected=True)
        try:
            info = self._client.show(model).modelinfo or {}
        except (ConnectionError, httpx.HTTPError, ollama.ResponseError, ValueError) as error:
            return _unusable(ModelReplyBroken(model=model, reason=str(error)), connected=True)
        windows = [
            value
            for key, value in info.items()
            if key.endswith(_WINDOW_KEY) and isinstance(value, int) and value > 0
        ]
        return ModelState(True, True, min([most_tokens, *windows]))


def _without_key(request: httpx.Request) -> httpx.Request:
    request.headers.pop("authorization", None)
    return request


def _unusable(error: ModelUnavailable, *, connected: bool) -> ModelState:
    remedy = Bilingual(ja=error.message("ja"), en=error.message("en"))
    return ModelState(connected, False, 0, error.code, remedy)
