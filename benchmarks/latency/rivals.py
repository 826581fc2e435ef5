"""What hybrid search is measured beside: the same rows and rules in other engines.

- Chroma as LangChain's retriever asks it: vectors, texts and the rule of each row in one
  collection, the caller's rules as a metadata filter, texts and metadata in the answer;
- bare HNSW: the generation's own graph, no filter, row numbers only;
- bare tantivy: BM25 over the same terms, with the caller's rules as a term set.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from retrieval.catalog.catalog import Catalog
from retrieval.lexical.tokenizing import terms
from retrieval.ports import Embedder
from retrieval.vectors.collection import HNSW, Collection
from retrieval.vectors.generation import CHROMA, VECTORS

FOUND = 10
_AT_ONCE = 5_000

Ask = Callable[[str, list[int]], Any]


@contextmanager
def chroma(folder: Path, catalog: Catalog, generation: Path, embedder: Embedder) -> Iterator[Ask]:
    """Gives a filtered search over a collection with texts and rules."""
    import chromadb
    from chromadb.config import Settings

    vectors = np.load(generation / VECTORS, mmap_mode="r")
    settings = Settings(anonymized_telemetry=False)
    # Its public type lacks close() and is narrow about where and configuration.
    client: Any = chromadb.PersistentClient(str(folder), settings=settings)
    with closing(client):
        rows = client.get_or_create_collection(
            "rows", embedding_function=None, configuration={"hnsw": HNSW}
        )
        place = 0 if not rows.count() else len(vectors)
        for batch in catalog.chunks.all_index_rows(_AT_ONCE) if not place else ():
            rows.add(
                ids=[row.chunk_id for row in batch],
                embeddings=np.asarray(vectors[place : place + len(batch)]),
                documents=[row.text for row in batch],
                metadatas=[{"acl_id": row.acl_id} for row in batch],
            )
            place += len(batch)

        def ask(question: str, rules: list[int]) -> object:
            return rows.query(
                query_embeddings=[embedder.embed_query(question)],
                n_results=FOUND,
                where={"acl_id": {"$in": rules}},
                include=["documents", "metadatas", "distances"],
            )

        yield ask


@contextmanager
def bare_graph(generation: Path, embedder: Embedder) -> Iterator[Ask]:
    """Gives an unfiltered search of the graph."""
    with closing(Collection(generation / CHROMA)) as collection:
        yield lambda question, _: collection.near(embedder.embed_query(question), FOUND)


@contextmanager
def bare_words(folder: Path, catalog: Catalog) -> Iterator[Ask]:
    """Gives a BM25 search inside the caller's rules."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="whitespace")
    builder.add_unsigned_field("acl_id", indexed=True)
    schema = builder.build()
    fresh = not folder.exists()
    folder.mkdir(exist_ok=True)
    index = tantivy.Index(schema, path=str(folder))
    if fresh:
        writer = index.writer(heap_size=64_000_000, num_threads=1)
        for batch in catalog.chunks.all_index_rows(_AT_ONCE):
            for row in batch:
                document = tantivy.Document()
                document.add_text("words", " ".join(terms(row.text)))
                document.add_unsigned("acl_id", row.acl_id)
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    searcher, query, should = index.searcher(), tantivy.Query, tantivy.Occur.Should

    def ask(question: str, rules: list[int]) -> object:
        words = [(should, query.term_query(schema, "words", term)) for term in terms(question)]
        allowed = query.const_score_query(query.term_set_query(schema, "acl_id", rules), 0.0)
        both = [(tantivy.Occur.Must, query.boolean_query(words)), (tantivy.Occur.Must, allowed)]
        return searcher.search(query.boolean_query(both), limit=FOUND, count=False)

    yield ask
