"""The vector arm alone over very many synthetic vectors, in a generation as it is published.

    python -m benchmarks.latency.many_vectors --vectors 1000000

Vectors are random directions around a few thousand centres, so this says how the arm grows, and
nothing of quality. Building the graph takes most of the time: about an hour for a million.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from benchmarks.latency.filling import SHARES
from benchmarks.machine import describe_machine
from retrieval.catalog.records import IndexRow
from retrieval.model import Filters
from retrieval.ports import Vectors
from retrieval.vectors.building import Origin, build
from retrieval.vectors.exact import nearest
from retrieval.vectors.generation import Generation

DIMENSION, CENTRES, FOUND = 256, 4_000, 50
_AT_ONCE = 10_000
_MEGABYTE = 1024 * 1024


def draw(count: int, seed: int) -> Vectors:
    """Returns normalised vectors around shared centres."""
    centres = np.random.default_rng(0).normal(size=(CENTRES, DIMENSION))
    chance = np.random.default_rng(seed)
    rows = centres[chance.integers(0, CENTRES, count)] + chance.normal(size=(count, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _batches(count: int) -> Iterator[tuple[list[IndexRow], Vectors]]:
    """Gives rows whose rule is one of a thousand, so that any share of them can be allowed."""
    for start in range(0, count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        rows = [_row(number) for number in range(start, start + size)]
        yield rows, draw(size, start + 1)


def _row(number: int) -> IndexRow:
    return IndexRow(
        chunk_id=f"{number:032x}",
        document_id=f"{number // 50:032x}",
        source_id="s",
        acl_id=number // 50 % 1_000,
        department="",
        language="ja",
        media_type="",
        tags=(),
        modified_at=None,
        title="",
        heading=(),
        context="",
        text="",
        indexed_hash=f"{number:064x}",
    )


def measure(folder: Path, count: int, questions: int) -> dict[str, dict[str, float]]:
    """Returns CPU milliseconds and recall against exact search, by share of rows allowed."""
    begun = time.perf_counter()
    build(folder / "generation", Origin("synthetic", DIMENSION, 1), _batches(count))
    generation = Generation(folder / "generation")
    found = {"building": {"seconds": round(time.perf_counter() - begun)}}
    for group, share in SHARES.items():
        rules = frozenset(range(max(1, round(1_000 * share))))
        spent, hits = [], []
        for query in draw(questions, 0):
            begun = time.process_time()
            mask = generation.rows.mask(rules, Filters())
            rows, _ = generation.search(query, mask, FOUND)
            spent.append(1000 * (time.process_time() - begun))
            right, _ = nearest(generation.vectors, query, mask, FOUND)
            hits.append(len(np.intersect1d(rows, right)) / max(1, len(right)))
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
    parser.add_argument("--questions", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), options.vectors, options.questions)
    for name, values in found.items():
        print(f"{name:12}" + "  ".join(f"{key} {value}" for key, value in values.items()))
    print(json.dumps({"vectors": options.vectors, **found, "machine": describe_machine()}))


if __name__ == "__main__":
    main()
