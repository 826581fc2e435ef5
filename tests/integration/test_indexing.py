"""The worker's side: it follows the log from wherever it was stopped."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.catalog import IndexRow, Operation
from retrieval.catalog.changes import log
from retrieval.embedding.cache import EmbeddingCache, hash_text
from retrieval.errors import EmbedderUnavailable, LogCut
from retrieval.fusion import LEXICAL
from retrieval.indexing import LONGEST_TAIL, Indexer
from retrieval.lexical.asking import Demands
from retrieval.lexical.index import LexicalIndex
from retrieval.lexical.writing import LexicalWriter, lexical_folder, read_applied
from retrieval.model import Filters, Metadata, Scope
from retrieval.originals import OriginalStore
from retrieval.ports import Vectors
from retrieval.snapshot import Snapshot
from retrieval.vectors.building import verify
from tests.fakes.embedder import HashEmbedder
from tests.fakes.keeping import keep
from tests.integration.search_samples import ANYONE, STAFF, Library, opened

_KILLED_WORKER = """
import sys
from pathlib import Path
from tests.integration.search_samples import Library
library = Library(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    library.indexer.catch_up()
    library.indexer.publish_if_due(force=True)
    library.indexer.clean_up()
    library.indexer.trim_log()
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path) as library:
        yield library


def index_content(library: Library) -> set[str]:
    """Returns the ids of all chunks that the lexical index holds."""
    index = LexicalIndex(lexical_folder(library.home))
    allowed = frozenset(range(1, 50))
    return {hit.chunk_id for hit in index.ask("共通", Demands(allowed, Filters())).best(10_000)}


def catalog_content(library: Library) -> set[str]:
    return {row.chunk_id for rows in library.catalog.chunks.all_index_rows(500) for row in rows}


def assert_whole(library: Library) -> None:
    """Both indexes hold exactly what the catalog does."""
    assert index_content(library) == catalog_content(library)
    live = library.catalog.generations.live()
    assert live is not None
    verify(library.home / "generations" / live.id)
    count = len(catalog_content(library))
    found = library.searcher.search("共通", Scope(ANYONE | STAFF.allow), count + 10)
    assert {p.chunk.id for p in found.passages} == catalog_content(library)


def test_catching_up_returns_the_line_reached_and_reports_progress(library: Library) -> None:
    library.publish("a", ["共通の規程"])
    seen: list[int] = []
    head = library.catalog.changes.head()
    assert library.indexer.catch_up(seen.append) == head
    assert seen == [head]
    assert library.indexer.catch_up(seen.append) == head
    assert seen == [head]


def test_removed_and_changed_chunks_leave_the_index(library: Library) -> None:
    library.publish("a", ["共通 一", "共通 二"])
    document = library.publish("b", ["共通 三"])
    library.index()
    library.publish("a", ["共通 二", "共通 四"])
    library.catalog.documents.remove([document], "test")
    library.index(publish=True)
    assert_whole(library)
    assert len(index_content(library)) == 2


def test_catching_up_fills_the_cache_so_that_serving_embeds_nothing(library: Library) -> None:
    library.publish("a", ["共通の規程"])
    library.indexer.catch_up()
    embedded = len(library.embedder.embedded)
    library.indexer.publish_if_due()
    assert len(library.embedder.embedded) == embedded


def test_a_generation_is_published_only_when_due(library: Library) -> None:
    assert library.indexer.publish_if_due() is None
    library.publish("a", ["共通 一"])
    first = library.indexer.publish_if_due()
    assert first is not None
    library.publish("b", ["共通 二", "共通 三", "共通 四"])
    assert library.indexer.publish_if_due() is None
    eager = Indexer(library.catalog, library.home, library.embedder, library.cache, delta_rows=2)
    second = eager.publish_if_due()
    assert second is not None
    live = library.catalog.generations.live()
    assert live is not None
    assert (live.id, live.size, live.seq) == (second, 4, library.catalog.changes.head())
    assert eager.publish_if_due() is None


def test_a_lost_generation_is_built_again(library: Library) -> None:
    library.publish("a", ["共通 一"])
    first = library.indexer.publish_if_due()
    shutil.rmtree(library.home / "generations" / str(first))
    second = library.indexer.publish_if_due()
    assert second not in (None, first)
    library.indexer.catch_up()
    assert_whole(library)


def test_another_embedder_embeds_everything_anew_and_takes_over(library: Library) -> None:
    library.publish("a", [f"共通 {number}" for number in range(30)])
    library.index()
    other, done = HashEmbedder(32), []
    indexer = Indexer(library.catalog, library.home, other, library.cache)
    name = indexer.publish_if_due(progress=done.append)
    live = library.catalog.generations.live()
    assert live is not None
    assert (live.id, live.fingerprint) == (name, other.fingerprint)
    assert done == [30]
    assert len(other.embedded) == 30


def test_only_two_older_generations_and_no_leftovers_stay(library: Library) -> None:
    library.publish("a", ["共通 一"])
    names = [library.indexer.publish_if_due(force=True) for _ in range(5)]
    folder = library.home / "generations"
    (folder / "crashed.building").mkdir()
    (folder / "never-published").mkdir()
    (library.home / "lexical" / "old-tokenizer").mkdir(parents=True)
    library.indexer.catch_up()
    library.indexer.clean_up()
    library.indexer.clean_up()
    assert {path.name for path in folder.iterdir()} == set(names[2:])
    assert [path.name for path in (library.home / "lexical").iterdir()] == [
        lexical_folder(library.home).name
    ]


def test_an_index_ahead_of_the_log_is_made_again(tmp_path: Path) -> None:
    with opened(tmp_path / "new") as library:
        for number in range(5):
            library.publish(f"doc {number}", [f"共通 {number}"])
        library.index()
    # As after putting back an older copy of the catalog.
    with opened(tmp_path / "old") as library:
        library.publish("other", ["共通 別物"])
    for path in (tmp_path / "new").glob("catalog.sqlite*"):
        path.unlink()
    for path in (tmp_path / "old").glob("catalog.sqlite*"):
        shutil.copy(path, tmp_path / "new")
    with opened(tmp_path / "new") as library:
        library.index()
        assert_whole(library)


def test_the_log_loses_only_what_every_index_and_kept_generation_has_applied(
    library: Library,
) -> None:
    seqs = []
    for number in range(5):
        library.publish("a", [f"共通 {number}"])
        library.indexer.publish_if_due(force=True)
        seqs.append(library.catalog.changes.head())
    library.indexer.clean_up()
    assert library.indexer.trim_log() == 0  # the lexical index has applied nothing yet
    library.publish("b", ["共通 別物"])
    library.indexer.catch_up()
    library.indexer.trim_log()
    oldest = seqs[-3]  # two generations are kept beside the live one
    kept = library.catalog.changes.since(oldest - 1)
    assert [change.seq for change in kept] == list(
        range(oldest, library.catalog.changes.head() + 1)
    )
    assert not library.catalog.changes.reaches(oldest - 2)
    with pytest.raises(LogCut):
        library.catalog.changes.since(oldest - 2)
    assert library.indexer.trim_log() == 0
    assert_whole(library)


def test_vectors_of_a_model_go_with_its_last_generation(library: Library) -> None:
    library.publish("a", ["共通 一", "共通 二"])
    library.index(publish=True)
    hashes = [hash_text(each) for each in library.embedder.embedded]
    other = Indexer(library.catalog, library.home, HashEmbedder(32), library.cache)
    for _ in range(3):
        assert len(library.cache.get_many(library.embedder.fingerprint, hashes)) == 2
        other.publish_if_due(force=True)
        other.clean_up()
        other.trim_cache()
    assert library.cache.get_many(library.embedder.fingerprint, hashes) == {}
    assert len(library.cache.get_many(HashEmbedder(32).fingerprint, hashes)) == 2


def test_the_newest_line_stays_so_that_numbers_go_on(library: Library) -> None:
    library.publish("a", ["共通 一", "共通 二"])
    head = library.catalog.changes.head()
    assert library.catalog.changes.drop_before(head + 5, limit=100) == head - 1
    assert library.catalog.changes.head() == head
    library.publish("b", ["共通 三"])
    assert library.catalog.changes.head() == head + 1


def test_an_index_that_the_log_does_not_reach_is_made_from_the_catalog(library: Library) -> None:
    library.publish("a", ["共通 一", "共通 二"])
    library.index(publish=True)
    old = lexical_folder(library.home)
    shutil.copytree(old, library.home / "older")
    library.publish("a", ["共通 二", "共通 三"])
    library.index(publish=True)
    for _ in range(3):
        library.indexer.publish_if_due(force=True)
    library.indexer.clean_up()
    assert library.indexer.trim_log() > 0
    for lost in (True, False):
        shutil.rmtree(old)
        if not lost:
            shutil.copytree(library.home / "older", old)
        library.indexer.catch_up()
        assert_whole(library)


def test_the_old_words_answer_until_the_new_index_is_whole(library: Library) -> None:
    library.publish("a", ["共通 一", "共通 二"])
    library.index(publish=True)
    before, seen = index_content(library), []

    def watched() -> Iterator[list[IndexRow]]:
        for rows in library.catalog.chunks.all_index_rows(1):
            seen.append(index_content(library))
            yield rows

    writer = LexicalWriter(lexical_folder(library.home))
    writer.renew(watched(), library.catalog.changes.head())
    writer.close()
    assert seen == [before, before]
    assert_whole(library)


def test_searches_say_so_while_lost_words_are_made_anew(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index(publish=True)
    shutil.rmtree(lexical_folder(library.home))
    writer = LexicalWriter(lexical_folder(library.home))
    assert library.searcher.search("共通", Scope(ANYONE)).degraded == (LEXICAL,)
    writer.renew(library.catalog.chunks.all_index_rows(1), library.catalog.changes.head())
    writer.close()
    assert library.searcher.search("共通", Scope(ANYONE)).degraded == ()


def test_readers_take_up_an_index_that_was_made_anew_at_the_same_line(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index(publish=True)
    index = LexicalIndex(lexical_folder(library.home))
    writer = LexicalWriter(lexical_folder(library.home))
    writer.renew([], library.catalog.changes.head())  # as if it had been damaged before
    writer.close()
    index.refresh()
    question = index.ask("共通", Demands(frozenset(range(1, 50)), Filters()))
    assert question.best(9) == []


def test_a_server_whose_words_are_taken_away_answers_by_meaning_until_they_are_back(
    library: Library,
) -> None:
    library.publish("a", ["共通 一"])
    library.index(publish=True)
    assert library.searcher.search("共通", Scope(ANYONE)).degraded == ()
    (lexical_folder(library.home) / "meta.json").write_text("damaged", encoding="ascii")
    library.indexer.mend_words()
    found = library.searcher.search("共通", Scope(ANYONE))
    assert (len(found.passages), found.degraded) == (1, (LEXICAL,))
    library.indexer.catch_up()
    assert library.searcher.search("共通", Scope(ANYONE)).degraded == ()


def test_a_server_that_slept_while_the_log_was_cut_searches_what_is_there(
    library: Library,
) -> None:
    snapshot = Snapshot(library.catalog, library.home, library.embedder)
    library.publish("a", ["共通 一"])
    library.index(publish=True)
    with snapshot.view() as view:
        assert view is not None
        first = view.seq
    for number in range(4):
        library.publish("a", [f"共通 {number}"])
        library.indexer.publish_if_due(force=True)
    library.index()
    library.indexer.clean_up()
    library.indexer.trim_log()
    assert not library.catalog.changes.reaches(first)
    with snapshot.view() as view:
        assert view is not None
        everything = np.ones(view.rows.size, np.bool_) & view.mask(
            library.catalog.rules.allowed(ANYONE), Filters()
        )
        found = view.search(library.embedder.embed_query("共通"), everything, 9)
    assert {name for name, _ in found} == catalog_content(library)
    snapshot.close()


def test_a_long_tail_of_changed_access_ends_in_a_new_generation(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index(publish=True)
    with library.catalog.database.write() as connection:
        log(connection, Operation.ACCESS, ["someone"] * LONGEST_TAIL)
    assert library.indexer.publish_if_due() is None
    with library.catalog.database.write() as connection:
        log(connection, Operation.ACCESS, ["someone"])
    assert library.indexer.publish_if_due() is not None


@pytest.mark.slow
def test_a_worker_killed_at_any_moment_leaves_indexes_that_catch_up_completely(
    tmp_path: Path,
) -> None:
    chance = random.Random(11)
    command = [sys.executable, "-c", _KILLED_WORKER, str(tmp_path)]
    with opened(tmp_path) as library:
        for turn in range(8):
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
                assert worker.stdout is not None
                assert worker.stdout.readline() == "ready\n"
                deadline = time.monotonic() + chance.uniform(0.0, 0.7)
                number = 0
                while time.monotonic() < deadline:
                    texts = [f"共通 {turn} {number} {part}" for part in range(chance.randint(0, 6))]
                    library.publish(f"doc {number % 7}", texts)
                    number += 1
                worker.send_signal(signal.SIGKILL)
            # What was there before still serves, without any repair.
            for passage in library.searcher.search("共通", Scope(ANYONE), 5).passages:
                assert passage.chunk.id in catalog_content(library)
        library.publish("last", ["共通 最後"])
        library.index(publish=True)
        assert_whole(library)
        assert not list((tmp_path / "generations").glob("*.building"))
        assert read_applied(lexical_folder(tmp_path)) == library.catalog.changes.head()


class AbsentEmbedder(HashEmbedder):
    """Has no model, and so a fingerprint that no index was made with."""

    fingerprint = "absent"

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        raise EmbedderUnavailable(model="test", reason=f"{len(texts)} texts, no model")


def test_without_an_embedder_words_are_indexed_and_the_generation_stays(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index()
    live = library.catalog.generations.live()
    library.publish("b", ["共通 二"])
    empty = EmbeddingCache(library.home / "empty.sqlite")
    indexer = Indexer(library.catalog, library.home, AbsentEmbedder(), empty)
    assert indexer.catch_up() == library.catalog.changes.head()
    assert indexer.publish_if_due() is None
    assert library.catalog.generations.live() == live
    assert index_content(library) == catalog_content(library)
    with pytest.raises(EmbedderUnavailable):
        indexer.publish_if_due(force=True)
    empty.close()


def test_a_cache_that_is_gone_costs_time_only(library: Library, tmp_path: Path) -> None:
    library.publish("a", ["共通 一"], metadata=Metadata("題名"))
    library.index()
    empty = EmbeddingCache(tmp_path / "other.sqlite")
    Indexer(library.catalog, library.home, HashEmbedder(), empty).publish_if_due(force=True)
    empty.close()
    assert_whole(library)


def test_originals_are_kept_once_by_content(tmp_path: Path) -> None:
    store = OriginalStore(tmp_path / "originals")
    (tmp_path / "file").write_bytes(b"content" * 500_000)
    name = store.put(tmp_path / "file")
    assert keep(store, b"content" * 500_000) == name
    assert store.path(name).read_bytes() == (tmp_path / "file").read_bytes()
    assert [path for path in (tmp_path / "originals").rglob("*") if path.is_file()] == [
        store.path(name)
    ]


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63])
def test_only_hashes_name_originals(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        OriginalStore(tmp_path).path(name)


def test_unreferenced_originals_go_after_an_hour(tmp_path: Path) -> None:
    store = OriginalStore(tmp_path)
    used, unused, fresh = (keep(store, text) for text in (b"used", b"unused", b"fresh"))
    for name in (used, unused):
        os.utime(store.path(name), (1, 1))
    assert store.remove_unreferenced({used}) == 1
    assert store.path(used).exists()
    assert not store.path(unused).exists()
    assert store.path(fresh).exists()
