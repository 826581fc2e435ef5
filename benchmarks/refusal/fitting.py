"""A regularised logistic regression by Newton's steps, and how well its chances are calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.answering.foretelling import Foretelling
from benchmarks.refusal.collecting import Case

Floats = NDArray[np.float64]
_PENALTY = 5.0
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Fitted:
    """Means, spreads and weights of the measures, in their order, and the bias."""

    names: tuple[str, ...]
    means: Floats
    spreads: Floats
    weights: Floats
    bias: float

    def foretelling(self, refuse_below: float, near_below: float, ask_from: float) -> Foretelling:
        """Returns it as answers use it."""
        listed = zip(self.names, self.means, self.spreads, self.weights, strict=True)
        weights = {name: (float(m), float(s), float(w)) for name, m, s, w in listed}
        return Foretelling(self.bias, weights, refuse_below, near_below, ask_from)


def fit(cases: Sequence[Case], left_out: frozenset[str] = frozenset()) -> Fitted:
    """Returns the regression of whether a case is answerable, both outcomes weighing the same."""
    names = tuple(cases[0].gauge.values())
    table = np.array([list(case.gauge.values().values()) for case in cases])
    truth = np.array([float(case.answerable) for case in cases])
    means, spreads = table.mean(axis=0), table.std(axis=0) + 1e-9
    kept = np.array([name not in left_out for name in names], dtype=float)
    scaled = np.hstack([(table - means) / spreads * kept, np.ones((len(table), 1))])
    share = truth.mean()
    weight = np.where(truth > 0, 0.5 / share, 0.5 / (1 - share))
    penalty = np.diag([_PENALTY] * len(names) + [0.0])
    solution = np.zeros(scaled.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-scaled @ solution))
        slope = scaled.T @ (weight * (truth - chance)) - penalty @ solution
        bend = (scaled * (weight * chance * (1 - chance))[:, None]).T @ scaled + penalty
        solution = solution + np.linalg.solve(bend, slope)
    return Fitted(names, means, spreads, solution[:-1], float(solution[-1]))


def area(chances: Sequence[float], truths: Sequence[bool]) -> float:
    """Returns the area under the ROC curve: how often a right one has the higher chance."""
    values, right = np.asarray(chances), np.asarray(truths)
    if right.all() or not right.any():
        return float("nan")
    higher = values[right][:, None] - values[~right][None, :]
    return float((higher > 0).mean() + 0.5 * (higher == 0).mean())


def refusal_scores(refused: Sequence[bool], answerable: Sequence[bool]) -> tuple[float, ...]:
    """Returns precision, recall and F1 of refusing, and the share of answerable ones answered."""
    said, right = np.asarray(refused), ~np.asarray(answerable)
    both = float((said & right).sum())
    precision = both / max(1.0, float(said.sum()))
    recall = both / max(1.0, float(right.sum()))
    f1 = 2 * precision * recall / (precision + recall) if both else 0.0
    covered = float((~said & ~right).sum()) / max(1.0, float((~right).sum()))
    return precision, recall, f1, covered


def calibrate(
    chances: Sequence[float], truths: Sequence[bool], bins: int = 5
) -> list[tuple[float, float, int]]:
    """Returns mean chance, share answerable (both outcomes weighing the same) and count a bin."""
    values, right = np.asarray(chances), np.asarray(truths)
    weight = np.where(right, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    rows = []
    for low in np.arange(bins) / bins:
        inside = (values >= low) & (values < low + 1 / bins + 1e-9)
        if inside.any():
            share = float((weight * right)[inside].sum() / weight[inside].sum())
            rows.append((float(values[inside].mean()), share, int(inside.sum())))
    return rows
