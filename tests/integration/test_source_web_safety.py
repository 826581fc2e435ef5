"""A web source against a hostile site: private addresses, rebinding, bombs, drips and traps."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.errors import SourceUnavailable
from retrieval.catalog import Catalog
from tests.fakes.certificate import write_certificate
from tests.fakes.site_server import Page, SiteServer
from tests.integration.web_place import WebPlace, page


@pytest.fixture
def place(tmp_path: Path) -> Iterator[WebPlace]:
    with SiteServer() as site, Catalog(tmp_path / "catalog.sqlite") as catalog:
        yield WebPlace(tmp_path, catalog, site)


class ScriptedNames:
    """A name server that answers what a test wrote down, the last answer again and again."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        answer = self.answers[min(self.asked, len(self.answers)) - 1]
        if not answer:
            raise OSError(f"{host}:{port} is not known")
        return [answer]


def test_a_private_start_is_refused_unless_it_is_listed(place: WebPlace) -> None:
    place.site.pages = {"/": page("Home")}
    place.settings = {"private_hosts": []}
    with pytest.raises(SourceUnavailable, match="private_hosts"):
        place.fetch()
    assert place.site.asked == []
    place.settings = {"private_hosts": ["127.0.0.0/8"]}
    assert place.names() == ["/"]


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:{port}/",
        "http://[::1]/",
        "//10.0.0.1/",
    ],
)
def test_a_redirect_into_the_machine_s_own_network_is_not_followed(
    place: WebPlace, target: str
) -> None:
    with SiteServer({"/": page("Secret")}) as inner:
        location = target.format(port=inner.port)
        place.site.pages = {
            "/": page("Home", "/a"),
            "/a": Page(status=302, headers={"Location": location}),
        }
        assert place.names() == ["/"]
        # Not even where the host itself is allowed, for its address is not.
        hosts = ["169.254.169.254", f"localhost:{inner.port}", "[::1]", "10.0.0.1"]
        place.settings = {"hosts": hosts}
        place.resolve = lambda host, _port: ["::1" if host == "localhost" else host]
        listing = place.fetch()
        assert [item.external_id for item in listing.items] == [f"{place.site.url}/"]
        assert not listing.complete
        assert inner.asked == []


def test_a_start_that_redirects_to_a_foreign_host_says_so(place: WebPlace) -> None:
    place.site.pages = {"/": Page(status=301, headers={"Location": "https://www.example.com/"})}
    with pytest.raises(SourceUnavailable, match=r"https://www\.example\.com"):
        place.fetch()


def test_a_name_that_is_bound_anew_after_the_check_gains_nothing(place: WebPlace) -> None:
    """The first answer is checked and connected to; there is no second question to lie to."""
    place.site.pages = {"/": page("Home")}
    place.start = f"http://rebound.test:{place.site.port}/"
    place.settings = {"private_hosts": ["127.0.0.1"]}
    place.resolve = names = ScriptedNames("127.0.0.1", "10.0.0.1")
    assert len(place.fetch().items) == 1
    assert names.asked == 1  # and the connection is kept
    assert place.site.take_asked()[0].headers["host"] == f"rebound.test:{place.site.port}"


def test_a_name_that_turns_private_is_refused_at_its_next_connection(place: WebPlace) -> None:
    place.site.pages = {"/": page("Home", "/a"), "/a": page("A")}
    place.site.pages["/"].headers = {"Connection": "close"}
    place.start = f"http://rebound.test:{place.site.port}/"
    place.resolve = ScriptedNames("127.0.0.1", "127.0.0.2")
    listing = place.fetch()
    assert [item.external_id for item in listing.items] == [place.start]
    assert listing.skipped == {f"{place.start}a": "no-answer"}


def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    place: WebPlace, tmp_path: Path
) -> None:
    place.site.serve_tls(write_certificate(tmp_path / "site.pem"))
    place.site.pages = {"/": page("Home")}
    place.resolve = lambda _host, _port: ["127.0.0.1"]
    place.start = f"https://localhost:{place.site.port}/"
    with pytest.raises(SourceUnavailable, match="certificate"):
        place.fetch()  # signed by nobody this machine knows
    place.settings = {"ca_file": str(tmp_path / "site.pem")}
    assert len(place.fetch().items) == 1
    place.start = f"https://other.test:{place.site.port}/"
    with pytest.raises(SourceUnavailable, match="certificate"):
        place.fetch()


def test_proxies_of_the_environment_are_not_used(
    place: WebPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.site.pages = {"/": page("Home")}
    with SiteServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setitem(os.environ, name, proxy.url)
        assert place.names() == ["/"]
        assert proxy.asked == []


@pytest.mark.parametrize("is_packed", [False, True])
def test_what_is_too_large_is_cut_off_and_the_copy_before_stays(
    place: WebPlace, is_packed: bool
) -> None:
    place.settings = {"max_bytes": 100_000}
    place.site.pages = {"/": page("Home", "/a"), "/a": page("A")}
    assert place.names() == ["/", "/a"]
    place.site.pages["/a"] = Page(b"\0" * 30_000_000, is_packed=is_packed)
    listing = place.fetch()
    assert listing.complete
    assert listing.skipped == {f"{place.site.url}/a": "too-large"}
    assert b"<p>A</p>" in listing.items[1].path.read_bytes()
    parts = [path.stat().st_size for path in (place.home / "mirror").rglob("*") if path.is_file()]
    assert max(parts) < 200_000


def test_a_server_that_drips_is_given_up(place: WebPlace) -> None:
    place.settings = {"timeout": 0.5}
    place.site.pages = {"/": page("Home", "/slow"), "/slow": Page("x" * 1000, drip=0.04)}
    listing = place.fetch()  # whoever has the patience gets the whole page, after 40 seconds
    assert listing.skipped == {f"{place.site.url}/slow": "no-answer"}


def test_a_page_nested_a_hundred_thousand_deep_is_only_a_page(place: WebPlace) -> None:
    deep = "<div>" * 100_000 + "<a href='/b'>b</a>"
    place.site.pages = {"/": page("Home", "/deep"), "/deep": Page(deep), "/b": page("B")}
    assert "/deep" in place.names()


def test_a_page_of_a_million_links_is_bounded(place: WebPlace) -> None:
    place.settings = {"max_pages": 5}
    place.site.pages = {"/": Page("".join(f"<a href=/{n}>{n}</a>" for n in range(100_000)))}
    place.site.endless = "/1"
    assert len(place.fetch().items) <= 5


def test_hostile_headers_and_names_are_data(place: WebPlace) -> None:
    place.site.pages = {
        "/": page("Home"),
        "/etc/passwd": page("P"),
        "/a%00b": page("Z"),
        "/c": Page("<p>C</p>", "text/html; charset=../../x", headers={"Last-Modified": "never"}),
        "/d": Page(
            "<p>D</p>", is_marked=False, headers={"ETag": '"\xe9\x80"', "X-Robots-Tag": ":"}
        ),
    }
    links = ("/../../etc/passwd", "/a%00b", "/%2e%2e/x", "/c", "/d", "http://[::1")
    place.site.pages["/"] = page("Home", *links)
    place.fetch()
    items = place.fetch().items
    assert all(item.path.is_relative_to(place.home / "mirror") for item in items)
    assert len(items) == 5
