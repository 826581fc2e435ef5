"""nDCG@10 of the real search on public question sets: both arms alone, joined, and plain BM25.

    python -m benchmarks.retrieval --evaluation FOLDER [--sets jsquad ...] [--questions 500]

Indexes are built once into a cache folder (``--home``, var/benchmark-retrieval). Each number comes
with the 95 % interval of a bootstrap over questions; differences are paired.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.embedder.sources import Record, read_records
from benchmarks.machine import describe_machine
from benchmarks.question_sets import SETS, QuestionSet
from benchmarks.retrieval.baseline import Baseline
from benchmarks.retrieval.sets import Corpus, draw_questions, indexed, read_options, read_relevant
from retrieval.adapting.judging import DEPTH, Values, interval, measure_gain
from retrieval.embedding.static import StaticEmbedder
from retrieval.fusion import LEXICAL, VECTOR
from retrieval.model import EVERYONE, Scope

BASELINE, HYBRID = "bm25", "hybrid"
WAYS = (BASELINE, LEXICAL, VECTOR, HYBRID)
SCOPE = Scope(frozenset({EVERYONE}))
_FETCHED = 2 * DEPTH  # some are copies of others


@dataclass(frozen=True, slots=True)
class Outcome:
    """Gain and recall of every question by way of searching."""

    gains: dict[str, Values]
    recalls: dict[str, Values]
    milliseconds: float


def measure_recall(ranked: Sequence[str], relevant: frozenset[str]) -> float:
    """Returns the share of right passages among the first ten."""
    return len(relevant.intersection(ranked[:DEPTH])) / len(relevant)


def measure(corpus: Corpus, queries: list[Record], relevant: list[frozenset[str]]) -> Outcome:
    """Asks every question in every way."""
    baseline = Baseline(corpus.texts)
    ranked: dict[str, list[list[str]]] = {way: [] for way in WAYS}
    spent = 0.0
    for query in queries:
        text = query["query"]
        ranked[BASELINE].append(baseline.rank(text))
        for arm in (LEXICAL, VECTOR):
            names = corpus.searcher.rank_alone(arm, text, SCOPE, _FETCHED)
            ranked[arm].append(list(dict.fromkeys(corpus.passages[name] for name in names)))
        started = time.process_time()
        found = corpus.searcher.search(text, SCOPE, DEPTH).passages
        spent += time.process_time() - started
        ranked[HYBRID].append([corpus.passages[passage.chunk.id] for passage in found])

    def score(function: Callable[[list[str], frozenset[str]], float]) -> dict[str, Values]:
        return {
            way: np.asarray([function(*each) for each in zip(found, relevant, strict=True)])
            for way, found in ranked.items()
        }

    return Outcome(score(measure_gain), score(measure_recall), 1000 * spent / len(queries))


def summarise(question_set: QuestionSet, outcome: Outcome) -> dict[str, Any]:
    """Returns the numbers of one set."""
    gains = outcome.gains
    hybrid, best = gains[HYBRID], max((LEXICAL, VECTOR), key=lambda way: float(gains[way].mean()))
    return {
        "set": question_set.name,
        "questions": len(hybrid),
        "ndcg": {way: round(float(values.mean()), 4) for way, values in gains.items()},
        "interval": [round(value, 4) for value in interval(hybrid)],
        "recall": {way: round(float(v.mean()), 4) for way, v in outcome.recalls.items()},
        "over_bm25": [round(value, 4) for value in interval(hybrid - gains[BASELINE])],
        "best_arm": best,
        "over_best_arm": [round(value, 4) for value in interval(hybrid - gains[best])],
        "cpu_ms": round(outcome.milliseconds, 2),
        "remark": question_set.remark,
    }


def show(rows: list[dict[str, Any]]) -> None:
    """Prints the table."""
    heads = f"{'set':14}{'n':>6}" + "".join(f"{way:>9}" for way in WAYS)
    print(f"{heads}{'95 %':>14}{'over bm25':>18}{'over best arm':>18}{'recall':>8}{'ms':>6}")
    for row in rows:
        line = f"{row['set']:14}{row['questions']:6}"
        line += "".join(f"{row['ndcg'][way]:9.4f}" for way in WAYS)
        low, high = row["interval"]
        line += f"{f'{low:.3f}-{high:.3f}':>14}"
        for name in ("over_bm25", "over_best_arm"):
            low, high = row[name]
            line += f"{f'{low:+.4f} {high:+.4f}':>18}"
        print(f"{line}{row['recall'][HYBRID]:8.3f}{row['cpu_ms']:6.1f}")


def main() -> None:
    """Reads the arguments, measures, and prints the table and the JSON line."""
    options = read_options(__doc__)
    embedder = StaticEmbedder(options.model)
    rows = []
    for question_set in (each for each in SETS if each.name in options.sets):
        folder = options.evaluation / question_set.corpus
        records = read_records(folder / "corpus.jsonl.gz")
        queries = draw_questions(question_set, options)
        relevant = read_relevant(records, queries)
        with indexed(options.home / question_set.corpus, records, embedder) as corpus:
            rows.append(summarise(question_set, measure(corpus, queries, relevant)))
        print(json.dumps(rows[-1]), flush=True)
    show(rows)
    print(json.dumps({"benchmark": "retrieval", "rows": rows, "machine": describe_machine()}))


if __name__ == "__main__":
    main()
