"""What `kura adapt` is worth on public question sets: nDCG@10 before and after, and what it takes.

    python -m benchmarks.adapting --evaluation FOLDER [--sets jsquad ...] [--questions 300]

The model is tuned on a set's documents alone, through the real catalog, worker's parts and gate;
none of the set's questions is learned from. Then the questions are asked by meaning alone and as
people search. Differences are paired, with the 95 % interval of a bootstrap over questions.
"""

import argparse
import json
import random
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.embedder.sources import Record, read_records
from benchmarks.machine import describe_machine
from benchmarks.question_sets import SETS, QuestionSet, read_questions
from benchmarks.retrieval.sets import Corpus, indexed, read_relevant
from retrieval.adapting.judging import Trial, Verdict, compare, judge, measure_gain
from retrieval.adapting.tuning import Lesson, Order, Tuner
from retrieval.catalog.catalog import Catalog
from retrieval.embedding.adapted import AdaptedModels, FollowingEmbedder
from retrieval.embedding.cache import EmbeddingCache
from retrieval.embedding.static import StaticEmbedder
from retrieval.fusion import VECTOR
from retrieval.indexing import Indexer
from retrieval.lexical.glossary import PACKAGED
from retrieval.model import EVERYONE, Scope

EVERYBODY = frozenset({EVERYONE})
LONGEST_HEADING = 100
MEANING, JOINED = "by meaning", "as searched"


def set_headings(record: Record) -> Record:
    """Returns a section with its first line as its heading, as ingestion would read its page."""
    heading, _, body = record["text"].partition("\n")
    if not body.strip() or len(heading) > LONGEST_HEADING or "path" not in record.get("meta", {}):
        return record
    return {**record, "title": f"{record['title']} > {heading}", "text": body.strip()}


def ask(corpus: Corpus, queries: list[Record], relevant: list[frozenset[str]]) -> dict[str, Any]:
    """Returns nDCG@10 of every question, by way of searching."""
    gains: dict[str, list[float]] = {MEANING: [], JOINED: []}
    scope = Scope(EVERYBODY)
    for query, right in zip(queries, relevant, strict=True):
        near = corpus.searcher.rank_alone(VECTOR, query["query"], scope, 20)
        found = corpus.searcher.search(query["query"], scope, 10).passages
        keys = list(dict.fromkeys(corpus.passages[name] for name in near))
        gains[MEANING].append(measure_gain(keys, right))
        joined = [corpus.passages[passage.chunk.id] for passage in found]
        gains[JOINED].append(measure_gain(joined, right))
    return gains


def learn(home: Path, embedder: StaticEmbedder, evaluated: list[str]) -> tuple[Lesson, Verdict]:
    """Learns and judges as the worker does, then publishes whatever the verdict is."""
    with (
        closing(Catalog(home / "catalog.sqlite")) as catalog,
        closing(EmbeddingCache(home / "embeddings.sqlite")) as cache,
    ):

        def find_live() -> str | None:
            live = catalog.generations.live()
            return live.fingerprint if live else None

        following = FollowingEmbedder(embedder, AdaptedModels(home), find_live)
        indexer = Indexer(catalog, home, following, cache)
        tuner = Tuner(catalog, home, indexer, following, PACKAGED)
        order = Order(EVERYBODY, evaluated=evaluated)
        lesson = tuner.learn(order, lambda: None, lambda *_: None)
        verdict = judge(tuner.try_headings(lesson))
        indexer.release(indexer.draft(lesson.model))
        return lesson, verdict


def measure(chosen: QuestionSet, folder: Path, count: int, embedder: StaticEmbedder) -> None:
    """Prints what adapting did for one set, and a JSON line."""
    records = [
        set_headings(each) for each in read_records(folder / chosen.corpus / "corpus.jsonl.gz")
    ]
    everything = read_questions(folder, chosen)
    queries = list(everything)
    random.Random(3).shuffle(queries)
    queries = queries[:count]
    relevant = read_relevant(records, queries)
    with tempfile.TemporaryDirectory() as name, indexed(Path(name), records, embedder) as corpus:
        before = ask(corpus, queries, relevant)
        started = time.process_time()
        lesson, verdict = learn(Path(name), embedder, [each["query"] for each in everything])
        spent = time.process_time() - started
        after = ask(corpus, queries, relevant)  # the searcher moved to the new generation itself
    languages = ("",) * len(queries)
    rows = list(verdict.comparisons)
    for way in (MEANING, JOINED):
        rows += compare(Trial(way, languages, tuple(before[way]), tuple(after[way])))
    print(
        f"\n{chosen.name}: {len(records):,} sections, {lesson.pairs:,} pairs,"
        f" {lesson.steps} steps, {lesson.seconds:.0f} s learning, {spent:.0f} s of CPU in all;"
        f" verdict: {verdict.reason}"
    )
    for row in rows:
        print(
            f"  {row.name:18s} {row.language:2s} {row.questions:4d}"
            f"  {row.before:.3f} → {row.after:.3f}  ({row.after - row.before:+.3f},"
            f" 95 % {row.low:+.3f} … {row.high:+.3f})"
        )
    report = {
        "benchmark": "adapting",
        "set": chosen.name,
        "pairs": lesson.pairs,
        "steps": lesson.steps,
        "learning_s": lesson.seconds,
        "cpu_s": spent,
        "verdict": verdict.reason,
        "comparisons": [row.as_json() for row in rows],
    }
    print(json.dumps({**report, **describe_machine()}), flush=True)


def main() -> None:
    """Measures the sets one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--sets", nargs="*", default=["jsquad", "gitlab_ja", "handbook_en"])
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--model", type=Path, default=Path("data/models/kura-static"))
    arguments = parser.parse_args()
    embedder = StaticEmbedder(arguments.model)
    for each in SETS:
        if each.name in arguments.sets:
            measure(each, arguments.evaluation, arguments.questions, embedder)


if __name__ == "__main__":
    main()
