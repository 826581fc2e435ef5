"""The public question sets, put into a real catalog and indexed once."""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.embedder.sources import Record
from benchmarks.question_sets import SETS, QuestionSet, read_questions
from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.identity import chunk_id, document_id, source_id, text_hash
from retrieval.indexing import Indexer
from retrieval.model import EVERYONE, Access, Chunk, Metadata, NewVersion
from retrieval.ports import Embedder
from retrieval.scaling import language_of
from retrieval.search import Searcher

SOURCE = "benchmark"
PUBLIC = Access(frozenset({EVERYONE}))


def read_options(description: str, most: int | None = None) -> argparse.Namespace:
    """Returns what the command line says; unless it does, at most so many questions of each set."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--home", type=Path, default=Path("var/benchmark-retrieval"))
    parser.add_argument("--model", type=Path, default=Path("data/models/kura-static"))
    parser.add_argument("--sets", nargs="*", default=[each.name for each in SETS])
    parser.add_argument("--questions", type=int, default=most, help="at most so many, by chance")
    return parser.parse_args()


def draw_questions(question_set: QuestionSet, options: argparse.Namespace) -> list[Record]:
    """Returns the questions of a set, by chance no more than were asked for."""
    queries = read_questions(options.evaluation, question_set)
    if options.questions and options.questions < len(queries):
        return random.Random(3).sample(queries, options.questions)
    return queries


@dataclass(frozen=True, slots=True)
class Corpus:
    """An indexed corpus.

    Attributes:
        searcher: Over all of it.
        bare: The same, without the glossary.
        passages: The key of each chunk's text; equal texts share one, as search shows them once.
        texts: Title and text of each key, for the baseline.
    """

    searcher: Searcher
    bare: Searcher
    passages: dict[str, str]
    texts: dict[str, str]


def key_of(record: Record) -> str:
    """Returns what equal texts have in common."""
    return text_hash(" ".join(record["text"].split()))


def read_relevant(corpus: list[Record], queries: list[Record]) -> list[frozenset[str]]:
    """Returns the keys of each question's right passages."""
    keys = {record["id"]: key_of(record) for record in corpus}
    return [frozenset(keys[name] for name in query["relevant"]) for query in queries]


@contextmanager
def indexed(home: Path, records: list[Record], embedder: Embedder) -> Iterator[Corpus]:
    """Gives the search over a corpus, indexing what `home` does not hold yet."""
    home.mkdir(parents=True, exist_ok=True)
    with (
        closing(Catalog(home / "catalog.sqlite")) as catalog,
        closing(EmbeddingCache(home / "embeddings.sqlite")) as cache,
    ):
        versions = list(_documents(records))
        if catalog.changes.head() == 0:
            catalog.sources.add(NewSource(SOURCE, "folder", "/benchmark", access=PUBLIC))
            for version, _ in versions:
                catalog.documents.publish(version)
        indexer = Indexer(catalog, home, embedder, cache)
        indexer.catch_up()
        indexer.publish_if_due()
        indexer.clean_up()
        passages = {
            chunk.id: key
            for version, keys in versions
            for chunk, key in zip(version.chunks, keys, strict=True)
        }
        texts = {key_of(record): f"{record['title']}\n{record['text']}" for record in records}
        cached = CachedEmbedder(embedder, cache)
        with (
            closing(Searcher(catalog, home, cached)) as searcher,
            closing(Searcher(catalog, home, cached, glossary=None)) as bare,
        ):
            yield Corpus(searcher, bare, passages, texts)


def _documents(records: list[Record]) -> Iterator[tuple[NewVersion, list[str]]]:
    """Gives one document a page or article, one chunk a record, and the records' keys."""
    pages: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        pages[record.get("meta", {}).get("path") or record["title"] or record["id"]].append(record)
    for name, parts in pages.items():
        document = document_id(source_id(SOURCE), name)
        path = tuple(parts[0]["title"].split(" > "))
        title = path[0] or name.rpartition("/")[2]
        chunks = tuple(_chunk(document, part, record) for part, record in enumerate(parts))
        digest = text_hash("\n".join(chunk.text for chunk in chunks))
        metadata = Metadata(
            title,
            language=language_of(parts[0]["text"]),
            modified_at=datetime(2024, 1, 1, tzinfo=UTC),
        )
        version = NewVersion(
            source_id(SOURCE), name, metadata, PUBLIC, "", (), chunks, digest, digest, digest, 0
        )
        yield version, [key_of(record) for record in parts]


def _chunk(document: str, ordinal: int, record: Record) -> Chunk:
    """Returns a chunk as ingestion would make it: title and headings are its context."""
    heading = tuple(part for part in record["title"].split(" > ")[1:] if part)
    return Chunk(
        id=chunk_id(document, heading, record["text"], ordinal),
        document_id=document,
        ordinal=ordinal,
        text=record["text"],
        heading=heading,
        context=" / ".join(part for part in record["title"].split(" > ") if part),
    )
