"""Decides which network addresses may be connected to: public ones, and private ones listed."""

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ingestion.sources.web.options import Network, read_network

Resolve = Callable[[str, int], Iterable[str]]
"""Returns the network addresses of a host; raises OSError where it has none."""

_METADATA = tuple(
    ip_network(each)
    for each in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)
"""Where clouds tell a machine its secrets; the last one looks public."""
_NAT64, _COMPATIBLE = ip_network("64:ff9b::/96"), ip_network("::/96")

Address = IPv4Address | IPv6Address


class Forbidden(Exception):
    """A host has no network address that may be connected to."""


class Guard:
    """Holds what may lie inside the company."""

    def __init__(self, private_hosts: Iterable[str]) -> None:
        """Takes names, addresses and networks.

        A name allows private addresses, but never those of its machine's neighbours and of cloud
        metadata: who answers for the name in DNS would choose them. Those must be listed as such.
        """
        entries = [(each, read_network(each)) for each in private_hosts]
        self._names = frozenset(name for name, network in entries if network is None)
        self._networks: list[Network] = [network for _, network in entries if network is not None]

    def choose(self, host: str, found: Iterable[str]) -> list[str]:
        """Returns those of a host's addresses that may be connected to.

        Raises:
            Forbidden: There is none.
        """
        addresses = [ip_address(each.partition("%")[0]) for each in found]
        allowed = [str(each) for each in addresses if self._allows(host, each)]
        if not allowed:
            shown = ", ".join(str(each) for each in addresses)
            who = host if host == shown else f"{host} has the address {shown}, which"
            raise Forbidden(f"{who} is private and not in private_hosts")
        return list(dict.fromkeys(allowed))

    def _allows(self, host: str, address: Address) -> bool:
        inner = unwrap(address)
        if any(each in network for network in self._networks for each in {address, inner}):
            return True
        if inner.is_unspecified or inner.is_multicast or _is_metadata(inner):
            return False
        return (address.is_global and inner.is_global) or host in self._names


def unwrap(address: Address) -> Address:
    """Returns the IPv4 address that an IPv6 address stands for, else the address itself.

    These are the mapped, compatible, 6to4, Teredo and NAT64 forms (RFC 4291, 3056, 4380, 6052).
    """
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def resolve_host(host: str, port: int) -> Iterable[str]:
    """Returns the network addresses the system's resolver has for a host.

    Raises:
        OSError: It has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def _is_metadata(address: Address) -> bool:
    return any(address in network for network in _METADATA)
