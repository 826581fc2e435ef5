"""Asks for one address: politely, again where that may help, and never more than was allowed."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic
from typing import Self

import httpcore
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from ingestion.sources.web.addresses import Place, place_of
from ingestion.sources.web.connecting import Line, open_pool, trust

_ATTEMPTS = 3
_LONGEST_WAIT_S = 120.0  # of what a server may ask for by Retry-After
_PATIENCE = 15  # times the silence that fails a request: what the whole answer may take
_PIECE = 1 << 16
_TELLING_S = 1.0
_AGAIN = frozenset({429, 502, 503, 504})
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32

Rest = Callable[[float], None]
"""Waits so many seconds, perhaps none; what it raises ends the listing."""
Wanted = Callable[[Mapping[str, str]], bool]
"""Whether the body that these headers announce is wanted."""


class Unreachable(Exception):
    """An address gave no complete answer, but may another time."""


class Unusable(Exception):
    """An address answers with what cannot be taken: too large, or packed in an unknown way."""


class _Failed(Unreachable):
    """One attempt failed; ``after`` is how long the server asks to wait."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        headers: By lower-case name; those that were sent several times are joined by commas.
        size: Of the body that was written, in bytes; None where it was not wanted.
    """

    status: int
    headers: Mapping[str, str]
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Manners:
    """How every request is made.

    Attributes:
        user_agent: How the crawler names itself.
        timeout: Seconds of silence after which a request has failed.
        authorization: Sent to the places below and nowhere else, "" for none.
        trusted: Where the authorization may go.
        ca_file: Further authorities for certificates, "" for the system's alone.
    """

    user_agent: str
    timeout: float
    authorization: str = ""
    trusted: frozenset[Place] = frozenset()
    ca_file: str = ""


class Requester:
    """Makes requests one after the other; use it as a context manager.

    Attributes:
        delays: Seconds between two requests to a place.
        sent: How many requests were made.
        bodies: How many bytes of bodies were received.
    """

    def __init__(self, line: Line, manners: Manners, delay: float, rest: Rest) -> None:
        """Takes what connects, how to behave, and what waits.

        Raises:
            OSError: The file of authorities cannot be used.
        """
        self._line = line
        self._pool = open_pool(line, trust(manners.ca_file))
        self._manners = manners
        self._delay = delay
        self._rest = rest
        self._last: dict[Place, float] = {}
        self.delays: dict[Place, float] = {}
        self.sent = 0
        self.bodies = 0

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes all connections."""
        self._pool.close()

    def ask(
        self, address: str, extra: Mapping[str, str], into: Path, most: int, wanted: Wanted
    ) -> Reply:
        """Returns the answer to one address; redirects are answers like any other.

        Args:
            address: A tidy address.
            extra: Further headers.
            into: Where a wanted body is written, unpacked.
            most: Largest body, unpacked, in bytes.
            wanted: Decides on a body by its headers.

        Raises:
            Unreachable: Also the last of a few attempts failed.
            Unusable: The body cannot be taken.
            Forbidden: The host's address may not be connected to.
        """
        attempts = Retrying(
            retry=retry_if_exception_type(_Failed),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=_choose_wait,
            sleep=self._rest,
            reraise=True,
        )
        return attempts(self._ask_once, address, extra, into, most, wanted)

    def _ask_once(
        self, address: str, extra: Mapping[str, str], into: Path, most: int, wanted: Wanted
    ) -> Reply:
        place = place_of(address)
        self._keep_distance(place)
        self._line.deadline = monotonic() + _PATIENCE * self._manners.timeout
        self.sent += 1
        steps = ("connect", "read", "write", "pool")
        timeouts = dict.fromkeys(steps, self._manners.timeout)
        headers = self._headers(place, extra)
        try:
            with self._pool.stream(
                "GET", address, headers=headers, extensions={"timeout": timeouts}
            ) as response:
                return self._take(response, into, most, wanted)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            if monotonic() >= self._line.deadline:
                raise Unreachable("the answer takes too long") from error
            raise _Failed(str(error) or type(error).__name__) from error
        finally:
            self._last[place] = monotonic()

    def _headers(self, place: Place, extra: Mapping[str, str]) -> list[tuple[str, str]]:
        headers = {
            "User-Agent": self._manners.user_agent,
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Encoding": "gzip",
            **extra,
        }
        if self._manners.authorization and place in self._manners.trusted:
            headers["Authorization"] = self._manners.authorization
        return list(headers.items())

    def _keep_distance(self, place: Place) -> None:
        last = self._last.get(place)
        if last is not None:
            left = max(self._delay, self.delays.get(place, 0.0)) - (monotonic() - last)
            if left > 0:
                self._rest(left)

    def _take(self, response: httpcore.Response, into: Path, most: int, wanted: Wanted) -> Reply:
        headers = join_headers(response.headers)
        if response.status in _AGAIN:
            after = read_wait(headers.get("retry-after", ""), datetime.now(UTC))
            raise _Failed(f"HTTP {response.status}", after)
        if response.status != 200:
            _drain(response)
            return Reply(response.status, headers)
        if not wanted(headers):
            return Reply(response.status, headers)
        size, told = 0, monotonic()
        with into.open("wb") as file:
            for piece in unpack(response.iter_stream(), headers.get("content-encoding", "")):
                size += len(piece)
                if size > most:
                    raise Unusable(f"larger than {most} bytes")
                file.write(piece)
                if monotonic() - told > _TELLING_S:
                    self._rest(0.0)  # a large file takes its time, and may be given up meanwhile
                    told = monotonic()
        self.bodies += size
        return Reply(response.status, headers, size)


def _drain(response: httpcore.Response) -> None:
    """Reads a short body to its end, so that the connection serves the next request too."""
    size = 0
    for piece in response.iter_stream():
        size += len(piece)
        if size > _PIECE:
            return


def join_headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Returns headers by lower-case name."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def unpack(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Yields a body unpacked, in small pieces however much is packed into one.

    Raises:
        Unusable: It is packed in a way that was not asked for, or wrongly.
        Unreachable: It ends too early.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        yield from pieces
        return
    if name not in {"gzip", "x-gzip", "deflate"}:
        raise Unusable(f"the content encoding is {name[:40]!r}")
    opener = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        for packed in pieces:
            waiting = packed
            while waiting and not opener.eof:
                yield opener.decompress(waiting, _PIECE)
                waiting = opener.unconsumed_tail
    except zlib.error as error:
        raise Unusable("the body is not packed as its headers say") from error
    if not opener.eof:
        raise _Failed("the body ends too early")


def read_wait(value: str, now: datetime) -> float | None:
    """Returns the seconds that a Retry-After header asks for, within bounds; None for none."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST_WAIT_S)


def _choose_wait(state: RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome is not None else None
    asked = failure.after if isinstance(failure, _Failed) else None
    return 2.0 ** (state.attempt_number - 1) if asked is None else asked
