"""What an administrator may say about a web source; checked without loading an HTTP client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingestion.errors import SourceInvalid
from ingestion.sources.web.addresses import Place, path_of, place_of, tidy, tidy_host, tidy_path

Network = IPv4Network | IPv6Network
Allowed = tuple[str, str]
"""What a setting may be, in Japanese and English."""

MEGABYTE = 1024 * 1024
_USUAL = (80, 443)
_SITEMAPS = (".xml", ".xml.gz")


@dataclass(frozen=True, slots=True)
class WebOptions:
    """What is fetched, and how.

    Attributes:
        start: Address of a page or of a sitemap.
        hosts: Host names beside the start's own, each with a port where that is not the usual one.
        include: Path beginnings of what becomes a document; empty for everything.
        exclude: Path beginnings of what is never asked for.
        max_pages: Most addresses that are asked for in one run.
        depth: Most links between the start and a page.
        delay: Seconds between two requests; robots.txt may ask for more.
        max_bytes: Largest page or file, unpacked.
        follow_links: Whether pages lead to others; a sitemap alone does not unless this says so.
        private_hosts: Names, addresses and networks that may lie inside the company.
        user_agent: How the crawler names itself.
        user: With a password file, the name for Basic authentication.
        password_file: Its first line is the password, or the whole Authorization value without a
            user; sent to the start's host only.
        ca_file: Further authorities for certificates, as PEM.
        timeout: Seconds of silence after which a request has failed.
    """

    start: str
    hosts: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_pages: int = 2000
    depth: int = 10
    delay: float = 0.5
    max_bytes: int = 20 * MEGABYTE
    follow_links: bool = True
    private_hosts: tuple[str, ...] = ()
    user_agent: str = "Kura"
    user: str = ""
    password_file: str = ""
    ca_file: str = ""
    timeout: float = 20.0

    @property
    def places(self) -> frozenset[tuple[str, int]]:
        """Returns the hosts and ports that may be asked; the usual ports always go together."""
        start = place_of(self.start)
        given = [(start.host, 0 if start.is_usual else start.port)]
        given += [_split_host(host) for host in self.hosts]
        named = {(host, port) for host, port in given if port}
        return frozenset(
            named | {(host, each) for host, port in given if not port for each in _USUAL}
        )

    def allows(self, place: Place) -> bool:
        """Returns whether a host and port may be asked."""
        return (place.host, place.port) in self.places

    def wants(self, address: str) -> bool:
        """Returns whether a page at this address would be a document."""
        path = path_of(address)
        included = not self.include or path.startswith(self.include)
        return included and not path.startswith(self.exclude)


def read_options(location: str, settings: Mapping[str, Any]) -> WebOptions:
    """Returns the options of a web source.

    Raises:
        SourceInvalid: The location is no web address, or a setting cannot be used.
    """
    start = tidy(location)
    if start is None or urlsplit(location.strip()).scheme.lower() not in {"http", "https"}:
        raise SourceInvalid(field="location", value=_without_login(location), allowed=_ADDRESS)
    checks = _CHECKS
    for name in settings:
        if name not in checks:
            raise SourceInvalid(field=name, value=settings[name], allowed=", ".join(checks))
    given: dict[str, Any] = {name: _check(name, value) for name, value in settings.items()}
    is_sitemap = path_of(start).lower().endswith(_SITEMAPS)
    return WebOptions(start, **{"follow_links": not is_sitemap, **given})


def read_network(entry: str) -> Network | None:
    """Returns the network or single address an entry of ``private_hosts`` is, None for a name."""
    try:
        return ip_network(entry.removeprefix("[").removesuffix("]"), strict=False)
    except ValueError:
        return None


def _check(name: str, value: object) -> object:
    check, allowed = _CHECKS[name]
    try:
        return check(value)
    except (ValueError, TypeError, UnicodeError) as error:
        raise SourceInvalid(field=name, value=value, allowed=allowed) from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_TEXT:
        raise TypeError(value)
    return value


def _header_text(value: object) -> str:
    text = _text(value).strip()
    if not text or not text.isascii():
        raise ValueError(text)
    return text


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_ENTRIES:
        raise TypeError(value)
    return tuple(_text(each) for each in value)


def _host_names(value: object) -> tuple[str, ...]:
    named = [_split_host(each) for each in _texts(value)]
    shown = [(f"[{host}]" if ":" in host else host, port) for host, port in named]
    return tuple(f"{host}:{port}" if port else host for host, port in shown)


def _private_entries(value: object) -> tuple[str, ...]:
    return tuple(
        each if read_network(each) is not None else tidy_host(each) for each in _texts(value)
    )


def _prefixes(value: object) -> tuple[str, ...]:
    found = _texts(value)
    if not all(each.startswith("/") for each in found):
        raise ValueError(value)
    return tuple(tidy_path(each) for each in found)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _absolute(value: object) -> str:
    if not Path(_text(value)).is_absolute():
        raise ValueError(value)
    return _text(value)


def _whole(least: int, most: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(value)
        return value

    return check


def _seconds(least: float, most: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(value)
        if not isfinite(value) or not least <= value <= most:
            raise ValueError(value)
        return float(value)

    return check


def _split_host(entry: str) -> tuple[str, int]:
    """Returns a host and its port, 0 where none is named."""
    parts = urlsplit(f"//{entry}" if entry.count(":") < 2 or "[" in entry else f"//[{entry}]")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(entry)
    return tidy_host(parts.hostname or ""), parts.port or 0


def _without_login(location: str) -> str:
    """Returns the location as a message may show it: what stands before an @ may be a password."""
    before, at, after = location.rpartition("@")
    return f"***@{after}" if at and before else location


LONGEST_TEXT, MOST_ENTRIES = 1000, 1000

_ADDRESS: Allowed = (
    "http または https で始まるアドレス（ユーザー名とパスワードは含めない）",
    "an address beginning with http or https, without a user name or password in it",
)
_HOSTS: Allowed = ('ホスト名の一覧 ["intra.example.com"]', 'a list: ["intra.example.com"]')
_PATHS: Allowed = (
    '/ で始まるパスの一覧 ["/docs/"]',
    'a list of paths: ["/docs/"]',
)
_PRIVATE: Allowed = (
    'ホスト名、IP アドレス、ネットワークの一覧 ["10.0.0.0/8"]',
    'a list of host names, addresses and networks: ["10.0.0.0/8"]',
)
_FILE: Allowed = ("ファイルの絶対パス", "the absolute path of a file")
_TEXT: Allowed = ("半角の文字列", "ASCII text")

_CHECKS: dict[str, tuple[Callable[[object], object], str | Allowed]] = {
    "hosts": (_host_names, _HOSTS),
    "include": (_prefixes, _PATHS),
    "exclude": (_prefixes, _PATHS),
    "max_pages": (_whole(1, 100_000), "1-100000"),
    "depth": (_whole(0, 100), "0-100"),
    "delay": (_seconds(0, 60), "0-60"),
    "max_bytes": (_whole(1024, 200 * MEGABYTE), f"1024-{200 * MEGABYTE}"),
    "follow_links": (_switch, "true, false"),
    "private_hosts": (_private_entries, _PRIVATE),
    "user_agent": (_header_text, _TEXT),
    "user": (_text, _TEXT),
    "password_file": (_absolute, _FILE),
    "ca_file": (_absolute, _FILE),
    "timeout": (_seconds(0.1, 300), "0.1-300"),
}
