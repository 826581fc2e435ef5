"""Tells a page's furniture (menus, breadcrumbs, cookie notices) from what the page is about.

A page that is a list of links, such as an index of rules, is not furniture: links alone never
decide. What decides is a role that the page itself gives a part, or a name that furniture has
together with being short, or mostly links. A part that holds much of the page is never furniture.
"""

import re

from lxml import html

_ROLES = frozenset({"navigation", "search", "contentinfo", "menu", "menubar", "alertdialog"})
_WORD = re.compile(r"[a-zA-Z]+")
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_LINKED_NAMES = frozenset(
    [
        *("nav", "navbar", "navbox", "navi", "navigation", "gnav", "lnav", "snav", "globalnav"),
        *("localnav", "sidenav", "topnav", "menu", "submenu", "dropdown", "sidebar", "sidemenu"),
        *("footer", "header", "masthead", "toolbar", "portlet", "catlinks", "pagination", "pager"),
        *("sitemap", "related", "share", "sharing", "social", "sns", "tags", "taglist"),
    ]
)
_TRAIL_NAMES = frozenset(
    {"breadcrumb", "breadcrumbs", "crumb", "crumbs", "topicpath", "pankuzu", "pagetop", "skiplink"}
)
_SKIP = re.compile(r"\b(skip|jump)[-_]?(to|nav|link|main|content)", re.IGNORECASE)
_CONSENT = re.compile(
    r"(cookie|gdpr|consent|onetrust)\w*[-_ ]?(banner|bar|notice|popup|dialog|overlay|modal|consent)"
    r"|cookieconsent|onetrust",
    re.IGNORECASE,
)
_WHERE_PAGES_SPEAK = frozenset({"main", "article", "section"})
_NAMED_TAGS = frozenset(
    {"div", "ul", "ol", "p", "aside", "section", "table", "span", "dl", "form", "details", "a"}
)

_MOSTLY_LINKS, _PARTLY_LINKS = 0.6, 0.3
_SHORT = 300  # characters of a breadcrumb trail
_LONGEST_NOTICE = 1_500
_MUCH = 0.4  # of the page's text


def is_furniture(element: html.HtmlElement, size: int) -> bool:
    """Returns whether an element belongs to every page of its site rather than to this one.

    Args:
        element: Any element of the page.
        size: Characters of the page's text altogether.
    """
    role = element.get("role")
    if role is not None and role.strip().lower() in _ROLES:
        return count_text(element) <= _MUCH * size
    if element.tag in {"header", "aside"} and _is_of_the_site(element, size):
        return True
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    if element.tag not in _NAMED_TAGS or name == " ":
        return False
    return _is_named_so(element, name, size)


def count_text(element: html.HtmlElement) -> int:
    """Returns how many characters of text an element holds, white space at its ends apart."""
    return sum(len(text.strip()) for text in element.itertext())


def _is_named_so(element: html.HtmlElement, name: str, size: int) -> bool:
    words = {word.lower() for find in (_WORD, _PART) for word in find.findall(name)}
    is_trail = bool(words & _TRAIL_NAMES) or bool(_SKIP.search(name))
    is_linked = bool(words & _LINKED_NAMES)
    is_notice = _CONSENT.search(name) is not None
    if not (is_trail or is_linked or is_notice) or element.find(".//h1") is not None:
        return False
    length = count_text(element)
    if length > _MUCH * size:
        return False
    if is_trail and length <= _SHORT:
        return True
    if is_notice and length <= _LONGEST_NOTICE:
        return True
    return is_linked and _share_of_links(element, length) >= _MOSTLY_LINKS


def _is_of_the_site(element: html.HtmlElement, size: int) -> bool:
    """Returns whether a header or aside is the site's: outside the page's parts, without a title.

    An aside must lead elsewhere, too: one that does not may be a remark on the page.
    """
    if element.find(".//h1") is not None or element.find(".//h2") is not None:
        return False
    if any(parent.tag in _WHERE_PAGES_SPEAK for parent in element.iterancestors()):
        return False
    length = count_text(element)
    if element.tag == "aside" and _share_of_links(element, length) < _PARTLY_LINKS:
        return False
    return length <= min(_MUCH * size, _LONGEST_NOTICE)


def _share_of_links(element: html.HtmlElement, length: int) -> float:
    if not length:
        return 0.0
    if element.tag == "a":
        return 1.0
    return sum(count_text(link) for link in element.iter("a")) / length
