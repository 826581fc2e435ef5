"""How much of the right text is retrieved, character by character, over ingestion's own chunks.

    python -m benchmarks.retrieval.chunking --evaluation FOLDER [--characters 5000]

Each long text of the chunking set is one document, cut by the chunker of ingestion at default
settings. Passages are taken, best first, that still fit into so many characters. Recall is the
share of a question's right characters among those taken, intersection over union what both have
in common (Smith and Troynikov 2024, "Evaluating Chunking Strategies for Retrieval").
"""

import argparse
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.embedder.sources import Record, read_records
from benchmarks.machine import describe_machine
from benchmarks.retrieval.measuring import interval
from ingestion.chunking import ChunkSettings, cut
from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.embedding.static import StaticEmbedder
from retrieval.identity import document_id, source_id, text_hash
from retrieval.indexing import Indexer
from retrieval.model import EVERYONE, Access, Block, BlockKind, Metadata, NewVersion, Scope
from retrieval.ports import Embedder
from retrieval.search import Searcher

SOURCE, CORPUS = "chunking", "chroma_chunking"
SCOPE = Scope(frozenset({EVERYONE}))
MOST_PASSAGES = 60
_PARAGRAPH = re.compile(r"\S(?:.*\S)?(?:\n(?!\s*\n).*\S)*")

Span = tuple[int, int]


def find_blocks(text: str) -> Iterator[Block]:
    """Gives the paragraphs of a plain text, split at empty lines."""
    for found in _PARAGRAPH.finditer(text):
        yield Block(BlockKind.PARAGRAPH, found.group(), start=found.start(), end=found.end())


def publish(catalog: Catalog, records: Iterable[Record], settings: ChunkSettings) -> list[int]:
    """Puts each text into the catalog as one document; returns the lengths of all chunks."""
    source = source_id(SOURCE)
    access = Access(frozenset({EVERYONE}))
    catalog.sources.add(NewSource(SOURCE, "folder", "/benchmark", access=access))
    lengths = []
    for record in records:
        name, text = record["id"], record["text"]
        document, digest = document_id(source, name), text_hash(text)
        chunks = cut(document, text, tuple(find_blocks(text)), "", settings)
        lengths += [len(chunk.text) for chunk in chunks]
        metadata = Metadata(name, language="en")
        catalog.documents.publish(
            NewVersion(source, name, metadata, access, "", (), chunks, digest, digest, digest, 0)
        )
    return lengths


def measure(spans: list[Span], taken: list[Span]) -> tuple[float, float]:
    """Returns recall and intersection over union of characters."""
    right = {place for start, end in spans for place in range(start, end)}
    found = {place for start, end in taken for place in range(start, end)}
    common = len(right & found)
    return common / len(right), common / len(right | found)


def take(searcher: Searcher, query: Record, characters: int) -> list[Span]:
    """Returns the spans retrieved for a question; those of other documents begin below zero."""
    name, taken, left = query["relevant"][0], list[Span](), characters
    for passage in searcher.search(query["query"], SCOPE, MOST_PASSAGES).passages:
        chunk = passage.chunk
        if chunk.end - chunk.start > left:
            continue
        left -= chunk.end - chunk.start
        elsewhere = passage.document.external_id != name
        # Of another text: places of its own that no right character shares.
        shift = -(10**9) * (1 + hash(passage.document.id) % 1_000) if elsewhere else 0
        taken.append((chunk.start + shift, chunk.end + shift))
    return taken


def run(evaluation: Path, embedder: Embedder, settings: ChunkSettings, characters: int) -> None:
    """Measures and prints a line and the JSON line."""
    queries = read_records(evaluation / CORPUS / "queries.jsonl.gz")
    records = read_records(evaluation / CORPUS / "corpus.jsonl.gz")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with (
            closing(Catalog(home / "catalog.sqlite")) as catalog,
            closing(EmbeddingCache(home / "embeddings.sqlite")) as cache,
        ):
            lengths = publish(catalog, records, settings)
            indexer = Indexer(catalog, home, embedder, cache)
            indexer.catch_up()
            indexer.publish_if_due()
            with closing(Searcher(catalog, home, CachedEmbedder(embedder, cache))) as searcher:
                outcomes = [
                    measure(
                        [tuple(span) for span in query["meta"]["spans"]],
                        take(searcher, query, characters),
                    )
                    for query in queries
                ]
    recall, overlap = (np.asarray(values) for values in zip(*outcomes, strict=True))
    low, high = interval(recall)
    print(
        f"{len(lengths)} chunks of {np.mean(lengths):.0f} characters (target {settings.target} "
        f"tokens), {len(queries)} questions, {characters} characters: recall {recall.mean():.3f} "
        f"[{low:.3f} {high:.3f}], intersection over union {overlap.mean():.4f}"
    )
    report = {
        "benchmark": "chunking",
        "target": settings.target,
        "characters": characters,
        "questions": len(queries),
        "recall": round(float(recall.mean()), 4),
        "interval": [round(low, 4), round(high, 4)],
        "iou": round(float(overlap.mean()), 4),
        "machine": describe_machine(),
    }
    print(json.dumps(report))


def main() -> None:
    """Reads the arguments and runs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--model", type=Path, default=Path("data/models/kura-static"))
    parser.add_argument("--characters", type=int, default=5_000, help="how much is retrieved")
    parser.add_argument("--target", type=int, default=ChunkSettings().target, help="chunk size")
    options = parser.parse_args()
    settings = ChunkSettings(target=options.target)
    run(options.evaluation, StaticEmbedder(options.model), settings, options.characters)


if __name__ == "__main__":
    main()
