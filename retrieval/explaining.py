"""Why a document was found, or was not: each step it may have been lost at."""

from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.arms import Arms
from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import DocumentState
from retrieval.model import Principals

LOOKED_AT = 1_000
"""Chunks of each arm that ranks are counted among."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the best chunk of a document stands.

    Attributes:
        rank: From 1, among the chunks looked at.
        score: In 0..1.
        chunk_id: The chunk.
    """

    rank: int
    score: float
    chunk_id: str


@dataclass(frozen=True, slots=True)
class Trace:
    """How a document fares under one question, in the order it may be lost.

    Attributes:
        ingested: The catalog knows it.
        status: "current", "stale" or "failed"; "" for an unknown document.
        has_text: It was read and has chunks.
        readable: The caller may read it.
        lexical: Where it stands among what shares words with the question.
        vector: Where it stands among what is near in meaning.
        fused: Where it stands once both are joined.
        shown: Its place in the result, from 1.
    """

    document_id: str
    ingested: bool
    status: str = ""
    has_text: bool = False
    readable: bool = False
    lexical: Place | None = None
    vector: Place | None = None
    fused: Place | None = None
    shown: int | None = None

    @property
    def verdict(self) -> str:
        """The first step it was lost at, in one word, or "shown"."""
        steps = (
            ("unknown", self.ingested),
            ("unread", self.has_text),
            ("forbidden", self.readable),
            ("unlike", self.fused is not None),
            ("outranked", self.shown is not None),
        )
        return next((name for name, passed in steps if not passed), "shown")


def trace(catalog: Catalog, arms: Arms, document_id: str, principals: Principals) -> Trace:
    """Returns what is known of a document up to its rank; ``shown`` is the caller's to add."""
    state = _find(catalog, document_id)
    if state is None:
        return Trace(document_id, ingested=False)
    document = catalog.documents.get(document_id, principals)
    status, has_text = state.status.value, bool(state.text_hash)
    if document is None or not has_text:
        return Trace(document_id, True, status, has_text, document is not None)
    hits = arms.lexical.best(LOOKED_AT) if arms.lexical else []
    lexical = [(hit.chunk_id, hit.score) for hit in hits]
    vector = list(arms.vector.best(LOOKED_AT).items()) if arms.vector else []
    fused, _ = arms.candidates(LOOKED_AT)
    names = {name for name, _ in (*lexical, *vector)} | {each.chunk_id for each in fused}
    known = catalog.chunks.fetch(names, principals)
    own = {name for name, (chunk, _) in known.items() if chunk.document_id == document_id}
    return Trace(
        document_id,
        True,
        status,
        has_text,
        True,
        lexical=_place(lexical, own),
        vector=_place(vector, own),
        fused=_place([(each.chunk_id, each.score) for each in fused], own),
    )


def _find(catalog: Catalog, document_id: str) -> DocumentState | None:
    for source in catalog.sources.list():
        for state in catalog.documents.states(source.id).values():
            if state.id == document_id:
                return state
    return None


def _place(ranked: Iterable[tuple[str, float]], own: set[str]) -> Place | None:
    places = ((rank, name, score) for rank, (name, score) in enumerate(ranked, 1) if name in own)
    for rank, name, score in places:
        return Place(rank, score, name)
    return None
