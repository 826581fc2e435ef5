"""Measure an embedder alone: nDCG@10 and recall@10 on the public question sets, and its speed.

Run from the repository root:
    python -m benchmarks.embedder.evaluate --evaluation FOLDER
"""

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.embedder.scoring import measure_ranking, rank_passages
from benchmarks.embedder.sources import read_records
from benchmarks.question_sets import SETS, QuestionSet, read_questions
from retrieval.embedding.hub import HubEmbedder
from retrieval.embedding.static import StaticEmbedder
from retrieval.ports import Embedder


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured on one set; `rate` is passages embedded per second of CPU time."""

    set: str
    questions: int
    ndcg: float
    recall: float
    rate: float
    remark: str


def measure(embedder: Embedder, folder: Path, question_set: QuestionSet, *, titled: bool) -> Score:
    """Embed one set's corpus and questions, rank by cosine, and score the ranking."""
    corpus = read_records(folder / question_set.corpus / "corpus.jsonl.gz")
    queries = read_questions(folder, question_set)
    rows = {record["id"]: row for row, record in enumerate(corpus)}
    started = time.process_time()
    passages = embedder.embed_documents([_compose(record, titled=titled) for record in corpus])
    rate = len(corpus) / (time.process_time() - started)
    questions = np.stack([embedder.embed_query(record["query"]) for record in queries])
    relevant = [frozenset(rows[key] for key in record["relevant"]) for record in queries]
    ndcg, recall = measure_ranking(rank_passages(questions, passages), relevant)
    return Score(question_set.name, len(queries), ndcg, recall, rate, question_set.remark)


def _compose(record: dict[str, Any], *, titled: bool) -> str:
    return f"{record['title']}\n{record['text']}" if titled else str(record["text"])


def main() -> None:
    """Print a table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--model", default="data/models/kura-static", help="static model folder")
    parser.add_argument("--hub", action="store_true", help="load it with sentence-transformers")
    parser.add_argument("--titled", action="store_true", help="put the title before each passage")
    parser.add_argument("--sets", nargs="*", default=[each.name for each in SETS])
    arguments = parser.parse_args()
    embedder: Embedder = (
        HubEmbedder(arguments.model) if arguments.hub else StaticEmbedder(Path(arguments.model))
    )
    chosen = [each for each in SETS if each.name in arguments.sets]
    scores = [
        measure(embedder, arguments.evaluation, each, titled=arguments.titled) for each in chosen
    ]
    print(f"{'set':14}{'questions':>10}{'nDCG@10':>9}{'recall@10':>11}{'passages/s':>12}  remark")
    for score in scores:
        line = f"{score.set:14}{score.questions:10,}{score.ndcg:9.3f}{score.recall:11.3f}"
        print(f"{line}{score.rate:12,.0f}  {score.remark}")
    report = {
        "embedder": embedder.fingerprint,
        "dimension": embedder.dimension,
        "titled": arguments.titled,
        "scores": [asdict(score) for score in scores],
        "numpy": np.__version__,
        "cores": os.cpu_count(),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
