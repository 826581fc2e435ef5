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
import select
import socket
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from app.answering.openai_state import Program
from tests.fakes.model_reply import Reply, quote_sources
from tests.fakes.ollama_server import Mode

_TOKEN = re.compile(r"[A-Za-z]+|\S")
_PIECE_CHARACTERS = 4


def count_tokens(text: str) -> int:
    """Returns how many tokens this server makes of a text: words, and characters of other kinds."""
    return len(_TOKEN.findall(text))


class OpenAIStub:
    """A running stub; use it as a context manager.

    Attributes:
        mode: May be changed while it runs.
        models: Names it says it has.
        window: Tokens it takes.
        key: Asked of every request unless empty.
        chats: Bodies of all chat requests.
        counted: How many times ``/tokenize`` was asked.
        disconnects: How many clients went away in the middle of a reply.
    """

    def __init__(
        self,
        reply: Reply | str = quote_sources,
        *,
        program: Program = Program.LLAMA_CPP,
        mode: Mode = Mode.OK,
        models: Sequence[str] = ("stub",),
        window: int = 8192,
        key: str = "",
        port: int = 0,
    ) -> None:
        """Binds a loopback port (any free one for 0)."""
        self.reply: Reply = reply if callable(reply) else lambda _messages: reply
        self.program = program
        self.mode = mode
        self.models = tuple(models)
        self.window = window
        self.key = key
        self.chats: list[dict[str, Any]] = []
        self.counted = 0
        self.disconnects = 0
        self.stopping = threading.Event()
        stub = self

        class Handler(_Handler):
            """Tied to this stub."""

            owner = stub

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = False  # closing the server waits for its requests
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Starts serving."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops serving and waits for requests in flight."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    owner: OpenAIStub
    protocol_version = "HTTP/1.1"
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:
        """Stays silent."""

    def do_GET(self) -> None:
        owner = self.owner
        if not self._may_enter():
            return
        if self.path == "/v1/models":
            self._send(200, {"object": "list", "data": [self._describe(n) for n in owner.models]})
        elif self.path == "/props" and owner.program is Program.LLAMA_CPP:
            settings = {"n_ctx": owner.window}
            self._send(200, {"default_generation_settings": settings, "total_slots": 1})
        elif self.path == "/api/v0/models" and owner.program is Program.LM_STUDIO:
            loaded = {"state": "loaded", "loaded_context_length": owner.window}
            data = [{"id": n, "type": "llm", "max_context_length": 131072} for n in owner.models]
            self._send(200, {"data": [item | loaded for item in data]})
        elif owner.program is Program.LM_STUDIO:  # as LM Studio does with whatever it does not know
            self._send(200, {"error": f"Unexpected endpoint or method. (GET {self.path})"})
        else:
            self._send(404, {"error": {"message": "File Not Found", "code": 404}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._may_enter():
            return
        counts = self.owner.program in {Program.LLAMA_CPP, Program.VLLM}
        if self.path == "/tokenize" and counts:
            self.owner.counted += 1
            text = body["content" if self.owner.program is Program.LLAMA_CPP else "prompt"]
            self._send(200, {"tokens": list(range(count_tokens(text)))})
        elif self.path != "/v1/chat/completions":
            self._send(404, {"error": {"message": "not found"}})
        elif body["model"] not in self.owner.models:
            self._send(404, {"error": {"message": f"The model `{body['model']}` does not exist."}})
        else:
            self._chat(body)

    def _may_enter(self) -> bool:
        key = self.owner.key
        if key and self.headers.get("Authorization") != f"Bearer {key}":
            self._send(401, {"error": {"message": "Invalid API Key"}})
            return False
        return True

    def _describe(self, name: str) -> dict[str, Any]:
        described: dict[str, Any] = {"id": name, "object": "model", "owned_by": "stub"}
        if self.owner.program is Program.VLLM:
            described["max_model_len"] = self.owner.window
        return described

    def _chat(self, body: dict[str, Any]) -> None:
        owner = self.owner
        owner.chats.append(body)
        first = len(owner.chats) == 1
        read = sum(count_tokens(message["content"]) for message in body["messages"])
        if owner.mode is Mode.BUSY or (owner.mode is Mode.BUSY_ONCE and first):
            self._send(503, {"error": {"message": "Loading model", "type": "unavailable_error"}})
        elif read + body["max_tokens"] > owner.window and owner.mode is not Mode.TRUNCATING:
            self._send(400, {"error": {"message": "maximum context length exceeded"}})
        else:
            read = min(read, owner.window) // 4 if owner.mode is Mode.TRUNCATING else read
            try:
                self._stream(body, read)
            except (BrokenPipeError, ConnectionResetError):
                owner.disconnects += 1
                self.close_connection = True

    def _stream(self, body: dict[str, Any], read: int) -> None:
        if self.owner.mode is Mode.MUTE:
            self._wait()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        mode = self.owner.mode
        reply = self.owner.reply(body["messages"])
        self._event({"delta": {"role": "assistant", "content": None}})
        if mode is Mode.THINKING:
            self._event({"delta": {"reasoning_content": "Secret thoughts. [1]"}})
        if mode is Mode.THINKING_INLINE:
            reply = f"<think>Secret thoughts. [1]</think>{reply}"
        pieces = [reply[i : i + _PIECE_CHARACTERS] for i in range(0, len(reply), _PIECE_CHARACTERS)]
        limit = body["max_tokens"]
        for index, piece in enumerate(pieces[:limit]):
            if index == len(pieces) // 2 and self._misbehave():
                return
            self._wait()
            self._event({"delta": {"content": piece}})
        if mode is not Mode.ENDS_EARLY:
            reason = "length" if len(pieces) > limit else "stop"
            self._event({"delta": {}, "finish_reason": reason})
            usage = {"prompt_tokens": read, "completion_tokens": 1}
            self._chunk(b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n")
            self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _misbehave(self) -> bool:
        """Does what the mode does half-way; returns whether the reply ends there."""
        mode = self.owner.mode
        if mode is Mode.CUT:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return True
        if mode is Mode.MALFORMED:
            self._chunk(b'data: {"choices": [{"del\n\n')
        if mode is Mode.ERROR_LINE:
            self._chunk(b'data: {"error": {"message": "CUDA out of memory"}}\n\n')
        return False

    def _wait(self) -> None:
        mode = self.owner.mode
        if mode is Mode.SLOW:
            self.owner.stopping.wait(0.1)
        while mode in {Mode.SILENT, Mode.MUTE} and not self.owner.stopping.wait(0.02):
            if select.select([self.connection], [], [], 0)[0]:
                raise ConnectionResetError  # only an end of stream can be read here

    def _event(self, choice: dict[str, Any]) -> None:
        event = {"object": "chat.completion.chunk", "choices": [{"index": 0, **choice}]}
        self._chunk(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _send(self, status: int, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


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
    with OpenAIStub(
        program=Program(given.program),
        mode=given.mode,
        models=[given.model],
        window=given.window,
        key=given.key,
        port=given.port,
    ) as stub:
        sys.stderr.write(
            f"stub of {stub.program} (no model inside) on {stub.url}; Ctrl-C ends it\n"
        )
        try:
            stub.stopping.wait()
        except KeyboardInterrupt:
            sys.stderr.write("stopped\n")


if __name__ == "__main__":
    main()
