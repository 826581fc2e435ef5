"""What the serving process searches vectors in: a generation and the delta, moving with the log."""

import logging
import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import GenerationRow, IndexRow
from retrieval.embedding.adapted import AdaptedModels
from retrieval.errors import EmbedderUnavailable, GenerationMismatch, IndexUnavailable
from retrieval.model import Filters
from retrieval.ports import Embedder, Mask, Vectors
from retrieval.vectors.delta import Delta
from retrieval.vectors.embedding import embed_rows
from retrieval.vectors.exact import Rows, best, similarities
from retrieval.vectors.generation import Generation
from retrieval.visibility import Visibility

FOLLOWED_WITHOUT_GENERATION = 20_000
"""A log longer than this is not followed from its start: the first generation is awaited."""

_EMBEDDED_AT_ONCE = 512
_RETRY_S = 5.0  # after a failure, while nothing in the catalog changes

_LOG = logging.getLogger(__name__)


def generation_folder(home: Path, generation_id: str) -> Path:
    """Returns where a generation lives below the state folder."""
    return home / "generations" / generation_id


def find_mismatch(live: GenerationRow | None, embedder: Embedder) -> GenerationMismatch | None:
    """Returns what is wrong where a generation was made by another model than this one."""
    if live is None or live.fingerprint == embedder.fingerprint:
        return None
    return GenerationMismatch(made_by=live.fingerprint, wanted=embedder.fingerprint)


@dataclass(slots=True)
class _Lease:
    """A generation and how many searches are using it."""

    id: str | None
    generation: Generation | None
    users: int = 0
    superseded: bool = False

    def close_if_unused(self) -> None:
        if self.superseded and not self.users and self.generation is not None:
            self.generation.close()


@dataclass(frozen=True, slots=True)
class View:
    """One unchanging state of the vectors: rows of the generation, then rows of the delta.

    Attributes:
        embedder: What all of them were made with, and questions have to be.
    """

    embedder: Embedder
    lease: _Lease
    delta: Delta
    rows: Visibility
    seq: int

    def mask(self, allowed: frozenset[int], filters: Filters) -> Mask:
        """Returns which rows a caller may see and asked for."""
        return self.rows.mask(allowed, filters)

    def language(self, chunk_id: str) -> str:
        """Returns the language of a chunk, "" where it is unknown."""
        place = self.rows.place(chunk_id)
        return self.rows.language(place) if place is not None else ""

    def search(self, query: Vectors, mask: Mask, count: int) -> list[tuple[str, float]]:
        """Returns chunk ids and cosine similarities, best first, inside the mask."""
        generation = self.lease.generation
        split = generation.size if generation is not None else 0
        rows, found = self.delta.search(query, mask[split:], count)
        rows = rows + split
        if generation is not None:
            more, others = generation.search(query, mask[:split], count)
            rows, found = np.concatenate([more, rows]), np.concatenate([others, found])
        rows, found = best(rows, found, count)
        names = self.rows.chunk_ids
        return [(names[row], float(cosine)) for row, cosine in zip(rows, found, strict=True)]

    def similarities(self, query: Vectors, chunk_ids: Sequence[str]) -> dict[str, float]:
        """Returns the cosine similarity of each of the chunks that has a row."""
        places = {name: self.rows.place(name) for name in chunk_ids}
        found: dict[str, float] = {}
        generation = self.lease.generation
        split = generation.size if generation is not None else 0
        for matrix, first, last in (
            (generation.vectors if generation is not None else self.delta.vectors, 0, split),
            (self.delta.vectors, split, self.rows.size),
        ):
            here = {n: p - first for n, p in places.items() if p is not None and first <= p < last}
            rows: Rows = np.fromiter(here.values(), np.int64, len(here))
            found |= zip(here, similarities(matrix, query, rows).tolist(), strict=True)
        return found


class Snapshot:
    """The moving view. Safe to share by threads; one refreshes while the others wait for it."""

    def __init__(
        self,
        catalog: Catalog,
        home: Path,
        embedder: Embedder,
        pinned: GenerationRow | None = None,
    ) -> None:
        """Takes what it follows; nothing is opened before the first search.

        Args:
            catalog: The open catalog.
            home: The state folder.
            embedder: The one that the settings name; a cached one makes following the log cheap.
                A generation that was made with one adapted from it is searched with that one.
            pinned: A generation to look into whichever is live.
        """
        self._catalog, self._home, self._configured = catalog, home, embedder
        self._models, self._embedder, self._pinned = AdaptedModels(home), embedder, pinned
        self._refreshing = threading.Lock()
        self._counting = threading.Lock()
        self._version: int | None = None
        self._retry_at = math.inf
        self._rows = Visibility()
        self._delta = Delta(0)  # replaced with the first view
        self._view: View | None = None
        self._warned_of = ""

    @contextmanager
    def view(self) -> Iterator[View | None]:
        """Gives the newest state, which stays open until it is handed back.

        ``None`` while there is nothing to search: the index was made by another embedder, cannot
        be opened, or has not been built yet.
        """
        self._refresh()
        with self._counting:
            view = self._view
            if view is not None:
                view.lease.users += 1
        try:
            yield view
        finally:
            if view is not None:
                with self._counting:
                    view.lease.users -= 1
                    view.lease.close_if_unused()

    def mismatch(self) -> GenerationMismatch | None:
        """Returns what is wrong where the vectors were made by another model than this one."""
        live = self._find_generation()
        return find_mismatch(live, self._find_embedder(live))

    def close(self) -> None:
        """Lets go of the generation once the last search has ended."""
        with self._refreshing:
            self._replace(None)
            self._version = None

    def _refresh(self) -> None:
        if self._is_current(self._catalog.data_version()):
            return
        with self._refreshing:
            # Read before the catalog is: what is read is then never older than the number.
            version = self._catalog.data_version()
            if self._is_current(version):
                return
            try:
                self._follow()
                self._retry_at = math.inf
            except (IndexUnavailable, EmbedderUnavailable) as error:
                _LOG.warning("Vector search pauses: %s", error)
                self._replace(None)
                self._retry_at = time.monotonic() + _RETRY_S
            self._version = version

    def _is_current(self, version: int) -> bool:
        return version == self._version and time.monotonic() < self._retry_at

    def _follow(self) -> None:
        live = self._find_generation()
        self._embedder = self._find_embedder(live)
        if not self._is_usable(live):
            self._replace(None)
            return
        view, name = self._view, live.id if live else None
        if view is None or view.lease.id != name or not self._catalog.changes.reaches(view.seq):
            view = self._open(live)
        seq = self._replay(view.seq)
        if seq != view.seq or view is not self._view:
            delta, rows = self._delta.view(), self._rows.copy()
            self._replace(View(view.embedder, view.lease, delta, rows, seq))

    def _find_generation(self) -> GenerationRow | None:
        return self._pinned or self._catalog.generations.live()

    def _find_embedder(self, live: GenerationRow | None) -> Embedder:
        return self._models.serving(live.fingerprint if live else None, self._configured)

    def _is_usable(self, live: GenerationRow | None) -> bool:
        if live is None:
            return self._catalog.changes.head() <= FOLLOWED_WITHOUT_GENERATION
        mismatch = find_mismatch(live, self._embedder)
        if mismatch is not None and live.id != self._warned_of:
            _LOG.warning("%s", mismatch)
            self._warned_of = live.id
        # A generation ahead of the log belongs to a catalog that has been put back since.
        return mismatch is None and self._catalog.changes.reaches(live.seq)

    def _open(self, live: GenerationRow | None) -> View:
        generation = Generation(generation_folder(self._home, live.id)) if live else None
        self._rows = generation.rows.copy() if generation else Visibility()
        self._delta = Delta(self._embedder.dimension)
        lease = _Lease(live.id if live else None, generation)
        return View(self._embedder, lease, self._delta, self._rows, live.seq if live else 0)

    def _replay(self, seq: int) -> int:
        """Applies the log after line `seq`; returns the last line applied."""
        while changes := self._catalog.changes.since(seq):
            names = list(dict.fromkeys(change.chunk_id for change in changes))
            rows = {row.chunk_id: row for row in self._catalog.chunks.index_rows(names)}
            for name in names:
                place = self._rows.place(name)
                if name not in rows and place is not None:
                    self._rows.hide(place)
            self._take(list(rows.values()))
            seq = changes[-1].seq
        return seq

    def _take(self, rows: list[IndexRow]) -> None:
        """Makes the rows be as the catalog has them, embedding only what has no vector here."""
        fresh = []
        for row in rows:
            place = self._rows.place(row.chunk_id)
            if place is not None and self._rows.same_text(place, row):
                self._rows.update(place, row)
            else:
                fresh.append(row)
        for start in range(0, len(fresh), _EMBEDDED_AT_ONCE):
            part = fresh[start : start + _EMBEDDED_AT_ONCE]
            self._delta.append(embed_rows(self._embedder, part))
            for row in part:
                self._rows.add(row)

    def _replace(self, view: View | None) -> None:
        with self._counting:
            old, self._view = self._view, view
            if old is not None and (view is None or view.lease is not old.lease):
                old.lease.superseded = True
                old.lease.close_if_unused()
