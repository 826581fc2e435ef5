"""Why a document was found, or was not: each step it may have been lost at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from retrieval.arms import Arms
from retrieval.catalog.catalog import Catalog
from retrieval.catalog.locating import Known, Locator, Removed
from retrieval.lexical.glossary import Glossary
from retrieval.lexical.placing import place_terms
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms, tokenize
from retrieval.model import EVERYONE, Filters, Passage, Principals, Remark, Scope
from retrieval.narrowing import find_mismatches
from retrieval.querying import Understood, holds

LOOKED_AT = 1_000
"""Chunks of each arm that ranks are counted among."""

TRACED = 100
"""Passages among which a document's place after versions and variety is looked for."""

_READ_CHUNKS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where the best chunk of a document stands.

    Attributes:
        rank: From 1; ``None`` beyond the chunks looked at.
        score: In 0..1.
        chunk_id: The chunk.
    """

    rank: int | None
    score: float
    chunk_id: str


@dataclass(frozen=True, slots=True)
class Trace:
    """How a document fares under one question, in the order it may be lost.

    Attributes:
        document_id: Its id; what was asked for where no single document goes by that.
        ingested: The catalog knows it.
        status: "current", "stale" or "failed"; "" for an unknown document.
        has_text: It was read and has chunks.
        readable: The caller may read it.
        lexical: Where it stands among what shares words with the question.
        vector: Where it stands among what is near in meaning.
        fused: Where it stands once both are joined.
        ordered: Where it stands among the results once versions and variety are weighed.
        factors: What its score is made of there, by name.
        shown: Its place in the result, from 1.
        count: How many passages the result has at most.
        known: What the catalog knows of it.
        rivals: The documents that the name fits, where that is not one.
        removed: That it was here once.
        carried: The caller's principals that the rule allows.
        forbidding: The caller's principals that the rule denies.
        mismatched: The fields of the filters that it does not match.
        unheld: It has no passage with the demanded phrases and without the excluded words.
        lacking: Words of the question that none of its passages has, called so or otherwise.
        degraded: The arms that could not take part.
        above: The passages shown, best first.
        remarks: How the question's fields and quotations were read.
        barred: Of its passages, those that lack a demanded phrase or have an excluded word.
    """

    document_id: str
    ingested: bool
    status: str = ""
    has_text: bool = False
    readable: bool = False
    lexical: Place | None = None
    vector: Place | None = None
    fused: Place | None = None
    ordered: Place | None = None
    factors: Mapping[str, float] = field(default_factory=dict)
    shown: int | None = None
    count: int = 0
    known: Known | None = None
    rivals: tuple[Known, ...] = ()
    removed: Removed | None = None
    carried: tuple[str, ...] = ()
    forbidding: tuple[str, ...] = ()
    mismatched: tuple[str, ...] = ()
    unheld: bool = False
    lacking: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    above: tuple[Passage, ...] = ()
    remarks: tuple[Remark, ...] = ()
    barred: int = 0

    @property
    def verdict(self) -> str:
        """The first step it was lost at, in one word, or "shown"."""
        steps = (
            ("ambiguous", not self.rivals),
            ("removed", self.ingested or self.removed is None),
            ("unknown", self.ingested),
            ("unread", self.has_text),
            ("forbidden", self.readable),
            ("filtered", not self.mismatched and not self.unheld),
            ("unlike", any((self.fused, self.lexical, self.vector))),
            ("outranked", self.shown is not None),
        )
        return next((name for name, passed in steps if not passed), "shown")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put to the arms.

    Attributes:
        filters: All that narrow it: the caller's and the question's own.
        glossary: What else its words are called.
    """

    understood: Understood
    scope: Scope
    filters: tuple[Filters, ...]
    glossary: Glossary


def trace(catalog: Catalog, arms: Arms, name: str, asked: Asked) -> Trace:
    """Returns what is known of a document up to its rank; the rest is :func:`place`'s to add.

    Args:
        catalog: The open catalog.
        arms: The question, put to both arms within the scope.
        name: Its id, external id or title.
        asked: The question.
    """
    locator = Locator(catalog.database)
    found = locator.find(name)
    if len(found) != 1:
        removed = None if found else locator.find_removed(name)
        return Trace(name, ingested=False, rivals=found, removed=removed)
    (known,) = found
    begun = _begin(known, asked.scope.principals, arms.degraded)
    document = catalog.documents.get(known.id, asked.scope.principals)
    if document is None or not begun.has_text:
        return replace(begun, readable=document is not None)
    own = locator.chunk_ids(known.id)
    mismatched = [name for each in asked.filters for name in find_mismatches(document, each)]
    begun = replace(begun, readable=True, mismatched=tuple(dict.fromkeys(mismatched)))
    begun = _compare_words(begun, catalog, own, asked)
    if begun.mismatched:
        return begun
    return _rank(begun, arms, own)


def place(traced: Trace, passages: Sequence[Passage], shown: Sequence[Passage]) -> Trace:
    """Returns the trace with the document's place among the ordered passages and in the result."""
    own = traced.document_id
    ranks = [n for n, each in enumerate(passages, 1) if each.document.id == own]
    places = [n for n, each in enumerate(shown, 1) if each.document.id == own]
    traced = replace(traced, shown=places[0] if places else None, above=tuple(shown))
    if not ranks:
        return traced
    best = passages[ranks[0] - 1]
    ordered = Place(ranks[0], best.score, best.chunk.id)
    return replace(traced, ordered=ordered, factors=dict(best.scores))


def _begin(known: Known, principals: Principals, degraded: tuple[str, ...]) -> Trace:
    return Trace(
        known.id,
        ingested=True,
        status=known.status,
        has_text=known.chunks > 0,
        known=known,
        carried=_in_order(known.access.allow & principals),
        forbidding=_in_order(known.access.deny & principals),
        degraded=degraded,
    )


def _compare_words(traced: Trace, catalog: Catalog, own: Sequence[str], asked: Asked) -> Trace:
    known = catalog.chunks.fetch(own[:_READ_CHUNKS], asked.scope.principals)
    texts = [chunk.indexed_text for chunk, _ in known.values()]
    held = {term for text in texts for term in terms(text)} | QUESTION_WORDS
    question = asked.understood.text
    for sentence in tokenize(question):
        for concept in asked.glossary.concepts(sentence):
            if any(held.issuperset(way) for way in concept.others):
                held.update(concept.words)
    missing = [each for each in place_terms(question) if each.term not in held]
    lacking = tuple(dict.fromkeys(question[each.start : each.end] for each in missing))
    barred = sum(not holds(text, asked.understood) for text in texts)
    return replace(traced, lacking=lacking, barred=barred, unheld=barred == len(texts))


def _rank(traced: Trace, arms: Arms, own: Sequence[str]) -> Trace:
    hits = arms.lexical.best(LOOKED_AT) if arms.lexical else []
    lexical = {hit.chunk_id: hit.score for hit in hits}
    vector = arms.vector.best(LOOKED_AT) if arms.vector else {}
    fused, _ = arms.candidates(LOOKED_AT)
    return replace(
        traced,
        lexical=_place(lexical, own, arms.lexical.scores_of(own) if arms.lexical else {}),
        vector=_place(vector, own, arms.vector.scores_of(own) if arms.vector else {}),
        fused=_place({each.chunk_id: each.score for each in fused}, own, {}),
    )


def _place(
    ranked: Mapping[str, float], own: Sequence[str], beyond: Mapping[str, float]
) -> Place | None:
    """Returns the best place of a document's chunks; beyond what was looked at, without a rank."""
    mine = set(own)
    for rank, (name, score) in enumerate(ranked.items(), 1):
        if name in mine:
            return Place(rank, score, name)
    best = max(beyond, key=lambda name: beyond[name], default=None)
    return Place(None, beyond[best], best) if best is not None and beyond[best] > 0 else None


def _in_order(principals: Iterable[str]) -> tuple[str, ...]:
    """Returns principals, the widest first."""
    return tuple(sorted(principals, key=lambda name: (name != EVERYONE, name)))
