"""The writing side of the lexical index: one writer that follows the change log."""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tantivy

from retrieval.errors import IndexUnavailable
from retrieval.lexical.schema import exact, folder_name, schema, to_document

if TYPE_CHECKING:
    from retrieval.catalog.records import IndexRow

_WRITER_BYTES = 64_000_000
_APPLIED = "applied"


def lexical_folder(home: Path) -> Path:
    """Returns where the index of this tokenizer lives below the state folder."""
    return home / "lexical" / folder_name()


def read_applied(folder: Path) -> int:
    """Returns the change number that the index in `folder` has followed, 0 where there is none."""
    try:
        return int((folder / _APPLIED).read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def read_mark(folder: Path) -> tuple[int, int] | None:
    """Returns what changes with every commit, also when an index is made anew at the same line."""
    try:
        facts = (folder / _APPLIED).stat()
    except FileNotFoundError:
        return None
    return facts.st_mtime_ns, facts.st_ino


class LexicalWriter:
    """The only writer of a lexical index; another process's attempt is refused by a lock."""

    def __init__(self, folder: Path) -> None:
        """Opens the index for writing, creating it, or beginning anew where it is damaged.

        Raises:
            IndexUnavailable: The folder cannot be written, or another writer is open.
        """
        self._folder = folder
        self._writer = self._open()

    @property
    def applied(self) -> int:
        """The last change that is in the index."""
        return read_applied(self._folder)

    def apply(self, changed: Iterable[str], rows: Sequence["IndexRow"], seq: int) -> None:
        """Makes the changed chunks be what the rows say, then remembers the change number.

        Applying the same changes again, or a part of them, changes nothing.

        Args:
            changed: All chunk ids that the changes name; those without a row are removed.
            rows: What the catalog holds of them now.
            seq: The last of the changes.
        """
        for chunk_id in {*changed, *(row.chunk_id for row in rows)}:
            self._writer.delete_documents_by_term("chunk_id", exact(chunk_id))
        for row in rows:
            self._writer.add_document(to_document(row))
        self._writer.commit()
        self._remember(seq)

    def renew(self, batches: Iterable[Sequence["IndexRow"]], seq: int) -> None:
        """Makes the index anew; readers have the old one until the new one is whole.

        Args:
            batches: All rows of the catalog.
            seq: A change that each of them is no older than.
        """
        self._writer.delete_all_documents()
        for rows in batches:
            for row in rows:
                self._writer.add_document(to_document(row))
        self._writer.commit()
        self._remember(seq)

    def close(self) -> None:
        """Waits for running merges and releases the lock."""
        self._writer.wait_merging_threads()

    def _open(self) -> Any:  # noqa: ANN401 - tantivy is untyped here
        try:
            return self._open_or_create()
        except ValueError as error:
            if "lock" in str(error).lower():
                raise IndexUnavailable(path=self._folder, reason=error) from error
            # A derived file is never worth repairing: the catalog makes it again.
            shutil.rmtree(self._folder)
            return self._open_or_create()

    def _open_or_create(self) -> Any:  # noqa: ANN401 - tantivy is untyped here
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not tantivy.Index.exists(str(self._folder)):
                (self._folder / _APPLIED).unlink(missing_ok=True)
            index = tantivy.Index(schema(), path=str(self._folder))
        except OSError as error:
            raise IndexUnavailable(path=self._folder, reason=error) from error
        return index.writer(heap_size=_WRITER_BYTES, num_threads=1)

    def _remember(self, seq: int) -> None:
        fresh = self._folder / f"{_APPLIED}.new"
        with fresh.open("w", encoding="ascii") as file:
            file.write(str(seq))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / _APPLIED)
