"""Search: both arms inside what the caller may read, joined, and checked once more."""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.catalog.catalog import Catalog
from retrieval.errors import EmbedderUnavailable, IndexUnavailable
from retrieval.fusion import (
    LEXICAL,
    VECTOR,
    VECTOR_WEIGHT,
    Fused,
    Scale,
    fuse,
    language_of,
    measure_scales,
)
from retrieval.lexical.index import LexicalIndex, LexicalQuestion, lexical_folder
from retrieval.model import Document, Filters, Passage, Scope, SearchResult
from retrieval.ports import Embedder, Mask, Vectors
from retrieval.snapshot import Snapshot, View

_LOG = logging.getLogger(__name__)

_FIRST_DEPTH = 50
_DEEPER = 4
_CHECKED_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class _VectorQuestion:
    """One question against one state of the vectors."""

    view: View
    query: Vectors
    mask: Mask
    scale: Scale

    def best(self, count: int) -> dict[str, float]:
        return self._read(self.view.search(self.query, self.mask, count))

    def scores_of(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        return self._read(self.view.similarities(self.query, chunk_ids).items())

    def _read(self, found: Iterable[tuple[str, float]]) -> dict[str, float]:
        return {chunk_id: self.scale.score(cosine) for chunk_id, cosine in found}


@dataclass(frozen=True, slots=True)
class _Arms:
    """One question put to every arm that can take part."""

    lexical: LexicalQuestion | None
    vector: _VectorQuestion | None
    degraded: tuple[str, ...]

    @property
    def vector_weight(self) -> float:
        if self.vector is None:
            return 0.0
        if self.lexical is None or self.lexical.is_empty:
            return 1.0
        return VECTOR_WEIGHT * self.vector.scale.trust

    def candidates(self, depth: int) -> tuple[list[Fused], bool]:
        """Returns what the arms find at this depth, best first, and whether that is all."""
        hits = self.lexical.best(depth) if self.lexical else []
        lexical = {hit.chunk_id: hit.score for hit in hits}
        vector = self.vector.best(depth) if self.vector else {}
        everything = len(lexical) < depth and len(vector) < depth
        # What one arm found is scored by the other too: absent is not the same as unrelated.
        if self.lexical:
            lexical |= self.lexical.scores_of([name for name in vector if name not in lexical])
        if self.vector:
            vector |= self.vector.scores_of([name for name in lexical if name not in vector])
        return fuse(lexical, vector, self.vector_weight), everything


class Searcher:
    """Finds passages. Safe to share by threads; each search sees all that the indexes hold.

    A passage's score says how much of the question it answers to, on a scale that does not
    depend on the corpus: 0 for nothing in common, about 0.2 for what an unrelated passage may
    reach by chance, 0.63 for one that carries every term and is as near as an answer usually is.
    """

    def __init__(self, catalog: Catalog, home: Path, embedder: Embedder) -> None:
        """Takes the parts; indexes are opened at the first search.

        Args:
            catalog: The open catalog; stays the caller's to close.
            home: The state folder with the indexes.
            embedder: Best one with a cache, which the worker then fills for this process.
        """
        self._catalog, self._home, self._embedder = catalog, home, embedder
        self._snapshot = Snapshot(catalog, home, embedder)
        self._opening = threading.Lock()
        self._lexical: LexicalIndex | None = None
        self._scales: Mapping[str, Scale] | None = None

    def search(self, query: str, scope: Scope, count: int = 10) -> SearchResult:
        """Returns the best passages that the caller may read and asked for.

        As many as `count` whenever so many exist that any working arm finds; passages with the
        same text are given once.
        """
        allowed = self._catalog.rules.allowed(scope.principals)
        with self._snapshot.view() as view:
            arms = self._ask(query, view, allowed, scope.filters)
            if not allowed or count < 1:
                return SearchResult((), arms.degraded)
            depth = max(_FIRST_DEPTH, 4 * count)
            while True:
                fused, everything = arms.candidates(depth)
                passages = self._read(fused, scope, count)
                if everything or len(passages) >= count:
                    return SearchResult(passages, arms.degraded)
                depth *= _DEEPER

    def applied(self) -> int:
        """Returns the line of the log up to which searches show everything.

        An arm that is out of order does not hold this back.
        """
        lexical = self._refreshed_lexical()
        with self._snapshot.view() as view:
            lines = [view.seq] if view is not None else []
        lines += [lexical.applied] if lexical is not None else []
        return min(lines, default=0)

    def close(self) -> None:
        """Lets go of the indexes, once the searches in flight have ended."""
        self._snapshot.close()
        self._lexical = None

    def _ask(
        self, query: str, view: View | None, allowed: frozenset[int], filters: Filters
    ) -> _Arms:
        index, degraded = self._refreshed_lexical(), []
        lexical = index.ask(query, allowed, filters) if index is not None else None
        if lexical is None and self._catalog.changes.head():
            degraded.append(LEXICAL)
        vector = None
        try:
            vector = self._ask_vectors(query, view, allowed, filters)
        except EmbedderUnavailable as error:
            _LOG.warning("Searching without vectors: %s", error)
            view = None
        if view is None:
            degraded.append(VECTOR)
        return _Arms(lexical, vector, tuple(degraded))

    def _ask_vectors(
        self, query: str, view: View | None, allowed: frozenset[int], filters: Filters
    ) -> _VectorQuestion | None:
        if view is None:
            return None
        if self._scales is None:
            self._scales = measure_scales(self._embedder)
        vector = self._embedder.embed_query(query)
        if not np.any(vector):  # nothing in it that the model knows
            return None
        scale = self._scales[language_of(query)]
        return _VectorQuestion(view, vector, view.mask(allowed, filters), scale)

    def _refreshed_lexical(self) -> LexicalIndex | None:
        try:
            with self._opening:
                if self._lexical is None:
                    self._lexical = LexicalIndex(lexical_folder(self._home))
                self._lexical.refresh()
                return self._lexical
        except IndexUnavailable as error:
            _LOG.info("No lexical index yet: %s", error)
            self._lexical = None
            return None

    def _read(self, fused: Sequence[Fused], scope: Scope, count: int) -> tuple[Passage, ...]:
        """Returns the first passages that the catalog confirms, each text once."""
        passages: dict[str, Passage] = {}
        for start in range(0, len(fused), _CHECKED_AT_ONCE):
            part = fused[start : start + _CHECKED_AT_ONCE]
            names = [each.chunk_id for each in part]
            known = self._catalog.chunks.fetch(names, scope.principals)
            for each in part:
                if each.chunk_id not in known or len(passages) >= count:
                    continue
                chunk, document = known[each.chunk_id]
                if _matches(document, scope.filters):
                    passage = Passage(chunk, document, each.score, each.scores)
                    passages.setdefault(" ".join(chunk.text.split()), passage)
            if len(passages) >= count:
                break
        return tuple(passages.values())


def _matches(document: Document, filters: Filters) -> bool:
    """Returns whether a document is what was asked for, by its facts of this moment."""
    facts = document.metadata
    exact = (
        (facts.department, filters.departments),
        (facts.language, filters.languages),
        (facts.media_type, filters.media_types),
        (document.source_id, filters.source_ids),
        (document.id, filters.document_ids),
    )
    if any(wanted and value not in wanted for value, wanted in exact):
        return False
    if filters.tags and filters.tags.isdisjoint(facts.tags):
        return False
    after, before, time = filters.modified_after, filters.modified_before, facts.modified_at
    if after is None and before is None:
        return True
    return time is not None and (after or time) <= time <= (before or time)
