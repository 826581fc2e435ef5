"""Which sentences say what a text is about: central ones, and those with figures and decisions.

Centrality is LexRank (Erkan and Radev, 2004): a walk between sentences that are alike stays longest
at those that many are like. Likeness is the mean of the tf-idf cosine and that of the embeddings.
Redundancy is kept low by maximal marginal relevance (Carbonell and Goldstein, 1998).
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.answering.candidates import Candidate
from app.answering.quantities import read_figures
from app.answering.quoting import features
from retrieval.errors import EmbedderUnavailable
from retrieval.model import BlockKind
from retrieval.ports import Embedder

Matrix = NDArray[np.float64]

_WINDOW = 300  # sentences that are walked between; what stands further apart is not compared
_DAMPING = 0.85
_STEPS = 40
_SHORTEST = 8
_DECISION = re.compile(
    r"決定|決議|承認|合意|了承|確定|結論|禁止|義務|必須|期限|締切|までに|してはならない|なければならない"
    r"|こととする|こととした|ものとする|上限|対象外|中止|延期|変更"
    r"|\b(?:decided|decision|agreed|approved|resolved|must|shall|required|prohibited|deadline|due"
    r"|cancelled|postponed|delayed|moves? from|effective|responsible|action)\b",
    re.IGNORECASE,
)

_DECIDING_HEADING = re.compile(
    r"決定|決議|結論|合意|承認|対応事項|宿題|\b(?:decisions?|resolutions?|actions?|outcomes?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts beside centrality, which is at most 1."""

    figures: float = 0.4  # states a quantity with a unit, or a date
    decision: float = 0.3  # decides, forbids or sets a limit, or stands under such a heading
    first: float = 0.15  # of its passage
    label: float = 0.3  # factor for headings and other lines that are no sentence
    note: float = 0.6  # factor for what a mail quotes of another, and for footnotes
    greeting: float = 0.2  # factor for what every mail says
    repetition: float = 0.9  # taken off for a sentence that is like a chosen one


WEIGHTS = Weights()
_GREETING = re.compile(
    r"お世話になっ|いつもお世話|よろしくお願い|お疲れ様|(?:様|御中)[、。\s　]*$"
    r"|^(?:From|To|Cc|Date|Attachments[^:]*):"
    r"|^(?:dear|hi|hello|best regards|kind regards|regards|thanks|thank you)\b"
    r"|^(?:present|attendees|participants|出席者?|参加者)\s*[:：]"
    r"|^--|ext\. ?\d+|電話 ?0",
    re.IGNORECASE,
)


def choose(
    candidates: Sequence[Candidate], embedder: Embedder | None, most: int, per_part: int
) -> list[int]:
    """Returns the indexes of at most ``most`` sentences, in reading order.

    Args:
        candidates: Sentences and rows in reading order; ``rank`` says which part each is of.
        embedder: Measures likeness of meaning; without one only words count.
        most: How many at most.
        per_part: How many of one part at most.
    """
    likeness = [
        _liken(candidates[at : at + _WINDOW], embedder) for at in range(0, len(candidates), _WINDOW)
    ]
    scores = [
        central * _factor(each) + (_bonus(each) if central else 0.0)
        for window, at in zip(likeness, range(0, len(candidates), _WINDOW), strict=True)
        for each, central in zip(candidates[at : at + _WINDOW], walk(window), strict=True)
    ]
    chosen: list[int] = []
    standing = np.array(scores, dtype=np.float64)
    for limit in (1, per_part):  # every part speaks before any speaks twice
        least = WEIGHTS.note if limit < per_part else 0.0
        _take(candidates, standing, likeness, chosen, (most, limit, least))
    return sorted(chosen)


def _take(
    candidates: Sequence[Candidate],
    scores: NDArray[np.float64],
    likeness: Sequence[Matrix],
    chosen: list[int],
    limits: tuple[int, int, float],
) -> None:
    """Adds the best sentences to those chosen, and lowers the scores of what is like them.

    ``limits`` are how many there may be, how many of one part, and the least factor of one.
    """
    most, per_part, least = limits
    parts = np.array([each.rank for each in candidates])
    taken = Counter(candidates[index].rank for index in chosen)
    closed = np.isin(parts, [part for part, count in taken.items() if count >= per_part])
    closed |= np.array([_factor(each) < least for each in candidates], dtype=bool)
    closed[chosen] = True
    while len(chosen) < most and not closed.all():
        best = int(np.where(closed, -np.inf, scores).argmax())
        if scores[best] <= 0:
            return
        chosen.append(best)
        closed[best] = True
        taken[candidates[best].rank] += 1
        if taken[candidates[best].rank] >= per_part:
            closed |= parts == candidates[best].rank
        window, row = divmod(best, _WINDOW)
        near = slice(window * _WINDOW, window * _WINDOW + len(likeness[window]))
        scores[near] -= WEIGHTS.repetition * np.maximum(0.0, likeness[window][row] - 0.3)


def walk(likeness: Matrix) -> list[float]:
    """Returns how central each sentence is, the most central one 1."""
    size = len(likeness)
    if not size:
        return []
    weights = likeness.copy()
    np.fill_diagonal(weights, 0.0)
    sums = weights.sum(axis=1, keepdims=True)
    steps = np.divide(weights, sums, out=np.full_like(weights, 1 / size), where=sums > 0)
    at = np.full(size, 1 / size)
    for _ in range(_STEPS):
        at = (1 - _DAMPING) / size + _DAMPING * (at @ steps)
    return [float(each) for each in at / at.max()]


def _liken(candidates: Sequence[Candidate], embedder: Embedder | None) -> Matrix:
    words = _weigh([features(each.text)[0] for each in candidates])
    alike: Matrix = words @ words.T
    if embedder is None:
        return alike
    try:
        rows = embedder.embed_documents([each.text for each in candidates]).astype(np.float64)
    except EmbedderUnavailable:
        return alike
    mean: Matrix = (alike + np.clip(rows @ rows.T, 0.0, 1.0)) / 2
    return mean


def _weigh(texts: Sequence[frozenset[str]]) -> Matrix:
    """Returns one tf-idf row of length 1 a text; a term counts once."""
    counts = Counter(term for text in texts for term in text)
    places = {term: place for place, term in enumerate(counts)}
    rows: Matrix = np.zeros((len(texts), max(1, len(places))))
    for row, text in enumerate(texts):
        for term in text:
            rows[row, places[term]] = math.log((1 + len(texts)) / counts[term]) + 0.1
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = np.divide(rows, lengths, out=rows, where=lengths > 0)
    return unit


def _factor(candidate: Candidate) -> float:
    text = candidate.text.strip()
    if len(text) < _SHORTEST and not candidate.is_row:
        return 0.0
    factor = WEIGHTS.label if candidate.is_label else 1.0
    if candidate.passage.chunk.kind is BlockKind.NOTE:
        factor *= WEIGHTS.note
    return factor * (WEIGHTS.greeting if _GREETING.search(text) else 1.0)


def _bonus(candidate: Candidate) -> float:
    if _factor(candidate) < WEIGHTS.note:
        return 0.0
    figures = read_figures(candidate.text)
    telling = figures.days or any(each.unit for each in figures.quantities)
    bonus = WEIGHTS.figures if telling and not candidate.is_row else 0.0
    heading = candidate.above.split("\n")[-1]
    decides = _DECISION.search(candidate.text) or _DECIDING_HEADING.search(heading)
    bonus += WEIGHTS.decision if decides else 0.0
    return bonus + (WEIGHTS.first if candidate.order == 0 else 0.0)
