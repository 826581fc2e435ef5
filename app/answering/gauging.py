"""How well the passages found fit a question, in a few measures that together foretell an answer.

Each is of what a reader would look for: whether the passages come near at all, whether one of them
stands out, and whether all that the question names is there, best of all in one place.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from app.answering.analysing import words
from app.answering.comparing import evidence_of, is_japanese
from app.answering.extracting import Extract
from app.answering.quoting import features, fold
from retrieval.fusion import LEXICAL, VECTOR
from retrieval.lexical.glossary import Concept, Glossary
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms
from retrieval.model import Passage
from retrieval.ports import Embedder

_LOOKED_AT = 5
_OTHERWISE = 0.9
"""What a thing counts for that a passage calls as the glossary does."""

_LIKE = 0.8
"""What it counts for at most by likeness of vectors alone."""

_LATIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9'’.,:/-]*)")
_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "接尾辞"})
_EMPTY = frozenset({"場合", "こと", "もの", "方法", "とき", "ため", "何", "必要", "会社", "当社"})


@dataclass(frozen=True, slots=True)
class Gauge:
    """The measures, each between about 0 and 2.

    Attributes:
        score: Search score of the best passage.
        lead: Its distance to the best passage of another document.
        above: Its distance to the middle one of all passages.
        lexical: Best score by words.
        vector: Best score by meaning.
        close: Share of what the question names that the best quotation holds, with its headings;
            rare things weigh more, what is only alike counts for less.
        anywhere: The same for the first passages together.
        worst: How well the worst covered of them is covered anywhere.
        names: Names of the question that no passage holds, in halves.
        quotation: Score of the best quotation.
        length: Logarithm of how many things the question names.
        across: 1 where question and best passage are in different languages.
    """

    score: float
    lead: float
    above: float
    lexical: float
    vector: float
    close: float
    anywhere: float
    worst: float
    names: float
    quotation: float
    length: float
    across: float

    def values(self) -> dict[str, float]:
        """Returns every measure by its name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Thing:
    """One thing a question names: as written, its terms, and other ways of saying it."""

    word: str
    terms: frozenset[str]
    ways: tuple[frozenset[str], ...]


def gauge(
    question: str,
    passages: Sequence[Passage],
    extracts: Sequence[Extract],
    embedder: Embedder,
    glossary: Glossary | None,
) -> Gauge:
    """Returns the measures of a question and the passages found for it.

    Args:
        question: As it is searched for.
        passages: At least one, best first.
        extracts: The quotations that would answer.
        embedder: Says how near two words are.
        glossary: What the question's words may be called in a document.

    Raises:
        EmbedderUnavailable: The model cannot be used.
    """
    first = passages[0]
    texts = [evidence_of(passage) for passage in passages[:_LOOKED_AT]]
    things = _list_things(question, glossary)
    weights = _weigh(things, texts)
    near = _Nearness(embedder, things)
    everywhere = np.max([near.hold(text) for text in texts], axis=0)
    close = [float(near.hold(_with_headings(found)) @ weights) for found in extracts]
    scores = [passage.score for passage in passages]
    others = [each.score for each in passages if each.document.id != first.document.id]
    return Gauge(
        score=first.score,
        lead=first.score - max(others, default=0.0),
        above=first.score - median(scores),
        lexical=max(passage.scores.get(LEXICAL, 0.0) for passage in passages),
        vector=max(passage.scores.get(VECTOR, 0.0) for passage in passages),
        close=max(close, default=0.0),
        anywhere=float(everywhere @ weights),
        worst=float(everywhere.min()) if things else 0.0,
        names=_count_missing_names(things, texts) / 2,
        quotation=max((found.score for found in extracts), default=0.0),
        length=math.log(1 + len(things)),
        across=float(is_japanese(question) != is_japanese(first.chunk.text)),
    )


def list_words(text: str) -> list[str]:
    """Returns the words that mean something, each once, in order."""
    found: dict[str, None] = {}
    for run in _LATIN.split(text):
        if _LATIN.fullmatch(run):
            found[run] = None
        elif run.strip():
            found |= dict.fromkeys(
                word.surface
                for word in words(run)
                if word.part in _CONTENT and word.surface not in _EMPTY
            )
    return list(found)


def _list_things(question: str, glossary: Glossary | None) -> list[_Thing]:
    concepts = glossary.concepts(terms(question)) if glossary else []
    things = []
    for word in list_words(question):
        own = frozenset(terms(word)) - QUESTION_WORDS
        if own:
            things.append(_Thing(word, own, _ways(own, concepts)))
    return things


def _ways(own: frozenset[str], concepts: Sequence[Concept]) -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset(way)
        for concept in concepts
        if own <= frozenset(concept.words)
        for way in concept.others
    )


def _weigh(things: Sequence[_Thing], texts: Sequence[str]) -> NDArray[np.float64]:
    """Returns each thing's weight, sum 1: more for what few of the passages hold."""
    held = [features(text)[0] for text in texts]
    counts = (sum(thing.terms <= each for each in held) for thing in things)
    raw = np.array([math.log(1 + (len(texts) + 1) / (count + 0.5)) for count in counts])
    return raw / raw.sum() if things else raw


def _count_missing_names(things: Sequence[_Thing], texts: Sequence[str]) -> int:
    everything = fold("\n".join(texts))
    return sum(_is_name(thing.word) and fold(thing.word) not in everything for thing in things)


def _is_name(word: str) -> bool:
    if word.isascii():
        return word[0].isupper()
    return any(part.detail == "固有名詞" for part in words(word))


def _with_headings(found: Extract) -> str:
    chunk = found.passage.chunk
    return "\n".join((found.passage.document.metadata.title, *chunk.heading, found.text))


class _Nearness:
    """How far a text holds the things that a question names."""

    def __init__(self, embedder: Embedder, things: Sequence[_Thing]) -> None:
        self._embedder = embedder
        self._things = things
        self._rows = embedder.embed_documents([thing.word for thing in things])

    def hold(self, text: str) -> NDArray[np.float64]:
        """Returns for each thing 1 where the text names it, less where it says it otherwise."""
        held, own = features(text)[0], list_words(text)
        found = np.zeros(len(self._things))
        if own and self._things:
            cosines = self._rows @ self._embedder.embed_documents(own).T
            found = np.clip(cosines.max(axis=1).astype(np.float64), 0.0, _LIKE)
        for index, thing in enumerate(self._things):
            if thing.terms <= held:
                found[index] = 1.0
            elif any(way <= held for way in thing.ways):
                found[index] = _OTHERWISE
        return found
