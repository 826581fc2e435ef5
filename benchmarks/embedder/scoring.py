"""Score a ranking of vectors against known relevant passages."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def rank_passages(queries: Vectors, passages: Vectors, depth: int = 10) -> NDArray[np.int64]:
    """Return the row numbers of the `depth` nearest passages of each query, best first (cosine)."""
    ranked = []
    for start in range(0, len(queries), 512):
        scores = queries[start : start + 512] @ passages.T
        near = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
        order = np.argsort(-np.take_along_axis(scores, near, axis=1), axis=1, kind="stable")
        ranked.append(np.take_along_axis(near, order, axis=1))
    return np.concatenate(ranked)


def measure_ranking(
    ranked: NDArray[np.int64], relevant: Sequence[frozenset[int]]
) -> tuple[float, float]:
    """Return mean nDCG and mean recall at the ranking's depth (binary relevance).

    nDCG is Järvelin and Kekäläinen (2002), discount 1/log2(rank + 1).
    """
    depth = ranked.shape[1]
    discount = 1 / np.log2(np.arange(2, depth + 2))
    gains, recalls = [], []
    for row, wanted in zip(ranked, relevant, strict=True):
        hits = np.asarray([passage in wanted for passage in row.tolist()])
        gains.append(float(discount[hits].sum() / discount[: min(depth, len(wanted))].sum()))
        recalls.append(float(hits.sum() / len(wanted)))
    return float(np.mean(gains)), float(np.mean(recalls))
