"""What all stub servers share: a thread of their own, from entering a block to leaving it."""

import threading
from socketserver import TCPServer
from typing import Self

_LOOKS_EVERY_S = 0.02  # for the request to stop


class LoopbackServer:
    """A server that runs while its block does."""

    def __init__(self, server: TCPServer) -> None:
        """Takes the bound server, which is this one's to close."""
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(_LOOKS_EVERY_S,))

    @property
    def port(self) -> int:
        """The port it listens on, of the loopback address."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        """Starts serving."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops serving; waits for requests in flight where the server does."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
