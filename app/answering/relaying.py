"""Reading a slow connection in a thread, so that the reader can turn away at any moment."""

import socket
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any

BEAT_S = 1.0
"""Seconds of silence after which a reader is given an empty piece."""

_CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class Connection:
    """The one connection of a request, so that another thread can break it off.

    A blocked read does not notice that its socket is closed by another thread; it does notice a
    shutdown. httpx hands out the socket through its ``trace`` extension, also before the server
    has sent any header.

    Attributes:
        given_up: Set once nobody wants the reply any more.
    """

    def __init__(self) -> None:
        """Begins without a socket."""
        self.given_up = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Notes the socket when httpx tells of one."""
        if name not in _CONNECTED:
            return
        with self._lock:
            self._socket = info["return_value"].get_extra_info("socket")
        if self.given_up.is_set():
            self.hang_up()

    def hang_up(self) -> None:
        """Ends the connection; a read that waits for it ends at once."""
        self.given_up.set()
        with self._lock:
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:  # it has ended by itself
                    self._socket = None


def relay(
    produce: Callable[[], Iterable[str]], hang_up: Callable[[], None], beat_s: float = BEAT_S
) -> Generator[str]:
    """Yields what ``produce`` gives, read in a thread, and "" whenever it is silent for a beat.

    Closing the generator calls ``hang_up``, which must make ``produce`` end, and waits for that.

    Raises:
        Exception: Whatever ``produce`` raises, after what came before.
    """
    pieces: SimpleQueue[str | None] = SimpleQueue()

    def read() -> None:
        try:
            for piece in produce():
                pieces.put(piece)
        finally:
            pieces.put(None)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="chat-model") as reader:
        work = reader.submit(read)
        try:
            while (piece := _take(pieces, beat_s)) is not None:
                yield piece
        finally:
            if not work.done():
                hang_up()
        work.result()


def _take(pieces: "SimpleQueue[str | None]", beat_s: float) -> str | None:
    try:
        return pieces.get(timeout=beat_s)
    except Empty:
        return ""
