"""What a site allows crawlers, by its robots.txt (RFC 9309)."""

import re
from dataclasses import dataclass

from protego import Protego

from ingestion.sources.web.addresses import tidy

MOST_BYTES = 500 * 1024  # what RFC 9309 asks a crawler to read at least
_LONGEST_DELAY_S = 60.0
_MOST_SITEMAPS = 50
_LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True)
class Rules:
    """What one site allows.

    Attributes:
        robot: The crawler's own name.
        parsed: Its robots.txt, None where it has none.
        closed: Why it could not be read, so that nothing may be asked for; "" where it could.
    """

    robot: str
    parsed: Protego | None = None
    closed: str = ""

    def allow(self, address: str) -> bool:
        """Returns whether an address may be asked for."""
        if self.closed:
            return False
        return self.parsed is None or self.parsed.can_fetch(address, self.robot)

    @property
    def delay(self) -> float:
        """Returns the seconds between two requests that the site asks for, at most a minute."""
        asked = None if self.parsed is None else self.parsed.crawl_delay(self.robot)
        return min(max(asked or 0.0, 0.0), _LONGEST_DELAY_S)

    def sitemaps(self, start: str) -> list[str]:
        """Returns the sitemaps the site names."""
        named = [] if self.parsed is None else list(self.parsed.sitemaps)[:_MOST_SITEMAPS]
        return [address for each in named if (address := tidy(each, start))]


def read_rules(data: bytes, robot: str) -> Rules:
    """Returns what a robots.txt says to a crawler of this name."""
    text = data[:MOST_BYTES].decode("utf-8-sig", "replace")
    lines = [line[:_LONGEST_LINE] for line in text.splitlines()]
    return Rules(robot, Protego.parse("\n".join(lines)))


def name_of(user_agent: str) -> str:
    """Returns the product name in a user agent, which robots.txt and pages speak to."""
    found = re.match(r"[A-Za-z_\-]+", user_agent)
    return found[0] if found else user_agent
