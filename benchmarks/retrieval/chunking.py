"""How much of the right text is retrieved, character by character, over ingestion's own chunks.

    python -m benchmarks.retrieval.chunking --evaluation FOLDER [--characters 5000]

Each long text of the chunking set is one document, cut by the chunker of ingestion at default
settings. Passages are taken, best first, that still fit into so many characters; a second time
only those that score at least half as much as the best. Recall is the share of a question's right
characters among those taken, precision the share of right ones among what was taken, intersection
over union what both have in common (Smith and Troynikov 2024, "Evaluating Chunking Strategies for
Retrieval").

The set marks one place as right. A financial report in it stands there several times over, so that
the same words are right in one place and wrong in another; `recall with copies` counts the right
words wherever their text says them.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.embedder.sources import Record, read_records
from benchmarks.machine import describe_machine
from ingestion.chunking import ChunkSettings, cut
from retrieval.adapting.judging import Values, interval
from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import NewSource
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.embedding.static import StaticEmbedder
from retrieval.identity import document_id, source_id, text_hash
from retrieval.indexing import Indexer
from retrieval.model import EVERYONE, Access, Block, BlockKind, Metadata, NewVersion, Passage, Scope
from retrieval.ports import Embedder
from retrieval.search import Searcher

SOURCE, CORPUS = "chunking", "chroma_chunking"
SCOPE = Scope(frozenset({EVERYONE}))
MOST_PASSAGES = 60
SHARES = (0.0, 0.5)
"""Of the best passage's score: what scores less is not taken."""

MEASURES = ("recall", "precision", "iou", "recall with copies")
ALL = "all"
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


def find_copies(text: str, start: int, end: int) -> list[Span]:
    """Returns every place where the words of a span stand in a text."""
    words = re.compile(re.escape(text[start:end]))
    return [found.span() for found in words.finditer(text)]


@dataclass(frozen=True, slots=True)
class Right:
    """What should be retrieved for a question.

    Attributes:
        name: The text it stands in.
        spans: The places that the set marks.
        copies: Of each of them, all places where the same words stand.
    """

    name: str
    spans: list[Span]
    copies: list[list[Span]]


def measure(right: Right, taken: list[tuple[str, Span]]) -> tuple[float, ...]:
    """Returns recall, precision, intersection over union and recall with copies, of characters."""
    wanted = {place for span in right.spans for place in range(*span)}
    found = {(name, place) for name, span in taken for place in range(*span)}
    here = {place for name, place in found if name == right.name}
    common = len(wanted & here)
    copied = sum(
        max(len(here.intersection(range(*span))) for span in places) for places in right.copies
    )
    every = sum(end - start for start, end in right.spans)
    return (
        common / len(wanted),
        common / max(1, len(found)),
        common / (len(wanted) + len(found) - common),
        copied / every,
    )


def take(passages: Iterable[Passage], characters: int) -> list[tuple[str, Span]]:
    """Returns the places of the first passages that fit into so many characters together."""
    taken, left = list[tuple[str, Span]](), characters
    for passage in passages:
        chunk = passage.chunk
        if chunk.end - chunk.start <= left:
            left -= chunk.end - chunk.start
            taken.append((passage.document.external_id, (chunk.start, chunk.end)))
    return taken


def search(
    records: list[Record], queries: list[Record], embedder: Embedder, settings: ChunkSettings
) -> tuple[list[int], list[tuple[Passage, ...]]]:
    """Returns the lengths of all chunks, and what is found for each question."""
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
                asked = (query["query"] for query in queries)
                found = [searcher.search(each, SCOPE, MOST_PASSAGES).passages for each in asked]
    return lengths, found


def run(evaluation: Path, embedder: Embedder, settings: ChunkSettings, characters: int) -> None:
    """Measures and prints a table and the JSON line."""
    queries = list(read_records(evaluation / CORPUS / "queries.jsonl.gz"))
    records = list(read_records(evaluation / CORPUS / "corpus.jsonl.gz"))
    texts = {record["id"]: record["text"] for record in records}
    rights = []
    for query in queries:
        name, spans = query["relevant"][0], [tuple(span) for span in query["meta"]["spans"]]
        rights.append(Right(name, spans, [find_copies(texts[name], *span) for span in spans]))
    lengths, found = search(records, queries, embedder, settings)
    per_megabyte = 1e6 * len(lengths) / sum(map(len, texts.values()))
    print(
        f"{len(lengths)} chunks of {np.mean(lengths):.0f} characters (target {settings.target} "
        f"tokens, {per_megabyte:.0f} a million characters), {characters} characters retrieved"
    )
    rows = []
    for share in SHARES:
        outcomes = [
            measure(right, take(keep(passages, share), characters))
            for right, passages in zip(rights, found, strict=True)
        ]
        rows += report(share, rights, np.asarray(outcomes))
    described = {"target": settings.target, "characters": characters, "chunks": len(lengths)}
    print(
        json.dumps(
            {"benchmark": "chunking", **described, "rows": rows, "machine": describe_machine()}
        )
    )


def keep(passages: tuple[Passage, ...], share: float) -> list[Passage]:
    """Returns the passages that score at least this share of what the best one does."""
    return [each for each in passages if each.score >= share * passages[0].score]


def report(share: float, rights: list[Right], outcomes: Values) -> list[dict[str, object]]:
    """Prints the means of each text and of all questions; returns them."""
    rows: list[dict[str, object]] = []
    for text in (*sorted({right.name for right in rights}), ALL):
        values = outcomes[[text in (right.name, ALL) for right in rights]]
        low, high = interval(values[:, 0])
        means = dict(zip(MEASURES, values.mean(axis=0), strict=True))
        shown = ", ".join(f"{name} {value:.4f}" for name, value in means.items())
        print(f"  score >= {share} of the best  {text:20} {len(values):4}  {shown}")
        rows.append(
            {"share": share, "text": text, "questions": len(values), "interval": [low, high]}
            | {name: round(float(value), 4) for name, value in means.items()}
        )
    return rows


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
