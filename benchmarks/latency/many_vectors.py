"""The vector arm alone over very many synthetic vectors, in a generation as it is published.

    python -m benchmarks.latency.many_vectors --vectors 1000000

Each vector is made of those of three sentences of the sample company, one of them leading, so this
says how the arm grows, and nothing of quality. Questions are the golden ones. Building the graph
takes most of the time: about an hour for a million.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from benchmarks.latency.filling import SHARES, ask_questions, read_sentences
from benchmarks.machine import describe_machine
from retrieval.catalog.records import IndexRow
from retrieval.embedding.static import StaticEmbedder
from retrieval.model import Filters
from retrieval.ports import Embedder, Vectors
from retrieval.vectors.building import Origin, build
from retrieval.vectors.exact import nearest
from retrieval.vectors.generation import Generation
from tests.fakes.rows import make_row

FOUND, QUESTIONS = 50, 100
_MIX = np.array([1.0, 0.5, 0.5], np.float32)
_AT_ONCE = 10_000
_ROUNDING = 1e-6
_MEGABYTE = 1024 * 1024


def draw(sentences: Vectors, count: int, seed: int) -> Vectors:
    """Returns normalised vectors, each of three sentences."""
    chosen = np.random.default_rng(seed).integers(0, len(sentences), (count, len(_MIX)))
    rows = np.einsum("nkd,k->nd", sentences[chosen], _MIX)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _batches(sentences: Vectors, count: int) -> Iterator[tuple[list[IndexRow], Vectors]]:
    """Gives rows whose rule is one of a thousand, so that any share of them can be allowed."""
    for start in range(0, count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        rows = [_row(number) for number in range(start, start + size)]
        yield rows, draw(sentences, size, start + 1)


def _row(number: int) -> IndexRow:
    document = number // 50
    facts = {"document_id": f"{document:032x}", "acl_id": document % 1_000}
    return make_row(f"{number:032x}", indexed_hash=f"{number:064x}", **facts)


def measure(folder: Path, count: int, embedder: Embedder) -> dict[str, dict[str, float]]:
    """Returns CPU milliseconds and recall against exact search, by share of rows allowed."""
    begun = time.perf_counter()
    sentences = embedder.embed_documents(read_sentences())
    origin = Origin("synthetic", embedder.dimension, 1)
    build(folder / "generation", origin, _batches(sentences, count))
    generation = Generation(folder / "generation")
    found = {"building": {"seconds": round(time.perf_counter() - begun)}}
    for group, share in SHARES.items():
        rules = frozenset(range(max(1, round(1_000 * share))))
        spent, hits = [], []
        for question in ask_questions(QUESTIONS):
            query = embedder.embed_query(question)
            begun = time.process_time()
            mask = generation.rows.mask(rules, Filters())
            _, near = generation.search(query, mask, FOUND)
            spent.append(1000 * (time.process_time() - begun))
            _, right = nearest(generation.vectors, query, mask, FOUND)
            hits.append(np.count_nonzero(near >= right[-1] - _ROUNDING) / len(right))
        found[group] = {
            "p50_ms": round(float(np.median(spent)), 2),
            "recall": round(float(np.mean(hits)), 4),
        }
    found["size"] = {
        "memory_mb": round(psutil.Process().memory_info().rss / _MEGABYTE),
        "disk_mb": round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 2**20),
    }
    generation.close()
    return found


def main() -> None:
    """Reads the arguments and prints a line a group and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--model", type=Path, default=Path("data/models/kura-static"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), options.vectors, StaticEmbedder(options.model))
    for name, values in found.items():
        print(f"{name:12}" + "  ".join(f"{key} {value}" for key, value in values.items()))
    print(json.dumps({"vectors": options.vectors, **found, "machine": describe_machine()}))


if __name__ == "__main__":
    main()
