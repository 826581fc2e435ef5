"""A site and its mirror: what is fetched, what a second run leaves alone, what goes, what stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.errors import SourceUnavailable
from ingestion.model import Limits
from ingestion.reading.dispatch import read_file
from ingestion.report import LISTING_INCOMPLETE
from retrieval.catalog import Catalog
from retrieval.model import DocumentStatus
from tests.fakes.reader import TextReader
from tests.fakes.site_server import Page, SiteServer
from tests.integration.web_place import WebPlace, page


@pytest.fixture
def place(tmp_path: Path) -> Iterator[WebPlace]:
    with SiteServer() as site, Catalog(tmp_path / "catalog.sqlite") as catalog:
        yield WebPlace(tmp_path, catalog, site)


def _fill(place: WebPlace) -> None:
    place.site.pages = {
        "/": page("Home", "/a", "/b?utm_source=home#part", "/logo.png", "mailto:x@example.com"),
        "/a": page("Alpha", "/", "/files/price.csv", "/b"),
        "/b": page("Beta", "/a"),
        "/files/price.csv": Page("name,price\nbolt,12\n", "text/csv"),
    }


def test_pages_and_files_become_documents_under_their_addresses(place: WebPlace) -> None:
    _fill(place)
    report = place.run()
    assert sorted(place.states()) == ["/", "/a", "/b", "/files/price.csv"]
    assert len(report.added) == 4
    asked = place.asked()
    assert "/logo.png" not in asked
    assert asked["/robots.txt"] == 404


def test_a_file_without_a_title_is_called_what_people_read_in_its_address(place: WebPlace) -> None:
    place.site.pages = {
        "/": page("Home", "/files/価格 表.csv?v=2"),
        "/files/%E4%BE%A1%E6%A0%BC%20%E8%A1%A8.csv?v=2": Page("a,b\n1,2", "text/csv"),
    }
    place.run()
    titles = {state.metadata.title for state in place.states().values()}
    assert "価格 表" in titles


def test_an_unchanged_site_is_asked_conditionally_and_nothing_is_read(place: WebPlace) -> None:
    _fill(place)
    place.site.pages["/robots.txt"] = Page("User-agent: *\nSitemap: /map.xml", "text/plain")
    place.site.pages["/map.xml"] = Page(
        "<urlset><url><loc>/b</loc></url></urlset>", "application/xml"
    )
    place.run()
    place.site.take_asked()
    place.reader = TextReader()
    report = place.run()
    asked = place.asked()
    assert set(asked.values()) == {304}
    assert set(asked) == {"/robots.txt", "/map.xml", "/", "/a", "/b", "/files/price.csv"}
    assert (report.unchanged, report.changed, report.removed) == (4, [], [])
    assert place.reader.read_names == []


def test_a_time_of_change_serves_where_there_is_no_mark(place: WebPlace) -> None:
    stated = "Tue, 02 Apr 2024 01:02:03 GMT"
    place.site.pages = {"/": Page("<p>x</p>", headers={"Last-Modified": stated}, is_marked=False)}
    [item] = place.fetch().items
    assert item.modified_at.isoformat() == "2024-04-02T01:02:03+00:00"
    place.site.take_asked()
    place.fetch()
    assert place.site.take_asked()[1].headers["if-modified-since"] == stated


def test_only_the_page_that_changed_is_fetched_and_read(place: WebPlace) -> None:
    _fill(place)
    place.run()
    place.site.take_asked()
    place.site.pages["/b"] = page("Beta, second edition", "/a")
    place.reader = TextReader()
    report = place.run()
    assert report.changed == [f"{place.site.url}/b"]
    assert [path for path, status in place.asked().items() if status == 200] == ["/b"]
    assert place.reader.read_names == [f"{place.site.url}/b"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_went_is_removed(place: WebPlace, status: int) -> None:
    _fill(place)
    place.run()
    place.site.pages["/b"].status = status
    report = place.run()
    assert report.removed == [f"{place.site.url}/b"]
    assert len(list((place.home / "mirror" / "pages").glob("*/*.json"))) == 3


def test_a_page_to_which_no_link_leads_any_more_is_removed(place: WebPlace) -> None:
    _fill(place)
    place.run()
    place.site.pages["/a"] = page("Alpha", "/b")
    assert place.run().removed == [f"{place.site.url}/files/price.csv"]


@pytest.mark.parametrize("failing", [Page(status=500), Page("x" * 999, is_cut=True), Page(drip=9)])
def test_a_page_that_fails_removes_nothing(place: WebPlace, failing: Page) -> None:
    _fill(place)
    place.run()
    if failing.drip:
        place.settings = {"timeout": 1}
    failing.body = failing.body or "late"
    place.site.pages["/a"] = failing  # it leads to the file, and so does its last copy
    del place.site.pages["/b"]
    report = place.run()
    assert (report.removed, report.notices) == ([], [LISTING_INCOMPLETE])
    assert f"{place.site.url}/a" in report.skipped
    assert report.unchanged == 3
    assert all(state.status is DocumentStatus.CURRENT for state in place.states().values())


def test_a_site_that_stops_midway_removes_nothing_and_is_left_alone(place: WebPlace) -> None:
    place.site.pages = {f"/{number}": page(f"Page {number}") for number in range(40)}
    place.site.pages["/"] = page("Home", *place.site.pages)
    place.run()
    place.site.take_asked()

    def stop(found: int) -> None:
        place.site.is_down = found >= 10

    listing = place.fetch(stop)
    assert not listing.complete
    assert len(place.site.take_asked()) < 20
    place.site.is_down = True
    with pytest.raises(SourceUnavailable):
        place.fetch()
    place.site.is_down = False
    assert place.run().unchanged == 41


def test_a_listing_that_is_interrupted_goes_on_where_it_was(place: WebPlace) -> None:
    place.site.pages = {f"/{number}": page(f"Page {number}") for number in range(20)}
    place.site.pages["/"] = page("Home", *place.site.pages)

    def stop(found: int) -> None:
        if found == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.fetch(stop)
    (place.home / "mirror" / "pages" / "half.part").mkdir()  # not a page's folder name
    place.site.take_asked()
    assert len(place.fetch().items) == 21
    assert list(place.asked().values()).count(304) == 10


def test_a_damaged_mirror_is_filled_again(place: WebPlace) -> None:
    _fill(place)
    place.fetch()
    for path in (place.home / "mirror" / "pages").glob("*/*"):
        path.write_bytes(b"{" if path.suffix == ".json" else b"")
    items = place.fetch().items
    assert [item.path.stat().st_size for item in items] == [item.size for item in items]
    assert len(items) == 4


def test_a_busy_server_is_asked_again_after_the_time_it_names(place: WebPlace) -> None:
    _fill(place)
    place.site.pages["/a"].first = [503]
    place.site.pages["/a"].headers = {"Retry-After": "7"}
    place.site.pages["/b"].first = [429]
    assert place.fetch().complete
    assert sum(place.naps) == 8.0


def test_a_server_that_stays_busy_makes_the_listing_incomplete(place: WebPlace) -> None:
    _fill(place)
    place.site.pages["/a"].first = [503] * 9
    place.site.pages["/a"].headers = {"Retry-After": "99999999"}
    assert not place.fetch().complete
    assert sum(place.naps) == 240.0


def test_a_page_in_shift_jis_that_only_its_header_tells_is_read_right(place: WebPlace) -> None:
    html = "<html><title>髙橋の①</title><p>有給休暇は二十日です。</p><a href='/休暇'>次</a></html>"
    place.site.pages = {
        "/": Page(html.encode("cp932"), "text/html; charset=Shift_JIS"),
        "/%E4%BC%91%E6%9A%87": page("休暇"),
    }
    first, second = place.fetch().items
    parsed = read_file(first.path, first.external_id, Limits())
    assert (parsed.title, parsed.blocks[0].text) == ("髙橋の①", "有給休暇は二十日です。")
    assert second.external_id.endswith("/%E4%BC%91%E6%9A%87")


def test_a_page_is_read_as_one_whatever_its_address_ends_with(place: WebPlace) -> None:
    place.site.pages = {
        "/README.md": Page("<p>Hello <b>world</b></p>"),
        "/": page("x", "README.md"),
    }
    item = place.fetch().items[1]
    parsed = read_file(item.path, item.external_id, Limits())
    assert (parsed.media_type, parsed.blocks[0].text) == ("text/html", "Hello world")


def test_a_packed_answer_is_unpacked(place: WebPlace) -> None:
    place.site.pages = {"/": page("Home", "/a"), "/a": Page("<p>packed</p>", is_packed=True)}
    assert b"packed" in place.fetch().items[1].path.read_bytes()


def test_a_site_that_gives_one_page_for_everything_changes_and_removes_nothing(
    place: WebPlace,
) -> None:
    links = [f"/{name}" for name in "abcde"]
    pages = {link: page(f"規程{link}の本文です。") for link in links}
    place.site.pages = {"/": page("目次です。", *links), **pages}
    assert len(place.run().added) == 6
    before = {name: state.content_hash for name, state in place.states().items()}
    closed = page("ただいまメンテナンス中です。")
    place.site.pages = {"/": closed, **dict.fromkeys(links, closed)}
    for _ in range(2):
        report = place.run()
        assert (report.changed, report.removed) == ([], [])
        assert set(report.skipped.values()) == {"same-page"}
        assert LISTING_INCOMPLETE in report.notices
    assert {name: state.content_hash for name, state in place.states().items()} == before
    place.site.pages = {"/": page("目次です。", *links[1:]), **pages}
    assert place.run().removed == [f"{place.site.url}/a"]


def test_a_site_that_sends_everybody_to_one_page_for_now_loses_none(place: WebPlace) -> None:
    links = [f"/{name}" for name in "abcd"]
    place.site.pages = {
        "/": page("目次です。", *links),
        **{x: page(f"本文{x}です。") for x in links},
    }
    place.run()
    away = Page("", status=302, headers={"Location": "/closed"})
    place.site.pages = {**dict.fromkeys(["/", *links], away), "/closed": page("休止中です。")}
    report = place.run()
    assert (report.removed, report.changed) == ([], [])
    assert LISTING_INCOMPLETE in report.notices
    assert set(place.states()) == {"/", *links, "/closed"}


def test_a_start_that_lost_its_links_takes_no_page_along(place: WebPlace) -> None:
    links = [f"/{name}" for name in "abc"]
    place.site.pages = {
        "/": page("目次です。", *links),
        **{x: page(f"本文{x}です。") for x in links},
    }
    place.run()
    place.site.pages["/"] = page("新しい入口です。")
    assert place.run().removed == []
    del place.site.pages["/a"]
    assert place.run().removed == [f"{place.site.url}/a"]
