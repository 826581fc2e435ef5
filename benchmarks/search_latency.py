"""Speed of hybrid search at size, beside Chroma's own filter, bare HNSW and bare tantivy.

    python -m benchmarks.search_latency --chunks 100000 [--home FOLDER]

Texts are ten sentences of the sample company each, drawn at random, embedded with the packaged
model; questions are the golden ones. Four groups of callers may read 100, 50, 5 or 0.1 per cent.
Times are CPU milliseconds of this process, tokenising and embedding the question included; run it
with OMP_NUM_THREADS=1 for those of one core. Recall is the vector arm's against exact search.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.latency import rivals
from benchmarks.latency.filling import SHARES, ask_questions, fill
from benchmarks.machine import describe_machine
from retrieval.catalog.catalog import Catalog
from retrieval.embedding.static import StaticEmbedder
from retrieval.model import Filters, Scope
from retrieval.ports import Embedder
from retrieval.search import Searcher
from retrieval.snapshot import generation_folder
from retrieval.vectors.exact import nearest
from retrieval.vectors.generation import Generation

HYBRID, CHROMA, GRAPH, WORDS = "hybrid", "chroma filter", "bare hnsw", "bare tantivy"
THREADS = 2
DEPTH = 30
"""What search asks of the vector arm for ten passages."""

_MEGABYTE = 1024 * 1024

Row = dict[str, float]


def time_each(search: Callable[[str], Any], questions: Sequence[str]) -> Row:
    """Returns p50 and p95 in CPU milliseconds, after a few searches that do not count."""
    for question in questions[:20]:
        search(question)
    spent = []
    for question in questions:
        start = time.process_time()
        search(question)
        spent.append((time.process_time() - start) * 1000)
    p50, p95 = np.percentile(spent, [50, 95])
    return {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}


def count_a_second(search: Callable[[str], Any], questions: Sequence[str]) -> float:
    """Returns how many questions a second two threads of one process answer."""
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(search, questions))
    return round(len(questions) / (time.perf_counter() - start), 1)


def measure_recall(
    generation: Generation, embedder: Embedder, rules: frozenset[int], questions: Sequence[str]
) -> float:
    """Returns which share of the nearest allowed rows the vector arm finds."""
    mask, shares = generation.rows.mask(rules, Filters()), []
    for question in questions:
        query = embedder.embed_query(question)
        _, right = nearest(generation.vectors, query, mask, DEPTH)
        _, found = generation.search(query, mask, DEPTH)
        # Counted by similarity: which of several equal rows comes back is open.
        shares.append(np.count_nonzero(found >= right[-1] - 1e-6) / len(right))
    return round(float(np.mean(shares)), 4)


def measure(home: Path, embedder: Embedder, questions: Sequence[str]) -> dict[str, Row]:
    """Returns the times of every way of searching for every group."""
    found: dict[str, Row] = {}
    with ExitStack() as stack:
        catalog = stack.enter_context(closing(Catalog(home / "catalog.sqlite")))
        live = catalog.generations.live()
        assert live is not None
        folder = generation_folder(home, live.id)
        generation = stack.enter_context(closing(Generation(folder)))
        searcher = stack.enter_context(closing(Searcher(catalog, home, embedder)))
        for group in SHARES:
            principals = frozenset({f"group:{group}"})
            ask = partial(searcher.search, scope=Scope(principals))
            rules = catalog.rules.allowed(principals)
            found[f"{HYBRID} {group}"] = time_each(ask, questions) | {
                "recall": measure_recall(generation, embedder, rules, questions),
                "a_second": count_a_second(ask, questions),
            }
        found["size"] = {
            "memory_mb": round(psutil.Process().memory_info().rss / _MEGABYTE),
            "lexical_mb": _weigh(home / "lexical"),
            "vectors_mb": _weigh(folder),
            "catalog_mb": _weigh(home, "catalog.sqlite*"),
        }
        ways = {
            CHROMA: rivals.chroma(home / "beside", catalog, folder, embedder),
            GRAPH: rivals.bare_graph(folder, embedder),
            WORDS: rivals.bare_words(home / "plain", catalog),
        }
        for name, way in ways.items():
            rival = stack.enter_context(way)
            for group in SHARES:
                rules = catalog.rules.allowed(frozenset({f"group:{group}"}))
                ask_rival = partial(_ask, rival, sorted(rules))
                found[f"{name} {group}"] = time_each(ask_rival, questions)
    return found


def _ask(rival: rivals.Ask, rules: list[int], question: str) -> object:
    return rival(question, rules)


def _weigh(folder: Path, pattern: str = "**/*") -> float:
    sizes = [each.stat().st_size for each in folder.glob(pattern) if each.is_file()]
    return round(sum(sizes) / _MEGABYTE, 1)


def show(count: int, found: dict[str, Row]) -> None:
    """Prints the table and the JSON line."""
    table = Table(
        *("readable", "hybrid p50 CPU ms", "p95", "recall", "a second"),
        *(f"{name} p50" for name in (CHROMA, GRAPH, WORDS)),
        title=f"{count:,} chunks",
    )
    for group, share in SHARES.items():
        ours = found[f"{HYBRID} {group}"]
        cells = [f"{ours[name]:.1f}" for name in ("p50_ms", "p95_ms")]
        cells += [f"{ours['recall']:.3f}", f"{ours['a_second']:.0f}"]
        cells += [f"{found[f'{name} {group}']['p50_ms']:.1f}" for name in (CHROMA, GRAPH, WORDS)]
        table.add_row(f"{share:.1%}", *cells)
    Console(width=110).print(table)
    print("  ".join(f"{name} {value}" for name, value in found["size"].items()))
    print(json.dumps({"chunks": count, **found, "machine": describe_machine()}))


def main() -> None:
    """Reads the arguments and runs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chunks", type=int, default=20_000, help="how many synthetic chunks")
    parser.add_argument("--questions", type=int, default=200, help="how many searches a row")
    parser.add_argument("--home", type=Path, help="keep the indexes here; a passing folder if not")
    parser.add_argument("--model", type=Path, default=Path("data/models/kura-static"))
    options = parser.parse_args()
    embedder, questions = StaticEmbedder(options.model), ask_questions(options.questions)
    with tempfile.TemporaryDirectory() as passing:
        home = (options.home or Path(passing)) / str(options.chunks)
        home.mkdir(parents=True, exist_ok=True)
        fill(home, options.chunks, embedder)
        show(options.chunks, measure(home, embedder, questions))


if __name__ == "__main__":
    main()
