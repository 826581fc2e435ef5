"""Offer the search as a LangChain retriever; only who uses LangChain imports this."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from retrieval.model import Passage, Scope
from retrieval.search import Searcher


class KuraRetriever(BaseRetriever):
    """Finds what one caller may read; for another caller make another one.

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
    ) -> list[Document]:
        found = self.searcher.search(query, self.scope, self.count)
        return [_to_langchain(passage) for passage in found.passages]


def _to_langchain(passage: Passage) -> Document:
    chunk, document = passage.chunk, passage.document
    metadata: dict[str, Any] = {
        "document_id": document.id,
        "version": document.version,
        "title": document.metadata.title,
        "source": document.external_id,
        "source_name": document.source_name,
        "page": chunk.page,
        "sheet": chunk.sheet,
        "heading": list(chunk.heading),
        "start": chunk.start,
        "end": chunk.end,
        "score": passage.score,
    }
    return Document(page_content=chunk.text, metadata=metadata, id=chunk.id)
