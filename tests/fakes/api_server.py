"""The API behind a real server on a free port, for what only a socket shows."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import uvicorn

from app.main import create_app
from tests.fakes.services import Company
from tests.patience import PATIENCE_S


@contextmanager
def serving(company: Company) -> Iterator[str]:
    """Runs a real server on a free port and yields its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn.Config(create_app(company.services), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            company.answerer.endless = False
            server.should_exit = True
            thread.join(timeout=PATIENCE_S)
        assert not thread.is_alive()


def open_caller(address: str, headers: Mapping[str, str]) -> httpx.Client:
    """Returns a client of the server that waits as long as a test does."""
    return httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_S)


@contextmanager
def requesting(
    address: str, headers: Mapping[str, str], body: object = None, *, times: int = 1
) -> Iterator[list[HTTPConnection]]:
    """Sends the same request over so many connections, and leaves them open, unread.

    Args:
        address: Where to.
        headers: Of the request.
        body: What is posted as JSON; without it the request is a GET.
        times: How many connections.
    """
    place, sent = urlsplit(address), {**headers, "Content-Type": "application/json"}
    method, data = ("GET", None) if body is None else ("POST", json.dumps(body))
    with ExitStack() as opened:
        callers = [HTTPConnection(place.netloc, timeout=PATIENCE_S) for _ in range(times)]
        for caller in callers:
            opened.callback(caller.close)
            caller.request(method, place.path, data, sent)
        yield callers
