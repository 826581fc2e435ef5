"""Offer the search as a LangChain retriever; only who uses LangChain imports this.

``ainvoke`` and the other asynchronous ways run the same search in a thread.
"""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from retrieval.model import Filters, Passage, Scope
from retrieval.querying import narrow
from retrieval.search import Searcher


class KuraRetriever(BaseRetriever):
    """Finds what one caller may read; for another caller make another one.

    A single call may ask for more or less, and narrow what the scope allows:
    ``retriever.invoke(question, k=3, filters=Filters(departments=frozenset({"人事"})))``.

    Attributes:
        searcher: The open search.
        scope: Who asks, and how the search is narrowed.
        count: How many documents are wanted.
    """

    searcher: Searcher
    scope: Scope
    count: int = 10

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - given by LangChain
        k: int | None = None,
        filters: Filters | None = None,
    ) -> list[Document]:
        narrowed = narrow(self.scope.filters, filters or Filters())
        if narrowed is None:
            return []
        scope = Scope(self.scope.principals, narrowed)
        found = self.searcher.search(query, scope, self.count if k is None else k)
        return [_to_langchain(passage) for passage in found.passages]


def _to_langchain(passage: Passage) -> Document:
    chunk, document = passage.chunk, passage.document
    facts = document.metadata
    metadata: dict[str, Any] = {
        "document_id": document.id,
        "version": document.version,
        "title": facts.title,
        "source": document.external_id,
        "source_name": document.source_name,
        "department": facts.department,
        "language": facts.language,
        "media_type": facts.media_type,
        "tags": list(facts.tags),
        "modified_at": facts.modified_at.isoformat() if facts.modified_at else None,
        "page": chunk.page,
        "sheet": chunk.sheet,
        "heading": list(chunk.heading),
        "start": chunk.start,
        "end": chunk.end,
        "score": passage.score,
        "scores": dict(passage.scores),
    }
    return Document(page_content=chunk.text, metadata=metadata, id=chunk.id)
