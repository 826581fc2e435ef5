"""Vectors rounded to eight bits: a quarter of the bytes tells which rows can be among the nearest.

Reading every vector is what an exact search costs. Of rounded ones the similarities are known to
within a bound, so all rows but a few are ruled out, and only those few are read in full: what is
found is what reading all of them would have found.
"""

from functools import partial

import numkong
import numpy as np
from numpy.typing import NDArray

from retrieval.ports import Vectors
from retrieval.vectors.exact import Rows, best, compare_rows, similarities

_LARGEST = 127
_BLOCK_NUMBERS = 4_000_000  # rounded at once: 50 MB of copies, however long the rows are
_EPSILON = float(np.finfo(np.float32).eps)

_Codes = NDArray[np.int8]


class RoundedVectors:
    """The rows of a matrix, and their rounded twins. Safe to share by threads."""

    def __init__(self, vectors: Vectors) -> None:
        """Rounds normalised vectors, one a row; takes a quarter of their memory."""
        self._vectors = vectors
        self._codes = np.empty(vectors.shape, np.int8)
        self._scales = np.empty(len(vectors), np.float32)
        self._error = 0.0
        block = max(1, _BLOCK_NUMBERS // max(1, vectors.shape[1]))
        for start in range(0, len(vectors), block):
            part = slice(start, start + block)
            self._codes[part], self._scales[part], error = _round(vectors[part])
            self._error = max(self._error, error)

    def nearest(self, query: Vectors, rows: Rows, count: int) -> tuple[Rows, Vectors]:
        """Returns which of the given rows are most similar to the query, best first, and how much.

        Equal similarities come in row order.

        Args:
            query: A normalised vector.
            rows: Those that may be returned, in ascending order.
            count: How many are wanted at most.
        """
        rows = self.contenders(query, rows, count)
        return best(rows, similarities(self._vectors, query, rows), count)

    def contenders(self, query: Vectors, rows: Rows, count: int) -> Rows:
        """Returns those of the given rows that can be among the `count` nearest.

        With x = x' + e for a row and q = q' + f for the query, q.x differs from q'.x' by
        q.e + f.x', which is at most |e| + |f| (1 + |e|): a row that lies twice as much below
        the `count`-th best of the rounded similarities has as many above it for certain.
        """
        if not 0 < count < len(rows):
            return rows if count > 0 else rows[:0]
        codes, scales, miss = _round(query[None])
        products = compare_rows(self._codes, rows, partial(_multiply, codes))
        rough = products * np.take(self._scales, rows) * scales[0]
        # The sum of n products of single precision is off by n/2 epsilon at most.
        arithmetic = _EPSILON * len(query)
        bound = self._error + miss * (1 + self._error) + arithmetic
        place = len(rough) - count
        least = np.partition(rough, place)[place] - 2 * bound
        kept: Rows = rows[rough >= least]
        return kept


def _multiply(query: _Codes, codes: _Codes) -> Vectors:
    # Whole numbers: single precision holds them as they are, or from 2**24 on to an epsilon.
    products = np.empty(len(codes), np.float32)
    numkong.cdist(query, codes, metric="dot", out=products[None])
    return products


def _round(vectors: Vectors) -> tuple[_Codes, Vectors, float]:
    """Returns whole numbers, the size of their unit for each row, and the longest error."""
    largest = np.abs(vectors).max(axis=1)
    scales = np.where(largest > 0, largest / _LARGEST, 1).astype(np.float32)
    codes = np.rint(vectors / scales[:, None])
    errors = vectors - codes * scales[:, None]
    return codes.astype(np.int8), scales, float(np.sqrt(np.square(errors).sum(axis=1).max()))
