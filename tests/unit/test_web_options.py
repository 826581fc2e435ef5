"""What may be said about a web source."""

import subprocess
import sys

import pytest

from ingestion.errors import SourceInvalid
from ingestion.sources.web.addresses import Place
from ingestion.sources.web.options import read_options


def test_without_settings_only_the_start_s_host_is_allowed() -> None:
    options = read_options("HTTPS://Intra.Example.com", {})
    assert options.start == "https://intra.example.com/"
    assert options.allows(Place("https", "intra.example.com", 443))
    assert options.allows(Place("http", "intra.example.com", 80))
    assert not options.allows(Place("http", "intra.example.com", 8080))
    assert not options.allows(Place("https", "evil-intra.example.com", 443))
    assert not options.allows(Place("https", "www.intra.example.com", 443))


def test_another_host_is_allowed_with_its_port_only() -> None:
    options = read_options("http://h:8080/", {"hosts": ["Docs.example", "wiki.example:8443"]})
    allowed = [("h", 8080), ("docs.example", 443), ("docs.example", 80), ("wiki.example", 8443)]
    assert options.places == frozenset(allowed)


def test_path_beginnings_choose_what_becomes_a_document() -> None:
    options = read_options("http://h/", {"include": ["/規程/", "/docs/"], "exclude": ["/docs/old"]})
    assert options.wants("http://h/%E8%A6%8F%E7%A8%8B/a")
    assert options.wants("http://h/docs/new?x=/docs/old")
    assert not options.wants("http://h/docs/older")
    assert not options.wants("http://h/")


def test_a_sitemap_alone_leads_nowhere_else_unless_asked_to() -> None:
    assert not read_options("http://h/sitemap.xml.gz", {}).follow_links
    assert read_options("http://h/sitemap.xml", {"follow_links": True}).follow_links
    assert read_options("http://h/", {}).follow_links


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hosts", "intra.example"),
        ("hosts", ["http://intra.example/"]),
        ("hosts", ["intra.example/path"]),
        ("hosts", ["a b"]),
        ("hosts", ["h:99999"]),
        ("include", ["docs/"]),
        ("max_pages", 0),
        ("max_pages", True),
        ("max_pages", "100"),
        ("depth", -1),
        ("delay", -0.1),
        ("delay", float("nan")),
        ("timeout", 0),
        ("max_bytes", 10**12),
        ("follow_links", "yes"),
        ("private_hosts", [7]),
        ("user_agent", "Kura\r\nX-Evil: 1"),
        ("user_agent", ""),
        ("password_file", "secret.txt"),
        ("password", "hunter2"),
        ("proxy", "http://p"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(SourceInvalid) as caught:
        read_options("https://intra.example/", {name: value})
    assert caught.value.details["field"] == name
    assert "hunter2" not in caught.value.message("en")


@pytest.mark.parametrize(
    "location", ["", "intra.example", "file:///etc", "ftp://h/", "http://a:b@h/"]
)
def test_a_location_must_be_a_web_address_without_a_login(location: str) -> None:
    with pytest.raises(SourceInvalid) as caught:
        read_options(location, {})
    assert "a:b" not in caught.value.message("ja")


def test_checking_a_source_loads_no_http_client() -> None:
    heavy = "{'httpx', 'httpcore', 'lxml', 'protego', 'tenacity'}"
    code = (
        "import sys, ingestion.sources.web.options as o; o.read_options('http://h/', {}); "
        f"sys.exit(bool({heavy} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
