"""One question put to the lexical index: its terms, what else they are called, and conditions."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from retrieval.lexical.counting import Counts, any_of
from retrieval.lexical.glossary import Concept, Glossary
from retrieval.lexical.schema import PAIRS, WORDS, exact, schema
from retrieval.lexical.tokenizing import QUESTION_WORDS, adjacent_pairs, terms, tokenize
from retrieval.lexical.weighing import PAIR_LEVELS, WORD_LEVELS, read_level
from retrieval.model import Filters

PAIR_WEIGHT = 0.25
SYNONYM_WEIGHT = 0.6
"""What another way of saying something is worth, where documents also say it as it was asked."""

TRANSLATION_WEIGHT = 0.9
"""The same, where no document says it as it was asked."""

READ_CHARACTERS = 8_000
"""Of a longer question only this much is read; no passage answers more at once."""

MOST_TERMS = 48
"""Of more distinct terms only the rarest are looked for, which bounds the cost of any question."""

_MOST_CONCEPTS, _MOST_OTHERS = 8, 12
_UNIT = 1_000  # scores are whole numbers, so that sums are the same in any order
_FIRST = float(2**23)  # more than any sum, and both together still a whole number as a float

_Query = tantivy.Query
_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


@dataclass(frozen=True, slots=True)
class LexicalHit:
    """A chunk that shares terms with the question.

    Attributes:
        score: In 0..1: how much of the question's information (idf mass) the chunk carries.
    """

    chunk_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Demands:
    """What a chunk must fulfil, whatever its score.

    Attributes:
        allowed: The access rules that the caller may read under.
        filters: What was asked for.
        phrases: Texts that it must contain.
        without: Texts that it must not contain.
    """

    allowed: frozenset[int]
    filters: Filters
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a question.

    Attributes:
        question: As asked.
        also: What parts of it are written otherwise; adds to a score, and is never missed.
    """

    question: str
    also: str = ""


class LexicalQuestion:
    """One question against one state of the index.

    Attributes:
        written: The question, its words written as documents write them.
        concepts: What parts of it are called otherwise.
    """

    def __init__(
        self,
        searcher: Any,  # noqa: ANN401 - tantivy is untyped here
        counts: Counts,
        glossary: Glossary,
        wording: Wording,
        demands: Demands,
    ) -> None:
        """Analyses the question; the searches follow."""
        self._searcher, self._counts = searcher, counts
        self._allowed = demands.allowed
        self.written = glossary.write_out(wording.question[:READ_CHARACTERS])
        sentences = tokenize(self.written)
        self._rareness = self._weigh(sentences)
        concepts = [concept for each in sentences for concept in glossary.concepts(each)]
        self.concepts = concepts[:_MOST_CONCEPTS]
        self._conditions = list(self._demand(demands))
        self._mass = 0.0
        parts = self._build(sentences, self.concepts)
        parts += self._add(wording.also)
        self._relevance = _Query.boolean_query([(_SHOULD, part) for part in parts])

    @property
    def weights(self) -> Mapping[str, float]:
        """How rare each term that is looked for is, by term."""
        return self._rareness

    @property
    def is_empty(self) -> bool:
        """Whether nothing in the question can be looked for."""
        return not self._rareness

    def share_of(self, words: str) -> float:
        """Returns how much of what the question says is in some of its words, from 0 to 1."""
        every = sum(self._rareness.values())
        own = sum(self._rareness.get(term, 0.0) for term in set(terms(words)))
        return own / every if every > 0 else 0.0

    def best(self, count: int) -> list[LexicalHit]:
        """Returns the best chunks inside the conditions, best first."""
        return self._run([], count)

    def scores_of(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        """Returns the scores of given chunks; those that share no term are absent."""
        among = [(_MUST, _Query.const_score_query(_name(chunk_ids), 0.0))]
        return {hit.chunk_id: hit.score for hit in self._run(among, len(chunk_ids))}

    def best_with(self, count: int, chunk_ids: Sequence[str]) -> tuple[dict[str, float], bool]:
        """Returns the scores of the best chunks and of given ones, and whether that is all.

        One walk through the index for both: the given ones are made to come first.
        """
        first = [(_SHOULD, _Query.const_score_query(_name(chunk_ids), _FIRST))]
        most = count + len(chunk_ids)
        hits = self._run(first if chunk_ids else [], most)
        return {hit.chunk_id: hit.score for hit in hits}, len(hits) < most

    def _run(self, more: list[Any], count: int) -> list[LexicalHit]:
        if not self._rareness or not self._allowed or count < 1:
            return []
        silent = [
            (occur, _Query.const_score_query(query, 0.0)) for occur, query in self._conditions
        ]
        query = _Query.boolean_query([(_MUST, self._relevance), *silent, *more])
        found = self._searcher.search(query, limit=count, count=False)
        hits = [
            LexicalHit(
                self._searcher.doc(address)["chunk_id"][0][1:], self._normalise(score % _FIRST)
            )
            for score, address in found.hits
        ]
        # Equal ones come in the order of their places in the index, which others' chunks move.
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))

    def _weigh(self, sentences: list[list[str]]) -> dict[str, float]:
        """Returns the rareness of each distinct term worth looking for."""
        found = list(dict.fromkeys(term for sentence in sentences for term in sentence))
        kept = [term for term in found if term not in QUESTION_WORDS] or found
        weights = {term: self._counts.rareness(WORDS, term, self._allowed) for term in kept}
        rarest = sorted(weights, key=lambda term: (-weights[term], term))[:MOST_TERMS]
        return {term: weights[term] for term in rarest}

    def _build(self, sentences: list[list[str]], concepts: list[Concept]) -> list[Any]:
        parts, covered = [], set[str]()
        for concept in dict.fromkeys(concepts):
            if covered.isdisjoint(concept.words) and (query := self._either(concept)):
                covered.update(concept.words)
                parts.append(query)
        for term, rareness in self._rareness.items():
            if term not in covered:
                self._mass += rareness
                parts += self._levels(WORDS, term, rareness)
        pairs = list(dict.fromkeys(adjacent_pairs(sentences)))[:MOST_TERMS]
        for pair in pairs:
            rareness = self._counts.rareness(PAIRS, pair, self._allowed)
            parts += self._levels(PAIRS, pair, PAIR_WEIGHT * rareness)
        return parts

    def _add(self, also: str) -> Iterator[Any]:
        sentences = tokenize(also)
        for pair in adjacent_pairs(sentences):
            rareness = self._counts.rareness(PAIRS, pair, self._allowed)
            yield from self._levels(PAIRS, pair, SYNONYM_WEIGHT * rareness)

    def _either(self, concept: Concept) -> Any:  # noqa: ANN401 - tantivy is untyped here
        """Returns a query for the best of all ways to say it; ``None`` where there is but one."""
        occurring = [
            way
            for way in concept.others
            if all(self._counts.occurs(*part, self._allowed) for part in _parts_of([way]))
        ]
        asked = [word for word in concept.words if word in self._rareness]
        if not occurring or not asked:
            return None
        known = any(self._counts.occurs(WORDS, word, self._allowed) for word in asked)
        masses = {way: self._sum_up(way) for way in occurring[:_MOST_OTHERS]}
        mass = sum(self._rareness[word] for word in asked) if known else max(masses.values())
        weight = SYNONYM_WEIGHT if known else TRANSLATION_WEIGHT
        ways = self._way([(WORDS, word, self._rareness[word]) for word in asked])
        for way, own in masses.items():
            # A way that is rarer than what was asked says no more than that.
            parts, worth = _parts_of([way]), weight * min(own, mass)
            ways += self._way([(*part, worth / len(parts)) for part in parts])
        self._mass += mass
        return _Query.disjunction_max_query(ways)

    def _sum_up(self, way: Sequence[str]) -> float:
        return sum(self._counts.rareness(WORDS, word, self._allowed) for word in way)

    def _way(self, parts: Sequence[tuple[str, str, float]]) -> list[Any]:
        """Returns queries that never match together, of one way to say something."""
        queries = [query for part in parts for query in self._levels(*part)]
        if len(parts) == 1:
            return queries
        return [_Query.boolean_query([(_SHOULD, query) for query in queries])]

    def _levels(self, field: str, term: str, weight: float) -> Iterator[Any]:
        levels = WORD_LEVELS if field == WORDS else PAIR_LEVELS
        for marked in self._counts.levels(field, term):
            query = _Query.term_query(schema(), field, marked, index_option="basic")
            worth = round(_UNIT * weight * read_level(marked, levels))
            yield _Query.const_score_query(query, float(max(1, worth)))

    def _demand(self, demands: Demands) -> Iterator[tuple[Any, Any]]:
        if not self._counts.all_within(demands.allowed):
            yield _MUST, _Query.term_set_query(schema(), "acl_id", sorted(demands.allowed))
        for query in _narrow(demands.filters):
            yield _MUST, query
        for phrase in demands.phrases:
            for field, term in _parts_of(tokenize(phrase)):
                yield _MUST, any_of(field, self._counts.levels(field, term))
        for phrase in demands.without:
            present = [
                (_MUST, any_of(field, self._counts.levels(field, t)))
                for field, t in _parts_of(tokenize(phrase))
            ]
            if present:
                yield _NOT, _Query.boolean_query(present)

    def _normalise(self, score: float) -> float:
        """Maps a sum of weights to 0..1, keeping the order.

        A term that stands once in a body of usual length adds its rareness, so ``score / mass`` is
        about 1 where every term does; that gives 0.63, and more repetitions approach 1.
        """
        return 1 - math.exp(-score / _UNIT / self._mass) if self._mass > 0 else 0.0


def _name(chunk_ids: Sequence[str]) -> Any:  # noqa: ANN401 - tantivy is untyped here
    return any_of("chunk_id", [exact(chunk_id) for chunk_id in chunk_ids])


def _parts_of(sentences: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Returns what a chunk is sure to hold that says these words one after the other.

    Words that stand side by side, since several words apart from each other say something else,
    and the frequent ones among them are in most chunks.
    """
    pairs = [(PAIRS, pair) for pair in adjacent_pairs(sentences)]
    return pairs or [(WORDS, sentence[0]) for sentence in sentences]


def _narrow(filters: Filters) -> Iterator[Any]:
    """Gives the queries of the filters, all of which a chunk must match."""
    fields = {
        "department": filters.departments,
        "language": filters.languages,
        "media_type": filters.media_types,
        "source_id": filters.source_ids,
        "document_id": filters.document_ids,
        "tags": filters.tags,
    }
    for field, wanted in fields.items():
        if wanted:
            names = [exact(value) for value in sorted(wanted)]
            yield _Query.term_set_query(schema(), field, names)
    after, before = filters.modified_after, filters.modified_before
    if after or before:
        yield _Query.range_query(
            schema(),
            "modified_at",
            tantivy.FieldType.Float,
            lower_bound=after.timestamp() if after else None,
            upper_bound=before.timestamp() if before else None,
        )
