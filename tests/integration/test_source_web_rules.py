"""What a web source may not fetch, or not keep, and where its limits are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.errors import SourceUnavailable
from retrieval.catalog import Catalog
from tests.fakes.site_server import Page, SiteServer
from tests.integration.web_place import WebPlace, page


@pytest.fixture
def place(tmp_path: Path) -> Iterator[WebPlace]:
    with SiteServer() as site, Catalog(tmp_path / "catalog.sqlite") as catalog:
        yield WebPlace(tmp_path, catalog, site)


def _robots(text: str) -> Page:
    return Page(text, "text/plain")


def test_robots_txt_is_obeyed_with_its_delay(place: WebPlace) -> None:
    place.site.pages = {
        "/robots.txt": _robots("User-agent: *\nDisallow: /secret\nCrawl-delay: 0.5"),
        "/": page("Home", "/secret/a", "/open"),
        "/secret/a": page("Secret"),
        "/open": page("Open"),
    }
    listing = place.fetch()
    assert [item.external_id[len(place.site.url) :] for item in listing.items] == ["/", "/open"]
    assert listing.skipped == {f"{place.site.url}/secret/a": "robots-txt"}
    assert "/secret/a" not in place.asked()
    assert 0.5 < sum(place.naps) < 1.1


@pytest.mark.parametrize("status", [500, 503])
def test_without_an_answer_on_robots_nothing_is_fetched(place: WebPlace, status: int) -> None:
    place.site.pages = {"/robots.txt": Page(status=status), "/": page("Home")}
    with pytest.raises(SourceUnavailable, match="robots"):
        place.fetch()
    assert set(place.asked()) == {"/robots.txt"}


def test_a_start_that_robots_txt_forbids_is_said(place: WebPlace) -> None:
    place.site.pages = {"/robots.txt": _robots("User-agent: kura\nDisallow: /"), "/": page("Home")}
    with pytest.raises(SourceUnavailable, match=r"robots\.txt does not allow /"):
        place.fetch()


def test_noindex_and_nofollow_are_honoured(place: WebPlace) -> None:
    place.site.pages = {
        "/": page("Home", "/hub", "/leaf", "/header"),
        "/hub": page("Hub", "/below", head='<meta name="robots" content="noindex">'),
        "/leaf": page("Leaf", "/hidden", head='<meta name="robots" content="nofollow">'),
        "/below": page("Below"),
        "/header": Page("a,b", "text/csv", headers={"X-Robots-Tag": "noindex"}),
    }
    assert place.names() == ["/", "/below", "/leaf"]


def test_only_allowed_hosts_and_paths_are_asked(place: WebPlace) -> None:
    with SiteServer({"/other": page("Elsewhere")}) as other:
        elsewhere = f"{other.url}/other"
        place.site.pages = {
            "/": page("Home", "/docs/a", "/docs/old/b", "/news", elsewhere),
            "/docs/a": page("A", "/docs/c"),
            "/docs/c": page("C"),
        }
        place.settings = {"include": ["/docs/"], "exclude": ["/docs/old/"]}
        assert place.names() == ["/docs/a", "/docs/c"]
        assert other.asked == []
        assert set(place.asked()) == {"/robots.txt", "/", "/docs/a", "/docs/c"}
        place.settings = {"hosts": [f"127.0.0.1:{other.port}"]}
        assert elsewhere in place.names()


def test_an_endless_site_fills_its_limit_once_and_never_removes(place: WebPlace) -> None:
    place.site.endless = "/cal"
    place.site.pages = {"/": page("Home", "/cal", "/z"), "/z": page("Z")}
    place.settings = {"max_pages": 12}
    first = place.run()
    assert len(first.added) == 12
    assert first.skipped == {f"{place.site.url}/": "limit-reached"}
    place.site.pages["/"] = page("Home, changed", "/new1", "/new2", "/cal")  # /z moves out of reach
    place.site.pages |= {"/new1": page("New 1"), "/new2": page("New 2")}
    second = place.run()
    assert (second.added, second.removed, second.unchanged) == ([], [], 11)
    del place.site.pages["/z"]
    third = place.run()
    assert (third.removed, len(third.added)) == ([f"{place.site.url}/z"], 0)
    assert len(place.run().added) == 1  # in the place that is free now


def test_a_page_beyond_the_depth_is_kept_once_it_is_known(place: WebPlace) -> None:
    place.site.pages = {
        "/": page("Home", "/1", "/3"),
        "/1": page("One", "/2"),
        "/2": page("Two", "/3"),
        "/3": page("Three"),
    }
    place.settings = {"depth": 1}
    assert place.names() == ["/", "/1", "/3"]
    place.site.pages["/"] = page("Home", "/1")
    assert place.names() == ["/", "/1", "/3"]
    del place.site.pages["/3"]
    assert place.names() == ["/", "/1"]


def test_redirects_lead_to_the_page_s_own_address(place: WebPlace) -> None:
    place.site.pages = {
        "/": Page(status=302, headers={"Location": "/ja/"}),
        "/ja/": page("Home", "/old", "/loop", "/raw"),
        "/raw": Page(status=302, headers={"Location": "/休".encode().decode("latin-1")}),
        "/%E4%BC%91": page("休"),
        "/old": Page(status=301, headers={"Location": "/new#top"}),
        "/new": page("New"),
        "/loop": Page(status=302, headers={"Location": "/loop"}),
    }
    assert place.names() == ["/%E4%BC%91", "/ja/", "/new"]


@pytest.mark.parametrize("target", ["https://login.example/", "/account/login?next=/a"])
def test_a_known_page_behind_a_sign_in_stays(place: WebPlace, target: str) -> None:
    place.site.pages = {"/": page("Home", "/a"), "/a": page("A"), "/b": page("B")}
    place.site.pages["/account/login?next=/a"] = page("Sign in")
    place.run()
    place.site.pages["/a"] = Page(status=302, headers={"Location": target})
    report = place.run()
    assert (report.added, report.removed, report.unchanged) == ([], [], 2)
    place.site.pages["/a"] = Page(status=403)
    assert place.run().removed == []
    place.site.pages["/a"] = Page(status=301, headers={"Location": "https://moved.example/"})
    assert place.run().removed == [f"{place.site.url}/a"]


def test_a_page_of_several_addresses_is_listed_under_its_own(place: WebPlace) -> None:
    own = '<link rel="canonical" href="/a">'
    place.site.pages = {
        "/": page("Home", "/a?print=1", "/a?sort=2", "/b"),
        "/a?print=1": page("A", head=own),
        "/a?sort=2": page("A", head=own),
        "/a": page("A", head=own),
        "/b": page("B", head='<link rel="canonical" href="/gone">'),
    }
    assert place.names() == ["/", "/a", "/b"]


def test_sitemaps_name_pages_that_nothing_links_to(place: WebPlace) -> None:
    index = "<sitemapindex><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>"
    pages = "<urlset><url><loc>/a</loc></url><url><loc>https://x.example/b</loc></url></urlset>"
    place.site.pages = {
        "/sitemap.xml": Page(index, "application/xml"),
        "/s1.xml": Page(pages, "text/xml", is_packed=True),
        "/a": page("A", "/linked"),
        "/linked": page("Linked"),
    }
    place.start = "/sitemap.xml"
    assert place.names() == ["/a"]
    place.settings = {"follow_links": True}
    assert place.names() == ["/a", "/linked"]
    place.site.pages["/s1.xml"].status = 500
    assert not place.fetch().complete


def test_a_start_that_asks_to_sign_in_changes_nothing(place: WebPlace) -> None:
    place.site.pages = {
        "/": Page(status=302, headers={"Location": "/login"}),
        "/login": page("Sign in"),
    }
    with pytest.raises(SourceUnavailable, match="sign-in page"):
        place.fetch()


def test_a_sitemap_without_its_ending_is_known_by_its_type(place: WebPlace) -> None:
    pages = "<urlset><url><loc>/a</loc></url></urlset>"
    place.site.pages = {"/map": Page(pages, "application/xml"), "/a": page("A")}
    place.start = "/map"
    assert place.names() == ["/a"]


def test_a_start_that_is_not_there_is_said_with_its_status(place: WebPlace) -> None:
    with pytest.raises(SourceUnavailable, match="HTTP 404"):
        place.fetch()


def test_the_login_goes_to_the_start_s_host_and_nowhere_else(place: WebPlace) -> None:
    secret = place.home / "password"
    secret.write_text("hunter2\n", encoding="utf-8")
    with SiteServer({"/b": page("B")}) as other:
        place.site.pages = {"/": page("Home", "/a", f"{other.url}/b"), "/a": page("A")}
        place.settings = {
            "hosts": [f"127.0.0.1:{other.port}"],
            "user": "kura",
            "password_file": str(secret),
        }
        assert len(place.fetch().items) == 3
        sent = {each.headers.get("authorization") for each in place.site.take_asked()}
        assert sent == {"Basic a3VyYTpodW50ZXIy"}
        assert {each.headers.get("authorization") for each in other.take_asked()} == {None}
    secret.unlink()
    with pytest.raises(SourceUnavailable) as caught:
        place.fetch()
    assert "hunter2" not in str(caught.value)
