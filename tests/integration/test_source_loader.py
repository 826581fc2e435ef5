"""Any LangChain document loader fills a source: run apart, listed, silenced and stopped."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import SourceUnavailable
from ingestion.reading.pool import ReadingPool
from ingestion.sources.loader.child import run
from retrieval.catalog import Catalog
from tests.integration.mirrored_place import MirroredPlace

_ROOT = str(Path(__file__).parents[2])
_MODULE = "tests.fakes.document_loader"


class Pages:
    """What the service behind the loader has."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, *lines: dict[str, Any] | str) -> None:
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        self.path.write_text("\n".join(texts), encoding="utf-8")


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    pages = Pages(tmp_path / "pages.jsonl")
    pages.write(_page("a", "休暇は二十日です。"), _page("b", "月末に締めます。"))
    return pages


@pytest.fixture
def place(tmp_path: Path, pages: Pages) -> Iterator[MirroredPlace]:
    with Catalog(tmp_path / "catalog.sqlite") as catalog:
        yield MirroredPlace(
            tmp_path,
            catalog,
            "loader",
            "",
            {
                "class": f"{_MODULE}.JsonLinesLoader",
                "arguments": {"path": str(pages.path)},
                "environment": {"PYTHONPATH": _ROOT},
            },
        )


def _page(name: str, text: str, **facts: object) -> dict[str, object]:
    return {"text": text, "source": f"https://wiki.example.com/{name}", **facts}


def _name(page: str) -> str:
    return f"https://wiki.example.com/{page}.txt"


def _reason(place: MirroredPlace) -> str:
    with pytest.raises(SourceUnavailable) as refused:
        place.run()
    assert refused.value.message("ja") != refused.value.message("en")
    return refused.value.message("en")


def test_what_a_loader_yields_becomes_documents(place: MirroredPlace) -> None:
    assert place.run().added == [_name("a"), _name("b")]
    assert place.texts()[_name("a")] == "休暇は二十日です。"


def test_unchanged_documents_are_not_read_and_changed_ones_are(
    place: MirroredPlace, pages: Pages
) -> None:
    place.run()
    place.reader.read_names.clear()
    assert place.run().unchanged == 2
    assert place.reader.read_names == []
    pages.write(_page("b", "翌月に締めます。"), _page("c", "新しい頁です。"))
    report = place.run()
    assert (report.added, report.changed, report.removed) == (
        [_name("c")],
        [_name("b")],
        [_name("a")],
    )
    kept = [path for path in (place.mirror / "texts").rglob("*") if path.is_file()]
    assert len(kept) == 2


def test_a_renamed_document_is_moved(place: MirroredPlace, pages: Pages) -> None:
    place.run()
    pages.write(_page("z", "休暇は二十日です。"), _page("b", "月末に締めます。"))
    assert place.run().moved == [f"{_name('a')} -> {_name('z')}"]


def test_a_loader_that_fails_at_once_says_so_and_removes_nothing(
    place: MirroredPlace, pages: Pages, tmp_path: Path
) -> None:
    place.run()
    (tmp_path / "token").write_text("ひみつ\n", encoding="utf-8")
    token = {"file": str(tmp_path / "token")}
    place.settings = {
        **place.settings,
        "arguments": {"path": str(pages.path), "token": token},
    }
    pages.write("!")
    assert "RuntimeError: the service says no to ***" in _reason(place)
    assert len(place.texts()) == 2


def test_a_loader_that_fails_half_way_adds_and_removes_nothing(
    place: MirroredPlace, pages: Pages
) -> None:
    place.run()
    pages.write(_page("c", "新しい頁です。"), "!")
    report = place.run()
    assert (report.added, report.removed) == ([_name("c")], [])
    assert "the service says no" in next(iter(report.skipped.values()))
    assert len(place.texts()) == 3


@pytest.mark.parametrize(
    ("line", "seconds", "expected"), [("$", 60, "exit code 3"), ("#", 1, "stopped after 1 s")]
)
def test_a_loader_that_dies_or_hangs_is_ended(
    place: MirroredPlace, pages: Pages, line: str, seconds: int, expected: str
) -> None:
    place.settings = {**place.settings, "seconds": seconds}
    pages.write(line)
    assert expected in _reason(place)


def test_a_stop_ends_the_loader_at_once(place: MirroredPlace, pages: Pages) -> None:
    class Stopped(Exception):
        pass

    def stop(_: int) -> None:
        raise Stopped

    pages.write(_page("a", "休暇は二十日です。"), "#")
    with pytest.raises(Stopped):
        place.list(stop)
    pages.write(_page("a", "休暇は二十日です。"))
    assert len(place.list().items) == 1


def test_what_a_loader_prints_is_not_taken_for_its_result(
    place: MirroredPlace, pages: Pages
) -> None:
    place.settings = {**place.settings, "arguments": {"path": str(pages.path), "noise": True}}
    assert len(place.run().added) == 2


def test_a_loader_finds_only_the_environment_it_is_given(
    place: MirroredPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KURA_SECRET", "ours")
    (tmp_path / "key").write_text("their key\n", encoding="utf-8")
    place.settings = {
        "class": f"{_MODULE}.EnvironmentLoader",
        "environment": {"PYTHONPATH": _ROOT, "API_KEY": {"file": str(tmp_path / "key")}},
    }
    place.run()
    texts = {name.removesuffix(".txt"): text for name, text in place.texts().items()}
    assert texts["API_KEY"] == "their key"
    assert texts["DO_NOT_TRACK"] == "1"
    assert "KURA_SECRET" not in texts


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "langchain_community.document_loaders.WikipediaLoader",
            "pip install 'kura[community]'",
            marks=pytest.mark.skipif(
                find_spec("langchain_community") is not None, reason="the bridge is installed"
            ),
        ),
        ("nowhere_at_all.loaders.Loader", "pip install nowhere_at_all"),
        (f"{_MODULE}.Nothing", "has no attribute 'Nothing'"),
        (f"{_MODULE}.Unloadable", "no document loader"),
        (f"{_MODULE}.JsonLinesLoader", "'path'"),
    ],
)
def test_a_loader_that_cannot_be_made_is_explained(
    name: str, expected: str, tmp_path: Path
) -> None:
    told: list[Mapping[str, Any]] = []
    run({"name": name, "arguments": {}, "folder": str(tmp_path)}, told.append)
    assert len(told) == 1
    assert expected in " ".join(told[0]["failed"])


def test_metadata_name_date_and_describe_a_document(place: MirroredPlace, pages: Pages) -> None:
    facts = {"id": 7, "title": "休暇規程", "edited": "2024-04-01T09:00:00+09:00", "author": "花子"}
    pages.write(_page("a", "休暇は二十日です。", **facts), _page("b", "締め日です。", id=7))
    place.settings = {
        **place.settings,
        "id_field": "id",
        "modified_field": "edited",
        "url_field": "source",
        "format": "markdown",
    }
    with ReadingPool(1) as pool:
        place.reader = pool  # type: ignore[assignment]
        assert place.run().added == ["7 (2).md", "7.md"]
    state = place.states()["7.md"]
    assert state.metadata.title == "休暇規程"
    assert state.metadata.modified_at == datetime(2024, 4, 1, tzinfo=UTC)
    assert "花子" in place.texts()["7.md"]
    assert "https://wiki.example.com/a" in place.texts()["7.md"]


def test_an_empty_document_is_named_and_hostile_names_are_data(
    place: MirroredPlace, pages: Pages
) -> None:
    hostile = {"text": "本文です。", "source": "../../etc/\npasswd\u202e"}
    pages.write(
        _page("a", "  "), hostile, {"text": "\ud800 壊れた文字です。"}, {"text": "名無し。"}
    )
    listing = place.list()
    assert listing.skipped == {"https://wiki.example.com/a": "no-text"}
    assert len(listing.items) == 3
    assert all(item.path.is_relative_to(place.mirror) for item in listing.items)
    assert all("\n" not in item.external_id for item in listing.items)
