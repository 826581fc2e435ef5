"""Takes an item's bytes from the source to blocks: hashed, read, kept, and all of one moment."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import ChangedWhileReading, EmptyFile, ReadingFailed, Unreadable
from ingestion.model import Parsed, SourceItem
from ingestion.ports import DocumentReader
from ingestion.sources.folder import display_name
from retrieval.originals import OriginalStore

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """What fetching an item gave: blocks, or the failure, or neither for known bytes."""

    content_hash: str
    parsed: Parsed | None = None
    failure: ReadingFailed | None = None


class Fetcher:
    """Reads items and keeps their originals; safe to call from many threads."""

    def __init__(self, originals: OriginalStore, reader: DocumentReader) -> None:
        """Takes where originals are kept and what reads them."""
        self._originals = originals
        self._reader = reader

    def fetch(self, item: SourceItem, is_known: Callable[[str], bool]) -> Fetched:
        """Returns what an item holds; bytes that are known already are not read.

        A file that changed between hashing and keeping is read once more.

        Args:
            item: What to fetch.
            is_known: Whether bytes of a given hash need no reading.
        """
        digest = ""
        try:
            for _ in range(2):
                digest = self._hash(item)
                if is_known(digest):
                    return Fetched(digest)
                parsed = self._reader.read(item.path, display_name(item.external_id))
                if self._keep(item) == digest:
                    return Fetched(digest, parsed)
            raise ChangedWhileReading(name=display_name(item.external_id))
        except ReadingFailed as failure:
            return Fetched(digest, failure=failure)

    def _hash(self, item: SourceItem) -> str:
        try:
            if item.path.stat().st_size == 0:
                raise EmptyFile(name=display_name(item.external_id))
            return hash_file(item.path)
        except (OSError, ValueError) as error:
            raise _unreadable(item, error) from error

    def _keep(self, item: SourceItem) -> str:
        try:
            with item.path.open("rb"):
                pass  # what fails below is the store's fault, and ends the run
        except OSError as error:
            raise _unreadable(item, error) from error
        return self._originals.put(item.path)


def hash_file(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, as 64 hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _unreadable(item: SourceItem, error: Exception) -> Unreadable:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Unreadable(name=display_name(item.external_id), reason=reason)
