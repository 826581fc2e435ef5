"""A small true search over passages held in memory, and builders for those passages."""

from collections.abc import Sequence
from datetime import UTC, datetime

from retrieval.catalog import Catalog
from retrieval.lexical.tokenizing import terms
from retrieval.model import (
    Access,
    BlockKind,
    Chunk,
    Document,
    DocumentStatus,
    Metadata,
    Passage,
    Scope,
    SearchResult,
)

EPOCH = datetime(2026, 4, 1, tzinfo=UTC)


class MemorySearcher:
    """Ranks by the share of query terms a chunk holds; respects access; keeps its queries.

    Attributes:
        queries: What was searched for, in order.
    """

    def __init__(self, passages: Sequence[Passage], degraded: tuple[str, ...] = ()) -> None:
        """Searches these passages; their scores are replaced by the ones found."""
        self._passages = tuple(passages)
        self._degraded = degraded
        self.queries: list[str] = []

    def search(self, query: str, scope: Scope, count: int = 10) -> SearchResult:
        """Returns the readable passages that share a term with the query, best first."""
        self.queries.append(query)
        wanted = set(terms(query))
        found: list[Passage] = []
        for passage in self._passages:
            if not passage.document.access.permits(scope.principals):
                continue
            held = set(terms(f"{passage.document.metadata.title}\n{passage.chunk.text}"))
            score = len(wanted & held) / max(1, len(wanted))
            if score > 0:
                scores = {"lexical": score, "vector": score}
                found.append(Passage(passage.chunk, passage.document, score, scores))
        found.sort(key=lambda passage: -passage.score)
        return SearchResult(tuple(found[:count]), self._degraded)

    def neighbours(self, passage: Passage, scope: Scope) -> tuple[Passage, ...]:
        """Returns those of the same document and section whose text touches the passage's."""
        chunk = passage.chunk
        return tuple(
            each
            for each in self._passages
            if each.document.id == chunk.document_id
            and each.chunk.heading == chunk.heading
            and each.document.access.permits(scope.principals)
            and (each.chunk.end == chunk.start or each.chunk.start == chunk.end)
        )


class CatalogSearcher:
    """Finds the chunks that hold any of the query's words, best first, within the scope."""

    def __init__(self, catalog: Catalog) -> None:
        """Searches this catalog."""
        self._catalog = catalog

    def search(self, query: str, scope: Scope, count: int = 10) -> SearchResult:
        """Returns passages by the share of the query's characters they hold."""
        allowed = {document.id for document in self._catalog.documents.list(scope, limit=1000)}
        found: list[Passage] = []
        for rows in self._catalog.chunks.all_index_rows(100):
            ids = [row.chunk_id for row in rows if row.document_id in allowed]
            for chunk, document in self._catalog.chunks.fetch(ids, scope.principals).values():
                score = len(set(query) & set(chunk.text)) / len(set(query))
                if score >= 0.5:
                    found.append(Passage(chunk, document, score, {"lexical": score}))
        return SearchResult(tuple(sorted(found, key=lambda p: -p.score)[:count]))

    def neighbours(self, passage: Passage, scope: Scope) -> tuple[Passage, ...]:
        """Returns the chunks before and after it."""
        around = self._catalog.chunks.neighbours(passage.chunk.id, scope.principals, 1, 1)
        return tuple(Passage(each, passage.document, passage.score, {}) for each in around)


def make_passage(
    text: str,
    *,
    name: str = "document",
    heading: tuple[str, ...] = (),
    kind: BlockKind = BlockKind.PARAGRAPH,
    offset: int = 0,
    allow: str = "everyone",
) -> Passage:
    """Returns a passage of a document of that title, whose text begins at the given offset."""
    metadata = Metadata(title=name, department="総務", owner=f"{name}の担当")
    document = Document(
        id=f"id-{name}",
        source_id="source",
        source_name="source",
        external_id=name,
        metadata=metadata,
        status=DocumentStatus.CURRENT,
        reason="",
        version=1,
        size=len(text),
        content_hash="",
        ingested_at=EPOCH,
        acl_id=1,
        access=Access(allow=frozenset({allow})),
    )
    chunk = Chunk(
        id=f"chunk-{name}-{offset}",
        document_id=document.id,
        ordinal=0,
        text=text,
        heading=heading,
        kind=kind,
        start=offset,
        end=offset + len(text),
    )
    return Passage(chunk, document, 1.0, {})
