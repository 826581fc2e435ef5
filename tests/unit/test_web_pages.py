"""What a crawler sees in pages, robots.txt and sitemaps."""

import gzip

import pytest

from ingestion.sources.web.choosing import choose_extension, is_asset, make_readable
from ingestion.sources.web.pages import find_charset, look_at, read_markup, read_robots_header
from ingestion.sources.web.robots import name_of, read_rules
from ingestion.sources.web.sitemaps import NoSitemap, read_sitemap

HERE = "https://h/docs/a.html"


def _links(markup: str, header: str = "") -> tuple[str, ...]:
    return look_at(markup, HERE, "Kura", header).links


def test_links_frames_and_refreshes_are_found_and_nofollow_is_not() -> None:
    markup = """<frameset><frame src="menu.html"></frameset>
    <meta http-equiv="Refresh" content="0; URL='/moved'">
    <a href="b.html#x">b</a> <a href="b.html">again</a> <a rel="external nofollow" href="c">c</a>
    <map><area href="/area"></map> <iframe src="//other/frame"></iframe> <img src="i.png">
    <script src="s.js"></script> <a href="mailto:x@y">mail</a> <link rel="next" href="?p=2">"""
    assert _links(markup) == (
        "https://h/docs/menu.html",
        "https://h/moved",
        "https://h/docs/b.html",
        "https://h/area",
        "https://other/frame",
        "https://h/docs/a.html?p=2",
    )


def test_the_base_of_a_page_holds_for_its_links_and_its_canonical_address() -> None:
    markup = '<head><base href="/new/"><link rel="canonical" href="a"></head><a href="b">b</a>'
    facts = look_at(markup, HERE, "Kura")
    assert (facts.canonical, facts.links) == ("https://h/new/a", ("https://h/new/b",))


@pytest.mark.parametrize(
    ("meta", "header", "is_noindex", "has_links"),
    [
        ('<meta name="robots" content="NOINDEX, follow">', "", True, True),
        ('<meta name="ROBOTS" content="none">', "", True, False),
        ('<meta name="kura" content="noindex">', "", True, True),
        ('<meta name="otherbot" content="noindex">', "", False, True),
        ("", "noindex, nofollow", True, False),
        ("", "otherbot: noindex, nofollow", False, True),
        ("", "otherbot: nofollow, kura: noindex", True, True),
        ("", "unavailable_after: 25 Jun 2030 15:00:00 GMT", False, True),
    ],
)
def test_orders_to_crawlers_are_kept(
    meta: str, header: str, is_noindex: bool, has_links: bool
) -> None:
    facts = look_at(f'<head>{meta}</head><a href="b">b</a>', HERE, "Kura", header)
    assert (facts.is_noindex, bool(facts.links)) == (is_noindex, has_links)


def test_orders_in_a_header_are_read_for_a_robot_by_name() -> None:
    assert "noindex" in read_robots_header("Kura: NoIndex", "kura")
    assert "noindex" not in read_robots_header("googlebot: noindex", "kura")


def test_a_page_in_shift_jis_that_only_the_header_tells_is_kept_as_marked_utf_8() -> None:
    data = "<html><title>髙橋①</title>休暇</html>".encode("cp932")
    charset = find_charset("text/html; charset=Shift_JIS")
    assert make_readable(data, ".html", charset).decode("utf-8-sig").endswith("休暇</html>")
    assert make_readable(data, ".html", "") == data
    assert make_readable(data, ".html", find_charset("text/html; charset=utf-8")) == data
    assert make_readable("価格".encode("cp932"), ".csv", charset).decode("utf-8-sig") == "価格"


def test_a_page_without_a_head_is_kept_so_that_it_is_seen_to_be_one() -> None:
    assert make_readable(b"<p>hello</p>", ".html", "") == b"<!DOCTYPE html>\n<p>hello</p>"


def test_links_in_a_page_without_a_declared_encoding_are_read_as_utf_8() -> None:
    markup = read_markup('<a href="/休暇">x</a>'.encode(), "")
    assert look_at(markup, HERE, "Kura").links == ("https://h/%E4%BC%91%E6%9A%87",)


@pytest.mark.parametrize(
    ("kind", "address", "extension"),
    [
        ("text/html; charset=x", "http://h/a.md", ".html"),
        ("application/pdf", "http://h/download?id=7", ".pdf"),
        ("application/octet-stream", "http://h/a.docx", ".docx"),
        ("application/octet-stream", "http://h/a.bin", ""),
        ("", "http://h/page", ".html"),
        ("", "http://h/a.HTM", ".html"),
        ("image/png", "http://h/a.html", ""),
        ("application/javascript", "http://h/a", ""),
    ],
)
def test_a_document_is_known_by_its_type_and_else_by_its_name(
    kind: str, address: str, extension: str
) -> None:
    assert choose_extension(kind, address) == extension


def test_pictures_scripts_and_archives_are_not_asked_for() -> None:
    assert is_asset("http://h/a/B.PNG?x=1")
    assert is_asset("http://h/s.js")
    assert not is_asset("http://h/a.pdf")
    assert not is_asset("http://h/about.zip/")


def test_robots_rules_hold_for_the_crawler_s_own_name() -> None:
    text = b"""User-agent: *\nDisallow: /private\nCrawl-delay: 900\n
User-agent: kura\nDisallow: /no\nAllow: /no/but\nDisallow: /*.php$\nCrawl-delay: 2.5
Sitemap: /map.xml\nSitemap: https://h/other.xml\n"""
    rules = read_rules(text, name_of("Kura/1.0 (+https://example.com)"))
    assert rules.allow("https://h/private")
    assert not rules.allow("https://h/no/x")
    assert rules.allow("https://h/no/but")
    assert not rules.allow("https://h/a.php")
    assert rules.delay == 2.5
    assert rules.sitemaps("https://h/") == ["https://h/map.xml", "https://h/other.xml"]
    other = read_rules(text, "other")
    assert not other.allow("https://h/private")
    assert other.delay == 60.0


def test_a_sitemap_and_an_index_are_told_apart_and_may_be_packed() -> None:
    pages = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc> https://h/a?x=1&amp;y=2 </loc></url><url><loc>/b</loc></url></urlset>"""
    index = b"<sitemapindex><sitemap><loc>https://h/s.xml.gz</loc></sitemap></sitemapindex>"
    expected = ("https://h/a?x=1&y=2", "https://h/b")
    assert read_sitemap(pages, "https://h/s.xml").pages == expected
    assert read_sitemap(gzip.compress(pages), "https://h/s.xml.gz").pages == expected
    assert read_sitemap(index, "https://h/i.xml").sitemaps == ("https://h/s.xml.gz",)
    assert read_sitemap(b"https://h/a\nhttps://h/b\n", "https://h/s.txt").pages[1] == "https://h/b"


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>not here</body></html>",
        b"\x1f\x8b broken",
        gzip.compress(b"<urlset>" + b" " * 60_000_000),
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><html><loc>&e;</loc></html>',
        b"",
    ],
)
def test_what_is_no_sitemap_or_a_bomb_is_refused(data: bytes) -> None:
    with pytest.raises(NoSitemap):
        read_sitemap(data, "https://h/s.xml")


def test_an_entity_in_a_sitemap_is_never_opened() -> None:
    data = b"""<!DOCTYPE urlset [<!ENTITY e SYSTEM "file:///etc/hostname">]>
    <urlset><url><loc>https://h/&e;</loc></url><url><loc>https://h/b</loc></url></urlset>"""
    assert set(read_sitemap(data, "https://h/s.xml").pages) <= {"https://h/", "https://h/b"}
