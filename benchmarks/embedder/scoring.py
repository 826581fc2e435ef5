"""Score a ranking of vectors against known relevant passages."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.adapting.judging import DEPTH, measure_gain

Vectors = NDArray[np.float32]


def rank_passages(queries: Vectors, passages: Vectors) -> NDArray[np.int64]:
    """Return the row numbers of the ten nearest passages of each query, best first (cosine)."""
    ranked = []
    for start in range(0, len(queries), 512):
        scores = queries[start : start + 512] @ passages.T
        near = np.argpartition(-scores, DEPTH - 1, axis=1)[:, :DEPTH]
        order = np.argsort(-np.take_along_axis(scores, near, axis=1), axis=1, kind="stable")
        ranked.append(np.take_along_axis(near, order, axis=1))
    return np.concatenate(ranked)


def measure_ranking(
    ranked: NDArray[np.int64], relevant: Sequence[frozenset[int]]
) -> tuple[float, float]:
    """Return mean nDCG@10 and mean recall@10."""
    rows = list(zip(ranked.tolist(), relevant, strict=True))
    gains = [measure_gain(row, wanted) for row, wanted in rows]
    recalls = [len(wanted.intersection(row)) / len(wanted) for row, wanted in rows]
    return float(np.mean(gains)), float(np.mean(recalls))
