"""The outside systems retrieval talks to, each as small as its users need.

Each port has one suite in ``tests/contract`` that the fake and the real part both pass.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Embedder(Protocol):
    """Turns text into vectors whose inner product says how near two texts are."""

    @property
    def fingerprint(self) -> str:
        """Name and hash of all that decides the vectors; changes whenever they would."""
        ...

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns an (n, dimension) array of L2-normalised rows, in the order given.

        A text without any known token gives a zero row.

        Raises:
            EmbedderUnavailable: The model cannot be used.
        """
        ...

    def embed_query(self, text: str) -> Vectors:
        """Returns one L2-normalised (dimension,) vector.

        Raises:
            EmbedderUnavailable: The model cannot be used.
        """
        ...


class Reranker(Protocol):
    """Reads question and text together and says how well the text answers."""

    @property
    def name(self) -> str:
        """What it is called, such as a model's name."""
        ...

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Returns one score in 0..1 a text, in the order given; more is better.

        Raises:
            RerankerUnavailable: The model cannot be used, or is busy being loaded.
        """
        ...


class VectorIndex(Protocol):
    """Finds the stored vectors nearest to a query among the rows a mask allows."""

    @property
    def size(self) -> int:
        """Number of rows."""
        ...

    def search(
        self, query: Vectors, allowed: Mask, count: int
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Returns row numbers and cosine similarities, best first.

        Never fewer than ``min(count, allowed.sum())`` rows, and never a row that is not allowed.

        Args:
            query: Normalised, of shape (dimension,).
            allowed: Of shape (size,).
            count: How many rows are wanted.
        """
        ...
