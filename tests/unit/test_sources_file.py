"""The sources file: taken as a whole or refused, by file, source, field and value."""

from pathlib import Path

import pytest

from app.declaring import (
    ADMINS_ONLY,
    SourcesFileInvalid,
    SourcesFileUnreadable,
    compare,
    read_sources,
    register_declared,
)
from app.registering import find_outside
from ingestion.errors import SourceInvalid
from retrieval.catalog import Catalog, NewSource
from retrieval.model import Access

GOOD = """
[[source]]
name = "規程"
location = "/srv/rules"
department = "総務"
owner = "hanako"
tags = ["規程"]
allow = ["everyone"]
deny = ["group:contractors"]
schedule = "0  3 * * *"

[[source]]
name = "hr"
kind = "folder"
location = "/srv/hr"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sources.toml"


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_declares_sources_with_all_their_facts(file: Path) -> None:
    rules, hr = read_sources(write(file, GOOD))
    access = Access(frozenset({"everyone"}), frozenset({"group:contractors"}))
    assert rules == NewSource(
        "規程", "folder", "/srv/rules", "総務", access, {}, "hanako", ("規程",), "0 3 * * *"
    )
    assert hr == NewSource("hr", "folder", "/srv/hr", access=ADMINS_ONLY)


def test_a_file_with_a_mark_of_its_encoding_is_read(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8-sig")
    assert len(read_sources(file)) == 2


def test_an_empty_list_of_readers_lets_nobody_read(file: Path) -> None:
    text = '[[source]]\nname = "a"\nlocation = "/a"\nallow = []\n'
    assert read_sources(write(file, text))[0].access == Access()


ONE = '[[source]]\nname = "x"\nlocation = "/srv/x"\n'


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("sources = 3", "sources", "3"),
        ("source = 3", "source", "3"),
        (ONE + 'alow = ["everyone"]', "alow", "everyone"),
        (ONE + 'allow = ["hr"]', "allow", "hr"),
        (ONE + 'deny = ["group:a b"]', "deny", "group:a b"),
        (ONE + 'allow = "everyone"', "allow", "everyone"),
        (ONE + "tags = [1]", "tags", "1"),
        (ONE + "department = 1", "department", "1"),
        (ONE + 'kind = "ftp"', "kind", "ftp"),
        (ONE + 'schedule = "nightly"', "schedule", "nightly"),
        (ONE + "settings = 1", "settings", "1"),
        (ONE + "[source.settings]\ndepth = 3", "settings.depth", "3"),
        (ONE + ONE, "name", "x"),
        ('[[source]]\nlocation = "/srv/x"', "name", ""),
        ('[[source]]\nname = "a\\nb"\nlocation = "/x"', "name", "a"),
        ('[[source]]\nname = "x"\nlocation = "x"', "location", "x"),
        ('[[source]]\nname = "x"\nkind = "upload"\nlocation = "/x"', "location", "/x"),
    ],
)
def test_a_wrong_value_is_named_with_its_file_source_and_field(
    file: Path, text: str, field: str, value: str
) -> None:
    with pytest.raises(SourcesFileInvalid) as caught:
        read_sources(write(file, text))
    assert caught.value.details["field"] == field
    for language in ("ja", "en"):
        message = caught.value.message(language)  # type: ignore[arg-type]
        assert str(file) in message
        assert field in message
        assert value in message
    assert caught.value.message("ja") != caught.value.message("en")


def test_settings_are_checked_by_kind(file: Path) -> None:
    text = '[[source]]\nname = "w"\nkind = "web"\nlocation = "https://example.com/"\n'
    assert read_sources(write(file, text))[0].kind == "web"
    with pytest.raises(SourcesFileInvalid) as caught:
        read_sources(write(file, text + "[source.settings]\nno_such = 1\n"))
    assert caught.value.details["source"] == "w"
    assert "no_such" in str(caught.value.details["field"])


def test_a_date_of_a_setting_may_be_written_as_toml_writes_it(file: Path) -> None:
    text = '[[source]]\nname = "m"\nkind = "mbox"\nlocation = "/srv/box"\n'
    (source,) = read_sources(write(file, text + "[source.settings]\nsince = 2024-04-01\n"))
    assert dict(source.settings) == {"since": "2024-04-01"}


def test_a_secret_that_was_written_into_the_file_is_not_repeated(file: Path) -> None:
    text = (
        '[[source]]\nname = "m"\nkind = "imap"\nlocation = "imaps://u@mail.example.com"\n'
        '[source.settings]\npassword = "hunter2"\n'
    )
    with pytest.raises(SourcesFileInvalid) as caught:
        read_sources(write(file, text))
    assert "password" in str(caught.value)
    assert "hunter2" not in caught.value.message("ja") + caught.value.message("en")


@pytest.mark.parametrize("content", [b"[[source]", b"\xff\xfe\x00", b"a = 1\na = 2"])
def test_what_is_no_toml_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SourcesFileUnreadable, match=r"sources\.toml"):
        read_sources(file)


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(SourcesFileUnreadable, match=r"sources\.toml"):
        read_sources(file)


def test_applying_says_what_is_new_changed_the_same_and_not_in_the_file(
    file: Path, catalog: Catalog
) -> None:
    catalog.sources.add(NewSource("old", "folder", "/srv/old"))
    catalog.sources.add(NewSource("uploads", "upload", ""))
    first = register_declared(catalog, read_sources(write(file, GOOD)))
    assert (first.add, first.same, first.unlisted) == (("規程", "hr"), (), ("old",))
    changed = GOOD.replace('"everyone"', '"group:staff"').replace("0  3", "0 4")
    second = register_declared(catalog, read_sources(write(file, changed)))
    assert dict(second.change) == {"規程": ("access", "schedule")}
    assert second.same == ("hr",)
    rules = catalog.sources.find("規程")
    assert rules is not None
    assert (rules.access.allow, rules.schedule) == (frozenset({"group:staff"}), "0 4 * * *")
    assert (rules.owner, rules.tags) == ("hanako", ("規程",))
    assert catalog.sources.find("old") is not None


def test_comparing_changes_nothing(file: Path, catalog: Catalog) -> None:
    assert compare(catalog, read_sources(write(file, GOOD))).add == ("規程", "hr")
    assert catalog.sources.list() == []


def test_a_file_never_turns_uploads_into_a_folder(file: Path, catalog: Catalog) -> None:
    catalog.sources.add(NewSource("hr", "upload", ""))
    with pytest.raises(SourceInvalid, match="registered as upload"):
        register_declared(catalog, read_sources(write(file, GOOD)))
    assert [source.name for source in catalog.sources.list()] == ["hr"]


@pytest.mark.parametrize(
    ("location", "settings", "outside"),
    [
        ("{root}/a", {}, ""),
        ("{root}", {}, ""),
        ("{root}/../b", {}, "{root}/../b"),
        ("{root}x", {}, "{root}x"),
        ("{root}/link", {}, "{root}/link"),
        ("file://{root}/a", {}, ""),
        ("FILE:///etc", {}, "/etc"),
        ("~/mail", {}, "~/mail"),
        ("https://example.com/", {}, ""),
        ("https://example.com/", {"password_file": "/etc/shadow"}, "/etc/shadow"),
        ("https://example.com/", {"include": ["/docs"], "password_file": "{root}/p"}, ""),
        ("file:///a%00b", {}, "/a\0b"),
        ("~no such user/x", {}, "~no such user/x"),
    ],
)
def test_paths_outside_of_the_roots_are_found(
    tmp_path: Path, location: str, settings: dict[str, object], outside: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    place = location.format(root=root)
    filled = {
        name: value.format(root=root) if isinstance(value, str) else value
        for name, value in settings.items()
    }
    source = NewSource("x", "git", place, settings=filled)
    assert find_outside(source, [root]) == outside.format(root=root)
    assert find_outside(source, []) == ""
