"""Goes through a site from its start, nearest pages first, and says what it holds now.

Nothing is taken for gone because a limit was reached: addresses known from before always have
their place among those that may be asked for, and those that no link led to within the limits are
then asked for by themselves. So an endless calendar fills the limit with its first pages and stays
there, and a page is let go when the server says that it is gone, or when the whole site was seen
without a link to it, but not most of them at once: those are then asked for by themselves, too.
"""

import logging
from collections import Counter, deque
from dataclasses import dataclass

from ingestion.model import Tell
from ingestion.sources.web import sitemaps
from ingestion.sources.web.addresses import path_of, place_of, with_scheme, without_scheme
from ingestion.sources.web.choosing import is_asset, is_sign_in
from ingestion.sources.web.guarding import Forbidden
from ingestion.sources.web.mirroring import Copy, Mirror
from ingestion.sources.web.options import WebOptions
from ingestion.sources.web.requesting import Unreachable, Unusable
from ingestion.sources.web.visiting import MOST_HOPS, Fate, Visit, Visitor

logger = logging.getLogger(__name__)

_MOST_SITEMAPS = 500
_MOST_SILENT = 5  # addresses in a row without any answer: the server is gone, not the pages
_QUEUE = 50_000
_MOST_SKIPPED = 1_000


class NoStart(Exception):
    """The start gives no page, so nothing can be said about the site."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An address to visit."""

    address: str
    depth: int
    hops: int = 0


class Crawl:
    """One way through a site.

    Attributes:
        taken: The copies of what the addresses that were visited hold, by address.
        is_complete: Whether everything there is was seen, but for what limits leave out.
        visited: Addresses that were asked for.
        skipped: What is there and was not taken, each with the code of why.
    """

    def __init__(self, options: WebOptions, visitor: Visitor, mirror: Mirror, tell: Tell) -> None:
        """Takes what to do, what visits, the copies of before, and who is told."""
        self._options = options
        self._visitor = visitor
        self._tell = tell
        self._home = place_of(options.start)
        known = {copy.address for copy in mirror.all() if copy.is_page and not copy.is_noindex}
        self._known = {address for address in known if self._may_be_taken(address)}
        self._waiting = set(self._known)
        self._queue: deque[_Entry] = deque()
        self._seen: set[str] = set()
        self._silent = 0
        self._diverted: Counter[str] = Counter()  # known pages sent elsewhere for now, by target
        self._was_cut = False
        self.taken: dict[str, Copy] = {}
        self.visited: set[str] = set()
        self.skipped: dict[str, str] = {}
        self.is_complete = True

    def go(self) -> None:
        """Visits the site.

        Raises:
            NoStart: The start cannot be had.
        """
        rules = self._visitor.rules_of(self._options.start)
        if rules.closed:
            raise NoStart(rules.closed)
        if path_of(self._options.start).lower().endswith((".xml", ".gz")):
            self._begin_with_sitemap(self._options.start)
        else:
            self._begin_with_page()
        for sitemap in rules.sitemaps(self._options.start):
            self._add_sitemap(sitemap)
        self._drain()
        if self._was_cut:
            self._skip(self._options.start, "limit-reached")
        # Where most have no link left at once, the page with the links is at fault, not they.
        is_torn = 2 * len(self._waiting) > len(self._known)
        if (self._was_cut or is_torn) and self._silent < _MOST_SILENT:
            depth = self._options.depth
            self._queue.extend(_Entry(address, depth) for address in sorted(self._waiting))
            self._drain()
        for target, count in self._diverted.most_common(1):
            if count > 2 and 2 * count > len(self._known):
                self._miss(target, "most pages are redirected there")
                self._skip(target, "redirect")

    def documents(self) -> dict[str, Copy]:
        """Returns the copies that are documents, by address; other names of a page are left out."""
        return {
            address: copy
            for address, copy in self.taken.items()
            if not copy.is_noindex and self._options.wants(address) and not self._is_alias(copy)
        }

    def _is_alias(self, copy: Copy) -> bool:
        """Returns whether a page names another as its own address, which is there and agrees."""
        address = self._name(copy.canonical)
        if address in {"", copy.address} or place_of(address).host != place_of(copy.address).host:
            return False
        other = self.taken.get(address)
        if other is None or other.is_noindex or not self._options.wants(address):
            return False
        return self._name(other.canonical) in {"", address}

    def _begin_with_sitemap(self, address: str) -> None:
        try:
            self._read_sitemaps(address)
        except (Unreachable, Unusable, Forbidden, sitemaps.NoSitemap) as error:
            raise NoStart(str(error)) from error

    def _begin_with_page(self) -> None:
        """Visits the start through its redirects; where it ends is the site's home."""
        entry = _Entry(self._options.start, 0)
        for _ in range(MOST_HOPS + 1):
            self._check_start(entry.address)
            visit = self._visit(entry)
            if visit.fate is Fate.TAKEN:
                return
            if visit.fate is Fate.LEFT and "xml" in visit.reason:
                self._begin_with_sitemap(entry.address)
                return
            if visit.fate is not Fate.MOVED:
                raise NoStart(visit.reason)
            if is_sign_in(visit.target) and not visit.is_for_good:
                raise NoStart(f"it redirects to a sign-in page, {visit.target}")
            self._queue.clear()
            self._home = place_of(visit.target)
            entry = _Entry(visit.target, 0)
        raise NoStart(f"more than {MOST_HOPS} redirects")

    def _check_start(self, address: str) -> None:
        if not self._visitor.allows(address):
            raise NoStart(f"it redirects to {place_of(address)}, which is not among the hosts")
        rules = self._visitor.rules_of(address)
        if not rules.allow(address):
            raise NoStart(rules.closed or f"robots.txt does not allow {path_of(address)}")

    def _add_sitemap(self, address: str) -> None:
        """Takes the pages of a sitemap that robots.txt names; one that is not there is no loss."""
        if not self._visitor.allows(address):
            return
        try:
            self._read_sitemaps(address)
        except (Unreachable, Forbidden) as error:
            self._miss(address, str(error))
        except (Unusable, sitemaps.NoSitemap) as error:
            logger.info("%s", error)

    def _read_sitemaps(self, first: str) -> None:
        """Reads a sitemap and those it names.

        Raises:
            Unreachable, Unusable, Forbidden, NoSitemap: The first cannot be had.
        """
        pending, count = deque([first]), 0
        while pending and count < _MOST_SITEMAPS:
            address = pending.popleft()
            if address in self._visitor.asides or not self._visitor.allows(address):
                continue
            count += 1
            self._tell(len(self.taken))
            try:
                pending.extend(self._read_sitemap(address))
            except (Unreachable, Unusable, Forbidden, sitemaps.NoSitemap) as error:
                if address == first:
                    raise
                self._miss(address, str(error))
        self._was_cut = self._was_cut or bool(pending)

    def _read_sitemap(self, address: str) -> tuple[str, ...]:
        """Queues the pages of one sitemap and returns the sitemaps it names."""
        rules = self._visitor.rules_of(address)
        if rules.closed:
            raise Unreachable(rules.closed)
        if not rules.allow(address):
            raise sitemaps.NoSitemap(f"robots.txt does not allow {address}")
        data = self._visitor.read_aside(address, sitemaps.MOST_BYTES)
        if data is None:
            raise sitemaps.NoSitemap(f"there is no sitemap at {address}")
        found = sitemaps.read_sitemap(data, address)
        for page in found.pages:
            self._offer(page, 0)
        return found.sitemaps

    def _drain(self) -> None:
        while self._queue:
            entry = self._queue.popleft()
            if entry.address in self.visited or not self._has_room(entry.address):
                continue
            rules = self._visitor.rules_of(entry.address)
            if rules.closed:
                self._miss(entry.address, rules.closed)
            elif rules.allow(entry.address):
                self._visit(entry)
            else:
                self._skip(entry.address, "robots-txt")
            if self._silent >= _MOST_SILENT:
                self._queue.clear()

    def _has_room(self, address: str) -> bool:
        """Returns whether an address may still be asked for; what was known always may."""
        planned = len(self.visited) + len(self._waiting)
        if address in self._known or planned < self._options.max_pages:
            return True
        self._was_cut = True
        return False

    def _visit(self, entry: _Entry) -> Visit:
        visit = self._visitor.visit(entry.address)
        self.visited.add(entry.address)
        self._waiting.discard(entry.address)
        self._seen.add(without_scheme(entry.address))
        self._silent = self._silent + 1 if visit.fate is Fate.SILENT else 0
        if visit.code:
            self._skip(entry.address, visit.code)
        if visit.fate in {Fate.SILENT, Fate.FAILED, Fate.DENIED}:
            self._miss(entry.address, visit.reason)
        if visit.fate is Fate.MOVED:
            self._follow(entry, visit)
        elif visit.copy is not None and visit.fate is not Fate.LEFT:
            self._take(entry, visit.copy)
        self._tell(len(self.taken))
        return visit

    def _take(self, entry: _Entry, copy: Copy) -> None:
        self.taken[entry.address] = copy
        if copy.is_noindex:
            self._skip(entry.address, "noindex")
        if copy.canonical and place_of(copy.canonical).host == place_of(entry.address).host:
            self._offer(copy.canonical, entry.depth)
        if not self._options.follow_links:
            return
        for link in copy.links:
            self._offer(link, entry.depth + 1)

    def _follow(self, entry: _Entry, visit: Visit) -> None:
        """Puts the target of a redirect in front.

        A page that was here and is only for now sent to a sign-in page, or where the crawler may
        not go, is not gone: its copy stays.
        """
        target = visit.target
        if visit.copy is not None and not visit.is_for_good:
            self._diverted[target] += 1
        may_follow = visit.is_for_good or not is_sign_in(target)
        if may_follow and self._may_be_taken(target):
            if entry.hops < MOST_HOPS and target not in self.visited:
                self._queue.appendleft(_Entry(target, entry.depth, entry.hops + 1))
        elif visit.copy is not None and not visit.is_for_good:
            self._miss(entry.address, f"redirected to {target}")
            self._skip(entry.address, "redirect")
            self._take(entry, visit.copy)

    def _offer(self, link: str, depth: int) -> None:
        """Queues an address unless it is unwanted, known to be queued, or too far away."""
        address = self._name(link)
        key = without_scheme(address)
        if key in self._seen or not self._may_be_taken(address) or is_asset(address):
            return
        if depth > self._options.depth or len(self._queue) >= _QUEUE + self._options.max_pages:
            self._was_cut = True
            return
        self._seen.add(key)
        self._queue.append(_Entry(address, depth))

    def _may_be_taken(self, address: str) -> bool:
        return self._visitor.allows(address) and self._options.wants(address)

    def _name(self, address: str) -> str:
        """Returns the address under https, where the site's home is."""
        place = place_of(address)
        is_home = place.host == self._home.host and place.is_usual and self._home.is_usual
        if address and is_home and self._home.scheme == "https":
            return with_scheme(address, "https")
        return address

    def _skip(self, address: str, code: str) -> None:
        if len(self.skipped) < _MOST_SKIPPED:
            self.skipped[address] = code

    def _miss(self, address: str, reason: str) -> None:
        if self.is_complete:  # the first says enough; there may be thousands
            logger.warning("%s could not be had, so nothing is removed: %s", address, reason)
        self.is_complete = False
