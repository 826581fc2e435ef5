"""A small library for the tests of indexes and search: real catalog, real indexes, hash vectors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.identity import chunk_id, document_id, source_id, text_hash
from retrieval.indexing import Indexer
from retrieval.model import EVERYONE, Access, Chunk, Filters, Metadata, NewVersion, Scope
from retrieval.search import Searcher
from tests.fakes.embedder import HashEmbedder

SOURCE = "library"
ANYONE = frozenset({EVERYONE})
PUBLIC = Access(ANYONE)
STAFF = Access(frozenset({"group:hr"}))
HR = frozenset({EVERYONE, "group:hr"})


@dataclass
class Library:
    """Everything of one state folder, as the worker and the server would hold it."""

    home: Path
    embedder: HashEmbedder = field(default_factory=HashEmbedder)

    def __post_init__(self) -> None:
        self.catalog = Catalog(self.home / "catalog.sqlite")
        self.cache = EmbeddingCache(self.home / "embeddings.sqlite")
        self.register(PUBLIC)
        self.indexer = Indexer(self.catalog, self.home, self.embedder, self.cache)
        self.searcher = Searcher(self.catalog, self.home, CachedEmbedder(self.embedder, self.cache))

    def close(self) -> None:
        self.searcher.close()
        self.cache.close()
        self.catalog.close()

    def register(self, access: Access) -> None:
        self.catalog.sources.add(NewSource(SOURCE, "folder", "/library", access=access))

    def publish(
        self,
        name: str,
        texts: Sequence[str],
        access: Access = PUBLIC,
        metadata: Metadata | None = None,
        contexts: Sequence[str] = (),
    ) -> str:
        """Publishes a document, one chunk a text, below its title or contexts; returns its id."""
        document = document_id(source_id(SOURCE), name)
        metadata = metadata or Metadata(title=name)
        whole = "\n".join(texts)
        chunks = tuple(
            Chunk(
                id=chunk_id(document, contexts[ordinal:][:1], text, texts[:ordinal].count(text)),
                document_id=document,
                ordinal=ordinal,
                text=text,
                context=contexts[ordinal] if contexts else metadata.title,
                end=len(text),
            )
            for ordinal, text in enumerate(texts)
        )
        version = NewVersion(
            source_id=source_id(SOURCE),
            external_id=name,
            metadata=metadata,
            access=access,
            text=whole,
            blocks=(),
            chunks=chunks,
            content_hash=text_hash(whole),
            text_hash=text_hash(whole),
            signature=text_hash(whole),
            size=len(whole),
        )
        self.catalog.documents.publish(version)
        return document

    def index(self, publish: bool = False) -> None:
        """Does what the worker does after a job."""
        self.indexer.catch_up()
        self.indexer.publish_if_due(force=publish)
        self.indexer.clean_up()

    def found(
        self,
        query: str,
        principals: frozenset[str] = ANYONE,
        filters: Filters | None = None,
        count: int = 10,
    ) -> list[str]:
        """Returns the texts found, best first."""
        scope = Scope(principals, filters or Filters())
        return [p.chunk.text for p in self.searcher.search(query, scope, count).passages]


@contextmanager
def opened(home: Path) -> Iterator[Library]:
    """Gives the library of a folder and closes it."""
    library = Library(home)
    try:
        yield library
    finally:
        library.close()
