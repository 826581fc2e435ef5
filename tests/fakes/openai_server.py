"""A stub of the OpenAI-compatible servers llama.cpp, vLLM and LM Studio. No language model inside.

It speaks ``/v1/models`` and ``/v1/chat/completions`` as server-sent events over a real socket,
tells its window the way the program it plays does (``max_model_len``, ``/props``,
``/api/v0/models``), counts tokens where that program does (``/tokenize``), and misbehaves on demand
like the stub of Ollama.

    python -m tests.fakes.openai_server --port 8080 --model stub --program llama.cpp
"""

import argparse
import json
import re
from collections.abc import Sequence
from typing import Any, ClassVar

from app.answering.openai_state import Program
from tests.fakes.model_reply import Reply, quote_sources
from tests.fakes.model_server import Mode, ModelHandler, ModelServer

_TOKEN = re.compile(r"[A-Za-z]+|\S")


def count_tokens(text: str) -> int:
    """Returns how many tokens this server makes of a text: words, and characters of other kinds."""
    return len(_TOKEN.findall(text))


class _Handler(ModelHandler):
    owner: "OpenAIStub"
    stream_type = "text/event-stream"
    busy: ClassVar[dict[str, Any]] = {
        "error": {"message": "Loading model", "type": "unavailable_error"}
    }
    too_long: ClassVar[dict[str, Any]] = {"error": {"message": "maximum context length exceeded"}}
    half_line = b'data: {"choices": [{"del\n\n'
    error_line = b'data: {"error": {"message": "CUDA out of memory"}}\n\n'

    def show(self) -> None:
        owner = self.owner
        if not self._may_enter():
            return
        if self.path == "/v1/models":
            self.send(200, {"object": "list", "data": [self._describe(n) for n in owner.models]})
        elif self.path == "/props" and owner.program is Program.LLAMA_CPP:
            settings = {"n_ctx": owner.window}
            self.send(200, {"default_generation_settings": settings, "total_slots": 1})
        elif self.path == "/api/v0/models" and owner.program is Program.LM_STUDIO:
            loaded = {"state": "loaded", "loaded_context_length": owner.window}
            data = [{"id": n, "type": "llm", "max_context_length": 131072} for n in owner.models]
            self.send(200, {"data": [item | loaded for item in data]})
        elif owner.program is Program.LM_STUDIO:  # as LM Studio does with whatever it does not know
            self.send(200, {"error": f"Unexpected endpoint or method. (GET {self.path})"})
        else:
            self.send(404, {"error": {"message": "File Not Found", "code": 404}})

    def work(self, body: dict[str, Any]) -> None:
        if not self._may_enter():
            return
        counts = self.owner.program in {Program.LLAMA_CPP, Program.VLLM}
        if self.path == "/tokenize" and counts:
            self.owner.counted += 1
            text = body["content" if self.owner.program is Program.LLAMA_CPP else "prompt"]
            self.send(200, {"tokens": list(range(count_tokens(text)))})
        elif self.path != "/v1/chat/completions":
            self.send(404, {"error": {"message": "not found"}})
        elif body["model"] not in self.owner.models:
            self.send(404, {"error": {"message": f"The model `{body['model']}` does not exist."}})
        elif refused := self._refuse(body):
            self.owner.refused += 1
            self.send(400, {"error": {"message": refused, "type": "invalid_request_error"}})
        else:
            self.chat(body)

    def _refuse(self, body: dict[str, Any]) -> str:
        """Says as OpenAI's newer models do what of a request it does not take, one at a time."""
        if not self.owner.strict:
            return ""
        if self.owner.whim:
            return self.owner.whim
        if "max_tokens" in body:
            return (
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead."
            )
        if body.get("temperature", 1) != 1:
            return (
                f"Unsupported value: 'temperature' does not support {body['temperature']} with "
                "this model. Only the default (1) value is supported."
            )
        if "top_p" in body:
            return "Unsupported parameter: 'top_p' is not supported with this model."
        return ""

    def _may_enter(self) -> bool:
        key = self.owner.key
        if key and self.headers.get("Authorization") != f"Bearer {key}":
            self.send(401, {"error": {"message": "Invalid API Key"}})
            return False
        return True

    def _describe(self, name: str) -> dict[str, Any]:
        described: dict[str, Any] = {"id": name, "object": "model", "owned_by": "stub"}
        if self.owner.program is Program.VLLM:
            described["max_model_len"] = self.owner.window
        return described

    def measure(self, body: dict[str, Any]) -> tuple[int, int, int]:
        read = sum(count_tokens(message["content"]) for message in body["messages"])
        limit = body.get("max_tokens") or body["max_completion_tokens"]
        return read, self.owner.window - limit, limit

    def open_stream(self) -> None:
        super().open_stream()
        self._event({"delta": {"role": "assistant", "content": None}})

    def think(self, body: dict[str, Any], text: str) -> None:
        del body
        self._event({"delta": {"reasoning_content": text}})

    def tell(self, body: dict[str, Any], text: str) -> None:
        del body
        self._event({"delta": {"content": text}})

    def conclude(self, body: dict[str, Any], read: int, reason: str) -> None:
        del body
        self._event({"delta": {}, "finish_reason": reason})
        usage = {"prompt_tokens": read, "completion_tokens": 1}
        self.chunk(b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n")
        self.chunk(b"data: [DONE]\n\n")

    def _event(self, choice: dict[str, Any]) -> None:
        event = {"object": "chat.completion.chunk", "choices": [{"index": 0, **choice}]}
        self.chunk(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n")


class OpenAIStub(ModelServer):
    """A running stub; use it as a context manager.

    Attributes:
        program: Which one it plays.
        key: Asked of every request unless empty.
        counted: How many times ``/tokenize`` was asked.
        strict: Whether it wants ``max_completion_tokens``, and neither temperature nor top_p.
        whim: What else it finds wrong with every request when it is strict.
        refused: How many requests it refused for such reasons.
    """

    speaking = _Handler

    def __init__(
        self,
        reply: Reply | str = quote_sources,
        *,
        program: Program = Program.LLAMA_CPP,
        mode: Mode = Mode.OK,
        models: Sequence[str] = ("stub",),
        window: int = 8192,
        key: str = "",
        strict: bool = False,
        port: int = 0,
    ) -> None:
        """Binds a loopback port (any free one for 0)."""
        super().__init__(reply, mode, models, window, port)
        self.strict = strict
        self.whim = ""
        self.refused = 0
        self.program = program
        self.key = key
        self.counted = 0


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--model", default="stub")
    parser.add_argument("--program", type=Program, choices=list(Program), default="llama.cpp")
    parser.add_argument("--mode", type=Mode, choices=list(Mode), default=Mode.OK)
    parser.add_argument("--window", type=int, default=8192)
    parser.add_argument("--key", default="")
    given = parser.parse_args()
    stub = OpenAIStub(
        program=given.program,
        mode=given.mode,
        models=[given.model],
        window=given.window,
        key=given.key,
        port=given.port,
    )
    stub.serve(str(given.program))


if __name__ == "__main__":
    main()
