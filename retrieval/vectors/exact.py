"""Exact nearest neighbours among allowed rows, by one pass over them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.ports import Mask, Vectors

Rows = NDArray[np.int64]

_BLOCK_ROWS = 65_536  # at 256 dimensions, 64 MB at most are gathered at once
_DENSE = 4
"""From one row in so many on, reading every row is cheaper than picking some of them out: a copy
of a row costs about four times what its product does (``benchmarks/search_latency.py``)."""


def nearest(matrix: Vectors, query: Vectors, allowed: Mask, count: int) -> tuple[Rows, Vectors]:
    """Returns the rows most similar to the query and their similarities, best first.

    Equal similarities come in row order.

    Args:
        matrix: Normalised vectors, one a row.
        query: A normalised vector.
        allowed: Which rows may be returned.
        count: How many are wanted at most.
    """
    rows: Rows = np.flatnonzero(allowed).astype(np.int64)
    if not rows.size or count < 1:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    return best(rows, similarities(matrix, query, rows), count)


def similarities(matrix: Vectors, query: Vectors, rows: Rows) -> Vectors:
    """Returns the similarity of each of the given rows to the query, in any order of rows."""
    found = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _BLOCK_ROWS):
        part = rows[start : start + _BLOCK_ROWS]
        found[start : start + len(part)] = compare_rows(matrix, part, lambda few: few @ query)
    return found


def compare_rows(
    matrix: NDArray[Any], rows: Rows, compare: Callable[[NDArray[Any]], Vectors]
) -> Vectors:
    """Returns what comparing gives for each of the given rows, reading them the cheaper way.

    Args:
        matrix: Of any numbers, one vector a row.
        rows: At least one, in any order.
        compare: Returns one number for each row of a matrix.
    """
    first, last = int(rows.min()), int(rows.max())
    if last - first < _DENSE * len(rows):
        products: Vectors = compare(matrix[first : last + 1])[rows - first]
        return products
    return compare(np.take(matrix, rows, axis=0))


def best(rows: Rows, similarity: Vectors, count: int) -> tuple[Rows, Vectors]:
    """Returns the `count` best of the given rows, best first, equal ones in row order."""
    if 0 < count < len(rows):
        threshold = np.partition(similarity, len(rows) - count)[len(rows) - count]
        kept = similarity >= threshold  # more than `count` only where rows tie
        rows, similarity = rows[kept], similarity[kept]
    order = np.lexsort((rows, -similarity))[:count]
    return rows[order], similarity[order]
