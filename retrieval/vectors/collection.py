"""The Chroma collection inside a generation: ids are row numbers, and nothing but vectors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.ports import Vectors
from retrieval.vectors.exact import Rows

_NAME = "chunks"
HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}
_ADDED_AT_ONCE = 5_000


def _connect(folder: Path) -> Any:  # noqa: ANN401 - its public type lacks close()
    # Imported here because it takes a second, and small generations are searched without it.
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


class Collection:
    """An open collection for reading. Safe to share by threads."""

    def __init__(self, folder: Path) -> None:
        """Opens it.

        Raises:
            Exception: Whatever Chroma raises on a missing or damaged collection.
        """
        self._client = _connect(folder)
        self._chunks = self._client.get_collection(_NAME, embedding_function=None)

    @property
    def size(self) -> int:
        """Number of vectors."""
        return int(self._chunks.count())

    def near(self, query: Vectors, count: int) -> Rows:
        """Returns up to `count` rows near the query, as HNSW finds them, nearest first."""
        answer = self._chunks.query(
            query_embeddings=[query], n_results=count, include=["distances"]
        )
        return np.fromiter((int(name) for name in answer["ids"][0]), np.int64)

    def close(self) -> None:
        """Releases its files and memory."""
        self._client.close()


class CollectionWriter:
    """Fills a new collection."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - see _connect
        """Creates the collection."""
        self._chunks = client.create_collection(
            _NAME, embedding_function=None, configuration={"hnsw": HNSW}
        )
        self._size = 0

    def add(self, vectors: Vectors) -> None:
        """Adds rows at the end."""
        for start in range(0, len(vectors), _ADDED_AT_ONCE):
            part = vectors[start : start + _ADDED_AT_ONCE]
            names = [str(self._size + place) for place in range(len(part))]
            self._chunks.add(ids=names, embeddings=part)
            self._size += len(part)


@contextmanager
def created(folder: Path) -> Iterator[CollectionWriter]:
    """Gives the writer of a new collection; afterwards the collection is closed."""
    client = _connect(folder)
    try:
        yield CollectionWriter(client)
    finally:
        client.close()
