"""What has changed since another run, question by question."""

from collections.abc import Sequence
from typing import Any

from app.evaluating.measures import MEASURES, Measure
from app.evaluating.model import Outcome
from app.evaluating.rating import difference_interval

_COMPARED = (
    "recall",
    "mrr",
    "coverage",
    "citation_precision",
    "citation_recall",
    "fact",
    "decision",
    "permission",
    "support",
    "language",
)
"""Those that say of one question whether it went better; precision and F1 need many."""

_DIGITS = 4


def compare(before: Sequence[Outcome], after: Sequence[Outcome]) -> dict[str, Any]:
    """Returns, for each measure, the paired difference and which questions got better or worse.

    Paired are the questions of both runs with the same id and the same words; a measure looks at
    those it applies to in both.
    """
    earlier = {outcome.id: outcome for outcome in before}
    pairs = [
        (earlier[each.id], each)
        for each in after
        if each.id in earlier and earlier[each.id].question == each.question
    ]
    measures = {
        measure.name: found
        for measure in MEASURES
        if measure.name in _COMPARED and (found := _compare(measure, pairs))
    }
    kept = {outcome.id for outcome, _ in pairs}
    return {
        "questions": len(pairs),
        "new": sorted(each.id for each in after if each.id not in kept),
        "gone": sorted(set(earlier) - kept),
        "measures": measures,
    }


def _compare(measure: Measure, pairs: Sequence[tuple[Outcome, Outcome]]) -> dict[str, Any] | None:
    values = [
        (later.id, one[0] / one[1], other[0] / other[1])
        for earlier, later in pairs
        if (one := measure.share(earlier))[1] and (other := measure.share(later))[1]
    ]
    if not values:
        return None
    differences = [after - before for _, before, after in values]
    low, high = difference_interval(differences)
    return {
        "questions": len(values),
        "before": round(sum(before for _, before, _ in values) / len(values), _DIGITS),
        "after": round(sum(after for _, _, after in values) / len(values), _DIGITS),
        "difference": round(sum(differences) / len(values), _DIGITS),
        "low": round(low, _DIGITS),
        "high": round(high, _DIGITS),
        "better": [name for name, before, after in values if after > before],
        "worse": [name for name, before, after in values if after < before],
    }
