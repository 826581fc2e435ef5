"""What every vector index promises, held by the fake and by all real ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.catalog.records import IndexRow
from retrieval.ports import Mask, VectorIndex, Vectors
from retrieval.vectors.building import Origin, build
from retrieval.vectors.delta import Delta
from retrieval.vectors.exact import similarities
from retrieval.vectors.generation import Generation
from tests.fakes.rows import make_row
from tests.fakes.vector_index import ListedVectors

SIZE, DIMENSION = 1_500, 24
KINDS = ["fake", "delta", "generation-exact", "generation-graph"]
Opener = Callable[[Vectors], VectorIndex]


def make_vectors(size: int = SIZE) -> Vectors:
    random = np.random.default_rng(7)
    vectors = random.normal(size=(size, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    if size > 20:
        vectors[11] = 0  # a text without any known token
        vectors[12:15] = vectors[16]  # copies
    return vectors


def row(number: int) -> IndexRow:
    return make_row(f"chunk-{number}", indexed_hash=f"{number:064x}")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vectors, folder = make_vectors(), tmp_path_factory.mktemp("generations") / "one"
    batches = [([row(n) for n in range(s, s + 500)], vectors[s : s + 500]) for s in (0, 500, 1_000)]
    build(folder, Origin("test", DIMENSION, 3), batches)
    return folder


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest, published: Path) -> Iterator[VectorIndex]:
    if request.param == "fake":
        yield ListedVectors(make_vectors())
    elif request.param == "delta":
        delta = Delta(DIMENSION)
        for start in range(0, SIZE, 400):
            delta.append(make_vectors()[start : start + 400])
        yield delta
    else:
        numbers = 0 if "graph" in request.param else SIZE * DIMENSION
        generation = Generation(published, exact_numbers=numbers)
        yield generation
        generation.close()


def make_query(seed: int = 3) -> Vectors:
    query = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return np.asarray(query / np.linalg.norm(query), np.float32)


def make_mask(share: float, seed: int = 5) -> Mask:
    return np.asarray(np.random.default_rng(seed).random(SIZE) < share)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.05, 0.004, 0.0])
@pytest.mark.parametrize("count", [1, 10, 300, 5_000])
def test_only_allowed_rows_come_and_never_too_few(
    index: VectorIndex, share: float, count: int
) -> None:
    mask = make_mask(share)
    rows, found = index.search(make_query(), mask, count)
    assert len(rows) == len(found) == min(count, int(mask.sum()))
    assert len(set(rows.tolist())) == len(rows)
    assert mask[rows].all()


@pytest.mark.parametrize("share", [1.0, 0.5, 0.05, 0.004])
def test_the_nearest_allowed_rows_come_best_first(index: VectorIndex, share: float) -> None:
    mask, vectors = make_mask(share), make_vectors()
    for seed in range(8):
        query = make_query(seed)
        rows, found = index.search(query, mask, 10)
        expected = np.sort((vectors @ query)[mask])[::-1][:10]
        np.testing.assert_allclose(found, expected, atol=1e-4)
        np.testing.assert_allclose(found, vectors[rows] @ query, atol=1e-4)


def test_a_row_hidden_by_the_mask_gives_way_to_the_next(index: VectorIndex) -> None:
    everything = np.ones(SIZE, np.bool_)
    query = make_vectors()[42]
    first, _ = index.search(query, everything, 2)
    assert first[0] == 42
    everything[42] = False
    rows, _ = index.search(query, everything, 1)
    assert rows.tolist() == [first[1]]


def test_equal_rows_come_in_row_order(index: VectorIndex) -> None:
    rows, _ = index.search(make_vectors()[16], np.ones(SIZE, np.bool_), 4)
    assert rows.tolist() == [12, 13, 14, 16]


def test_asking_for_nothing_gives_nothing(index: VectorIndex) -> None:
    rows, found = index.search(make_query(), np.ones(SIZE, np.bool_), 0)
    assert len(rows) == len(found) == 0


def test_size_is_the_number_of_rows(index: VectorIndex) -> None:
    assert index.size == SIZE


@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize("exact_numbers", [0, 10_000])
def test_tiny_generations_work(tmp_path: Path, size: int, exact_numbers: int) -> None:
    vectors = make_vectors(size)
    batches = [([row(n) for n in range(size)], vectors)] if size else []
    build(tmp_path / "tiny", Origin("test", DIMENSION, 1), batches)
    generation = Generation(tmp_path / "tiny", exact_numbers)
    rows, _ = generation.search(make_query(), np.ones(size, np.bool_), 10)
    assert sorted(rows.tolist()) == list(range(size))
    generation.close()


def test_the_graph_is_really_used_and_exact_search_takes_over_when_it_is_gone(
    published: Path, caplog: pytest.LogCaptureFixture
) -> None:
    generation = Generation(published, exact_numbers=0)
    everything = np.ones(SIZE, np.bool_)
    expected, _ = generation.search(make_query(), everything, 5)
    assert not caplog.records
    assert generation._collection is not None
    generation._collection.close()
    rows, _ = generation.search(make_query(), everything, 5)
    assert rows.tolist() == expected.tolist()
    assert "using exact search" in caplog.text


@pytest.mark.parametrize("rows", [[], [5], [5, 6, 7], [7, 5, 6, 9, 8], [3, 900, 1], [4, 2, 3]])
def test_similarities_stand_in_the_order_of_the_rows_asked_for(rows: list[int]) -> None:
    vectors, query = make_vectors(), make_query()
    found = similarities(vectors, query, np.array(rows, np.int64))
    np.testing.assert_allclose(found, [float(vectors[row] @ query) for row in rows], atol=1e-6)
