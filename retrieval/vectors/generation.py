"""A published vector index: a folder that is never written again once it has its name."""

import json
import logging
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from retrieval.errors import IndexUnavailable
from retrieval.ports import Mask, Vectors
from retrieval.vectors.collection import Collection
from retrieval.vectors.exact import Rows, best, similarities
from retrieval.vectors.rounding import RoundedVectors
from retrieval.visibility import Visibility

VECTORS, ROWS, CHROMA, MANIFEST = "vectors.npy", "rows.npz", "chroma", "manifest.json"

EXACT_NUMBERS = 512_000_000
"""A generation of so many numbers, two million rows of 256, is searched exactly: one pass over it,
rounded, costs about what walking the graph does, holds less in memory, and misses nothing
(``benchmarks/latency/many_vectors.py``)."""

EXACT_SHARE = 10
"""A larger one is, too, where so many times fewer rows are allowed: those are picked out."""

_FETCHED_FOR_ONE = 8
"""So many rows of the graph are looked at for each wanted one, to miss one in a hundred at most."""

_MOST_FETCHED = 4_000  # beyond this, fetching and sorting out costs more than the exact pass

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself.

    Attributes:
        fingerprint: Of the embedder that made the vectors.
        seq: The catalog's log is contained up to here.
        size: Number of rows.
        checksums: SHA-256 by file name, of the files that stay still (Chroma's own do not).
    """

    fingerprint: str
    dimension: int
    seq: int
    size: int
    checksums: dict[str, str]

    def write(self, folder: Path) -> None:
        """Writes the manifest into the folder."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True)
        (folder / MANIFEST).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Reads the manifest of a folder.

        Raises:
            OSError, ValueError, TypeError: It is missing or damaged.
        """
        return cls(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))


class Generation:
    """An open generation; implements the port ``VectorIndex``. Safe to share by threads."""

    def __init__(self, folder: Path, exact_numbers: int = EXACT_NUMBERS) -> None:
        """Opens a published folder for reading.

        Args:
            folder: The generation's folder.
            exact_numbers: Up to this size the search is exact, whoever asks.

        Raises:
            IndexUnavailable: The folder is missing, damaged or incomplete.
        """
        self._folder = folder
        self._exact_numbers = exact_numbers
        self._lock, self._rounding = threading.Lock(), threading.Lock()
        self._collection: Collection | None = None
        self._broken = False
        self._rounded: RoundedVectors | None = None
        try:
            self.manifest = Manifest.read(folder)
            self.vectors: Vectors = _open_vectors(folder / VECTORS, self.manifest)
            self.rows = Visibility.load(folder / ROWS)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise IndexUnavailable(path=folder, reason=error) from error
        if not self.manifest.size == len(self.vectors) == self.rows.size:
            raise IndexUnavailable(path=folder, reason="row counts differ")

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.manifest.size

    def search(self, query: Vectors, allowed: Mask, count: int) -> tuple[Rows, Vectors]:
        """Returns row numbers and cosine similarities, best first.

        Few rows, or few allowed ones, are searched exactly; many by HNSW, fetching more and more
        until enough of what it finds is allowed, and exactly where it never is.
        """
        permitted = int(np.count_nonzero(allowed))
        wanted = min(count, permitted)
        read = min(self.size, EXACT_SHARE * permitted) * self.manifest.dimension
        if read > self._exact_numbers and 0 < wanted < _MOST_FETCHED:
            found = self._search_graph(query, allowed, wanted, permitted)
            if len(found) >= wanted:
                return best(found, similarities(self.vectors, query, found), wanted)
        rows: Rows = np.flatnonzero(allowed).astype(np.int64, copy=False)
        return self._round().nearest(query, rows, wanted)

    def _round(self) -> RoundedVectors:
        # Once, while others wait: each copy is a quarter of all vectors, and takes seconds.
        with self._rounding:
            if self._rounded is None:
                self._rounded = RoundedVectors(self.vectors)
            return self._rounded

    def close(self) -> None:
        """Releases Chroma's files and memory, if they were ever opened."""
        with self._lock:
            if self._collection is not None:
                self._collection.close()
            self._collection = None
            self._broken = True

    def _search_graph(self, query: Vectors, allowed: Mask, wanted: int, permitted: int) -> Rows:
        """Returns at least `wanted` allowed rows in ascending order, or too few to be of use."""
        collection = self._open_collection()
        nothing = np.empty(0, np.int64)
        fetched = int(_FETCHED_FOR_ONE * wanted * self.size / permitted)
        while collection is not None and fetched <= _MOST_FETCHED:
            try:
                near = collection.near(query, min(fetched, self.size))
            except Exception as error:  # noqa: BLE001 - Chroma's errors share no root
                _LOG.warning("HNSW search fails in %s, using exact search: %s", self._folder, error)
                self._broken = True
                return nothing
            kept: Rows = np.unique(near[allowed[near]])
            if len(kept) >= wanted:
                return kept
            fetched *= 4
        return nothing

    def _open_collection(self) -> Collection | None:
        with self._lock:
            if self._collection is None and not self._broken:
                try:
                    self._collection = Collection(self._folder / CHROMA)
                except Exception as error:  # noqa: BLE001 - Chroma's errors share no root
                    _LOG.warning("No HNSW in %s, using exact search: %s", self._folder, error)
                    self._broken = True
            return self._collection


def _open_vectors(path: Path, manifest: Manifest) -> Vectors:
    if manifest.size == 0:  # an empty file cannot be mapped
        return np.empty((0, manifest.dimension), np.float32)
    vectors: Any = np.load(path, mmap_mode="r", allow_pickle=False)
    if vectors.shape != (manifest.size, manifest.dimension) or vectors.dtype != np.float32:
        raise ValueError(f"{path.name}: {vectors.dtype} {vectors.shape}")
    return np.asarray(vectors)
