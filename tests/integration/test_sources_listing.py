"""What a run makes of a listing: its progress, its gaps, and the facts of its source."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.errors import SourceUnavailable
from ingestion.model import Listing, Tell
from ingestion.pipeline import Pipeline
from ingestion.report import LISTING_INCOMPLETE, Progress, Report
from ingestion.sidecar import Sidecar
from ingestion.sources.folder import TOLD_EVERY, list_folder
from retrieval.catalog import Catalog, NewSource, Source
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.originals import OriginalStore
from tests.integration.ingestion_place import EVERYONE, Place

Alter = Callable[[Listing], Listing]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Catalog(tmp_path / "catalog.sqlite") as catalog:
        yield Place(tmp_path, catalog)


class Stopped(Exception):
    """Ends a listing."""


def run(
    place: Place,
    alter: Alter = lambda listing: listing,
    *,
    source: Source | None = None,
    told: list[Progress] | None = None,
) -> Report:
    """Runs a pipeline whose source is the folder, altered."""

    def list_altered(_source: Source, tell: Tell) -> tuple[Listing, Sidecar]:
        return alter(list_folder(place.folder, tell)), Sidecar()

    cache = EmbeddingCache(place.home / "embeddings.sqlite")
    pipeline = Pipeline(
        place.catalog,
        OriginalStore(place.home / "originals"),
        CachedEmbedder(place.model, cache),
        place.reader,
        lister=list_altered,
    )
    record = [] if told is None else told
    return pipeline.run(source or place.source(), record.append, pause=lambda: None)


def fail(_listing: Listing) -> Listing:
    raise SourceUnavailable(path="share", reason="it went away midway")


def test_a_listing_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    for number in range(TOLD_EVERY + 5):
        (tmp_path / f"{number}.txt").touch()
    told: list[int] = []
    list_folder(tmp_path, told.append)
    assert told == [TOLD_EVERY]

    def stop(_count: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        list_folder(tmp_path, stop)


def test_progress_is_reported_and_a_stop_is_heard_while_listing(place: Place) -> None:
    place.write("a.txt", "一つ目の本文です。")
    run(place)

    def list_slowly(_source: Source, tell: Tell) -> tuple[Listing, Sidecar]:
        tell(7)
        raise AssertionError("the stop was not heard")

    pipeline = Pipeline(
        place.catalog,
        OriginalStore(place.home / "originals"),
        CachedEmbedder(place.model, EmbeddingCache(place.home / "embeddings.sqlite")),
        place.reader,
        lister=list_slowly,
    )
    told: list[Progress] = []

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        pipeline.run(place.source(), told.append, pause=stop)
    assert told[-1] == Progress("listing", done=7)
    assert list(place.states()) == ["a.txt"]


def test_a_listing_that_fails_midway_changes_nothing(place: Place) -> None:
    place.write("a.txt", "一つ目の本文です。")
    run(place)
    place.write("b.txt", "二つ目の本文です。")
    with pytest.raises(SourceUnavailable, match="midway"):
        run(place, fail)
    assert list(place.states()) == ["a.txt"]


def test_half_a_listing_removes_nothing_and_the_report_says_so(place: Place) -> None:
    for name in "abcd":
        place.write(f"{name}.txt", f"{name} の本文です。")
    run(place)
    report = run(place, lambda listing: Listing(listing.items[:2], complete=False))
    assert report.removed == []
    assert report.notices == [LISTING_INCOMPLETE]
    assert len(report.held) == 2
    assert len(place.states()) == 4
    assert run(place).notices == []


def test_links_that_are_not_followed_are_counted_and_named(place: Place, tmp_path: Path) -> None:
    place.write("a.txt", "一つ目の本文です。")
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    (place.folder / "out.txt").symlink_to(secret)
    (place.folder / "gone").symlink_to(place.folder / "nowhere")
    (place.folder / "round").symlink_to(place.folder)
    report = run(place)
    assert report.skipped == {
        "gone": "link-broken",
        "out.txt": "link-outside",
        "round": "link-circle",
    }
    assert report.as_json()["counts"]["skipped"] == 3
    assert list(place.states()) == ["a.txt"]


def test_a_source_s_owner_tags_and_department_hold_for_its_documents(place: Place) -> None:
    place.write("営業/a.txt", "一つ目の本文です。")
    new = NewSource(
        "docs", "folder", str(place.folder), "総務", EVERYONE, owner="hanako", tags=("社外秘",)
    )
    run(place, source=place.catalog.sources.add(new))
    metadata = next(iter(place.states().values())).metadata
    assert (metadata.department, metadata.owner) == ("総務", "hanako")
    assert "社外秘" in metadata.tags
    changed = place.catalog.sources.add(replace(new, owner="taro", tags=()))
    report = run(place, source=changed)
    metadata = next(iter(place.states().values())).metadata
    assert (report.retagged, report.changed) == (["営業/a.txt"], [])
    assert metadata.owner == "taro"
    assert "社外秘" not in metadata.tags


@pytest.mark.parametrize(
    ("kind", "department"), [("folder", "営業"), ("git", "営業"), ("web", ""), ("imap", "")]
)
def test_the_first_folder_names_a_department_only_where_people_made_folders(
    place: Place, kind: str, department: str
) -> None:
    place.write("営業/a.txt", "一つ目の本文です。")
    source = place.catalog.sources.add(NewSource("x", kind, "x", access=EVERYONE))
    run(place, source=source)
    (state,) = place.catalog.documents.states(source.id).values()
    assert state.metadata.department == department
