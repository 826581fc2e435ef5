"""A second, closer look at the first passages: what one sentence says, and how it is put.

The index knows how much of a question a whole passage holds. An answer mostly stands in one
sentence, which says the question's words together, in the question's own turns of phrase. Reading
the first twenty texts for that takes a few milliseconds, and depends on nothing but them.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from retrieval.fusion import evidence, to_score
from retrieval.lexical.asking import SYNONYM_WEIGHT
from retrieval.lexical.glossary import Concept
from retrieval.lexical.placing import place_terms
from retrieval.lexical.tokenizing import level
from retrieval.model import Passage
from retrieval.scaling import is_foreign

CLOSENESS = "closeness"
"""Name of the share of the question that one sentence says, among a passage's scores."""

REREAD = 20
"""So many passages are read again, or as many as are asked for."""

SENTENCE_WEIGHT, TURNS_WEIGHT = 0.84, 0.42
"""Of that share, and of the share of a Japanese question's runs of three letters that the text
has. Both are evidence by words, and count as much as words do for the passage: for one in another
language, next to nothing where vectors are trusted (see docs/retrieval.md)."""

_RUN = 3
_LONG_STEM = 5
_SENTENCE = re.compile(r"[^。．！？!?\n.]+(?:[。．！？!?\n]+|\.+(?:\s+|$)|\.+|$)")

_NOWHERE = frozenset[int]()

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A word of the question.

    Attributes:
        weight: Its share of what the question says; those of all words add to 1.
        own: How it may be written.
        others: What it, or the phrase it belongs to, is called otherwise, each as its words.
    """

    weight: float
    own: Words
    others: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for in a text.

    Attributes:
        language: It is asked in; "" for none.
        items: The question's words.
        turns: Runs of letters of the question; none for an English one, which has few in common
            with an answer by more than chance.
        share: Of the score, what words count for a passage in a language, from 0 to 1.
    """

    language: str = ""
    items: tuple[Item, ...] = ()
    turns: Words = ()
    share: Callable[[str], float] = lambda _: 1.0

    @classmethod
    def of(
        cls,
        question: str,
        weights: Mapping[str, float],
        concepts: Sequence[Concept],
        language: str,
        share: Callable[[str], float],
    ) -> "Wanted":
        """Returns what a question wants.

        Args:
            question: As it is searched for.
            weights: Of its terms.
            concepts: What its terms are called otherwise.
            language: It is asked in.
            share: What words count for a passage in a language.
        """
        spelt: dict[str, set[str]] = defaultdict(set)
        for each in place_terms(question):
            spelt[each.term].add(_flatten(question[each.start : each.end]))
        others = {term: concept.others for concept in concepts for term in concept.words}
        every = sum(weights.values())
        items = tuple(
            Item(
                weight / every,
                tuple(sorted({_shorten(term), *(_begin(each, term) for each in spelt[term])})),
                tuple(tuple(map(_shorten, way)) for way in others.get(term, ())),
            )
            for term, weight in weights.items()
            if every > 0
        )
        flat = "".join(_flatten(question).split()) if language == "ja" else ""
        turns = dict.fromkeys(flat[at : at + _RUN] for at in range(len(flat) - _RUN + 1))
        return cls(language, items, tuple(turns), share)


def reread(passages: Sequence[Passage], wanted: Wanted) -> list[Passage]:
    """Returns the passages with what a closer look adds to their scores, best first."""
    if not wanted.items:
        return list(passages)
    read = [_weigh(each, wanted) for each in passages]
    return sorted(read, key=lambda each: (-each.score, each.chunk.id))


def _weigh(passage: Passage, wanted: Wanted) -> Passage:
    language = passage.document.metadata.language
    foreign, share = is_foreign(wanted.language, language), wanted.share(language)
    text = _flatten(passage.chunk.text)
    reading = _Reading(text, _flatten(passage.chunk.context))
    closeness = reading.find_closest(wanted, 1.0 if foreign else SYNONYM_WEIGHT)
    weight = SENTENCE_WEIGHT * share
    amount, most = evidence(passage.score) + weight * closeness, 1 + weight
    if wanted.turns and not foreign:
        said = sum(turn in text for turn in wanted.turns) / len(wanted.turns)
        weight = TURNS_WEIGHT * share
        amount, most = amount + weight * said, most + weight
    scores = {**passage.scores, CLOSENESS: closeness} if closeness else passage.scores
    return replace(passage, score=to_score(amount / most), scores=scores)


class _Reading:
    """One text, and which of its sentences each word stands in; what stands above is in all."""

    def __init__(self, text: str, above: str) -> None:
        self._text, self._above = text, above
        self._begins = [found.start() for found in _SENTENCE.finditer(text)] or [0]
        self._all = frozenset(range(1, len(self._begins) + 1))
        self._known: dict[str, frozenset[int]] = {}

    def find_closest(self, wanted: Wanted, otherwise: float) -> float:
        """Returns the share of the question that the best sentence says, with what is above it.

        Args:
            wanted: The question.
            otherwise: What a word counts that is said in another way.
        """
        shares = dict.fromkeys(self._all, 0.0)
        for item in wanted.items:
            own = _NOWHERE.union(*map(self._sentences, item.own))
            for sentence in own:
                shares[sentence] += item.weight
            if item.others and len(own) < len(shares):
                for sentence in self._said_otherwise(item) - own:
                    shares[sentence] += otherwise * item.weight
        return min(1.0, max(shares.values()))

    def _said_otherwise(self, item: Item) -> frozenset[int]:
        found = _NOWHERE
        for way in item.others:
            sentences = self._all
            for word in way:
                sentences &= self._sentences(word)
                if not sentences:
                    break
            found |= sentences
        return found

    def _sentences(self, word: str) -> frozenset[int]:
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = self._find(word)
        return known

    def _find(self, word: str) -> frozenset[int]:
        # Most words are nowhere: this is asked some hundred times a text.
        if word in self._above and next(_places(self._above, word), None) is not None:
            return self._all
        if word not in self._text:
            return _NOWHERE
        places = _places(self._text, word)
        return frozenset(max(1, bisect_right(self._begins, place)) for place in places)


def _places(text: str, word: str) -> Iterator[int]:
    """Gives where a word begins; a Latin one not within another."""
    place = text.find(word) if word else -1
    while place >= 0:
        before = text[place - 1] if place else " "
        if not (before.isascii() and before.isalnum() and word[0].isascii()):
            yield place
        place = text.find(word, place + len(word))


def _shorten(term: str) -> str:
    """Returns what every form of a word begins with: stems may end in a letter of their own."""
    cut = term.isascii() and term.isalpha() and len(term) >= _LONG_STEM and term[-1] in "iy"
    return term[:-1] if cut else term


def _begin(written: str, term: str) -> str:
    """Returns what a word and its stem have in common, which begins its other spellings too."""
    equal = takewhile(lambda pair: pair[0] == pair[1], zip(written, term, strict=False))
    shared = "".join(letter for letter, _ in equal)
    return _shorten(shared) if written.isalpha() and len(shared) >= _LONG_STEM else written


def _flatten(text: str) -> str:
    return level(text).lower()
