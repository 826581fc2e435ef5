"""What the stubs of model servers share: the socket, replies in pieces, misbehaviour on demand."""

import json
import select
import socket
import sys
import threading
from collections.abc import Sequence
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.fakes.loopback import LoopbackServer
from tests.fakes.model_reply import Reply

_PIECE_CHARACTERS = 4


class Mode(StrEnum):
    """How a server behaves when it is to chat."""

    OK = "ok"
    SLOW = "slow"  # a tenth of a second between pieces
    SILENT = "silent"  # accepts and never writes a piece
    STALLED = "stalled"  # writes half of its pieces at once and then no more
    MUTE = "mute"  # like SILENT, but not even a header comes, as while a long prompt is read
    BUSY = "busy"  # 503, always
    BUSY_ONCE = "busy-once"  # 503 to the first request
    CUT = "cut"  # the connection breaks half-way
    ENDS_EARLY = "ends-early"  # the stream ends in order, but without saying that it is done
    MALFORMED = "malformed"  # half-way, a line that is no JSON
    ERROR_LINE = "error-line"  # half-way, a line that reports an error
    THINKING = "thinking"  # thinks in a field of its own first
    THINKING_INLINE = "thinking-inline"  # thinks inside the content, as old servers let it
    TRUNCATING = "truncating"  # silently reads a part of the prompt


class ModelServer(LoopbackServer):
    """A running stub; use it as a context manager.

    Attributes:
        mode: May be changed while it runs.
        models: Names it says it has.
        window: Tokens it takes.
        chats: Bodies of all chat requests.
        disconnects: How many clients went away in the middle of a reply.
    """

    speaking: ClassVar[type["ModelHandler"]]
    """How it answers requests."""

    def __init__(
        self, reply: Reply | str, mode: Mode, models: Sequence[str], window: int, port: int
    ) -> None:
        """Binds a loopback port (any free one for 0)."""
        self.reply: Reply = reply if callable(reply) else lambda _messages: reply
        self.mode, self.models, self.window = mode, tuple(models), window
        self.chats: list[dict[str, Any]] = []
        self.disconnects = 0
        self.stopping = threading.Event()
        handler = type("Handler", (self.speaking,), {"owner": self})
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        server.daemon_threads = False  # closing the server waits for its requests
        super().__init__(server)

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    def __exit__(self, *raised: object) -> None:
        """Stops serving and waits for requests in flight."""
        self.stopping.set()
        super().__exit__(*raised)

    def serve(self, name: str) -> None:
        """Serves until interrupted, saying where."""
        with self:
            sys.stderr.write(f"stub of {name} (no model inside) on {self.url}; Ctrl-C ends it\n")
            try:
                self.stopping.wait()
            except KeyboardInterrupt:
                sys.stderr.write("stopped\n")


class ModelHandler(BaseHTTPRequestHandler):
    """Answers the requests of one stub; who inherits it knows the paths and the words."""

    owner: ModelServer
    protocol_version = "HTTP/1.1"
    timeout = 5
    stream_type: ClassVar[str]
    busy: ClassVar[dict[str, Any]]
    too_long: ClassVar[dict[str, Any]]
    half_line: ClassVar[bytes]
    error_line: ClassVar[bytes]

    def log_message(self, format: str, *args: object) -> None:
        """Stays silent."""

    def do_GET(self) -> None:
        self.show()

    def do_POST(self) -> None:
        self.work(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def show(self) -> None:
        """Answers a request without a body."""
        raise NotImplementedError

    def work(self, body: dict[str, Any]) -> None:
        """Answers a request with one."""
        raise NotImplementedError

    def measure(self, body: dict[str, Any]) -> tuple[int, int, int]:
        """Returns the tokens of the prompt, how many there may be, and those of a reply."""
        raise NotImplementedError

    def think(self, body: dict[str, Any], text: str) -> None:
        """Writes what the model thinks before it answers."""
        raise NotImplementedError

    def tell(self, body: dict[str, Any], text: str) -> None:
        """Writes a piece of the reply."""
        raise NotImplementedError

    def conclude(self, body: dict[str, Any], read: int, reason: str) -> None:
        """Says that the reply is done, after so many tokens were read."""
        raise NotImplementedError

    def chat(self, body: dict[str, Any]) -> None:
        """Replies as the mode says."""
        owner = self.owner
        owner.chats.append(body)
        first = len(owner.chats) == 1
        read, room, limit = self.measure(body)
        if owner.mode is Mode.BUSY or (owner.mode is Mode.BUSY_ONCE and first):
            self.send(503, self.busy)
        elif read > room and owner.mode is not Mode.TRUNCATING:
            self.send(400, self.too_long)
        else:
            read = min(read, room) // 4 if owner.mode is Mode.TRUNCATING else read
            try:
                self._stream(body, read, limit)
            except (BrokenPipeError, ConnectionResetError):
                owner.disconnects += 1
                self.close_connection = True

    def open_stream(self) -> None:
        """Begins a reply in chunks; the empty one ends it."""
        self.send_response(200)
        self.send_header("Content-Type", self.stream_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        """Writes one chunk."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def send(self, status: int, value: dict[str, Any]) -> None:
        """Answers with JSON."""
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, body: dict[str, Any], read: int, limit: int) -> None:
        mode = self.owner.mode
        if mode is Mode.MUTE:
            self._wait()
        self.open_stream()
        reply = self.owner.reply(body["messages"])
        if mode is Mode.THINKING:
            self.think(body, "Secret thoughts. [1]")
        if mode is Mode.THINKING_INLINE:
            reply = f"<think>Secret thoughts. [1]</think>{reply}"
        pieces = [reply[i : i + _PIECE_CHARACTERS] for i in range(0, len(reply), _PIECE_CHARACTERS)]
        for index, piece in enumerate(pieces[:limit]):
            if index == len(pieces) // 2 and self._misbehave():
                return
            self._wait()
            self.tell(body, piece)
        if mode is not Mode.ENDS_EARLY:
            self.conclude(body, read, "length" if len(pieces) > limit else "stop")
        self.chunk(b"")

    def _misbehave(self) -> bool:
        """Does what the mode does half-way; returns whether the reply ends there."""
        mode = self.owner.mode
        if mode is Mode.CUT:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return True
        if mode is Mode.STALLED:
            self._wait_to_be_left()
        if mode is Mode.MALFORMED:
            self.chunk(self.half_line)
        if mode is Mode.ERROR_LINE:
            self.chunk(self.error_line)
        return False

    def _wait(self) -> None:
        mode = self.owner.mode
        if mode is Mode.SLOW:
            self.owner.stopping.wait(0.1)
        if mode in {Mode.SILENT, Mode.MUTE}:
            self._wait_to_be_left()

    def _wait_to_be_left(self) -> None:
        while not self.owner.stopping.wait(0.02):
            if select.select([self.connection], [], [], 0)[0]:
                raise ConnectionResetError  # only an end of stream can be read here
