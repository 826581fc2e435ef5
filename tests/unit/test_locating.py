"""Which addresses are outside of one's own network."""

import pytest

from app.answering.locating import find_provider


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434",
        "http://localhost:8080/v1",
        "http://[::1]:8080",
        "http://10.1.2.3:8000",
        "http://192.168.0.5",
        "http://172.20.0.2:11434",
        "http://[fd00::7]:8000",
        "http://100.64.0.9:11434",
        "http://[::ffff:10.0.0.1]:80",
        "http://name.that.stands.for.nothing.invalid",
    ],
)
def test_addresses_of_ones_own_network_have_no_provider(url: str) -> None:
    assert find_provider(url) == ""


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://8.8.8.8/v1", "8.8.8.8"),
        ("https://[2606:4700::1111]/v1", "2606:4700::1111"),
        ("http://[::ffff:8.8.8.8]:80", "::ffff:8.8.8.8"),
    ],
)
def test_public_addresses_are_named(url: str, provider: str) -> None:
    assert find_provider(url) == provider
