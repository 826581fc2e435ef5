"""Whether an address lies outside of one's own network."""

import ipaddress
import socket
from urllib.parse import urlsplit


def find_provider(url: str) -> str:
    """Returns the host name when the address is public, "" when it is on one's own network.

    A name is looked up, and one public address among those it stands for is enough. A name that
    stands for nothing cannot be sent to either, so it counts as one's own.
    """
    host = urlsplit(url).hostname or ""
    try:
        return host if _is_public(ipaddress.ip_address(host)) else ""
    except ValueError:
        pass  # a name
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return ""
    addresses = {str(entry[4][0]).partition("%")[0] for entry in found}
    public = any(_is_public(ipaddress.ip_address(address)) for address in addresses)
    return host if public else ""


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_global
    return address.is_global
