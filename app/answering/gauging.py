"""How far the best document found stands out, in a few measures that foretell an answer.

They are of the search, and of the sentences that could be quoted. What else the words could add
(the kind of answer asked for, what is asked about and stands nowhere, how much of the question is
said) was measured on public questions and foretold nothing that these do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from retrieval.fusion import VECTOR
from retrieval.model import Passage


@dataclass(frozen=True, slots=True)
class Gauge:
    """The measures, each between 0 and about 1.

    Attributes:
        score: Search score of the best passage.
        above: Its distance to the middle one of all passages.
        said: How much better the best sentence of its document answers than that of any other
            document; below 0 where another one's is better.
        share: Of the passages, those of its document.
    """

    score: float
    above: float
    said: float
    share: float

    def values(self) -> dict[str, float]:
        """Returns every measure by its name."""
        return asdict(self)


def gauge(passages: Sequence[Passage], sentences: Mapping[str, float]) -> Gauge | None:
    """Returns the measures of passages; None where meaning took no part in the search.

    Without one of its halves a search scores otherwise than what the measures were weighed on.

    Args:
        passages: Best first.
        sentences: How well the best sentence of each document answers, by the document's id.
    """
    if not any(VECTOR in passage.scores for passage in passages):
        return None
    first = passages[0]
    own = first.document.id
    others = [score for name, score in sentences.items() if name != own]
    return Gauge(
        score=first.score,
        above=first.score - median(each.score for each in passages),
        said=sentences.get(own, 0.0) - max(others, default=0.0),
        share=sum(each.document.id == own for each in passages) / len(passages),
    )
