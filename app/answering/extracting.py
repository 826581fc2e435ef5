"""Answering without a model: the best sentences of the best document, word for word.

One document is quoted, the one that search puts first: on public questions no mixture of what its
sentences share with the question chose better, and every further document cited is mostly a wrong
one. The others are named as near (``refusing.nearest``).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.candidates import Candidate, list_candidates
from app.answering.expecting import expected, holds
from app.answering.numbers import absent_codes, codes
from app.answering.quoting import Piece, features, fold
from app.answering.tabling import choose_rows
from retrieval.errors import EmbedderUnavailable
from retrieval.lexical.glossary import Glossary
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms
from retrieval.model import Passage
from retrieval.ports import Embedder


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts in a sentence; set by hit rate on held-out question sets."""

    otherwise: float = 0.8  # said as the glossary has it, against as asked
    heading: float = 0.5  # a term found in heading or title only, against one in the sentence
    bigrams: float = 0.3  # shared pairs of characters: inflections and compounds terms miss
    meaning: float = 0.4  # cosine of the embeddings: the same thing in other words or language
    label: float = 0.6  # factor for headings and other lines that are no sentence
    neighbour: float = 0.3  # of the better neighbour's score: answers follow what they answer
    kind: float = 0.25  # holds a date, a number, ... when one is asked for
    rank: float = 0.2  # the first passage; the second gets half of it, and so on
    question: float = 0.4  # factor for sentences that ask or only repeat the question
    unnamed: float = 0.5  # factor for sentences without the part number that is asked for
    further: float = 0.65  # a further sentence must reach this share of the best one's score


WEIGHTS = Weights()
MOST_SENTENCES = 4


@dataclass(frozen=True, slots=True)
class Extract:
    """A chosen sentence: where it stands, and what to show of it.

    Attributes:
        text: The piece's own words; of a table row, its cells with their headers.
    """

    passage: Passage
    piece: Piece
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """All that may be quoted, in reading order, and how well each answers; 0 is not at all."""

    candidates: Sequence[Candidate]
    scores: Sequence[float]

    def best_sentences(self) -> dict[str, float]:
        """Returns the score of each document's best sentence, by the document's id."""
        best: dict[str, float] = {}
        for candidate, score in zip(self.candidates, self.scores, strict=True):
            name = candidate.passage.document.id
            best[name] = max(score, best.get(name, 0.0))
        return best


def weigh(
    question: str,
    passages: Sequence[Passage],
    embedder: Embedder | None = None,
    glossary: Glossary | None = None,
) -> Weighed:
    """Returns what may be quoted of the passages, weighed against the question.

    Args:
        question: As it is searched for.
        passages: Best first.
        embedder: Says how near a sentence is to the question; without one only words count.
        glossary: What the question's words may be called in a document.
    """
    candidates = list_candidates(passages)
    asked = _read(question, glossary)
    return Weighed(candidates, _score(asked, candidates, _nearness(question, candidates, embedder)))


def extract(question: str, weighed: Weighed, documents: int = 1) -> list[Extract]:
    """Returns one to four sentences of the best document, in reading order, best passage first.

    Empty when no passage shares a term or a pair of characters with the question, or, with an
    embedder, its direction.

    Args:
        question: As it is searched for.
        weighed: What may be quoted.
        documents: How many may be quoted: as many as are asked about.
    """
    candidates, scores = weighed.candidates, weighed.scores
    if not scores or max(scores) <= 0:
        return []
    quoted = _choose_documents(question, candidates, scores)[:documents]
    own = [index for index, each in enumerate(candidates) if each.passage.document.id in quoted]
    order = sorted(own, key=lambda index: -scores[index])
    chosen: list[int] = []
    for index in order:
        if scores[index] < WEIGHTS.further * scores[order[0]] or len(chosen) == MOST_SENTENCES:
            break
        if not any(_repeats(candidates[index], candidates[other]) for other in chosen):
            chosen.append(index)
    chosen = choose_rows(question, candidates, chosen)
    first = {candidates[index].rank: place for place, index in reversed(list(enumerate(chosen)))}
    chosen.sort(key=lambda index: (first[candidates[index].rank], candidates[index].order))
    return [
        Extract(
            candidates[index].passage, candidates[index].piece, candidates[index].text,
            scores[index],
        )
        for index in chosen
    ]  # fmt: skip


def quotes_code(question: str, offered: Sequence[Extract | Candidate]) -> bool:
    """Returns whether part numbers are asked for, and one of these texts holds all of them."""
    wanted = codes(question)
    return bool(wanted) and any(not absent_codes(wanted, fold(each.text)) for each in offered)


def _choose_documents(
    question: str, candidates: Sequence[Candidate], scores: Sequence[float]
) -> list[str]:
    """Returns the ids of the documents that may be quoted, best first.

    Those with the part numbers asked for, if any has them; none without any worthy sentence.
    """
    able = [each for each, score in zip(candidates, scores, strict=True) if score > 0]
    named = [each for each in able if quotes_code(question, [each])]
    return list(dict.fromkeys(each.passage.document.id for each in named or able))


def _nearness(
    question: str, candidates: Sequence[Candidate], embedder: Embedder | None
) -> list[float]:
    """Returns each candidate's cosine with the question, zeros when that cannot be told."""
    if embedder is None or not candidates:
        return [0.0] * len(candidates)
    try:
        asked = embedder.embed_query(question)
        cosines = embedder.embed_documents([each.text for each in candidates]) @ asked
    except EmbedderUnavailable:
        return [0.0] * len(candidates)
    return [max(0.0, float(cosine)) for cosine in cosines]


def _read(question: str, glossary: Glossary | None) -> "_Asked":
    """Returns what is asked for, each part with the other ways of saying it."""
    words = [term for term in dict.fromkeys(terms(question)) if term not in QUESTION_WORDS]
    concepts = glossary.concepts(terms(question)) if glossary else []
    named = {word for concept in concepts for word in concept.words}
    parts = [_Part((frozenset({word}),)) for word in words if word not in named]
    parts += [
        _Part((frozenset(concept.words), *map(frozenset, concept.others))) for concept in concepts
    ]
    return _Asked(question, frozenset(words), tuple(dict.fromkeys(parts)))


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing a question names, and all ways of saying it, as asked first."""

    ways: tuple[frozenset[str], ...]

    def found_in(self, words: frozenset[str]) -> float:
        """Returns 1 when the words say it as asked, less when they say it otherwise, else 0.

        Of a way of several words asked for as such, each counts.
        """
        own = self.ways[0]
        said = len(own & words) / len(own)
        if any(way <= words for way in self.ways[1:]):
            said = max(said, WEIGHTS.otherwise)
        return said


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    words: frozenset[str]
    parts: tuple[_Part, ...]


def _score(
    asked: _Asked, candidates: Sequence[Candidate], nearness: Sequence[float]
) -> list[float]:
    weight = _rarity(asked, candidates)
    bigrams = _bigrams(asked.question)
    kind = expected(asked.question)
    relevance = [
        _relevance(candidate, weight, bigrams) + WEIGHTS.meaning * near
        for candidate, near in zip(candidates, nearness, strict=True)
    ]
    scores: list[float] = []
    for index, candidate in enumerate(candidates):
        score = relevance[index] + WEIGHTS.neighbour * _neighbour(candidates, relevance, index)
        if score > 0:
            score += WEIGHTS.rank / (1 + candidate.rank)
            score += WEIGHTS.kind * holds(kind, candidate.text, asked.question)
        if _only_asks(candidate.text, asked.words):
            score *= WEIGHTS.question
        elif candidate.is_label:
            score *= WEIGHTS.label
        scores.append(score)
    return _prefer_named(asked.question, candidates, scores)


def _prefer_named(
    question: str, candidates: Sequence[Candidate], scores: list[float]
) -> list[float]:
    """Lowers what does not hold the part numbers asked for, if anything holds them."""
    held = [quotes_code(question, [each]) for each in candidates]
    if not any(held):
        return scores
    return [
        score if holds_code else score * WEIGHTS.unnamed
        for score, holds_code in zip(scores, held, strict=True)
    ]


def _rarity(asked: _Asked, candidates: Sequence[Candidate]) -> dict[_Part, float]:
    """Returns each part's inverse document frequency among the candidates, sum 1."""
    counts: Counter[_Part] = Counter()
    for candidate in candidates:
        words = features(candidate.text)[0]
        counts.update(part for part in asked.parts if part.found_in(words) > 0)
    raw = {part: math.log(1 + (len(candidates) + 1) / (counts[part] + 0.5)) for part in asked.parts}
    total = sum(raw.values())
    return {part: value / total for part, value in raw.items()} if total else {}


def _relevance(candidate: Candidate, weight: dict[_Part, float], bigrams: frozenset[str]) -> float:
    own, above = features(candidate.text)[0], features(candidate.above)[0]
    score = sum(
        value * max(part.found_in(own), WEIGHTS.heading * part.found_in(above))
        for part, value in weight.items()
    )
    shared = len(bigrams & _bigrams(candidate.text)) / len(bigrams) if bigrams else 0.0
    return score + WEIGHTS.bigrams * shared


def _neighbour(candidates: Sequence[Candidate], relevance: Sequence[float], index: int) -> float:
    own = candidates[index]
    near = [
        relevance[other]
        for other in (index - 1, index + 1)
        if 0 <= other < len(candidates) and candidates[other].rank == own.rank
    ]
    return max(near, default=0.0)


def _bigrams(text: str) -> frozenset[str]:
    folded = fold(text)
    return frozenset(folded[index : index + 2] for index in range(len(folded) - 1))


def _only_asks(text: str, asked: frozenset[str]) -> bool:
    return text.rstrip("」』\"' ").endswith(("?", "？")) or features(text)[0] <= asked


def _repeats(candidate: Candidate, other: Candidate) -> bool:
    mine, theirs = features(candidate.text)[0], features(other.text)[0]
    if not mine or not theirs:
        return False
    return len(mine & theirs) / min(len(mine), len(theirs)) > 0.8
