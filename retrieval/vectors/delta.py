"""The vectors of what changed since the live generation was built."""

import numpy as np

from retrieval.ports import Mask, Vectors
from retrieval.vectors.exact import Rows, nearest

_FIRST_ROWS = 256


class Delta:
    """Rows that only ever grow; implements the port ``VectorIndex`` by exact search.

    What an older :meth:`view` sees never changes: rows are written beyond its end, and a full
    matrix is replaced, not moved.
    """

    def __init__(self, dimension: int) -> None:
        """Starts without rows, for vectors of the given length."""
        self._matrix: Vectors = np.zeros((_FIRST_ROWS, dimension), np.float32)
        self._size = 0

    @property
    def size(self) -> int:
        """Number of rows."""
        return self._size

    @property
    def vectors(self) -> Vectors:
        """The rows so far."""
        return self._matrix[: self._size]

    def append(self, vectors: Vectors) -> None:
        """Adds rows at the end."""
        needed = self._size + len(vectors)
        if needed > len(self._matrix):
            larger = np.zeros((max(needed, 2 * len(self._matrix)), self._matrix.shape[1]), "f4")
            larger[: self._size] = self._matrix[: self._size]
            self._matrix = larger
        self._matrix[self._size : needed] = vectors
        self._size = needed

    def search(self, query: Vectors, allowed: Mask, count: int) -> tuple[Rows, Vectors]:
        """Returns row numbers and cosine similarities, best first."""
        return nearest(self.vectors, query, allowed, count)

    def view(self) -> "Delta":
        """Returns these rows as they are now."""
        twin = Delta.__new__(Delta)
        twin._matrix, twin._size = self._matrix, self._size
        return twin
