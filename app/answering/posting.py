"""One request to a model server and the lines of its reply; all that may go wrong has a name.

The packages that servers offer are not used for this: they take a stream that just ends for a
complete one, and they cannot be broken off while the model is silent.
"""

import ssl
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import httpx
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_when_event_set,
    wait_exponential,
)

from app.answering.amending import Amendment, Amendments
from app.answering.chat_options import ChatOptions
from app.answering.errors import (
    ModelBusy,
    ModelKeyRefused,
    ModelReplyBroken,
    ModelTooSlow,
    ModelUnavailable,
    ModelUnreachable,
    PromptTooLong,
    ReplyCut,
    RequestRefused,
)
from app.answering.relaying import Connection

_TOO_LONG = ("context", "exceed", "too long")
_WRONG = frozenset({httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY})
_BUSY = frozenset({httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS})
LOCKED = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})
"""Statuses of a server that wants another key."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model lives.

    Attributes:
        host: The server's base address, such as ``http://127.0.0.1:11434``.
        model: The model's name as the server knows it.
        key: Sent as a bearer token; "" sends none.
    """

    host: str
    model: str
    key: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers every request carries."""
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def open_client(address: Address, timeout: httpx.Timeout, *, kept: int = 2) -> httpx.Client:
    """Returns a client that talks to the address and to nobody else.

    Neither a proxy nor a key out of the environment, and no redirects: questions go where the
    settings say and nowhere else.

    Args:
        address: Where to.
        timeout: How long to wait.
        kept: Connections that are kept open between requests.
    """
    return httpx.Client(
        base_url=address.host,
        headers=address.headers,
        trust_env=False,
        follow_redirects=False,
        verify=_trust(),
        limits=httpx.Limits(max_keepalive_connections=kept),
        timeout=timeout,
    )


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """Returns whom to trust, read once: it takes tens of milliseconds."""
    return httpx.create_ssl_context(trust_env=False)


class Poster:
    """Sends chat requests to one server. Safe to share between threads."""

    def __init__(
        self,
        address: Address,
        options: ChatOptions,
        missing: Callable[[], ModelUnavailable],
        amendable: Sequence[Amendment],
    ) -> None:
        """Keeps the address; nothing is sent before the first use.

        Args:
            address: Where to.
            options: How long to wait, and how often to try.
            missing: Tells what a 404 means on this kind of server.
            amendable: What of a request may be changed when the server refuses it.
        """
        self._amendments = Amendments(amendable)
        self._address = address
        self._options = options
        self._missing = missing
        timeout = httpx.Timeout(options.first_token_s, connect=options.connect_s, pool=5.0)
        # A connection for each reply: it is broken off when the asker goes away.
        self._client = open_client(address, timeout, kept=0)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def read_lines(
        self, path: str, body: dict[str, object], connection: Connection
    ) -> Generator[str]:
        """Yields the lines of the reply that are not empty.

        Raises:
            ModelUnavailable: One of its children.
        """
        deadline = time.monotonic() + self._options.total_s
        model = self._address.model
        response = self._open(path, body, connection)
        try:
            for line in response.iter_lines():
                if time.monotonic() > deadline:
                    raise ModelTooSlow(model=model, seconds=self._options.total_s)
                if line.strip():
                    yield line
        except httpx.TimeoutException:
            raise ModelTooSlow(model=model, seconds=self._options.first_token_s) from None
        except (httpx.TransportError, httpx.StreamError) as error:
            raise ReplyCut(model=model, reason="connection lost") from error
        finally:
            response.close()

    def _open(self, path: str, body: dict[str, object], connection: Connection) -> httpx.Response:
        """Returns the opened stream, retried while the server is starting or busy.

        What the server refuses to take is changed, once for all requests, where that is possible.
        """
        retrying = Retrying(
            stop=stop_after_attempt(self._options.attempts)
            | stop_when_event_set(connection.given_up),
            wait=wait_exponential(multiplier=0.2, max=2),
            sleep=sleep_using_event(connection.given_up),
            retry=retry_if_exception_type((ModelBusy, ModelUnreachable)),
            reraise=True,
        )
        while True:
            sent = self._amendments.apply(body)
            try:
                return retrying(self._try_open, path, sent, connection)
            except RequestRefused as error:
                if not self._amendments.learn(str(error.details["reason"]), sent):
                    raise

    def _try_open(
        self, path: str, body: dict[str, object], connection: Connection
    ) -> httpx.Response:
        model = self._address.model
        request = self._client.build_request(
            "POST", path, json=body, extensions={"trace": connection.trace}
        )
        try:
            response = self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise ModelUnreachable(model=model, host=self._address.host) from None
        except httpx.TimeoutException:
            raise ModelTooSlow(model=model, seconds=self._options.first_token_s) from None
        except httpx.TransportError as error:
            raise ReplyCut(model=model, reason="connection lost") from error
        if response.status_code != httpx.codes.OK:
            raise self._refused(response)
        return response

    def _refused(self, response: httpx.Response) -> ModelUnavailable:
        try:
            text = response.read().decode("utf-8", "replace")[:300]
        except httpx.TransportError:
            text = ""
        finally:
            response.close()
        status, model = response.status_code, self._address.model
        if status == httpx.codes.NOT_FOUND:
            return self._missing()
        if status in LOCKED:
            return ModelKeyRefused(host=self._address.host, status=status)
        if status in _BUSY:
            return ModelBusy(model=model, status=status)
        if status == httpx.codes.BAD_REQUEST and any(word in text for word in _TOO_LONG):
            return PromptTooLong(model=model, window=self._options.window)
        kind = RequestRefused if status in _WRONG else ModelReplyBroken
        return kind(model=model, reason=f"HTTP {status} {text}".strip())
