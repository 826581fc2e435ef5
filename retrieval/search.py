"""Search: both arms inside what the caller may read, joined, and checked once more."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from retrieval.arms import Arms, Tongue, VectorQuestion
from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import GenerationRow
from retrieval.errors import EmbedderUnavailable, GenerationMismatch, IndexUnavailable
from retrieval.explaining import TRACED, Asked, Trace, place, trace
from retrieval.fusion import LEXICAL, VECTOR, Fused
from retrieval.lexical.asking import Demands
from retrieval.lexical.glossary import PACKAGED, Glossary
from retrieval.lexical.index import LexicalIndex
from retrieval.lexical.writing import lexical_folder
from retrieval.model import Chunk, Filters, Passage, Scope, SearchResult
from retrieval.narrowing import find_mismatches
from retrieval.ordering import mix_documents, put_current_first
from retrieval.ports import Embedder
from retrieval.querying import Understood, holds, narrow, understand
from retrieval.reranking import Reranking
from retrieval.rereading import REREAD, reread
from retrieval.scaling import Scales, measure_scales
from retrieval.settling import settle, tell_absent, tell_empty
from retrieval.snapshot import Snapshot, View

_LOG = logging.getLogger(__name__)

_FIRST_DEPTH = 30
_DEEPER = 4
_SPARE = 2  # read beside those wanted: copies, and what the catalog no longer confirms


class Searcher:
    """Finds passages. Safe to share by threads; each search sees all that the indexes hold.

    A passage's score says how much of the question it answers to, on a scale that does not
    depend on the corpus: 0 for nothing in common, about 0.2 for what an unrelated passage may
    reach by chance, 0.63 for one that carries every term and is as near as an answer usually is.
    """

    def __init__(
        self,
        catalog: Catalog,
        home: Path,
        embedder: Embedder,
        glossary: Path | None = PACKAGED,
        reranking: Reranking | None = None,
        pinned: GenerationRow | None = None,
    ) -> None:
        """Takes the parts; indexes are opened at the first search.

        Args:
            catalog: The open catalog; stays the caller's to close.
            home: The state folder with the indexes.
            embedder: Best one with a cache, which the worker then fills for this process.
            glossary: The CSV file of synonyms and translations; ``None`` for none.
            reranking: Puts what was found in a finer order; ``None`` for none.
            pinned: A generation to look into whichever is live, to try it before it is published.
        """
        self._reranking = reranking
        self._glossary = Glossary(glossary)
        self._catalog, self._home = catalog, home
        self._snapshot = Snapshot(catalog, home, embedder, pinned)
        self._opening = threading.Lock()
        self._lexical: LexicalIndex | None = None
        self._scales: dict[str, Scales] = {}  # by the model's fingerprint

    def search(self, query: str, scope: Scope, count: int = 10) -> SearchResult:
        """Returns the best passages that the caller may read and asked for.

        As many as `count` whenever so many exist that any working arm finds; passages with the
        same text are given once. The question may narrow itself: ``"word for word"``, ``-without``,
        ``dept:人事 type:pdf lang:ja tag:規程 source:NAME after:2024-04 before:令和6年``. Where no
        passage has a quoted phrase, its words are searched for. Remarks tell of it.
        """
        understood, remarks = settle(understand(query), self._catalog, scope.principals)
        result = self._search(understood, scope, count)
        if understood.phrases and not result.passages:
            result = self._search(replace(understood, phrases=()), scope, count)
            remarks += (tell_absent(understood.phrases),) if result.passages else ()
        if not result.passages and not remarks:
            remarks = tell_empty(understood, self._catalog, scope)
        return replace(result, remarks=remarks)

    def why(self, query: str, name: str, scope: Scope, count: int = 10) -> Trace:
        """Returns how a document fares when this caller asks this question.

        For administrators: it tells whether a document exists that the caller may not read.

        Args:
            query: The question.
            name: The document's id, external id or title.
            scope: Who asks, and how the search is narrowed.
            count: How many passages are shown.
        """
        shown = self.search(query, scope, count)
        deeper = self.search(query, scope, max(count, TRACED)).passages
        understood, _ = settle(understand(query), self._catalog, scope.principals)
        if understood.phrases and not self._search(understood, scope, 1).passages:
            understood = replace(understood, phrases=())
        filters = narrow(scope.filters, understood.filters)
        inside = Scope(scope.principals, filters or scope.filters)
        with self._snapshot.view() as view:
            arms = self._ask(understood, view, inside)
            asked = Asked(understood, inside, (scope.filters, understood.filters), self._glossary)
            traced = trace(self._catalog, arms, name, asked)
        traced = place(traced, deeper, shown.passages)
        return replace(traced, count=count, remarks=shown.remarks)

    def neighbours(self, passage: Passage, scope: Scope) -> tuple[Passage, ...]:
        """Returns what stands directly before and after a passage in its own section.

        Empty where the caller may not read it any more.
        """
        chunk = passage.chunk
        around = self._catalog.chunks.neighbours(chunk.id, scope.principals, 1, 1)
        return tuple(
            Passage(each, passage.document, passage.score, {})
            for each in around
            if each.heading == chunk.heading
        )

    def rank_alone(self, arm: str, query: str, scope: Scope, count: int) -> list[str]:
        """Returns the ids of the best chunks as one arm alone ranks them, for measurements."""
        with self._snapshot.view() as view:
            arms = self._ask(understand(query), view, scope)
            if arm == LEXICAL:
                return [hit.chunk_id for hit in arms.lexical.best(count)] if arms.lexical else []
            return list(arms.vector.best(count)) if arms.vector else []

    def applied(self) -> int:
        """Returns the line of the log up to which searches show everything.

        An arm that is out of order does not hold this back.
        """
        lexical = self._refreshed_lexical()
        with self._snapshot.view() as view:
            lines = [view.seq] if view is not None else []
        lines += [lexical.applied] if lexical is not None else []
        return min(lines, default=0)

    def mismatch(self) -> GenerationMismatch | None:
        """Returns what is wrong where the vectors were made by another model than this one."""
        return self._snapshot.mismatch()

    def close(self) -> None:
        """Lets go of the indexes, once the searches in flight have ended."""
        self._snapshot.close()
        self._lexical = None

    def _search(self, understood: Understood, scope: Scope, count: int) -> SearchResult:
        filters = narrow(scope.filters, understood.filters)
        inside = Scope(scope.principals, filters or scope.filters)
        with self._snapshot.view() as view:
            arms = self._ask(understood, view, inside)
            if filters is None or count < 1 or not self._catalog.rules.allowed(scope.principals):
                return SearchResult((), arms.degraded)
            # Some more than asked for, so that versions and documents can be weighed up.
            reranked = self._reranking.depth if self._reranking else 0
            wanted = max(count + max(10, count // 2), REREAD, reranked)
            depth = max(_FIRST_DEPTH, 3 * count)
            while True:
                fused, everything = arms.candidates(depth)
                passages = self._read(fused, inside, wanted, understood)
                if everything or len(passages) >= wanted:
                    break
                depth *= _DEEPER
        passages = reread(passages, arms.wanted())
        today = date.today()
        degraded = arms.degraded
        if self._reranking is not None:
            passages, failed = self._reranking.apply(understood.text, passages)
            degraded += failed
        ordered = put_current_first(passages, understood.years, today)
        return SearchResult(tuple(mix_documents(ordered, count)), degraded)

    def _ask(self, understood: Understood, view: View | None, scope: Scope) -> Arms:
        allowed = self._catalog.rules.allowed(scope.principals)
        index, degraded = self._refreshed_lexical(), []
        demands = Demands(allowed, scope.filters, understood.phrases, understood.without)
        lexical = None
        if index is not None and index.applied:  # else it is being made, and still empty
            lexical = index.ask(understood.text, demands, understood.otherwise)
        if lexical is None and self._catalog.changes.head():
            degraded.append(LEXICAL)
        vector = None
        try:
            vector = self._ask_vectors(understood.text, view, allowed, scope.filters)
        except EmbedderUnavailable as error:
            _LOG.warning("Searching without vectors: %s", error)
            view = None
        if view is None:
            degraded.append(VECTOR)
        return Arms(understood.text, lexical, vector, tuple(degraded), bool(understood.phrases))

    def _ask_vectors(
        self, query: str, view: View | None, allowed: frozenset[int], filters: Filters
    ) -> VectorQuestion | None:
        if view is None:
            return None
        made_by = view.embedder.fingerprint
        if made_by not in self._scales:
            self._scales[made_by] = measure_scales(view.embedder)
        vector = view.embedder.embed_query(query)
        if not np.any(vector):  # nothing in it that the model knows
            return None
        tongue = Tongue.of(query, self._scales[made_by])
        return VectorQuestion(view, vector, view.mask(allowed, filters), tongue)

    def _refreshed_lexical(self) -> LexicalIndex | None:
        try:
            with self._opening:
                if self._lexical is None:
                    self._lexical = LexicalIndex(lexical_folder(self._home), self._glossary)
                self._lexical.refresh()
                return self._lexical
        except IndexUnavailable as error:
            _LOG.info("No lexical index yet: %s", error)
            self._lexical = None
            return None

    def _read(
        self, fused: Sequence[Fused], scope: Scope, count: int, understood: Understood
    ) -> list[Passage]:
        """Returns the first passages that the catalog confirms, each text once.

        Where a document says it several times under the same headings, it is the first of them.
        """
        passages: dict[str, Passage] = {}
        checked_at_once = count + _SPARE
        for start in range(0, len(fused), checked_at_once):
            part = fused[start : start + checked_at_once]
            names = [each.chunk_id for each in part]
            known = self._catalog.chunks.fetch(names, scope.principals)
            for each in part:
                if each.chunk_id not in known:
                    continue
                chunk, document = known[each.chunk_id]
                text = " ".join(chunk.text.split())
                other = passages.get(text)
                wanted = len(passages) < count if other is None else _repeats(other.chunk, chunk)
                if (
                    wanted
                    and not find_mismatches(document, scope.filters)
                    and holds(chunk.indexed_text, understood)
                ):
                    passages[text] = Passage(chunk, document, each.score, each.scores)
            if len(passages) >= count:
                break
        return list(passages.values())


def _repeats(chunk: Chunk, other: Chunk) -> bool:
    """Returns whether a document says the same under the same headings already before."""
    places = ((each.document_id, each.context) for each in (chunk, other))
    return len(set(places)) == 1 and chunk.ordinal > other.ordinal
