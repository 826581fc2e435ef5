"""What sources of each kind may be told, and what is refused before anything is reached."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import SourceInvalid, SourceUnavailable
from ingestion.sources.fields import read_secret
from ingestion.sources.git import options as git
from ingestion.sources.keeping import FileShelf, read_notes, write_notes
from ingestion.sources.kinds import find_kind
from ingestion.sources.loader import options as loader
from ingestion.sources.mail import options as mail

_IMAP = {"password_file": "/run/secrets/imap"}


def _refuse(kind: str, location: str, settings: Mapping[str, Any]) -> SourceInvalid:
    with pytest.raises(SourceInvalid) as refused:
        find_kind(kind).read_options(location, settings)
    return refused.value


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example.com/team/rules.git",
        "https://kura@git.example.com:8443/team/rules.git",
        "ssh://git@git.example.com:2222/team/rules.git",
        "git@git.example.com:team/rules.git",
        "file:///srv/git/rules.git",
        "/srv/git/rules.git",
    ],
)
def test_an_address_of_a_repository_is_taken_as_it_is(address: str) -> None:
    assert git.read_options(address, {}).address == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://git.example.com/rules.git",
        "git://git.example.com/rules.git",
        "ext::sh -c 'touch /tmp/x'",
        "rules.git",
        "--upload-pack=touch",
        "ssh://-oProxyCommand=x/rules.git",
        "https:///rules.git",
        "https://git.example.com:port/rules.git",
        "/srv/git/\nrules.git",
    ],
)
def test_another_address_is_refused(address: str) -> None:
    assert _refuse("git", address, {}).details["field"] == "location"


@pytest.mark.parametrize(
    ("kind", "location", "settings"),
    [
        ("git", "https://kura:s3cret@git.example.com/rules.git", {}),
        ("imap", "imaps://taro:s3cret@mail.example.com", _IMAP),
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(
    kind: str, location: str, settings: Mapping[str, Any]
) -> None:
    refused = _refuse(kind, location, settings)
    for language in ("ja", "en"):
        assert "password_file" in refused.message(language)  # type: ignore[arg-type]
        assert "s3cret" not in refused.message(language)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "location", "settings", "field"),
    [
        ("git", "/srv/rules", {"brunch": "main"}, "brunch"),
        ("git", "/srv/rules", {"branch": "--help"}, "branch"),
        ("git", "/srv/rules", {"branch": "a..b"}, "branch"),
        ("git", "/srv/rules", {"folder": "a/../../b"}, "folder"),
        ("git", "/srv/rules", {"depth": "1"}, "depth"),
        ("git", "/srv/rules", {"depth": True}, "depth"),
        ("git", "/srv/rules", {"include": "*.md"}, "include"),
        ("git", "/srv/rules", {"include": [""]}, "include"),
        ("git", "/srv/rules", {"key_file": "id_rsa"}, "key_file"),
        ("git", "/srv/rules", {"proxy": "http://proxy\n[core]"}, "proxy"),
        ("imap", "imaps://mail.example.com", _IMAP, "location"),
        ("imap", "https://taro@mail.example.com", _IMAP, "location"),
        ("imap", "imaps://taro@mail.example.com:x", _IMAP, "location"),
        ("imap", "imaps://taro@mail.example.com", {}, "password_file"),
        ("imap", "imaps://taro%0d%0aA1@mail.example.com", _IMAP, "location"),
        ("imap", "imaps://taro@mail.example.com", {**_IMAP, "since": "yesterday"}, "since"),
        ("imap", "imaps://taro@mail.example.com", {**_IMAP, "max_megabytes": 0}, "max_megabytes"),
        (
            "imap",
            "imaps://taro@mail.example.com",
            {**_IMAP, "authentication": "none"},
            "authentication",
        ),
        ("maildir", "Maildir", {}, "location"),
        ("maildir", "/srv/Maildir", {"password_file": "/x"}, "password_file"),
        ("mbox", "/srv/x.mbox", {"folders": [1]}, "folders"),
        ("loader", "", {"class": "Loader"}, "class"),
        ("loader", "", {"class": "a.b; import os"}, "class"),
        ("loader", "", {"class": "a.B", "arguments": {"key": {"file": "x"}}}, "arguments.key"),
        ("loader", "", {"class": "a.B", "environment": {"KEY": 1}}, "environment.KEY"),
        ("loader", "", {"class": "a.B", "arguments": []}, "arguments"),
        ("loader", "", {"class": "a.B", "format": "html"}, "format"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(
    kind: str, location: str, settings: Mapping[str, Any], field: str
) -> None:
    refused = _refuse(kind, location, settings)
    assert refused.details["field"] == field
    assert field in refused.message("ja")
    assert field in refused.message("en")


def test_an_account_is_read_from_its_address() -> None:
    options = mail.read_imap_options(
        "imaps://taro%40example.com@mail.example.com/INBOX/%E5%A5%91%E7%B4%84",
        {**_IMAP, "since": "2024-04-01"},
    )
    assert (options.user, options.host, options.port) == (
        "taro@example.com",
        "mail.example.com",
        993,
    )
    assert options.choice.folders == ("INBOX/契約",)
    assert options.choice.since == date(2024, 4, 1)
    plain = mail.read_imap_options("imap://taro@mail.example.com", _IMAP)
    assert (plain.port, plain.starts_plain, plain.choice.folders) == (143, True, ("INBOX",))


def test_a_password_goes_only_to_the_host_of_the_address() -> None:
    options = git.read_options("https://kura@git.example.com:8443/x.git", {})
    assert (options.host, options.user) == ("https://git.example.com:8443", "kura")
    assert git.read_options("ssh://git@git.example.com/x.git", {}).host == ""


def test_arguments_of_a_loader_may_be_nested_and_point_to_secrets() -> None:
    arguments = {"key": {"file": "/run/secrets/key"}, "query": {"tags": ["a", 1, None, True]}}
    settings = {"class": "team.loaders.Wiki", "arguments": arguments}
    assert loader.read_options("", settings).arguments == arguments
    assert loader.read_options("team.loaders.Wiki", {}).name == "team.loaders.Wiki"


def test_a_secret_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes("\ufeff合言葉 x \r\nsecond\n".encode())
    assert read_secret(path) == "合言葉 x "
    for content in (b"", b"\nsecond", b"\xff\xfe", b"a\0b"):
        path.write_bytes(content)
        with pytest.raises(SourceUnavailable):
            read_secret(path)


def test_a_shelf_shows_whole_files_only(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "shelf")

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        shelf.put("abc", broken())
    assert not shelf.has("abc", 4)
    shelf.put("abc", [b"wh", b"ole"])
    assert shelf.has("abc", 5)
    assert not shelf.has("abc", 4)
    shelf.put("xyz", [b""])
    shelf.keep_only({"xyz"})
    assert not shelf.has("abc", 5)
    assert [path.name for path in (tmp_path / "shelf").rglob("*") if path.is_file()] == ["xyz"]


def test_notes_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    assert read_notes(path) is None
    write_notes(path, {"契約": [1, "\udcff"]})
    assert read_notes(path) == {"契約": [1, "\udcff"]}
    path.write_bytes(path.read_bytes()[:-3])
    assert read_notes(path) is None
