"""Takes an item's bytes from the source to blocks: hashed, read, kept, and all of one moment."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ingestion.errors import FAILURES, ChangedWhileReading, EmptyFile, ReadingFailed, Unreadable
from ingestion.model import Member, Parsed, SourceItem
from ingestion.naming import MEMBER_MARK, display_name
from ingestion.ports import DocumentReader
from retrieval.identity import file_hash
from retrieval.originals import OriginalStore

_DEEPEST = 3  # an attachment of a mail in an archive, and no further
_MOST_CONTENTS = 1_000  # of one item, however deep they lie

IsKnown = Callable[[str, str], bool]
"""Whether bytes of a given hash need no reading for the document of a given external id."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What fetching an item gave: blocks, or the failure, or neither for known bytes.

    Attributes:
        contents: The documents that lie in it, however deep, each fetched like itself.
    """

    content_hash: str
    parsed: Parsed | None = None
    failure: ReadingFailed | None = None
    contents: tuple["Content", ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A document that lies in another; its original is kept like any other."""

    external_id: str
    size: int
    fetched: Fetched


class Fetcher:
    """Reads items and keeps their originals; safe to call from many threads."""

    def __init__(self, originals: OriginalStore, reader: DocumentReader) -> None:
        """Takes where originals are kept and what reads them."""
        self._originals = originals
        self._reader = reader

    def fetch(self, item: SourceItem, is_known: IsKnown, passwords: Sequence[str] = ()) -> Fetched:
        """Returns what an item holds; bytes that are known already are not read.

        A file that changed between hashing and keeping is read once more. A container that cannot
        be opened fails as a whole, so that what was in it before stays.

        Raises:
            OSError: The disk is full, or the store of originals cannot be written.
        """
        fetched = self._fetch_itself(item, is_known, passwords)
        if fetched.parsed is None or not fetched.parsed.members:
            return fetched
        path = self._originals.path(fetched.content_hash)
        try:
            inside = self._open(path, item.external_id, is_known, passwords, 1)
            return replace(fetched, contents=tuple(islice(inside, _MOST_CONTENTS)))
        except ReadingFailed as failure:
            return Fetched(fetched.content_hash, failure=failure)

    def _fetch_itself(
        self, item: SourceItem, is_known: IsKnown, passwords: Sequence[str]
    ) -> Fetched:
        digest = ""
        name = display_name(item.external_id)
        try:
            for _ in range(2):
                digest = self._hash(item)
                if is_known(item.external_id, digest):
                    return Fetched(digest)
                parsed = self._reader.read(item.path, name, passwords)
                if self._keep(item) == digest:
                    return Fetched(digest, parsed)
            raise ChangedWhileReading(name=name)
        except ReadingFailed as failure:
            return Fetched(digest, failure=failure)

    def _open(
        self, path: Path, container: str, is_known: IsKnown, passwords: Sequence[str], depth: int
    ) -> Iterator[Content]:
        """Yields the documents that lie in a kept file, each followed by what lies in it."""
        with self._originals.open_tray() as tray:
            try:
                members = self._reader.unpack(path, display_name(container), tray, passwords)
            except ReadingFailed as failure:
                if depth == 1 or failure.transient:
                    raise
                return  # its own text was read, and names what lies in it
            for member in members:
                content = self._take(member, container, is_known, passwords)
                yield content
                parsed = content.fetched.parsed
                if parsed is not None and parsed.members and depth < _DEEPEST:
                    inner = self._originals.path(content.fetched.content_hash)
                    yield from self._open(
                        inner, content.external_id, is_known, passwords, depth + 1
                    )

    def _take(
        self, member: Member, container: str, is_known: IsKnown, passwords: Sequence[str]
    ) -> Content:
        external_id = f"{container}{MEMBER_MARK}{member.name}"
        if member.path is None:
            failure = _explain(member.failure, display_name(external_id))
            return Content(external_id, 0, Fetched("", failure=failure))
        digest = self._originals.put(member.path)
        size = member.path.stat().st_size
        if is_known(external_id, digest):
            return Content(external_id, size, Fetched(digest))
        try:
            kept = self._originals.path(digest)
            parsed = self._reader.read(kept, display_name(external_id), passwords)
        except ReadingFailed as failure:
            return Content(external_id, size, Fetched(digest, failure=failure))
        return Content(external_id, size, Fetched(digest, parsed))

    def _hash(self, item: SourceItem) -> str:
        try:
            if item.path.stat().st_size == 0:
                raise EmptyFile(name=display_name(item.external_id))
            return file_hash(item.path)
        except (OSError, ValueError) as error:
            raise _unreadable(item, error) from error

    def _keep(self, item: SourceItem) -> str:
        try:
            with item.path.open("rb"):
                pass  # what fails below is the store's fault, and ends the run
        except OSError as error:
            raise _unreadable(item, error) from error
        return self._originals.put(item.path)


def _unreadable(item: SourceItem, error: Exception) -> Unreadable:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Unreadable(name=display_name(item.external_id), reason=reason)


def _explain(code: str, name: str) -> ReadingFailed:
    """Returns the failure of a member that could not be taken out of its archive."""
    kind = FAILURES.get(code, FAILURES["damaged"])
    return kind(name=name, reason="it cannot be unpacked", size="-", limit="-")
