"""Put the first passages in a finer order, by a model that reads question and passage together."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from retrieval.errors import RerankerUnavailable
from retrieval.model import Passage
from retrieval.ports import Reranker

RERANKER = "reranker"
"""Its name among a passage's scores, and among what could not take part."""

_LOG = logging.getLogger(__name__)
_AT_ONCE = 8
_RETRY_S = 60.0  # after a failure, so that a missing model is not looked for at every question


class Reranking:
    """Reads as many of the first passages as time allows. Safe to share by threads.

    A passage that was read takes the fused score that belongs to its new rank: what a score means
    (how sure a find is) then stays the same, whatever scale the model speaks.

    Attributes:
        depth: At most so many passages are read.
    """

    def __init__(self, reranker: Reranker, budget_s: float = 1.0, depth: int = 30) -> None:
        """Takes the parts.

        Args:
            reranker: The model.
            budget_s: No batch is begun that would probably end later than this, in seconds; the
                first one always is. Loading the model does not count.
            depth: At most so many passages are read.
        """
        self._reranker, self._budget_s, self.depth = reranker, budget_s, depth
        self._retry_at = 0.0

    def apply(
        self, query: str, passages: Sequence[Passage]
    ) -> tuple[list[Passage], tuple[str, ...]]:
        """Returns the passages in their new order, and the reranker's name where it failed."""
        if not passages:
            return [], ()
        if time.monotonic() < self._retry_at:
            return list(passages), (RERANKER,)
        try:
            scores = self._read(query, passages[: self.depth])
        except RerankerUnavailable as error:
            _LOG.warning("Going on without it: %s", error)
            self._retry_at = 0.0 if error.details.get("loading") else time.monotonic() + _RETRY_S
            return list(passages), (RERANKER,)
        return _reorder(passages, scores), ()

    def _read(self, query: str, passages: Sequence[Passage]) -> list[float]:
        """Returns the scores of the first passages, of as many as there was time for."""
        self._reranker.score(query, [])  # loads the model
        scores: list[float] = []
        started = time.monotonic()
        for begin in range(0, len(passages), _AT_ONCE):
            spent = time.monotonic() - started
            if begin and spent + spent * _AT_ONCE / begin > self._budget_s:
                break
            part = passages[begin : begin + _AT_ONCE]
            scores += self._reranker.score(query, [each.chunk.indexed_text for each in part])
        return scores


def _reorder(passages: Sequence[Passage], scores: Sequence[float]) -> list[Passage]:
    read = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    fused = sorted((each.score for each in passages[: len(scores)]), reverse=True)
    first = [
        replace(
            passages[place],
            score=score,
            scores={**passages[place].scores, RERANKER: scores[place]},
        )
        for place, score in zip(read, fused, strict=True)
    ]
    return [*first, *passages[len(scores) :]]
