"""Whether one model finds better than another: the same questions, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
LEAST_QUESTIONS = 10
"""Fewer questions of a language than these say nothing about it by themselves."""

LOSS = 0.01
"""What the mean of nDCG@10 may fall by, which the questions at hand cannot tell from nothing."""

_SAMPLES = 2_000

Values = NDArray[np.float64]
Reason = Literal["better", "not-better", "worse", "untested"]


def measure_gain(ranked: Sequence[object], relevant: frozenset[Any]) -> float:
    """Returns nDCG@10 of one question (Järvelin and Kekäläinen 2002, binary relevance)."""
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    hits = [place for place, key in enumerate(ranked[:DEPTH]) if key in relevant]
    return float(discount[hits].sum() / discount[: min(DEPTH, len(relevant))].sum())


def interval(values: Values) -> tuple[float, float]:
    """Returns the 95 % interval of the mean, by a bootstrap over questions (Efron 1979)."""
    chance = np.random.default_rng(1)
    means = [values[chance.integers(0, len(values), len(values))].mean() for _ in range(_SAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Trial:
    """How two models did on the same questions.

    Attributes:
        name: Of the set, and of the way of searching.
        languages: Of each question.
        before: nDCG@10 of each question with the model in force.
        after: The same with the new one.
    """

    name: str
    languages: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The means of a trial, of all questions or of those in one language.

    Attributes:
        language: "" for all.
        low, high: 95 % interval of the difference, by a bootstrap over questions.
    """

    name: str
    language: str
    questions: int
    before: float
    after: float
    low: float
    high: float

    @property
    def worse(self) -> bool:
        """Whether the mean fell by more than `LOSS`, or fell beyond chance."""
        return self.after < self.before - LOSS or self.high < 0

    def as_json(self) -> dict[str, Any]:
        """Returns it as plain values, rounded."""
        rounded = {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
        return {**rounded, "worse": self.worse}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the new model is to be published, and what that rests on."""

    reason: Reason
    comparisons: tuple[Comparison, ...]

    @property
    def passed(self) -> bool:
        """Whether it is to be published."""
        return self.reason == "better"


def compare(trial: Trial) -> tuple[Comparison, ...]:
    """Returns the comparison of all questions, then of each language that has enough of them."""
    before, after = np.asarray(trial.before), np.asarray(trial.after)
    languages = np.asarray(trial.languages)
    counts: Mapping[str, int] = {each: int((languages == each).sum()) for each in set(languages)}
    found = [_compare(trial.name, "", before, after)]
    for language in sorted(counts):
        if language and LEAST_QUESTIONS <= counts[language] < len(languages):
            chosen = languages == language
            found.append(_compare(trial.name, str(language), before[chosen], after[chosen]))
    return tuple(found)


def judge(trials: Sequence[Trial]) -> Verdict:
    """Returns the verdict: better in one trial beyond chance, and worse in none, in no language.

    Better is a 95 % interval of the paired difference above zero.
    """
    comparisons = tuple(each for trial in trials for each in compare(trial))
    if not comparisons:
        return Verdict("untested", comparisons)
    if any(each.worse for each in comparisons):
        return Verdict("worse", comparisons)
    better = any(each.low > 0 for each in comparisons if not each.language)
    return Verdict("better" if better else "not-better", comparisons)


def _compare(name: str, language: str, before: Values, after: Values) -> Comparison:
    first, then = float(before.mean()), float(after.mean())
    return Comparison(name, language, len(before), first, then, *interval(after - before))
