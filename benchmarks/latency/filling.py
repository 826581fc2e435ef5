"""A library of any size, of sentences of the sample company in ever new company."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.identity import chunk_id, document_id, source_id, text_hash
from retrieval.indexing import Indexer
from retrieval.model import Access, Chunk, Metadata, NewVersion
from retrieval.ports import Embedder

SHARES = {"all": 1.0, "half": 0.5, "twentieth": 0.05, "thousandth": 0.001}
SOURCE = "benchmark"
CHUNKS_A_DOCUMENT = 50
SENTENCES_A_CHUNK = 10
_DATA = Path(__file__).parents[2] / "data"
_SENTENCE = re.compile(r"(?<=[。.!?！？])\s*|\n+")
_LEAST_LETTERS = 10


def read_sentences() -> list[str]:
    """Returns the different sentences of the sample company's texts."""
    files = sorted((_DATA / "sample" / "texts").rglob("*.text"))
    parts = (part.strip() for file in files for part in _SENTENCE.split(file.read_text("utf-8")))
    return list(dict.fromkeys(part for part in parts if len(part) >= _LEAST_LETTERS))


def ask_questions(count: int) -> list[str]:
    """Returns so many of the golden questions, over again where they do not suffice."""
    lines = (_DATA / "evaluation" / "questions.jsonl").read_text("utf-8").splitlines()
    questions = list(dict.fromkeys(json.loads(line)["question"] for line in lines))
    random.Random(2).shuffle(questions)
    return [questions[number % len(questions)] for number in range(count)]


def fill(home: Path, count: int, embedder: Embedder) -> None:
    """Publishes and indexes `count` chunks, unless `home` holds them already."""
    catalog = Catalog(home / "catalog.sqlite")
    cache = EmbeddingCache(home / "embeddings.sqlite")
    try:
        if catalog.changes.head() == 0:
            catalog.sources.add(NewSource(SOURCE, "folder", "/benchmark"))
            for version in _documents(count):
                catalog.documents.publish(version)
        indexer = Indexer(catalog, home, CachedEmbedder(embedder, cache), cache)
        indexer.catch_up()
        indexer.publish_if_due(force=catalog.generations.live() is None)
    finally:
        cache.close()
        catalog.close()


def _documents(count: int) -> Iterator[NewVersion]:
    """Gives documents of fifty chunks, each readable by some of the groups."""
    sentences, chance, source = read_sentences(), random.Random(1), source_id(SOURCE)
    for number in range(0, count, CHUNKS_A_DOCUMENT):
        name = f"document {number}"
        document = document_id(source, name)
        position = chance.random() if number else 0.0  # somebody may read it, at any size
        groups = {f"group:{group}" for group, share in SHARES.items() if position < share}
        texts = [
            "\n".join((*chance.choices(sentences, k=SENTENCES_A_CHUNK), f"第{number + part}条"))
            for part in range(min(CHUNKS_A_DOCUMENT, count - number))
        ]
        chunks = tuple(
            Chunk(chunk_id(document, (), text, 0), document, part, text)
            for part, text in enumerate(texts)
        )
        digest, access = text_hash(name), Access(frozenset(groups))
        facts = Metadata(name, language="ja")
        yield NewVersion(source, name, facts, access, "", (), chunks, digest, digest, digest, 0)
