"""Shares and means with their 95 % intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Z = 1.959964  # two-sided 95 %
SAMPLES = 2_000
_SEED = 1

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Rate:
    """So many of so many, with Wilson's 95 % interval."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        """The share, 0 of nothing."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (E. B. Wilson, 1927)."""
        if not self.total:
            return 0.0, 1.0
        spread = _Z**2 / self.total
        middle = (self.share + spread / 2) / (1 + spread)
        half = (
            _Z * math.sqrt(self.share * (1 - self.share) / self.total + spread / self.total / 4)
        ) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        """Returns ".95 (.93-.97) 114/120"."""
        low, high = self.interval
        return f"{self.share:.3f} ({low:.3f}-{high:.3f}) {self.hits:4d}/{self.total:<4d}"


def draw(count: int) -> NDArray[np.int64]:
    """Returns which questions each bootstrap sample holds, the same for the same count."""
    return np.random.default_rng(_SEED).integers(0, count, (SAMPLES, count))


def ratio_interval(parts: Sequence[float], wholes: Sequence[float]) -> tuple[float, float]:
    """Returns the 95 % interval of a ratio of sums, by bootstrap over questions (Efron, 1979).

    Questions are drawn, not citations or sentences: those of one question stand and fall together.
    A ratio of 0 or 1 looks the same in every sample, which says nothing of the next question:
    there it is Wilson's interval for as many questions.
    """
    if sum(parts) in {0, sum(wholes)}:
        return Rate(len(parts) if sum(parts) else 0, len(parts)).interval
    chosen = draw(len(parts))
    above, below = np.asarray(parts, float)[chosen].sum(1), np.asarray(wholes, float)[chosen].sum(1)
    return _middle(above[below > 0] / below[below > 0])


def quantile_interval(values: Sequence[float], share: float) -> tuple[float, float]:
    """Returns the 95 % interval of a quantile, by bootstrap over questions."""
    chosen = draw(len(values))
    return _middle(np.quantile(np.asarray(values, float)[chosen], share, axis=1))


def difference_interval(differences: Sequence[float]) -> tuple[float, float]:
    """Returns the 95 % interval of the mean of paired differences, by bootstrap over questions."""
    return _middle(np.asarray(differences, float)[draw(len(differences))].mean(1))


def _middle(estimates: Values) -> tuple[float, float]:
    if not len(estimates):
        return 0.0, 1.0
    low, high = np.quantile(estimates, [0.025, 0.975])
    return float(low), float(high)
