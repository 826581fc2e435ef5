"""Reads sitemaps and indexes of sitemaps (sitemaps.org), plain, packed, or as lines of text."""

import zlib
from dataclasses import dataclass, field

from lxml import etree

from ingestion.sources.web.addresses import tidy

MOST_BYTES = 50 * 1024 * 1024  # what the protocol allows, unpacked
_MOST_ADDRESSES = 50_000  # likewise
_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"


class NoSitemap(Exception):
    """A file is not a sitemap."""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap names, as tidy addresses."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def read_sitemap(data: bytes, address: str) -> Sitemap:
    """Returns what a sitemap names.

    Args:
        data: The file.
        address: Where it was found.

    Raises:
        NoSitemap: It is none, or a packed one that is damaged or too large.
    """
    if data.startswith(_GZIP):
        data = _open(data)
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _read_lines(data, address)
    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, recover=True
    )
    found = _Found()
    try:
        for begin in range(0, len(data), _PIECE):
            parser.feed(data[begin : begin + _PIECE])
            _collect(parser, address, found)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NoSitemap(f"{address} is not a sitemap") from error
    if found.root not in {"urlset", "sitemapindex"}:
        raise NoSitemap(f"{address} is not a sitemap")
    return Sitemap(tuple(found.named["url"]), tuple(found.named["sitemap"]))


@dataclass(slots=True)
class _Found:
    root: str = ""
    named: dict[str, dict[str, None]] = field(default_factory=lambda: {"url": {}, "sitemap": {}})


def _collect(parser: "etree.XMLPullParser", address: str, found: _Found) -> None:
    """Takes what was parsed since the last call; what was looked at is let go."""
    for event, element in parser.read_events():
        name = _name_of(element)
        if event == "start":
            found.root = found.root or name
            continue
        named = found.named.get(_name_of(element.getparent()))
        if name == "loc" and named is not None and len(named) < _MOST_ADDRESSES:
            named.update(dict.fromkeys(filter(None, [tidy(element.text or "", address)])))
        elif name in found.named:
            element.clear()


def _name_of(element: "etree._Element | None") -> str:
    if element is None or not isinstance(element.tag, str):
        return ""
    return str(etree.QName(element).localname).lower()


def _read_lines(data: bytes, address: str) -> Sitemap:
    lines = data.decode("utf-8-sig", "replace").splitlines()[:_MOST_ADDRESSES]
    pages = dict.fromkeys(page for line in lines if line.strip() and (page := tidy(line.strip())))
    if not pages:
        raise NoSitemap(f"{address} is not a sitemap")
    return Sitemap(tuple(pages))


def _open(data: bytes) -> bytes:
    opener = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        opened = opener.decompress(data, MOST_BYTES)
    except zlib.error as error:
        raise NoSitemap("the packed sitemap is damaged") from error
    if not opener.eof:
        raise NoSitemap("the packed sitemap is too large or ends too early")
    return opened
