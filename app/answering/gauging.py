"""How far the best document found stands out, in a few measures that foretell an answer.

All are of the search alone. What the words of the question and of the quotation could add (the kind
of answer asked for, the thing asked about, how much of the question is said) was measured on public
questions and foretold nothing that these do not.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from retrieval.fusion import VECTOR
from retrieval.model import Passage


@dataclass(frozen=True, slots=True)
class Gauge:
    """The measures, each between 0 and about 1.

    Attributes:
        score: Search score of the best passage.
        lead: Its distance to the best passage of another document.
        above: Its distance to the middle one of all passages.
        agreed: 1 where the passage nearest in meaning is of the same document, else 0.
    """

    score: float
    lead: float
    above: float
    agreed: float

    def values(self) -> dict[str, float]:
        """Returns every measure by its name."""
        return asdict(self)


def gauge(passages: Sequence[Passage]) -> Gauge | None:
    """Returns the measures of passages, best first; None where meaning took no part in the search.

    Without one of its halves a search scores otherwise than what the measures were weighed on.
    """
    if not any(VECTOR in passage.scores for passage in passages):
        return None
    first = passages[0]
    others = [each.score for each in passages if each.document.id != first.document.id]
    nearest = max(passages, key=lambda each: each.scores.get(VECTOR, 0.0))
    return Gauge(
        score=first.score,
        lead=first.score - max(others, default=0.0),
        above=first.score - median(each.score for each in passages),
        agreed=float(nearest.document.id == first.document.id),
    )
