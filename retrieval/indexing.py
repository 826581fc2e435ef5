"""The worker's side of the indexes: follow the log, build generations, sweep up."""

import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import GenerationRow, IndexRow, Operation
from retrieval.embedding.adapted import AdaptedModels
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.errors import EmbedderUnavailable, IndexUnavailable
from retrieval.lexical.index import LexicalIndex
from retrieval.lexical.writing import LexicalWriter, lexical_folder, read_applied
from retrieval.ports import Embedder, Vectors
from retrieval.snapshot import generation_folder
from retrieval.vectors.building import Origin, build
from retrieval.vectors.embedding import embed_rows
from retrieval.vectors.generation import MANIFEST

DELTA_ROWS, DELTA_SHARE = 5_000, 0.05
"""A delta larger than both of these ends in a new generation."""

LONGEST_TAIL = 20_000
"""A log that goes on for longer than this, and than the live generation, ends in a new one."""

GENERATIONS_KEPT = 2
"""Published generations kept beside the live one, to go back to."""

_LOG = logging.getLogger(__name__)
_LINES_AT_ONCE = 5_000
_ROWS_AT_ONCE = 1_000
_DROPPED_AT_ONCE = 5_000
_MOST_DROPPED = 100_000  # in one call

Progress = Callable[[int], None]


class Indexer:
    """Writes the indexes. Use it only under the worker's lock.

    Every step may be killed at any moment: the next call picks up from what is on disk.
    """

    def __init__(
        self,
        catalog: Catalog,
        home: Path,
        embedder: Embedder,
        cache: EmbeddingCache,
        delta_rows: int = DELTA_ROWS,
    ) -> None:
        """Takes the parts.

        Args:
            catalog: The open catalog.
            home: The state folder.
            embedder: What makes the vectors.
            cache: Where vectors are kept, also for the serving process.
            delta_rows: Up to how many changed chunks no new generation is due, however small
                the live one is.
        """
        self._catalog, self._home = catalog, home
        self._embedder, self._cache = CachedEmbedder(embedder, cache), cache
        self._delta_rows = delta_rows

    def catch_up(self, progress: Progress | None = None, *, anew: bool = False) -> int:
        """Brings the lexical index and the embedding cache up to the log's head.

        An index that the log does not reach is made anew from the catalog; until that is whole,
        the old one answers.

        Args:
            progress: Called with the line reached after each batch.
            anew: Make the lexical index anew in any case.

        Returns:
            The last line applied.

        Raises:
            IndexUnavailable: The index cannot be written.
        """
        folder, head = lexical_folder(self._home), self._catalog.changes.head()
        if not anew and folder.exists() and read_applied(folder) == head:
            return head
        writer = LexicalWriter(folder)
        try:
            if anew or not self._catalog.changes.reaches(writer.applied):
                writer.renew(self._catalog.chunks.all_index_rows(_ROWS_AT_ONCE), head)
            while self._apply_batch(writer):
                if progress is not None:
                    progress(writer.applied)
            return writer.applied
        finally:
            writer.close()

    def publish_if_due(self, force: bool = False, progress: Progress | None = None) -> str | None:
        """Builds and publishes a new generation where one is needed.

        That is: there are chunks and no live generation, the live one was made by another
        embedder or is gone from the disk, or too much has changed since.

        Args:
            force: Build one in any case.
            progress: Called with the number of rows done after each batch.

        Returns:
            The new generation's id, or ``None`` when none was due or, unless forced, the model
            cannot be used.

        Raises:
            EmbedderUnavailable: The model cannot be used, and a generation was forced.
            IndexUnavailable: What was built does not read back; the live one stays.
        """
        live, seq = self._catalog.generations.live(), self._catalog.changes.head()
        if not (force or self._is_due(live, seq)):
            return None
        try:
            return self.release(self.draft(progress=progress))
        except EmbedderUnavailable as error:
            if force:
                raise
            _LOG.warning("No new generation for now: %s", error)
            return None

    def draft(
        self, embedder: Embedder | None = None, progress: Progress | None = None
    ) -> GenerationRow:
        """Builds a generation that nobody searches before it is released.

        Args:
            embedder: Makes its vectors; by default the one in force.
            progress: Called with the number of rows done after each batch.

        Raises:
            EmbedderUnavailable: The model cannot be used.
            IndexUnavailable: What was built does not read back.
        """
        made_with = CachedEmbedder(embedder, self._cache) if embedder else self._embedder
        seq = self._catalog.changes.head()
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:8]}"
        origin = Origin(made_with.fingerprint, made_with.dimension, seq)
        batches = self._embedded(made_with, progress)
        manifest = build(generation_folder(self._home, name), origin, batches)
        return GenerationRow(name, manifest.fingerprint, manifest.seq, manifest.size)

    def release(self, drafted: GenerationRow) -> str:
        """Makes a drafted generation the live one and returns its id."""
        self._catalog.generations.publish(drafted)
        return drafted.id

    def clean_up(self) -> None:
        """Removes generations and models no longer needed, and what crashed builds left."""
        published = [row for row in self._catalog.generations.list() if row.state == "published"]
        spare = [row.id for row in published if not row.live][:GENERATIONS_KEPT]
        kept = {*spare, *(row.id for row in published if row.live)}
        made_with = {row.fingerprint for row in published if row.id in kept}
        for row in published:
            if row.id not in kept:
                self._catalog.generations.retire(row.id)
        _keep_only(self._home / "generations", kept)
        AdaptedModels(self._home).keep_only(made_with)
        current = lexical_folder(self._home)
        if read_applied(current) == self._catalog.changes.head():
            _keep_only(current.parent, {current.name})

    def mend_words(self) -> None:
        """Drops a lexical index that cannot be opened: the next catching up makes it anew."""
        folder = lexical_folder(self._home)
        if not folder.exists():
            return
        try:
            LexicalIndex(folder)
        except IndexUnavailable as error:
            _LOG.warning("the lexical index is damaged and made anew: %s", error)
            shutil.rmtree(folder)

    def trim_log(self) -> int:
        """Drops the oldest lines of the log, which no index and no kept generation needs again.

        A serving process begins with a generation that is kept, and goes on from there; so it
        needs no older lines either.

        Returns:
            How many lines went.
        """
        kept = [row.seq for row in self._catalog.generations.list() if row.state == "published"]
        if not kept:
            return 0
        applied, dropped = min(read_applied(lexical_folder(self._home)), *kept), 0
        while dropped < _MOST_DROPPED:
            lines = self._catalog.changes.drop_before(applied, _DROPPED_AT_ONCE)
            if not lines:
                break
            dropped += lines
        return dropped

    def trim_cache(self) -> None:
        """Drops some thousands of the kept vectors of models that no generation was made with."""
        published = [row for row in self._catalog.generations.list() if row.state == "published"]
        self._cache.keep_only({self._embedder.fingerprint, *(row.fingerprint for row in published)})

    def _apply_batch(self, writer: LexicalWriter) -> bool:
        changes = self._catalog.changes.since(writer.applied, _LINES_AT_ONCE)
        if not changes:
            return False
        names = list(dict.fromkeys(change.chunk_id for change in changes))
        # Read after the log: rows are never older than the lines that name them.
        rows = self._catalog.chunks.index_rows(names)
        writer.apply(names, rows, changes[-1].seq)
        added = {each.chunk_id for each in changes if each.operation is Operation.ADD}
        try:
            embed_rows(self._embedder, [row for row in rows if row.chunk_id in added])
        except EmbedderUnavailable as error:
            _LOG.warning("Vectors are left for later: %s", error)
        return True

    def _embedded(
        self, embedder: Embedder, progress: Progress | None
    ) -> Iterator[tuple[list[IndexRow], Vectors]]:
        done = 0
        for rows in self._catalog.chunks.all_index_rows(_ROWS_AT_ONCE):
            yield rows, embed_rows(embedder, rows)
            done += len(rows)
            if progress is not None:
                progress(done)

    def _is_due(self, live: GenerationRow | None, head: int) -> bool:
        if live is None:
            return any(self._catalog.chunks.all_index_rows(1))
        folder = generation_folder(self._home, live.id)
        if live.fingerprint != self._embedder.fingerprint or not (folder / MANIFEST).exists():
            return True
        if not self._catalog.changes.reaches(live.seq):
            return True
        if head - live.seq > max(LONGEST_TAIL, live.size):
            return True
        return self._has_changed_more(live.seq, max(self._delta_rows, int(DELTA_SHARE * live.size)))

    def _has_changed_more(self, seq: int, limit: int) -> bool:
        changed: set[str] = set()
        while changes := self._catalog.changes.since(seq, _LINES_AT_ONCE):
            seq = changes[-1].seq
            changed |= {c.chunk_id for c in changes if c.operation is not Operation.ACCESS}
            if len(changed) > limit:
                return True
        return False


def _keep_only(folder: Path, names: set[str]) -> None:
    for path in list(folder.glob("*")):
        if path.name not in names:
            shutil.rmtree(path, ignore_errors=True)
