import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.embedding.hub import normalise
from retrieval.ports import Vectors
from retrieval.vectors.exact import Rows, best
from retrieval.vectors.rounding import RoundedVectors

DIMENSION = 16


def make(seed: int, rows: int, *, close: bool = False) -> Vectors:
    """Returns normalised vectors; close ones differ by less than rounding keeps."""
    chance = np.random.default_rng(seed)
    vectors = chance.standard_normal((rows, DIMENSION))
    if close:
        vectors = vectors[:1] + 1e-3 * vectors
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def read_all(vectors: Vectors, query: Vectors, rows: Rows, count: int) -> tuple[Rows, Vectors]:
    return best(rows, vectors[rows] @ query, count)


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 600),
    share=st.floats(0.0, 1.0),
    count=st.integers(0, 40),
    close=st.booleans(),
)
def test_it_finds_what_reading_every_row_finds(
    seed: int, size: int, share: float, count: int, close: bool
) -> None:
    vectors, query = make(seed, size, close=close), make(seed + 1, 1)[0]
    rows = np.flatnonzero(np.random.default_rng(seed).random(size) <= share)

    found, similarity = RoundedVectors(vectors).nearest(query, rows, count)

    _, right = read_all(vectors, query, rows, count)
    assert set(found.tolist()) <= set(rows.tolist())
    assert len(set(found.tolist())) == len(right)
    np.testing.assert_allclose(similarity, right, atol=1e-6)


def test_equal_rows_come_in_their_order() -> None:
    vectors = np.repeat(make(1, 3), 50, axis=0)

    found, _ = RoundedVectors(vectors).nearest(vectors[0], np.arange(150), 60)

    assert found.tolist()[:50] == list(range(50))


def test_rows_without_a_direction_are_as_far_as_any_unrelated_one() -> None:
    vectors = np.concatenate([np.zeros((5, DIMENSION), np.float32), make(2, 20)])

    found, similarity = RoundedVectors(vectors).nearest(vectors[7], np.arange(25), 25)

    assert found[0] == 7
    assert similarity[np.isin(found, range(5))].tolist() == [0.0] * 5


def test_what_a_model_gives_in_place_of_numbers_is_no_direction() -> None:
    rows = make(6, 4) * 3
    rows[1, 3], rows[2, 5] = np.nan, np.inf

    assert np.linalg.norm(normalise(rows, ["a"] * 4), axis=1) == pytest.approx([1, 0, 0, 1])


def test_rounding_takes_little_beside_what_it_keeps_however_long_the_rows_are() -> None:
    vectors = np.zeros((8_000, 2_048), np.float32)
    tracemalloc.start()
    held = RoundedVectors(vectors)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most - kept < vectors.nbytes
    assert isinstance(held, RoundedVectors)


@pytest.mark.parametrize("dimension", [1, 4_096])
def test_the_largest_sums_are_exact_enough(dimension: int) -> None:
    vectors = np.full((60, dimension), dimension**-0.5, np.float32)
    vectors[::2, 0] *= -1

    found, _ = RoundedVectors(vectors).nearest(vectors[1], np.arange(60), 30)

    assert found.tolist() == list(range(1, 60, 2))


@pytest.mark.parametrize("rows", [[], [3]])
def test_few_rows_are_simply_read(rows: list[int]) -> None:
    found, _ = RoundedVectors(make(3, 9)).nearest(make(4, 1)[0], np.array(rows, np.int64), 5)

    assert found.tolist() == rows


def test_nearly_all_rows_are_ruled_out() -> None:
    vectors = make(5, 20_000)

    left = RoundedVectors(vectors).contenders(vectors[9], np.arange(20_000), 10)

    assert 9 in left
    assert len(left) < 400
