"""Looks at a page for what a crawler needs: links, its own address, whether it may be kept."""

import codecs
import re
from dataclasses import dataclass, field

from lxml import etree

from ingestion.sources.web.addresses import tidy

_MOST_MARKUP = 5 * 1024 * 1024  # characters looked at for links
_MOST_LINKS = 5_000  # of one page
_LINKING = {"a": "href", "area": "href", "frame": "src", "iframe": "src"}
_REFRESH = re.compile(r"^\s*[\d.]*\s*[;,]\s*url\s*=\s*[\"']?([^\"']+)", re.IGNORECASE)
_ORDERS_WITH_VALUES = frozenset(
    {"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"}
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says to a crawler.

    Attributes:
        links: Tidy addresses in the page's order; none where they are not to be followed.
        canonical: The address the page itself names as its own, "" for none.
        is_noindex: Whether it asks not to be kept.
    """

    links: tuple[str, ...] = ()
    canonical: str = ""
    is_noindex: bool = False


def look_at(markup: str | bytes, address: str, robot: str, header: str = "") -> PageFacts:
    """Returns what a page says.

    Args:
        markup: The page; bytes where only its own head can tell the encoding.
        address: Where it was found.
        robot: The crawler's own name, which a page may speak to.
        header: Value of ``X-Robots-Tag``.
    """
    target = _Target(address, robot.lower())
    target.orders |= read_robots_header(header, robot)
    parser = etree.HTMLParser(target=target, no_network=True, huge_tree=False)
    try:
        parser.feed(markup[:_MOST_MARKUP])
        parser.close()
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        pass  # what was found until then is what there is
    return target.facts()


def read_robots_header(value: str, robot: str) -> frozenset[str]:
    """Returns the orders of an ``X-Robots-Tag`` header that are meant for a crawler of this name.

    A name before a colon holds for the orders after it, until another name comes.
    """
    orders: set[str] = set()
    is_meant = True
    for part in value.lower().split(","):
        name, colon, order = part.rpartition(":")
        if colon and name.strip() not in _ORDERS_WITH_VALUES:
            is_meant = name.strip() == robot.lower()
        if is_meant:
            orders.add(order.strip())
    return frozenset(orders)


def find_charset(content_type: str) -> str:
    """Returns the encoding that a Content-Type names, where Python knows it, else ""."""
    declared = _CHARSET.search(content_type)
    name = declared[1].lower() if declared else ""
    if name in {"shift_jis", "shift-jis", "x-sjis", "sjis", "windows-31j", "ms_kanji"}:
        return "cp932"  # what is called Shift_JIS has ① and 髙 in it
    return name if is_text_encoding(name) else ""


def is_text_encoding(name: str) -> bool:
    """Returns whether Python can decode text of this encoding."""
    try:
        return bool(name) and codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def decode_declared(data: bytes, charset: str) -> str | None:
    """Returns the text, where the declared encoding is right for every byte of it."""
    if not charset or data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    try:
        return data.decode(charset)
    except (UnicodeError, ValueError):
        return None


def read_markup(data: bytes, charset: str) -> str | bytes:
    """Returns a page's text where its encoding is beyond doubt, else its bytes."""
    text = decode_declared(data, charset)
    if text is not None:
        return text
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data


def looks_like_page(data: bytes) -> bool:
    """Returns whether the bytes begin as a page does."""
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()[:500].lower()
    return start.startswith(b"<!doctype html") or b"<html" in start


@dataclass(slots=True)
class _Target:
    """Takes the parser's events; no tree is built."""

    address: str
    robot: str
    orders: set[str] | frozenset[str] = field(default_factory=set)
    canonical: str = ""
    found: dict[str, None] = field(default_factory=dict)
    start_address: str = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Takes an opening tag."""
        if tag == "base" and not self.start_address:
            self.start_address = tidy(attributes.get("href", ""), self.address) or ""
        elif tag == "meta":
            self._take_meta(attributes)
        elif tag == "link":
            self._take_link(attributes)
        elif tag in _LINKING:
            self._add(attributes.get(_LINKING[tag], ""), attributes.get("rel", ""))

    def end(self, tag: str) -> None:
        """Takes a closing tag."""

    def data(self, data: str) -> None:
        """Takes text."""

    def comment(self, text: str) -> None:
        """Takes a comment."""

    def close(self) -> None:
        """Takes the end."""

    def facts(self) -> PageFacts:
        """Returns what was found."""
        is_nofollow = bool({"nofollow", "none"} & self.orders)
        return PageFacts(
            links=() if is_nofollow else tuple(self.found),
            canonical=self.canonical,
            is_noindex=bool({"noindex", "none"} & self.orders),
        )

    def _take_meta(self, attributes: dict[str, str]) -> None:
        content = attributes.get("content", "")
        if attributes.get("name", "").strip().lower() in {"robots", self.robot}:
            self.orders = self.orders | {each.strip() for each in content.lower().split(",")}
        if attributes.get("http-equiv", "").strip().lower() == "refresh":
            target = _REFRESH.search(content)
            self._add(target[1] if target else "", "")

    def _take_link(self, attributes: dict[str, str]) -> None:
        relations = attributes.get("rel", "").lower().split()
        if "canonical" in relations and not self.canonical:
            self.canonical = self._tidy(attributes.get("href", "")) or ""
        elif {"next", "prev"} & set(relations):
            self._add(attributes.get("href", ""), "")

    def _add(self, link: str, relation: str) -> None:
        if not link or "nofollow" in relation.lower().split() or len(self.found) >= _MOST_LINKS:
            return
        address = self._tidy(link)
        if address:
            self.found[address] = None

    def _tidy(self, link: str) -> str | None:
        return tidy(link, self.start_address or self.address)
