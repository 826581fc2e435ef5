"""The vector index as its definition reads: every row compared, the allowed ones sorted."""

import numpy as np
from numpy.typing import NDArray

from retrieval.ports import Mask, Vectors


class ListedVectors:
    """Compares the query with every row; implements the port ``VectorIndex``."""

    def __init__(self, vectors: Vectors) -> None:
        """Takes the rows."""
        self._vectors = vectors

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self._vectors)

    def search(
        self, query: Vectors, allowed: Mask, count: int
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Returns row numbers and cosine similarities, best first."""
        pairs = [
            (-float(vector @ query), row)
            for row, vector in enumerate(self._vectors)
            if allowed[row]
        ]
        chosen = sorted(pairs)[: max(0, count)]
        rows = np.array([row for _, row in chosen], dtype=np.int64)
        return rows, np.array([-negated for negated, _ in chosen], dtype=np.float32)
