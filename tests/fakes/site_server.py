"""A small true web site on 127.0.0.1: pages, validators, redirects, and every way to misbehave."""

import gzip
import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

from tests.fakes.loopback import LoopbackServer

HTML = "text/html; charset=utf-8"
_PIECE = 1 << 16


@dataclass
class Page:
    """What the site says at one path.

    Attributes:
        body: Text is sent as UTF-8.
        kind: The Content-Type, "" for none.
        status: Of the answer.
        headers: Further ones.
        is_marked: Whether it has an ETag, and 304 for who has it already.
        first: Statuses of the first requests, before the page answers as described.
        is_cut: Whether the connection breaks half-way.
        is_packed: Whether the body is sent with gzip.
        drip: Seconds between two bytes of the body.
    """

    body: str | bytes = ""
    kind: str = HTML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_marked: bool = True
    first: list[int] = field(default_factory=list)
    is_cut: bool = False
    is_packed: bool = False
    drip: float = 0.0

    @property
    def data(self) -> bytes:
        """Returns the body as bytes."""
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass(frozen=True)
class Asked:
    """One request and how it was answered."""

    path: str
    headers: dict[str, str]
    status: int
    at: float


class SiteServer(LoopbackServer):
    """A running site; use it as a context manager.

    Attributes:
        pages: What it says, by path with query; tests change it at will.
        asked: All requests, oldest first.
        endless: Where paths that begin so answer with links to two more of their kind.
        is_down: Whether every connection is closed without an answer.
    """

    def __init__(self, pages: dict[str, Page] | None = None) -> None:
        """Binds a free port."""
        self.pages = pages or {}
        self.asked: list[Asked] = []
        self.endless = ""
        self.is_down = False
        site = self

        class Handler(_Handler):
            """Tied to this site."""

            owner = site

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Its base address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def serve_tls(self, context: SSLContext) -> None:
        """Speaks TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def take_asked(self) -> list[Asked]:
        """Returns the requests since the last call."""
        taken, self.asked = self.asked, []
        return taken

    def find(self, path: str) -> Page | None:
        """Returns the page at a path."""
        if self.endless and path.startswith(self.endless):
            links = f'<a href="{path}1">1</a> <a href="{path}2">2</a>'
            return Page(f"<html><title>{path}</title><p>{path}</p>{links}</html>")
        return self.pages.get(path)


class _Handler(BaseHTTPRequestHandler):
    owner: SiteServer
    protocol_version = "HTTP/1.1"
    timeout = 5

    def handle(self) -> None:
        """Answers until the visitor leaves, early or not."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Stays silent."""

    def do_GET(self) -> None:
        if self.owner.is_down:
            self.close_connection = True
            return
        page = self.owner.find(self.path) or Page("not here", "text/plain", 404, is_marked=False)
        status = page.first.pop(0) if page.first else page.status
        mark = f'"{hashlib.sha256(page.data).hexdigest()[:16]}"'
        if page.is_marked and status == 200 and self.headers.get("If-None-Match") == mark:
            status = 304
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.owner.asked.append(Asked(self.path, headers, status, time.monotonic()))
        self._answer(page, status, mark)

    def _answer(self, page: Page, status: int, mark: str) -> None:
        data = page.data if status != 304 else b""
        if page.is_packed:
            data = gzip.compress(data)
        self.send_response(status)
        if page.kind:
            self.send_header("Content-Type", page.kind)
        if page.is_marked and status in {200, 304}:
            self.send_header("ETag", mark)
        if page.is_packed:
            self.send_header("Content-Encoding", "gzip")
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self._send(data, page)

    def _send(self, data: bytes, page: Page) -> None:
        try:
            if page.is_cut:
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
            elif page.drip:
                for code in data:
                    self.wfile.write(bytes([code]))
                    time.sleep(page.drip)
            else:
                for begin in range(0, len(data), _PIECE):
                    self.wfile.write(data[begin : begin + _PIECE])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the visitor has seen enough
