"""One way to write each web address, so that a page is one document however it is linked."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST = 1000  # characters; longer ones are what endless sites are made of

_TRACKING = re.compile(
    r"(utm_[a-z_]+|gclid|fbclid|yclid|msclkid|dclid|twclid|_ga|_gl|mc_cid|mc_eid"
    r"|phpsessid|jsessionid|aspsessionid[a-z]*|cfid|cftoken)=",
    re.IGNORECASE,
)
_SESSION = re.compile(r";(jsessionid|phpsessid)=[^/;?]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "/:@!$&'()*+,;=~%"
_QUERY_SAFE = "/:@!$&'()*+,;=~%?"


@dataclass(frozen=True, slots=True)
class Place:
    """What is connected to: scheme, host and port."""

    scheme: str
    host: str
    port: int

    @property
    def is_usual(self) -> bool:
        """Returns whether the port is the scheme's own."""
        return DEFAULT_PORTS[self.scheme] == self.port

    def __str__(self) -> str:
        """Returns it as an address without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{'' if self.is_usual else f':{self.port}'}"


def tidy(address: str, start: str = "") -> str | None:
    """Returns the address in its one form, None where it is no web address that can be asked.

    The fragment, default ports, dot segments, and parameters that only track or name a session go;
    the host is lower case and ASCII; what needs no escape has none (RFC 3986, section 6.2.2).

    Args:
        address: As it was written; may be relative.
        start: What it is relative to.
    """
    text = re.sub(r"[\t\r\n]", "", address.strip())
    try:
        parts = urlsplit(urljoin(start, text) if start else text)
        place = _find_place(parts)
    except (ValueError, UnicodeError):
        return None
    if place is None or parts.username is not None or parts.password is not None:
        return None
    path = tidy_path(_SESSION.sub("", parts.path))
    query = "&".join(part for part in parts.query.split("&") if part and not _TRACKING.match(part))
    query = _escape(query, _QUERY_SAFE)
    whole = f"{place}{path}{'?' if query else ''}{query}".replace("!/", "%21/")
    return whole if len(whole) <= LONGEST else None


def tidy_path(path: str) -> str:
    """Returns a path without dot segments and needless escapes; it begins with a slash."""
    kept: list[str] = []
    pieces = _escape(path, _PATH_SAFE).split("/")[1:] if path.startswith("/") else path.split("/")
    for piece in pieces:
        if piece == "..":
            del kept[-1:]
        elif piece != ".":
            kept.append(piece)
    if pieces and pieces[-1] in {".", ".."}:
        kept.append("")
    return _escape("/" + "/".join(kept), _PATH_SAFE)


def place_of(address: str) -> Place:
    """Returns what a tidy address connects to."""
    parts = urlsplit(address)
    return Place(
        parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    )


def path_of(address: str) -> str:
    """Returns the path of a tidy address, without its query."""
    return urlsplit(address).path


def with_scheme(address: str, scheme: str) -> str:
    """Returns the address under another scheme; only for addresses of default ports."""
    return urlunsplit((scheme, *urlsplit(address)[1:]))


def without_scheme(address: str) -> str:
    """Returns what is the same for a page under http and https."""
    return address.partition(":")[2] if place_of(address).is_usual else address


def tidy_host(host: str) -> str:
    """Returns a host in lower case and ASCII, without brackets or a closing dot.

    Raises:
        ValueError: It is no host.
    """
    bare = host.strip().lower().rstrip(".").removeprefix("[").removesuffix("]")
    if not bare.isascii():
        bare = bare.encode("idna").decode("ascii")
    if not re.fullmatch(r"[a-z0-9_.\-]{1,253}|[0-9a-f:.]{2,45}", bare):
        raise ValueError(host)
    return bare


def _find_place(parts: SplitResult) -> Place | None:
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    return Place(scheme, tidy_host(parts.hostname), parts.port or DEFAULT_PORTS[scheme])


def _escape(text: str, safe: str) -> str:
    """Escapes what must be, in capitals, and nothing that need not be."""

    def redo(found: re.Match[str]) -> str:
        code = unquote_to_bytes(found[0])
        return code.decode("ascii") if code[0] in _UNRESERVED else found[0].upper()

    text = re.sub(r"%(?![0-9a-fA-F]{2})", "%25", text)
    return _ESCAPE.sub(redo, quote(text, safe=safe, errors="replace"))
