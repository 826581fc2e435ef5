"""Measures of a ranking, and how sure one can be of a difference."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
_SAMPLES = 2_000

Values = NDArray[np.float64]


def measure_gain(ranked: Sequence[str], relevant: frozenset[str]) -> float:
    """Returns nDCG@10 of one question (Järvelin and Kekäläinen 2002, binary relevance)."""
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    hits = [place for place, key in enumerate(ranked[:DEPTH]) if key in relevant]
    return float(discount[hits].sum() / discount[: min(DEPTH, len(relevant))].sum())


def measure_recall(ranked: Sequence[str], relevant: frozenset[str]) -> float:
    """Returns the share of right passages among the first ten."""
    return len(relevant.intersection(ranked[:DEPTH])) / len(relevant)


def interval(values: Values) -> tuple[float, float]:
    """Returns the 95 % interval of the mean by bootstrap over questions (Efron 1979)."""
    chance = np.random.default_rng(1)
    means = [values[chance.integers(0, len(values), len(values))].mean() for _ in range(_SAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
