"""Which network addresses a web source may connect to."""

import pytest

from ingestion.sources.web.guarding import Forbidden, Guard

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address to refuse, nothing listens
    "169.254.169.254",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused_unless_listed(address: str) -> None:
    with pytest.raises(Forbidden, match="private_hosts"):
        Guard([]).choose("site.example", [address])


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert Guard([]).choose("site.example", [address]) == [address]


def test_a_listed_name_may_be_private_but_never_a_cloud_s_metadata() -> None:
    guard = Guard(["intra.example"])
    assert guard.choose("intra.example", ["10.0.0.5", "169.254.169.254"]) == ["10.0.0.5"]
    with pytest.raises(Forbidden):
        guard.choose("other.example", ["10.0.0.5"])
    for metadata in ("169.254.169.254", "fd00:ec2::254", "168.63.129.16", "::ffff:169.254.1.1"):
        with pytest.raises(Forbidden):
            guard.choose("intra.example", [metadata])


def test_a_listed_network_or_address_is_allowed_for_every_name() -> None:
    guard = Guard(["10.0.0.0/8", "169.254.169.254", "fd12::/16"])
    found = ["10.9.9.9", "169.254.169.254", "fd12::7", "::ffff:a00:1", "192.168.0.1"]
    assert guard.choose("any.example", found) == found[:4]


def test_of_several_addresses_only_the_allowed_ones_are_used() -> None:
    assert Guard([]).choose("h", ["127.0.0.1", "93.184.216.34"]) == ["93.184.216.34"]
