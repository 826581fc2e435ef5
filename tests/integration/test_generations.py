"""Generations change under running searches, and damaged ones never become live."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import IndexUnavailable
from retrieval.model import Scope
from retrieval.snapshot import Snapshot
from retrieval.vectors.building import verify
from retrieval.vectors.generation import MANIFEST, ROWS, VECTORS, Generation
from tests.fakes.embedder import HashEmbedder
from tests.integration.search_samples import ANYONE, STAFF, Library, opened
from tests.patience import wait_for


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path) as library:
        yield library


class Searching(threading.Thread):
    """Searches until told to stop, and keeps what went wrong."""

    def __init__(self, library: Library, stop: threading.Event) -> None:
        super().__init__()
        self.library, self.stop = library, stop
        self.searches = 0
        self.faults: list[str] = []

    def wait_to_go_on(self, searches: int) -> None:
        wait_for(lambda: self.faults or self.searches > searches)

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                result = self.library.searcher.search("共通の規程", Scope(ANYONE), 5)
            except Exception as error:  # noqa: BLE001 - a thread's failure must reach the test
                self.faults.append(repr(error))
                return
            self.searches += 1
            texts = [p.chunk.text for p in result.passages]
            if any("秘密" in text for text in texts):
                self.faults.append(f"unreadable: {texts}")
            if result.degraded or len(texts) != 5:
                self.faults.append(f"{result.degraded} {len(texts)}")


def test_swaps_and_changes_under_running_searches_cause_no_error_and_no_leak(
    library: Library,
) -> None:
    library.publish("stays", [f"共通の規程 その{number}" for number in range(8)])
    library.publish("secret", [f"共通の規程 秘密{number}" for number in range(40)], STAFF)
    library.index()
    stop = threading.Event()
    threads = [Searching(library, stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        searched = [thread.searches for thread in threads]
        library.publish("changes", [f"共通の規程 第{turn}版 {part}" for part in range(turn + 1)])
        document = library.publish("comes and goes", [f"共通の規程 秘密の臨時{turn}"], STAFF)
        library.index(publish=True)
        library.catalog.documents.remove([document], "test")
        for thread, before in zip(threads, searched, strict=True):
            thread.wait_to_go_on(before)
    stop.set()
    for thread in threads:
        thread.join()
    assert [thread.faults for thread in threads] == [[], [], [], []]


def test_a_search_in_flight_keeps_its_generation_open_and_the_last_one_closes_it(
    library: Library,
) -> None:
    library.publish("a", ["共通 一"])
    library.index()
    snapshot = Snapshot(library.catalog, library.home, library.embedder)
    with snapshot.view() as old:
        assert old is not None
        library.index(publish=True)
        with snapshot.view() as new:
            assert new is not None
            assert new.lease is not old.lease
        assert old.lease.users == 1
        mask = old.mask(library.catalog.rules.allowed(ANYONE), Scope(ANYONE).filters)
        query = library.embedder.embed_query("共通")
        assert len(old.search(query, mask, 5)) == 1
    assert old.lease.users == 0
    assert old.lease.superseded
    snapshot.close()


def test_old_views_do_not_see_what_came_later(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index()
    snapshot = Snapshot(library.catalog, library.home, library.embedder)
    allowed, filters = library.catalog.rules.allowed(ANYONE), Scope(ANYONE).filters
    query = library.embedder.embed_query("共通")
    with snapshot.view() as old:
        library.publish("b", [f"共通 {number}" for number in range(600)])
        with snapshot.view() as new:
            assert old is not None
            assert new is not None
            assert len(old.search(query, old.mask(allowed, filters), 1_000)) == 1
            assert len(new.search(query, new.mask(allowed, filters), 1_000)) == 601
    snapshot.close()


def test_going_back_to_an_older_generation_replays_what_changed_since(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index()
    first = library.catalog.generations.live()
    assert first is not None
    library.publish("a", ["共通 二"])
    library.index(publish=True)
    assert library.found("共通") == ["共通 二"]
    library.catalog.generations.publish(first)
    assert library.found("共通") == ["共通 二"]


def test_a_live_generation_that_cannot_be_opened_leaves_words(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index()
    live = library.catalog.generations.live()
    assert live is not None
    (library.home / "generations" / live.id / ROWS).write_bytes(b"broken")
    result = library.searcher.search("共通", Scope(ANYONE))
    assert result.degraded == ("vector",)
    assert [p.chunk.text for p in result.passages] == ["共通 一"]
    library.index(publish=True)
    assert library.searcher.search("共通", Scope(ANYONE)).degraded == ()


@pytest.mark.parametrize("name", [VECTORS, ROWS, MANIFEST])
@pytest.mark.parametrize("damage", ["cut", "gone", "changed"])
def test_damage_to_a_generation_is_seen(library: Library, name: str, damage: str) -> None:
    library.publish("a", [f"共通 {number}" for number in range(50)])
    folder = library.home / "generations" / str(library.indexer.publish_if_due())
    path = folder / name
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        middle = len(content) // 2
        changed = content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
        path.write_bytes(content[: len(content) * 2 // 3] if damage == "cut" else changed)
    with pytest.raises(IndexUnavailable):
        verify(folder)


def test_a_build_that_fails_leaves_nothing_and_the_live_one_serves(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index()
    before = library.catalog.generations.live()

    def stop(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        library.indexer.publish_if_due(force=True, progress=stop)
    assert library.catalog.generations.live() == before
    assert len(list((library.home / "generations").iterdir())) == 1
    assert library.found("共通") == ["共通 一"]


def test_the_vectors_file_is_plain_numpy_with_a_row_for_each_chunk(library: Library) -> None:
    library.publish("a", [f"共通 {number}" for number in range(1_234)])
    folder = library.home / "generations" / str(library.indexer.publish_if_due())
    vectors = np.load(folder / VECTORS)
    generation = Generation(folder)
    assert vectors.shape == (1_234, HashEmbedder().dimension)
    rows = {
        row.chunk_id: row for part in library.catalog.chunks.all_index_rows(500) for row in part
    }
    texts = [f"{rows[name].context}\n{rows[name].text}" for name in generation.rows.chunk_ids]
    np.testing.assert_allclose(vectors, HashEmbedder().embed_documents(texts), atol=2e-3)


def test_small_libraries_are_searched_without_loading_chroma(library: Library) -> None:
    library.publish("a", ["共通 一"])
    library.index()
    code = (
        "import sys; from pathlib import Path; "
        "from retrieval.search import Searcher; from retrieval.catalog.catalog import Catalog; "
        "from retrieval.model import Scope; from tests.fakes.embedder import HashEmbedder; "
        "home = Path(sys.argv[1]); catalog = Catalog(home / 'catalog.sqlite'); "
        "searcher = Searcher(catalog, home, HashEmbedder()); "
        "found = searcher.search('共通', Scope(frozenset({'everyone'}))); "
        "assert len(found.passages) == 1 and not found.degraded; "
        "heavy = {'chromadb', 'torch', 'langchain_core', 'unstructured'}; "
        "sys.exit(', '.join(heavy & sys.modules.keys()) or 0)"
    )
    command = [sys.executable, "-c", code, str(library.home)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (0, "")
