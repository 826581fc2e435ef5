"""What an OpenAI-compatible server says of itself: which program it is, its models and windows.

The protocol tells only names. The rest is each program's own: vLLM puts ``max_model_len`` beside
the name, llama.cpp has ``/props`` and LM Studio ``/api/v0/models``; vLLM and llama.cpp count tokens
exactly at ``/tokenize``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx

from app.answering.chat_options import ChatOptions
from app.answering.errors import (
    ModelBusy,
    ModelKeyRefused,
    ModelNotServed,
    ModelReplyBroken,
    ModelUnavailable,
    ModelUnreachable,
)
from app.answering.model import ModelState
from app.answering.posting import LOCKED, Address, open_client
from app.answering.server_state import ANSWER_S, tell_unusable

_UNLOADED_WINDOW = 4096  # what LM Studio loads a model with unless told otherwise
_NO_CHAT = ("embed", "rerank", "whisper", "tts")


class Program(StrEnum):
    """Which program answers."""

    LLAMA_CPP = "llama.cpp"
    VLLM = "vLLM"
    LM_STUDIO = "LM Studio"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server offers of one model; the window is None when it does not tell."""

    program: Program
    window: int | None


class OpenAIServer:
    """Asks one OpenAI-compatible server about one model. Safe to share between threads.

    Attributes:
        program: Which program it turned out to be at the last look.
    """

    def __init__(self, address: Address, options: ChatOptions) -> None:
        """Keeps the address; nothing is sent before the first use."""
        self.program = Program.OTHER
        self._counts = True
        self._address = address
        self._most_tokens = options.window
        timeout = httpx.Timeout(ANSWER_S, connect=options.connect_s)
        self._client = open_client(address, timeout)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def list_models(self) -> list[dict[str, Any]]:
        """Returns its models as it describes them, without those that cannot chat.

        Raises:
            httpx.HTTPError: It does not answer, or not with a list.
            ValueError: Its answer is not of this protocol.
        """
        listed = self._client.get("/v1/models").raise_for_status().json()
        data = listed.get("data") if isinstance(listed, dict) else None
        if not isinstance(data, list):
            raise ValueError("no list of models")
        models = [item for item in data if isinstance(item, dict) and item.get("id")]
        return [item for item in models if not _is_other_work(str(item["id"]))]

    def describe(self) -> ModelState:
        """Returns whether the model can be used; its window is at most the configured one."""
        model = self._address.model
        try:
            models = {str(item["id"]): item for item in self.list_models()}
            if model not in models:
                return tell_unusable(self._miss(models), connected=True)
            offer = self._find_offer(models[model])
        except httpx.HTTPStatusError as error:
            return tell_unusable(self._refused(error.response.status_code), connected=True)
        except httpx.HTTPError:
            lost = ModelUnreachable(model=model, host=self._address.host)
            return tell_unusable(lost, connected=False)
        except ValueError as error:
            return tell_unusable(ModelReplyBroken(model=model, reason=error), connected=True)
        self.program, self._counts = offer.program, True
        window = min(self._most_tokens, offer.window or self._most_tokens)
        return ModelState(True, True, window, window_told=offer.window is not None)

    def count(self, text: str) -> int | None:
        """Returns how many tokens the text has exactly, None when the server does not tell."""
        body: dict[str, object]
        if not self._counts:
            return None
        if self.program is Program.VLLM:
            body = {"model": self._address.model, "prompt": text, "add_special_tokens": False}
        elif self.program is Program.LLAMA_CPP:
            body = {"content": text, "add_special": False}
        else:
            return None
        answer = self._ask("POST", "/tokenize", body)
        tokens = answer.get("tokens")
        self._counts = isinstance(tokens, list)  # if not, it is asked again after the next look
        return len(tokens) if isinstance(tokens, list) else None

    def _miss(self, offered: dict[str, Any]) -> ModelUnavailable:
        names = ", ".join(list(offered)[:5]) or "-"
        return ModelNotServed(model=self._address.model, host=self._address.host, offered=names)

    def _refused(self, status: int) -> ModelUnavailable:
        model = self._address.model
        if status in LOCKED:
            return ModelKeyRefused(host=self._address.host, status=status)
        if status == httpx.codes.SERVICE_UNAVAILABLE:  # llama.cpp while it loads the model
            return ModelBusy(model=model, status=status)
        return ModelReplyBroken(model=model, reason=f"HTTP {status}")

    def _find_offer(self, listed: dict[str, Any]) -> Offer:
        """Returns what the server tells of the model, in whichever way it tells it."""
        if window := _whole(listed.get("max_model_len")):
            return Offer(Program.VLLM, window)
        settings = self._ask("GET", "/props").get("default_generation_settings")
        if isinstance(settings, dict) and (window := _whole(settings.get("n_ctx"))):
            return Offer(Program.LLAMA_CPP, window)
        described = self._ask("GET", "/api/v0/models").get("data")
        for item in described if isinstance(described, list) else ():
            if isinstance(item, dict) and item.get("id") == listed["id"]:
                return Offer(Program.LM_STUDIO, _find_loaded_window(item))
        return Offer(Program.OTHER, None)

    def _ask(self, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        """Returns a JSON object, an empty one when the server has nothing of the kind."""
        try:
            answer = self._client.request(method, path, json=body).raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return {}
        return answer if isinstance(answer, dict) else {}


def _find_loaded_window(item: dict[str, Any]) -> int | None:
    if window := _whole(item.get("loaded_context_length")):
        return window
    longest = _whole(item.get("max_context_length"))
    return min(longest, _UNLOADED_WINDOW) if longest else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _is_other_work(name: str) -> bool:
    return any(word in name.lower() for word in _NO_CHAT)
