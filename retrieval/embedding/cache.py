"""Keep vectors on disk so that a text is embedded once, whatever happens to the index."""

import hashlib
import logging
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from retrieval.ports import Embedder, Vectors

Half = NDArray[np.float16]

_LOG = logging.getLogger(__name__)
_WAIT_SECONDS = 30
_ASKED_AT_ONCE = 500
_DROPPED_AT_ONCE = 5_000
# Each name by one step in the key's order: reading all rows for it would be reading the file.
_NAMES = """
WITH RECURSIVE names(name) AS (
    SELECT min(fingerprint) FROM vectors
    UNION ALL
    SELECT (SELECT min(fingerprint) FROM vectors WHERE fingerprint > name) FROM names
    WHERE name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL
"""
_DROP = """
DELETE FROM vectors WHERE fingerprint = ?1 AND hash IN (
    SELECT hash FROM vectors WHERE fingerprint = ?1 LIMIT ?2
)
"""
_TABLE = """
CREATE TABLE IF NOT EXISTS vectors (
    fingerprint TEXT NOT NULL,
    hash BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (fingerprint, hash)
) WITHOUT ROWID
"""


def hash_text(text: str) -> bytes:
    """Returns the SHA-256 of a text, under which its vector is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class EmbeddingCache:
    """Vectors by embedder fingerprint and text hash, in an SQLite file of its own.

    All of it can be computed again, so no fault of this file is fatal: a damaged file is renamed
    and a new one begun; while the file is locked or the disk full it is passed over; and where it
    cannot be opened at all, vectors are kept in memory until the process ends.
    Threads share one object; processes share one file.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file, or creates it together with its folder.

        Args:
            path: The SQLite file.
        """
        self._path = path
        self._lock = threading.Lock()
        self._connection = _open_somehow(path)

    def get_many(self, fingerprint: str, hashes: Iterable[bytes]) -> dict[bytes, Half]:
        """Returns the kept vectors by hash; what is not kept is absent."""
        wanted = list(dict.fromkeys(hashes))
        found: dict[bytes, Half] = {}
        for start in range(0, len(wanted), _ASKED_AT_ONCE):
            asked = wanted[start : start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(asked))
            # Nothing but question marks is put into the statement.
            select = f"SELECT hash, vector FROM vectors WHERE fingerprint = ? AND hash IN ({marks})"  # noqa: S608
            for key, vector in self._attempt(select, [(fingerprint, *asked)], fetch=True):
                found[key] = np.frombuffer(vector, dtype=np.float16)
        return found

    def put_many(self, fingerprint: str, vectors: Mapping[bytes, Half]) -> None:
        """Keeps vectors by hash, replacing older ones."""
        rows = [
            (fingerprint, key, vector.astype(np.float16).tobytes())
            for key, vector in vectors.items()
        ]
        self._attempt("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows, fetch=False)

    def keep_only(self, fingerprints: Collection[str]) -> None:
        """Drops vectors of all other embedders, of each at most some thousands in one call."""
        for (name,) in self._attempt(_NAMES, [()], fetch=True):
            if name not in fingerprints:
                self._attempt(_DROP, [(name, _DROPPED_AT_ONCE)], fetch=False)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _attempt(
        self, statement: str, rows: Sequence[tuple[object, ...]], *, fetch: bool
    ) -> list[tuple[Any, ...]]:
        """Runs a statement for the rows; returns what the first gives, nothing after a fault."""
        with self._lock:
            try:
                if fetch:
                    return self._connection.execute(statement, rows[0]).fetchall()
                with self._connection:
                    self._connection.executemany(statement, rows)
            except sqlite3.OperationalError as error:
                _LOG.warning("The embedding cache %s is passed over: %s", self._path, error)
            except sqlite3.DatabaseError:
                self._connection.close()
                self._connection = _open_somehow(self._path, doubted=True)
        return []


class CachedEmbedder:
    """An embedder that asks the cache before the model; implements the port ``Embedder``.

    Document vectors always pass through float16, so a kept and a fresh one are equal.

    Attributes:
        cache: Where they are kept.
        hits: Texts answered from the cache so far.
        misses: Texts that the model had to embed so far.
    """

    def __init__(self, embedder: Embedder, cache: EmbeddingCache) -> None:
        """Wraps `embedder`, keeping its document vectors in `cache`."""
        self._embedder = embedder
        self.cache = cache
        self.hits = 0
        self.misses = 0

    @property
    def fingerprint(self) -> str:
        """The wrapped embedder's fingerprint."""
        return self._embedder.fingerprint

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return self._embedder.dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns an (n, dimension) array of L2-normalised rows, in the order given.

        Raises:
            EmbedderUnavailable: The wrapped model cannot be used.
        """
        hashes = [hash_text(text) for text in texts]
        kept = self.cache.get_many(self.fingerprint, hashes)
        kept = {key: half for key, half in kept.items() if len(half) == self.dimension}
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in kept}
        self.misses += len(missing)
        self.hits += len(texts) - len(missing)
        if missing:
            fresh = self._embedder.embed_documents(list(missing.values())).astype(np.float16)
            made = dict(zip(missing, fresh, strict=True))
            self.cache.put_many(self.fingerprint, made)
            kept |= made
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for place, key in enumerate(hashes):
            rows[place] = kept[key]
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, norms, out=rows, where=norms > 0)
        return rows

    def embed_query(self, text: str) -> Vectors:
        """Returns one L2-normalised (dimension,) vector; questions are not kept.

        Raises:
            EmbedderUnavailable: The wrapped model cannot be used.
        """
        return self._embedder.embed_query(text)


def share_cache(known: Embedder, other: Embedder) -> Embedder:
    """Returns an embedder behind the cache of another one, where that one has a cache."""
    # Both classes live here, and only here is it known what a cache is.
    return CachedEmbedder(other, known.cache) if isinstance(known, CachedEmbedder) else other


def _open_somehow(path: Path, *, doubted: bool = False) -> sqlite3.Connection:
    """Opens the file, setting a damaged one aside; where that fails, a database in memory.

    The whole file is checked only when doubted, because that takes seconds for a large one.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if doubted or not _is_database(path):
            _set_aside(path)
        return _open(path)
    except (OSError, sqlite3.Error) as error:
        _LOG.warning("The embedding cache %s cannot be opened, nothing is kept: %s", path, error)
        return _open(Path(":memory:"))


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute(_TABLE)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _set_aside(path: Path) -> None:
    """Renames a damaged file, unless another process did so while this one waited for its turn."""
    with FileLock(f"{path}.lock", timeout=_WAIT_SECONDS):
        if not _is_damaged(path):
            return
        aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
        path.rename(aside)
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        _LOG.warning("The embedding cache was damaged; it is kept as %s", aside)


def _is_database(path: Path) -> bool:
    """Tells whether SQLite can begin to read the file; one locked or not there is not in doubt."""
    try:
        _open(path).close()
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
    return True


def _is_damaged(path: Path) -> bool:
    """Tells whether SQLite finds a fault anywhere in the file."""
    if not _is_database(path):
        return True
    try:
        with closing(_open(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True
