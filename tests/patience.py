"""How long a test waits for what must come: so long that only a fault makes it give up."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 60.0
"""Seconds. A test that waits for an event goes on with it, however long it might have waited."""


def wait_for(condition: Callable[[], object]) -> None:
    """Returns as soon as the condition holds."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@contextmanager
def reserved_port() -> Iterator[int]:
    """Yields a port of this machine that is given to nobody who does not ask for it by number.

    Whoever does has to say SO_REUSEADDR, as servers do; until then nobody answers there.
    """
    with socket.socket() as reservation:
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind(("127.0.0.1", 0))
        yield int(reservation.getsockname()[1])
