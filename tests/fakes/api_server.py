"""The API behind a real server on a free port, for what only a socket shows."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from app.main import create_app
from tests.fakes.services import Company


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
            thread.join(timeout=10)
        assert not thread.is_alive()
