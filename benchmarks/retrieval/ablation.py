"""What each part of the search is worth: nDCG@10 with that part left out.

    python -m benchmarks.retrieval.ablation --evaluation FOLDER [--sets ...] [--questions 300]

Every difference is to the whole search on the same questions, with the 95 % interval of a paired
bootstrap. Without title and headings the chunks are indexed anew; all else is changed at question
time. Indexes are kept in the cache folder of `benchmarks.retrieval`.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.embedder.sources import Record, read_records
from benchmarks.machine import describe_machine
from benchmarks.question_sets import SETS
from benchmarks.retrieval.sets import Corpus, draw_questions, indexed, read_options, read_relevant
from retrieval import arms, fusion, ordering, rereading
from retrieval.adapting.judging import DEPTH, Values, interval, measure_gain
from retrieval.embedding.static import StaticEmbedder
from retrieval.lexical import asking
from retrieval.model import EVERYONE, Scope
from retrieval.ports import Embedder

SCOPE = Scope(frozenset({EVERYONE}))
WHOLE = "everything"

Setting = tuple[ModuleType, str, float]
PARTS: dict[str, tuple[Setting, ...]] = {
    "vectors": ((fusion, "VECTOR_WEIGHT", 0.0),),
    "pairs of neighbouring words": ((asking, "PAIR_WEIGHT", 0.0),),
    "closeness (best sentence)": ((rereading, "SENTENCE_WEIGHT", 0.0),),
    "turns of phrase": ((rereading, "TURNS_WEIGHT", 0.0),),
    "languages told apart": ((arms, "FOREIGN_WORDS", 1.0),),
    "versions and variety": (
        (ordering, "SUPERSEDED_WEIGHT", 1.0),
        (ordering, "PASSAGES_PER_DOCUMENT", 1_000),
    ),
}
GLOSSARY, HEADINGS = "glossary", "title and headings"


@contextmanager
def left_out(settings: tuple[Setting, ...]) -> Iterator[None]:
    """Changes constants of the search for the time being."""
    before = [getattr(module, name) for module, name, _ in settings]
    for module, name, value in settings:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(settings, before, strict=True):
            setattr(module, name, value)


def ask(corpus: Corpus, queries: list[Record], relevant: list[frozenset[str]]) -> Values:
    """Returns the gain of each question."""
    gains = []
    for query, wanted in zip(queries, relevant, strict=True):
        found = corpus.searcher.search(query["query"], SCOPE, DEPTH).passages
        gains.append(measure_gain([corpus.passages[each.chunk.id] for each in found], wanted))
    return np.asarray(gains)


def measure(
    home: Path, records: list[Record], queries: list[Record], embedder: Embedder
) -> dict[str, Values]:
    """Returns the gains of one set by what was left out."""
    relevant = read_relevant(records, queries)
    found: dict[str, Values] = {}
    with indexed(home, records, embedder) as corpus:
        found[WHOLE] = ask(corpus, queries, relevant)
        for part, settings in PARTS.items():
            with left_out(settings):
                found[part] = ask(corpus, queries, relevant)
        found[GLOSSARY] = ask(replace(corpus, searcher=corpus.bare), queries, relevant)
    untitled = [{**record, "title": ""} for record in records]
    with indexed(home.with_name(f"{home.name}-untitled"), untitled, embedder) as corpus:
        found[HEADINGS] = ask(corpus, queries, relevant)
    return found


def main() -> None:
    """Reads the arguments, measures, and prints the table and the JSON line."""
    options = read_options(__doc__, most=300)
    embedder, rows = StaticEmbedder(options.model), []
    for question_set in (each for each in SETS if each.name in options.sets):
        records = read_records(options.evaluation / question_set.corpus / "corpus.jsonl.gz")
        queries = draw_questions(question_set, options)
        gains = measure(options.home / question_set.corpus, records, queries, embedder)
        whole = gains.pop(WHOLE)
        sys.stdout.write(f"{question_set.name} ({len(queries)}): {whole.mean():.4f}\n")
        row = {"set": question_set.name, "questions": len(queries), WHOLE: float(whole.mean())}
        for part, values in gains.items():
            low, high = interval(values - whole)
            loss = float((values - whole).mean())
            sys.stdout.write(f"  without {part:30}{loss:+.4f}  [{low:+.4f} {high:+.4f}]\n")
            row[part] = round(loss, 4)
        sys.stdout.flush()
        rows.append(row)
    report = {"benchmark": "retrieval ablation", "rows": rows, "machine": describe_machine()}
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
