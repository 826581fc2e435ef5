"""Latency of hybrid search over synthetic chunks, beside Chroma's own filter in the same run.

`python -m benchmarks.search_latency --chunks 100000` prints a table and one JSON line. Every chunk
belongs to one of four groups of callers that may read 100, 50, 5 or 0.1 per cent of all.
"""

import argparse
import json
import random
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import NewSource
from retrieval.embedding.cache import EmbeddingCache
from retrieval.identity import chunk_id, document_id, source_id, text_hash
from retrieval.indexing import Indexer
from retrieval.model import Access, Chunk, Metadata, NewVersion, Scope
from retrieval.ports import Vectors
from retrieval.search import Searcher
from retrieval.vectors.collection import HNSW
from retrieval.vectors.generation import VECTORS

SHARES = {"all": 1.0, "half": 0.5, "twentieth": 0.05, "thousandth": 0.001}
_WORDS = """
経費 精算 出張 旅費 休暇 申請 承認 規程 契約 請求 在庫 点検 安全 研修 採用 評価
contract invoice travel leave approval safety audit training warranty budget
"""
WORDS = _WORDS.split()
CHUNKS_A_DOCUMENT = 50
DIMENSION = 256


class TopicEmbedder:
    """Random directions for words, so that texts sharing words are near; needs no model."""

    fingerprint = "benchmark-topics"
    dimension = DIMENSION

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns one normalised row a text: its words' directions and some noise."""
        rows = np.stack([self._place(text) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def embed_query(self, text: str) -> Vectors:
        """Returns one normalised row."""
        return np.asarray(self.embed_documents([text])[0], np.float32)

    def _place(self, text: str) -> Vectors:
        noise = np.random.default_rng(zlib.crc32(text.encode()))
        row = noise.normal(size=DIMENSION) * 0.5
        for place, word in enumerate(WORDS):
            if word in text:
                row += np.random.default_rng(place).normal(size=DIMENSION)
        return np.asarray(row, np.float32)


def fill(catalog: Catalog, count: int) -> None:
    """Publishes `count` chunks in documents of fifty, each readable by some of the groups."""
    chance = random.Random(1)
    catalog.sources.add(NewSource("benchmark", "folder", "/benchmark"))
    source = source_id("benchmark")
    for number in range(0, count, CHUNKS_A_DOCUMENT):
        name = f"document {number}"
        document = document_id(source, name)
        position = chance.random() if number else 0.0  # somebody may read it, at any size
        groups = {f"group:{group}" for group, share in SHARES.items() if position < share}
        texts = [
            f"{' '.join(chance.choices(WORDS, k=40))} 第{number + part}条"
            for part in range(min(CHUNKS_A_DOCUMENT, count - number))
        ]
        chunks = tuple(
            Chunk(chunk_id(document, (), text, 0), document, part, text)
            for part, text in enumerate(texts)
        )
        metadata, access = Metadata(name), Access(frozenset(groups))
        digest = text_hash(name)
        catalog.documents.publish(
            NewVersion(source, name, metadata, access, "", (), chunks, digest, digest, digest, 0)
        )


def time_each(search: Callable[[str], Any], questions: list[str]) -> list[float]:
    """Returns the CPU milliseconds of each search, after a few that do not count."""
    for question in questions[:5]:
        search(question)
    spent = []
    for question in questions:
        start = time.process_time()
        search(question)
        spent.append((time.process_time() - start) * 1000)
    return spent


def ask_chroma(
    folder: Path, catalog: Catalog, home: Path
) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """Fills a collection with the rule of each row, and gives a filtered search for each group."""
    import chromadb
    from chromadb.config import Settings

    live = catalog.generations.live()
    assert live is not None
    vectors = np.load(home / "generations" / live.id / VECTORS)
    settings = Settings(anonymized_telemetry=False)
    # Its public type lacks close() and is narrow about where and configuration.
    client: Any = chromadb.PersistentClient(str(folder), settings=settings)
    with closing(client):
        collection = client.create_collection(
            "rows",
            embedding_function=None,
            configuration={"hnsw": HNSW},
        )
        place = 0
        for rows in catalog.chunks.all_index_rows(5_000):
            collection.add(
                ids=[row.chunk_id for row in rows],
                embeddings=vectors[place : place + len(rows)],
                metadatas=[{"acl_id": row.acl_id} for row in rows],
            )
            place += len(rows)
        embedder = TopicEmbedder()
        for group in SHARES:
            rules = sorted(catalog.rules.allowed(frozenset({f"group:{group}"})))

            def search(question: str, rules: list[int] = rules) -> None:
                collection.query(
                    query_embeddings=[embedder.embed_query(question)],
                    n_results=10,
                    where={"acl_id": {"$in": rules}},
                    include=["distances"],
                )

            yield group, search


def measure(home: Path, count: int, questions: list[str]) -> dict[str, dict[str, float]]:
    """Returns p50 and p95 in CPU milliseconds by way of searching and group."""
    found: dict[str, dict[str, float]] = {}

    def note(name: str, spent: list[float]) -> None:
        p50, p95 = np.percentile(spent, [50, 95])
        found[name] = {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}

    with ExitStack() as stack:
        catalog = stack.enter_context(Catalog(home / "catalog.sqlite"))
        cache = stack.enter_context(closing(EmbeddingCache(home / "embeddings.sqlite")))
        fill(catalog, count)
        start = time.perf_counter()
        indexer = Indexer(catalog, home, TopicEmbedder(), cache)
        indexer.catch_up()
        indexer.publish_if_due(force=True)
        found["indexing"] = {"seconds": round(time.perf_counter() - start, 1)}
        searcher = stack.enter_context(closing(Searcher(catalog, home, TopicEmbedder())))
        for group in SHARES:
            scope = Scope(frozenset({f"group:{group}"}))
            note(f"hybrid {group}", time_each(partial(searcher.search, scope=scope), questions))
        for group, search in ask_chroma(home / "beside", catalog, home):
            note(f"chroma {group}", time_each(search, questions))
    return found


def show(count: int, found: dict[str, dict[str, float]]) -> None:
    """Prints the table and the JSON line."""
    table = Table(
        "readable",
        "hybrid p50 CPU ms",
        "p95",
        "Chroma where p50 ms",
        "p95",
        title=f"{count:,} chunks",
    )
    for group, share in SHARES.items():
        ours, theirs = found[f"hybrid {group}"], found[f"chroma {group}"]
        cells = (ours["p50_ms"], ours["p95_ms"], theirs["p50_ms"], theirs["p95_ms"])
        table.add_row(f"{share:.1%}", *(f"{cell:.1f}" for cell in cells))
    Console().print(table)
    print(json.dumps({"chunks": count, **found, "machine": describe_machine()}))


def main() -> None:
    """Reads the arguments and runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=20_000, help="how many synthetic chunks")
    parser.add_argument("--questions", type=int, default=200, help="how many searches a row")
    options = parser.parse_args()
    chance = random.Random(2)
    questions = [" ".join(chance.sample(WORDS, 4)) for _ in range(options.questions)]
    with tempfile.TemporaryDirectory() as folder:
        show(options.chunks, measure(Path(folder), options.chunks, questions))


if __name__ == "__main__":
    main()
