"""Build a generation beside the live one, prove that it is whole, and give it its name."""

import os
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from retrieval.catalog.records import IndexRow
from retrieval.errors import IndexUnavailable
from retrieval.identity import file_hash
from retrieval.ports import Vectors
from retrieval.vectors.collection import Collection, created
from retrieval.vectors.exact import nearest, similarities
from retrieval.vectors.generation import CHROMA, ROWS, VECTORS, Generation, Manifest
from retrieval.visibility import Visibility

UNFINISHED = ".building"
"""Ending of a folder that is not a generation yet, and never will be once its maker is gone."""

_SAMPLES = 12
_NEIGHBOURS = 10
_LEAST_RECALL = 0.9
_ROUNDING = 1e-4


@dataclass(frozen=True, slots=True)
class Origin:
    """What the rows of a new generation come from: embedder and log position."""

    fingerprint: str
    dimension: int
    seq: int


def build(
    folder: Path, origin: Origin, batches: Iterable[tuple[list[IndexRow], Vectors]]
) -> Manifest:
    """Writes a generation; when this returns it is whole, verified, on disk and has its name.

    Args:
        folder: Where it shall be; must not exist.
        origin: What its vectors come from.
        batches: Rows with their vectors, in the order they shall have.

    Raises:
        IndexUnavailable: What was written does not read back as it should.
    """
    draft = folder.with_name(folder.name + UNFINISHED)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        size = _fill(draft, origin, batches)
        checksums = {name: file_hash(draft / name) for name in (VECTORS, ROWS)}
        manifest = Manifest(origin.fingerprint, origin.dimension, origin.seq, size, checksums)
        manifest.write(draft)
        _sync(draft)
        verify(draft)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync_folder(folder.parent)
    return manifest


def verify(folder: Path) -> None:
    """Checks a generation as it lies on disk: checksums, counts, and neighbours against exact ones.

    Raises:
        IndexUnavailable: Something does not agree.
    """
    generation = Generation(folder)
    for name, expected in generation.manifest.checksums.items():
        if file_hash(folder / name) != expected:
            raise IndexUnavailable(path=folder, reason=f"checksum of {name}")
    collection = Collection(folder / CHROMA)
    try:
        if collection.size != generation.size:
            reason = f"{collection.size} vectors in Chroma, {generation.size} rows"
            raise IndexUnavailable(path=folder, reason=reason)
        recall = measure_recall(generation, collection)
        if recall < _LEAST_RECALL:
            reason = f"HNSW recall {recall:.2f} < {_LEAST_RECALL}"
            raise IndexUnavailable(path=folder, reason=reason)
    finally:
        collection.close()


def _fill(draft: Path, origin: Origin, batches: Iterable[tuple[list[IndexRow], Vectors]]) -> int:
    rows = Visibility()
    with ExitStack() as stack:
        file = stack.enter_context((draft / VECTORS).open("wb"))
        collection = stack.enter_context(created(draft / CHROMA))
        _write_header(file, 0, origin.dimension)
        for batch, vectors in batches:
            for row in batch:
                rows.add(row)
            file.write(np.ascontiguousarray(vectors, np.float32).tobytes())
            collection.add(vectors)
        file.seek(0)
        _write_header(file, rows.size, origin.dimension)
    rows.save(draft / ROWS)
    return rows.size


def _write_header(file: IO[bytes], rows: int, dimension: int) -> None:
    """Writes the header of an .npy file; numpy leaves room in it for the first axis to grow."""
    header = {"descr": "<f4", "fortran_order": False, "shape": (rows, dimension)}
    npy.write_array_header_1_0(file, header)


def measure_recall(generation: Generation, collection: Collection) -> float:
    """Returns which share of the true nearest neighbours the graph finds, over a sample of rows."""
    count = min(_NEIGHBOURS, generation.size)
    everything = np.ones(generation.size, np.bool_)
    shares = []
    for place in range(0, generation.size, max(1, generation.size // _SAMPLES)):
        query = generation.vectors[place]
        _, expected = nearest(generation.vectors, query, everything, count)
        found = similarities(generation.vectors, query, collection.near(query, count))
        # Counted by similarity: which of several equal neighbours comes back is open.
        shares.append(np.count_nonzero(found >= expected[-1] - _ROUNDING) / count)
    return float(np.mean(shares)) if shares else 1.0


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
