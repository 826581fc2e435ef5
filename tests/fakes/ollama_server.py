"""A stub of Ollama's HTTP API. There is no language model in it.

It speaks the protocol (``/api/version``, ``/api/tags``, ``/api/show``, and ``/api/pull`` and
``/api/chat`` as newline-delimited JSON in chunked transfer) over a real socket, and misbehaves on
demand the way a real server does. What it "writes" comes from a function of the messages; the
built-in one quotes the first sentence of the sources nearest to the question. It proves the
plumbing, not a model's worth.

    python -m tests.fakes.ollama_server --port 11434 --model stub
"""

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from tests.fakes.model_reply import Reply, quote_sources
from tests.fakes.model_server import Mode, ModelHandler, ModelServer


class _Handler(ModelHandler):
    owner: "OllamaStub"
    stream_type = "application/x-ndjson"
    busy: ClassVar[dict[str, Any]] = {"error": "server busy, please try again."}
    too_long: ClassVar[dict[str, Any]] = {"error": "the input length exceeds the context length"}
    half_line = b'{"model": "stub", "mess\n'
    error_line = b'{"error": "llama runner process has terminated"}\n'

    def show(self) -> None:
        if self.path == "/api/version":
            self.send(200, {"version": "0.12.6"})
        elif self.path == "/api/tags":
            self.send(200, {"models": [{"name": n, "model": n} for n in self.owner.models]})
        else:
            self.send(404, {"error": "not found"})

    def work(self, body: dict[str, Any]) -> None:
        if self.path == "/api/pull":
            self._pull(body["model"])
        elif not self._has(body["model"]):
            self.send(404, {"error": f"model '{body['model']}' not found"})
        elif body.get("think") and not self.owner.thinks:
            self.send(400, {"error": f'"{body["model"]}" does not support thinking'})
        elif self.path == "/api/show":
            info = {"general.architecture": "stub", "stub.context_length": self.owner.window}
            shown: dict[str, Any] = {"model_info": info, "capabilities": ["completion"]}
            if self.owner.remote_host:
                shown["remote_host"] = self.owner.remote_host
            self.send(200, shown)
        else:
            self.chat(body)

    def _pull(self, model: str) -> None:
        """Fetches what the library has, in two parts; like the real one it fails with a 200."""
        self.open_stream()
        lines: list[dict[str, Any]] = [{"status": "pulling manifest"}]
        if model not in self.owner.library:
            lines.append({"error": "pull model manifest: file does not exist"})
        else:
            part = {"status": "pulling 8eeb52dfb3bb", "digest": "sha256:8eeb52dfb3bb", "total": 200}
            lines += [{**part, "completed": 100}, {**part, "completed": 200}]
            if self.owner.mode is not Mode.ENDS_EARLY:
                lines.append({"status": "success"})
                self.owner.models += (model,)
        for line in lines:
            self.chunk(json.dumps(line).encode() + b"\n")
        self.chunk(b"")

    def _has(self, model: str) -> bool:
        return model in self.owner.models or f"{model}:latest" in self.owner.models

    def measure(self, body: dict[str, Any]) -> tuple[int, int, int]:
        read = sum(len(message["content"].encode()) for message in body["messages"]) // 3
        return read, body["options"]["num_ctx"], body["options"]["num_predict"]

    def think(self, body: dict[str, Any], text: str) -> None:
        self._line(body, {"content": "", "thinking": text})

    def tell(self, body: dict[str, Any], text: str) -> None:
        self._line(body, {"content": text})

    def conclude(self, body: dict[str, Any], read: int, reason: str) -> None:
        counts = {"prompt_eval_count": read, "eval_count": 1}
        self._line(body, {"content": ""}, done=True, done_reason=reason, **counts)

    def _line(
        self, body: dict[str, Any], message: dict[str, str], *, done: bool = False, **more: object
    ) -> None:
        line = {
            "model": body["model"],
            "created_at": datetime.now(UTC).isoformat(),
            "message": {"role": "assistant", **message},
            "done": done,
            **more,
        }
        self.chunk(json.dumps(line, ensure_ascii=False).encode() + b"\n")


class OllamaStub(ModelServer):
    """A running stub; use it as a context manager.

    Attributes:
        library: Names it can pull.
        window: Context length that ``/api/show`` reports.
        remote_host: Where its models really run; "" for here.
        thinks: Whether its models can think before they answer.
    """

    speaking = _Handler

    def __init__(
        self,
        reply: Reply | str = quote_sources,
        *,
        mode: Mode = Mode.OK,
        models: Sequence[str] = ("stub:latest",),
        library: Sequence[str] = (),
        window: int = 8192,
        remote_host: str = "",
        thinks: bool = True,
        port: int = 0,
    ) -> None:
        """Binds a loopback port (any free one for 0)."""
        super().__init__(reply, mode, models, window, port)
        self.library = tuple(library)
        self.remote_host = remote_host
        self.thinks = thinks


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=11434)
    parser.add_argument("--model", default="stub:latest")
    parser.add_argument("--mode", type=Mode, choices=list(Mode), default=Mode.OK)
    parser.add_argument("--window", type=int, default=8192)
    given = parser.parse_args()
    stub = OllamaStub(mode=given.mode, models=[given.model], window=given.window, port=given.port)
    stub.serve("Ollama")


if __name__ == "__main__":
    main()
