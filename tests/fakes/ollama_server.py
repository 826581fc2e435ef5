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
import select
import socket
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.fakes.model_reply import Reply, quote_sources

_PIECE_CHARACTERS = 4


class Mode(StrEnum):
    """How the server behaves on ``/api/chat``."""

    OK = "ok"
    SLOW = "slow"  # a tenth of a second between pieces
    SILENT = "silent"  # accepts and never writes a piece
    MUTE = "mute"  # like SILENT, but not even a header comes, as while a long prompt is read
    BUSY = "busy"  # 503, always
    BUSY_ONCE = "busy-once"  # 503 to the first request
    CUT = "cut"  # the connection breaks half-way
    ENDS_EARLY = "ends-early"  # the stream ends in order, but without done:true
    MALFORMED = "malformed"  # half-way, a line that is no JSON
    ERROR_LINE = "error-line"  # half-way, a line that reports an error
    THINKING = "thinking"  # thinks in message.thinking first
    THINKING_INLINE = "thinking-inline"  # thinks inside the content, as old servers let it
    TRUNCATING = "truncating"  # silently reads a part of the prompt


class OllamaStub:
    """A running stub; use it as a context manager.

    Attributes:
        mode: May be changed while it runs.
        models: Names it says it has.
        library: Names it can pull.
        window: Context length that ``/api/show`` reports.
        remote_host: Where its models really run; "" for here.
        chats: Bodies of all chat requests.
        disconnects: How many clients went away in the middle of a reply.
    """

    def __init__(
        self,
        reply: Reply | str = quote_sources,
        *,
        mode: Mode = Mode.OK,
        models: Sequence[str] = ("stub:latest",),
        library: Sequence[str] = (),
        window: int = 8192,
        remote_host: str = "",
        port: int = 0,
    ) -> None:
        """Binds a loopback port (any free one for 0)."""
        self.remote_host = remote_host
        self.reply: Reply = reply if callable(reply) else lambda _messages: reply
        self.mode = mode
        self.models = tuple(models)
        self.library = tuple(library)
        self.window = window
        self.chats: list[dict[str, Any]] = []
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
    owner: OllamaStub
    protocol_version = "HTTP/1.1"
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:
        """Stays silent."""

    def do_GET(self) -> None:
        if self.path == "/api/version":
            self._send(200, {"version": "0.12.6"})
        elif self.path == "/api/tags":
            self._send(200, {"models": [{"name": n, "model": n} for n in self.owner.models]})
        else:
            self._send(404, {"error": "not found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/pull":
            self._pull(body["model"])
        elif not self._has(body["model"]):
            self._send(404, {"error": f"model '{body['model']}' not found"})
        elif self.path == "/api/show":
            info = {"general.architecture": "stub", "stub.context_length": self.owner.window}
            shown: dict[str, Any] = {"model_info": info, "capabilities": ["completion"]}
            if self.owner.remote_host:
                shown["remote_host"] = self.owner.remote_host
            self._send(200, shown)
        else:
            self._chat(body)

    def _pull(self, model: str) -> None:
        """Fetches what the library has, in two parts; like the real one it fails with a 200."""
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
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
            self._chunk(json.dumps(line).encode() + b"\n")
        self.wfile.write(b"0\r\n\r\n")

    def _has(self, model: str) -> bool:
        return model in self.owner.models or f"{model}:latest" in self.owner.models

    def _chat(self, body: dict[str, Any]) -> None:
        owner = self.owner
        owner.chats.append(body)
        first = len(owner.chats) == 1
        read = sum(len(message["content"].encode()) for message in body["messages"]) // 3
        room = body["options"]["num_ctx"]
        if owner.mode is Mode.BUSY or (owner.mode is Mode.BUSY_ONCE and first):
            self._send(503, {"error": "server busy, please try again."})
        elif read > room and owner.mode is not Mode.TRUNCATING:
            self._send(400, {"error": "the input length exceeds the context length"})
        else:
            read = min(read, room) // 4 if owner.mode is Mode.TRUNCATING else read
            try:
                self._stream(body, read)
            except (BrokenPipeError, ConnectionResetError):
                owner.disconnects += 1
                self.close_connection = True

    def _stream(self, body: dict[str, Any], read: int) -> None:
        if self.owner.mode is Mode.MUTE:
            self._wait()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        mode = self.owner.mode
        reply = self.owner.reply(body["messages"])
        if mode is Mode.THINKING:
            self._line(body, {"content": "", "thinking": "Secret thoughts. [1]"})
        if mode is Mode.THINKING_INLINE:
            reply = f"<think>Secret thoughts. [1]</think>{reply}"
        pieces = [reply[i : i + _PIECE_CHARACTERS] for i in range(0, len(reply), _PIECE_CHARACTERS)]
        limit = body["options"]["num_predict"]
        for index, piece in enumerate(pieces[:limit]):
            if index == len(pieces) // 2 and self._misbehave():
                return
            self._wait()
            self._line(body, {"content": piece})
        if mode is not Mode.ENDS_EARLY:
            self._finish(body, read, "length" if len(pieces) > limit else "stop")
        self.wfile.write(b"0\r\n\r\n")

    def _misbehave(self) -> bool:
        """Does what the mode does half-way; returns whether the reply ends there."""
        mode = self.owner.mode
        if mode is Mode.CUT:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return True
        if mode is Mode.MALFORMED:
            self._chunk(b'{"model": "stub", "mess\n')
        if mode is Mode.ERROR_LINE:
            self._chunk(b'{"error": "llama runner process has terminated"}\n')
        return False

    def _wait(self) -> None:
        mode = self.owner.mode
        if mode is Mode.SLOW:
            self.owner.stopping.wait(0.1)
        while mode in {Mode.SILENT, Mode.MUTE} and not self.owner.stopping.wait(0.02):
            if select.select([self.connection], [], [], 0)[0]:
                raise ConnectionResetError  # only an end of stream can be read here

    def _line(self, body: dict[str, Any], message: dict[str, str]) -> None:
        line = {
            "model": body["model"],
            "created_at": datetime.now(UTC).isoformat(),
            "message": {"role": "assistant", **message},
            "done": False,
        }
        self._chunk(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def _finish(self, body: dict[str, Any], read: int, reason: str) -> None:
        line = {
            "model": body["model"],
            "created_at": datetime.now(UTC).isoformat(),
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": reason,
            "prompt_eval_count": read,
            "eval_count": 1,
        }
        self._chunk(json.dumps(line).encode() + b"\n")

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
    parser.add_argument("--port", type=int, default=11434)
    parser.add_argument("--model", default="stub:latest")
    parser.add_argument("--mode", type=Mode, choices=list(Mode), default=Mode.OK)
    parser.add_argument("--window", type=int, default=8192)
    given = parser.parse_args()
    with OllamaStub(
        mode=given.mode, models=[given.model], window=given.window, port=given.port
    ) as stub:
        sys.stderr.write(f"stub of Ollama (no model inside) on {stub.url}; Ctrl-C ends it\n")
        try:
            stub.stopping.wait()
        except KeyboardInterrupt:
            sys.stderr.write("stopped\n")


if __name__ == "__main__":
    main()
