"""One form of each web address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.web.addresses import tidy, without_scheme


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("HTTP://Intra.Example.COM:80/a#top", "http://intra.example.com/a"),
        ("https://intra.example.com:443", "https://intra.example.com/"),
        ("https://intra.example.com.:8443/a", "https://intra.example.com:8443/a"),
        ("http://h/a/./b/../c/", "http://h/a/c/"),
        ("http://h/../../etc", "http://h/etc"),
        ("http://h/a?utm_source=mail&id=7&fbclid=x", "http://h/a?id=7"),
        ("http://h/a;jsessionid=ABC?x=1", "http://h/a?x=1"),
        ("http://h/a?", "http://h/a"),
        ("http://h/%7euser/%e4%ba%ba", "http://h/~user/%E4%BA%BA"),
        ("http://h/人事 部?q=休暇", "http://h/%E4%BA%BA%E4%BA%8B%20%E9%83%A8?q=%E4%BC%91%E6%9A%87"),
        ("http://h/100%", "http://h/100%25"),
        ("http://社内.example/", "http://xn--v6q418g.example/"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("  http://h/a\n", "http://h/a"),
        ("http://h/a!/b", "http://h/a%21/b"),
    ],
)
def test_an_address_has_one_form(written: str, expected: str) -> None:
    assert tidy(written) == expected
    assert tidy(expected) == expected


@pytest.mark.parametrize(
    "written",
    [
        "mailto:a@example.com",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://h/a",
        "http://",
        "http://user:secret@h/",
        "http://h:99999/",
        "http://h o s t/",
        "http://h/" + "a" * 1000,
        "//h/a",
    ],
)
def test_what_cannot_be_asked_for_is_no_address(written: str) -> None:
    assert tidy(written) is None


def test_a_link_is_relative_to_its_page() -> None:
    assert tidy("../b?x=1#y", "https://h/docs/a/index.html") == "https://h/docs/b?x=1"
    assert tidy("//other/b", "https://h/") == "https://other/b"
    assert tidy("?page=2", "https://h/list?page=1") == "https://h/list?page=2"


def test_a_page_is_one_under_http_and_https() -> None:
    assert without_scheme("http://h/a") == without_scheme("https://h/a")
    assert without_scheme("http://h:81/a") != without_scheme("https://h:81/a")


@given(st.text(max_size=80))
def test_a_tidy_address_stays_as_it_is(text: str) -> None:
    address = tidy(text, "https://h.example/a/b")
    if address is not None:
        assert tidy(address) == address
        assert address.isascii()
        assert address.isprintable()
