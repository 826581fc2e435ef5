"""A synthetic library of any size, whose words are as unevenly common as those of real texts."""

import csv
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.identity import chunk_id, document_id, source_id, text_hash
from retrieval.indexing import Indexer
from retrieval.lexical.glossary import COLUMNS, PACKAGED
from retrieval.model import Access, Chunk, Metadata, NewVersion
from retrieval.ports import Embedder

SHARES = {"all": 1.0, "half": 0.5, "twentieth": 0.05, "thousandth": 0.001}
SOURCE = "benchmark"
CHUNKS_A_DOCUMENT = 50
WORDS_A_CHUNK = 60
_EVENNESS = 5  # the commonest word is as frequent as the sixth is rare in Zipf's law


class Wordlist:
    """The glossary's words by Zipf's law, in both languages."""

    def __init__(self) -> None:
        """Reads the packaged glossary."""
        with PACKAGED.open(encoding="utf-8-sig", newline="") as lines:
            cells = [row[name] for row in csv.DictReader(lines) for name in COLUMNS]
        words = list(dict.fromkeys(way for cell in cells for way in cell.split("|") if way))
        random.Random(0).shuffle(words)
        self._words = words
        self._weights = list(accumulate(1 / (place + _EVENNESS) for place in range(len(words))))

    def draw(self, chance: random.Random, count: int) -> list[str]:
        """Returns so many words, common ones more often."""
        return chance.choices(self._words, cum_weights=self._weights, k=count)


def ask_questions(count: int) -> list[str]:
    """Returns so many questions of three to six words."""
    words, chance = Wordlist(), random.Random(2)
    return [" ".join(words.draw(chance, chance.randint(3, 6))) for _ in range(count)]


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
    words, chance, source = Wordlist(), random.Random(1), source_id(SOURCE)
    for number in range(0, count, CHUNKS_A_DOCUMENT):
        name = f"document {number}"
        document = document_id(source, name)
        position = chance.random() if number else 0.0  # somebody may read it, at any size
        groups = {f"group:{group}" for group, share in SHARES.items() if position < share}
        texts = [
            f"{' '.join(words.draw(chance, WORDS_A_CHUNK))}。第{number + part}条"
            for part in range(min(CHUNKS_A_DOCUMENT, count - number))
        ]
        chunks = tuple(
            Chunk(chunk_id(document, (), text, 0), document, part, text)
            for part, text in enumerate(texts)
        )
        digest, access = text_hash(name), Access(frozenset(groups))
        facts = Metadata(name, language="ja")
        yield NewVersion(source, name, facts, access, "", (), chunks, digest, digest, digest, 0)
