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

    def foretelling(self, near: float, refuse: float, hopeless: float) -> Foretelling:
        """Returns it as answers use it."""
        listed = zip(self.names, self.means, self.spreads, self.weights, strict=True)
        weights = {name: (float(m), float(s), float(w)) for name, m, s, w in listed}
        return Foretelling(self.bias, weights, near, refuse, hopeless)


def fit(cases: Sequence[Case]) -> Fitted:
    """Returns the regression of whether quoting is right, both outcomes weighing the same."""
    names = tuple(cases[0].gauge.values())
    table = np.array([list(case.gauge.values().values()) for case in cases])
    truth = np.array([float(case.right) for case in cases])
    means, spreads = table.mean(axis=0), table.std(axis=0) + 1e-9
    scaled = np.hstack([(table - means) / spreads, np.ones((len(table), 1))])
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of quoting from a chance on, as shares.

    Attributes:
        answered: Of the answerable questions.
        precise: Of the answerable ones that are answered, those whose own page is quoted.
        refused: Of the questions without an answer.
    """

    answered: float
    precise: float
    refused: float


def weigh_up(cases: Sequence[Case], chances: Sequence[float], least: float) -> Outcome:
    """Returns what comes of quoting from a chance of ``least`` on."""
    shown = np.asarray(chances) >= least
    right = np.array([case.right for case in cases])
    answerable = np.array([case.answerable for case in cases])
    return Outcome(
        answered=_share(shown, answerable),
        precise=_share(right, shown & answerable),
        refused=_share(~shown, ~answerable),
    )


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    return float((part & whole).sum() / max(1, whole.sum()))


def calibrate(
    chances: Sequence[float], truths: Sequence[bool], bins: int = 5
) -> list[tuple[float, float, int]]:
    """Returns mean chance, share right (both outcomes weighing the same) and count a bin."""
    values, right = np.asarray(chances), np.asarray(truths)
    weight = np.where(right, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    rows = []
    for low in np.arange(bins) / bins:
        inside = (values >= low) & (values < low + 1 / bins + 1e-9)
        if inside.any():
            share = float((weight * right)[inside].sum() / weight[inside].sum())
            rows.append((float(values[inside].mean()), share, int(inside.sum())))
    return rows
