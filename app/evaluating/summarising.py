"""Sums outcomes up, overall and by language, kind, department and set."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.evaluating.measures import MEASURES, estimate
from app.evaluating.model import Outcome
from app.evaluating.rating import quantile_interval

OVERALL = "overall"
PERCENTILES = {"p50": 0.5, "p95": 0.95}
_DIGITS = 4

DIMENSIONS: Mapping[str, Callable[[Outcome], str]] = {
    "language": lambda outcome: outcome.language,
    "kind": lambda outcome: outcome.kind,
    "department": lambda outcome: outcome.department,
    "languages": lambda outcome: "cross" if outcome.cross else "same",
    "set": lambda outcome: outcome.set_name,
}
"""How questions are grouped: name of the dimension, and a question's value in it."""

Summary = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the questions: those with one value in one dimension, or all."""

    dimension: str
    value: str
    outcomes: tuple[Outcome, ...]


def list_groups(outcomes: Sequence[Outcome]) -> list[Group]:
    """Returns all questions as one group, then those of each value of each dimension."""
    groups = [Group(OVERALL, OVERALL, tuple(outcomes))]
    for dimension, value_of in DIMENSIONS.items():
        for value in sorted({value_of(outcome) for outcome in outcomes} - {""}):
            chosen = tuple(each for each in outcomes if value_of(each) == value)
            groups.append(Group(dimension, value, chosen))
    return groups


def summarise(outcomes: Sequence[Outcome]) -> list[Summary]:
    """Returns each group with its measures and latency, as plain values for JSON."""
    return [_describe(group) for group in list_groups(outcomes)]


def _describe(group: Group) -> Summary:
    estimates = {each.name: estimate(each, group.outcomes) for each in MEASURES}
    return {
        "dimension": group.dimension,
        "value": group.value,
        "questions": len(group.outcomes),
        "measures": {
            name: {key: _round(value) for key, value in asdict(found).items()}
            for name, found in estimates.items()
            if found is not None
        },
        "latency_ms": _measure_latency(group.outcomes),
    }


def _measure_latency(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    times = [float(outcome.milliseconds) for outcome in outcomes]
    found = {}
    for name, share in PERCENTILES.items():
        low, high = quantile_interval(times, share)
        value = float(np.quantile(times, share))
        found[name] = {"value": round(value, 1), "low": round(low, 1), "high": round(high, 1)}
    return found


def _round(value: float) -> float:
    return round(value, _DIGITS)


def count_kinds(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Returns how many answers are generated, extractive and refusals."""
    return dict(Counter(outcome.answer_kind for outcome in outcomes))


def count_verdicts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Returns how many sentences of answers have which verdict."""
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.answered:
            counted.update(outcome.verdicts)
    return dict(counted)


def count_notices(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Returns how many answers carried which notice, the most frequent first."""
    return dict(Counter(code for each in outcomes for code in each.notices).most_common())
