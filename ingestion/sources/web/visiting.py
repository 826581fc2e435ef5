"""Visits one address: its answer becomes a copy in the mirror, or a reason why there is none."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from ingestion.sources.web import robots, sitemaps
from ingestion.sources.web.addresses import Place, place_of, tidy
from ingestion.sources.web.choosing import HTML, choose_extension, is_text, make_readable
from ingestion.sources.web.guarding import Forbidden
from ingestion.sources.web.mirroring import Copy, Mirror
from ingestion.sources.web.options import WebOptions
from ingestion.sources.web.pages import (
    PageFacts,
    find_charset,
    look_at,
    read_markup,
    read_robots_header,
)
from ingestion.sources.web.requesting import Reply, Requester, Unreachable, Unusable
from ingestion.sources.web.robots import Rules

MOST_HOPS = 5
_MOST_TEXT = 20 * 1024 * 1024  # bytes of a page, which is looked at in memory
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})


class Fate(StrEnum):
    """What became of a visit."""

    TAKEN = "taken"  # there is a copy of what the address holds now
    MOVED = "moved"
    GONE = "gone"
    LEFT = "left"  # what is there is no document
    DENIED = "denied"  # the server answers, but does not give what it gave before
    FAILED = "failed"  # the server answers that it cannot
    SILENT = "silent"  # no answer


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit brought.

    Attributes:
        copy: The copy as it is now; after a failure the last one.
        target: Where the address moved to.
        is_for_good: Whether it says that it moved for ever.
        reason: Why there is no new copy, in words.
        code: The same for a report.
    """

    fate: Fate
    copy: Copy | None = None
    target: str = ""
    is_for_good: bool = False
    reason: str = ""
    code: str = ""


class Visitor:
    """Visits addresses of allowed hosts."""

    def __init__(self, options: WebOptions, requester: Requester, mirror: Mirror) -> None:
        """Takes what may be asked, what asks, and where copies are."""
        self._options = options
        self._places = options.places
        self._requester = requester
        self._mirror = mirror
        self._robot = robots.name_of(options.user_agent)
        self._rules: dict[Place, Rules] = {}
        self.asides: set[str] = set()
        """Addresses of robots.txt and sitemaps that were asked for."""

    def allows(self, address: str) -> bool:
        """Returns whether an address is on an allowed host."""
        place = place_of(address)
        return (place.host, place.port) in self._places

    def rules_of(self, address: str) -> Rules:
        """Returns what the site of an address allows; asked for once in a run."""
        place = place_of(address)
        if place not in self._rules:
            self._rules[place] = rules = self._ask_rules(place)
            self._requester.delays[place] = rules.delay
        return self._rules[place]

    def visit(self, address: str) -> Visit:
        """Returns what an allowed address holds now; a redirect is not followed."""
        copy = self._mirror.find(address)
        asked = copy.validators if copy is not None else {}
        try:
            reply = self._requester.ask(
                address,
                asked,
                self._mirror.incoming,
                self._options.max_bytes,
                lambda headers: bool(choose_extension(headers.get("content-type", ""), address)),
            )
        except (Unreachable, Forbidden) as error:
            return Visit(Fate.SILENT, copy, reason=str(error), code="no-answer")
        except Unusable as error:
            fate = Fate.TAKEN if copy is not None else Fate.LEFT
            return Visit(fate, copy, reason=str(error), code="too-large")
        return self._judge(address, reply, copy)

    def read_aside(self, address: str, most: int) -> bytes | None:
        """Returns the body of a robots.txt or sitemap, None where there is none (4xx).

        Raises:
            Unreachable: There is no answer, or one that says it cannot.
            Unusable: It cannot be taken.
            Forbidden: It may not be connected to.
        """
        for _ in range(MOST_HOPS + 1):
            self.asides.add(address)
            copy = self._mirror.find(address)
            asked = copy.validators if copy is not None else {}
            reply = self._requester.ask(
                address, asked, self._mirror.incoming, most, lambda _headers: True
            )
            if reply.status == 304 and copy is not None:
                return self._mirror.path(copy).read_bytes()
            if reply.status == 200:
                kept = self._keep(address, reply, ".txt", PageFacts(), is_page=False)
                return self._mirror.path(kept).read_bytes()
            target = _find_target(reply, address)
            if reply.status not in _REDIRECTS or target is None or not self.allows(target):
                break
            address = target
        if reply.status >= 500:
            raise Unreachable(f"{address}: HTTP {reply.status}")
        return None

    def _ask_rules(self, place: Place) -> Rules:
        try:
            data = self.read_aside(f"{place}/robots.txt", sitemaps.MOST_BYTES)
        except (Unreachable, Unusable, Forbidden) as error:
            return Rules(self._robot, closed=f"robots.txt of {place}: {error}")
        return Rules(self._robot) if data is None else robots.read_rules(data, self._robot)

    def _judge(self, address: str, reply: Reply, copy: Copy | None) -> Visit:
        status = reply.status
        if status == 304 and copy is not None:
            return Visit(Fate.TAKEN, copy)
        if status == 200:
            return self._take(address, reply, copy)
        if status in _REDIRECTS:
            target = _find_target(reply, address)
            if target is None:
                return Visit(Fate.LEFT, copy, reason="a redirect to nowhere")
            return Visit(Fate.MOVED, copy, target, status in _FOR_GOOD)
        reason = f"HTTP {status}"
        if status in {404, 410}:
            return Visit(Fate.GONE, reason=reason)
        if status >= 500 or status == 304:
            return Visit(Fate.FAILED, copy, reason=reason, code=f"http-{status}")
        fate = Fate.LEFT if copy is None else Fate.DENIED
        return Visit(fate, copy, reason=reason, code=f"http-{status}")

    def _take(self, address: str, reply: Reply, copy: Copy | None) -> Visit:
        kind = reply.headers.get("content-type", "")
        if reply.size is None:
            return Visit(Fate.LEFT, reason=f"no document ({kind[:100]})")
        extension = choose_extension(kind, address)
        if is_text(extension) and reply.size > _MOST_TEXT:
            fate = Fate.LEFT if copy is None else Fate.TAKEN
            return Visit(fate, copy, reason=f"larger than {_MOST_TEXT} bytes", code="too-large")
        facts = self._look(address, reply, extension)
        return Visit(Fate.TAKEN, self._keep(address, reply, extension, facts))

    def _look(self, address: str, reply: Reply, extension: str) -> PageFacts:
        orders = reply.headers.get("x-robots-tag", "")
        if extension != HTML:
            found = read_robots_header(orders, self._robot)
            return PageFacts(is_noindex=bool({"noindex", "none"} & found))
        charset = find_charset(reply.headers.get("content-type", ""))
        markup = read_markup(self._mirror.incoming.read_bytes(), charset)
        return look_at(markup, address, self._robot, orders)

    def _keep(
        self, address: str, reply: Reply, extension: str, facts: PageFacts, *, is_page: bool = True
    ) -> Copy:
        headers = reply.headers
        if is_page and is_text(extension):
            data = self._mirror.incoming.read_bytes()
            charset = find_charset(headers.get("content-type", ""))
            readable = make_readable(data, extension, charset)
            if readable is not data:
                self._mirror.incoming.write_bytes(readable)
        copy = Copy(
            address=address,
            file="",
            digest="",
            size=0,
            modified_at=_find_date(headers),
            etag=_sendable(headers.get("etag", "")),
            last_modified=_sendable(headers.get("last-modified", "")),
            links=facts.links,
            canonical=facts.canonical,
            is_noindex=facts.is_noindex,
            is_page=is_page,
        )
        return self._mirror.keep(copy, self._mirror.incoming, extension)


def _find_target(reply: Reply, address: str) -> str | None:
    """Returns where a redirect leads; names beyond ASCII are UTF-8, as browsers take them."""
    location = reply.headers.get("location", "")
    with suppress(UnicodeDecodeError):  # then each byte is a character
        location = location.encode("latin-1").decode("utf-8")
    return tidy(location, address) if location else None


def _sendable(mark: str) -> str:
    """Returns a server's mark of a version, "" where it is none that can be sent back."""
    return mark if mark.isascii() and mark.isprintable() else ""


def _find_date(headers: Mapping[str, str]) -> str:
    """Returns when a page last changed, as its server says, else now."""
    now = datetime.now(UTC)
    try:
        stated = parsedate_to_datetime(headers.get("last-modified", "")).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return now.isoformat()
    return min(stated, now).isoformat()
