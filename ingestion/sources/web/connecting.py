"""Connects to the very address that was checked, and to nothing through a proxy.

The name is resolved once, here, and what the guard allows of the answer is connected to: a name
server that answers otherwise a moment later changes nothing. Host header and TLS name stay those of
the address that was asked for. Nothing of the environment (proxies, netrc) is looked at.
"""

import ssl
from collections.abc import Iterable
from time import monotonic
from typing import Any

import httpcore

from ingestion.sources.web.guarding import Guard, Resolve

SocketOptions = Iterable[httpcore.SOCKET_OPTION]


class Line(httpcore.NetworkBackend):
    """Connects for a pool, within the time that one request may take altogether.

    Attributes:
        deadline: Monotonic time at which the request at hand has taken too long.
    """

    def __init__(self, guard: Guard, resolve: Resolve) -> None:
        """Takes what decides on addresses, and what finds them."""
        self._guard = guard
        self._resolve = resolve
        self._backend = httpcore.SyncBackend()
        self.deadline = float("inf")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Returns a connection to the first allowed address that answers.

        Raises:
            Forbidden: The host has no allowed address.
            httpcore.ConnectError: It has no address, or none of them answers.
        """
        try:
            found = list(self._resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known ({error})") from error
        allowed = self._guard.choose(host, found)
        failure: Exception = httpcore.ConnectError(host)
        for address in allowed:
            try:
                stream = self._backend.connect_tcp(
                    address, port, self.limit(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self)
        raise failure

    def limit(self, timeout: float | None) -> float:
        """Returns how long one step may still take.

        Raises:
            httpcore.ReadTimeout: The request has taken too long.
        """
        left = self.deadline - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer took too long")
        return left if timeout is None else min(timeout, left)


class _TimedStream(httpcore.NetworkStream):
    """A connection on which no server can keep a request waiting by a byte now and then."""

    def __init__(self, stream: httpcore.NetworkStream, line: Line) -> None:
        self._stream = stream
        self._line = line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._line.limit(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._line.limit(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._line.limit(timeout))
        return _TimedStream(stream, self._line)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the interface has it
        return self._stream.get_extra_info(info)


def trust(ca_file: str = "") -> ssl.SSLContext:
    """Returns what checks certificates: the system's authorities and those of a PEM file.

    Raises:
        OSError: The file cannot be read, or holds no certificate.
    """
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def open_pool(line: Line, context: ssl.SSLContext) -> httpcore.ConnectionPool:
    """Returns a pool of connections on this line."""
    return httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=8,
        max_keepalive_connections=4,
        keepalive_expiry=15,
        network_backend=line,
    )
