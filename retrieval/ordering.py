"""The order passages are shown in, once their match is known: versions and variety."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from retrieval.editions import group_editions
from retrieval.model import Passage

LIFECYCLE = "lifecycle"
"""Name of the factor among a passage's scores; absent where it is 1."""

SUPERSEDED_WEIGHT = 0.7
"""What is left of the score of a passage whose document has a newer version among those found."""

PASSAGES_PER_DOCUMENT = 8
"""So many passages of one document come first; the others of it follow after other documents'."""


def put_current_first(
    passages: Sequence[Passage], years: frozenset[int], today: date
) -> list[Passage]:
    """Returns the passages, those of superseded documents behind, best first.

    A document is superseded where another one found is a later edition of it. A question that
    names a year is about that time: nothing is moved then.

    Args:
        passages: Best first.
        years: What the question names.
        today: What takes effect later supersedes nothing yet.
    """
    if years:
        return list(passages)
    superseded = {
        older.document.id
        for family in group_editions(passage.document for passage in passages)
        for newer in family
        for older in family
        if (newer.since is None or newer.since <= today) and older.precedes(newer)
    }
    weighed = [
        _weigh(passage, superseded=passage.document.id in superseded) for passage in passages
    ]
    return sorted(weighed, key=lambda passage: -passage.score)


def mix_documents(passages: Sequence[Passage], count: int) -> list[Passage]:
    """Returns the first `count` passages, the many of one document behind those of others."""
    seen: Counter[str] = Counter()
    first: list[Passage] = []
    later: list[Passage] = []
    for passage in passages:
        seen[passage.document.id] += 1
        within = seen[passage.document.id] <= PASSAGES_PER_DOCUMENT
        (first if within else later).append(passage)
    return [*first, *later][:count]


def _weigh(passage: Passage, *, superseded: bool) -> Passage:
    if not superseded:
        return passage
    scores: Mapping[str, float] = {**passage.scores, LIFECYCLE: SUPERSEDED_WEIGHT}
    return replace(passage, score=passage.score * SUPERSEDED_WEIGHT, scores=scores)
