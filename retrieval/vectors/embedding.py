"""The one way a chunk's text is put before the embedder."""

from collections.abc import Sequence

from retrieval.catalog.records import IndexRow
from retrieval.ports import Embedder, Vectors


def embed_rows(embedder: Embedder, rows: Sequence[IndexRow]) -> Vectors:
    """Returns the vectors of the rows' context and text, as ``Chunk.indexed_text`` joins them.

    Raises:
        EmbedderUnavailable: The model cannot be used.
    """
    texts = [f"{row.context}\n{row.text}" if row.context else row.text for row in rows]
    return embedder.embed_documents(texts)
