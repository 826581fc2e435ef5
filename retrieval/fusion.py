"""Join what both arms found into one order that is never worse than that of the better arm.

Both arms speak one scale: 0 is what an unrelated passage gets, 0.63 (``1 - 1/e``) what a passage
gets that fully matches, and repetitions approach 1. They are averaged as evidence, before the bend
towards 1: there a passage that says every word of the question stays well ahead of one that says
most of them, and is not overtaken for being a little nearer in meaning.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LEXICAL, VECTOR = "lexical", "vector"

VECTOR_WEIGHT = 0.5
"""Of the vector arm where it is fully trusted; the words count 1 (see docs/retrieval.md)."""

FOREIGN_WORDS = 0.002
"""What the question's words count for a passage in another language, codes and names aside: what
they share is chance, or a glossary's guess. So they decide only between languages that the
embedder cannot bring together, where its trust is 0."""

_MOST = 1 - 1e-6


@dataclass(frozen=True, slots=True)
class Fused:
    """A chunk with its place in the joint order.

    Attributes:
        score: In 0..1; below about 0.2 a passage shares no more with the question than chance.
        scores: What each arm gave it, for those that gave it something.
    """

    chunk_id: str
    score: float
    scores: Mapping[str, float]


def evidence(score: float) -> float:
    """Returns how much speaks for a passage, of a score in 0..1: about 1 where all does."""
    return -math.log1p(-min(score, _MOST))


def to_score(amount: float) -> float:
    """Returns the score in 0..1 of an amount of evidence, keeping the order."""
    return 1 - math.exp(-amount)


def weigh_vector(trust: float, words: float) -> float:
    """Returns the vector arm's share of a passage's score, from 0 to 1.

    Args:
        trust: In the embedder, for the languages of question and passage.
        words: What words count for these, from 0 to 1.
    """
    weight = VECTOR_WEIGHT * trust
    return weight / (words + weight)


def fuse(
    lexical: Mapping[str, float],
    vector: Mapping[str, float],
    vector_weight: Callable[[str], float],
) -> list[Fused]:
    """Returns all chunks of both arms, best first; equal ones in the order of their ids.

    Args:
        lexical: Scores in 0..1 by chunk id; what is absent has 0.
        vector: The same of the other arm.
        vector_weight: Of a chunk, between 0 and 1; 0 leaves out the vector arm, 1 the lexical arm.
    """
    fused = []
    for chunk_id in {**lexical, **vector}:
        scores = {LEXICAL: lexical.get(chunk_id, 0.0), VECTOR: vector.get(chunk_id, 0.0)}
        share = vector_weight(chunk_id)
        total = (1 - share) * evidence(scores[LEXICAL]) + share * evidence(scores[VECTOR])
        named = {arm: score for arm, score in scores.items() if score > 0}
        fused.append(Fused(chunk_id, to_score(total), named))
    return sorted(fused, key=lambda each: (-each.score, each.chunk_id))
