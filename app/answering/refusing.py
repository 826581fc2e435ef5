"""When the documents do not say: the decision, and where the reader is sent instead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.comparing import evidence_of
from app.answering.model import Bilingual, Nearest
from app.answering.numbers import absent_codes, codes, stated, supported
from app.answering.quoting import features, fold
from retrieval.errors import Language
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms
from retrieval.model import Passage

_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Policy:
    """When to refuse before any model is asked; all numbers that decide it are here.

    These only turn away what is clearly elsewhere. A question that shares its words with a
    document without being answered by it cannot be told apart by overlap (on the sample's golden
    questions neither score nor coverage separates the two), so there the model's own "not in the
    sources" and the check of its sentences decide.
    """

    least_score: float = 0.13
    """Of the best passage. Search scores do not depend on the corpus: about 0.2 is chance."""

    least_coverage: float = 0.0
    """Share of the question's content words that one passage must hold; 0 asks for none, because
    a question in other words, or in the other language, may share none at all."""

    passages_looked_at: int = 3
    nearest_documents: int = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well the passages match a question.

    Attributes:
        score: Fused score of the best passage, 0..1.
        coverage: Share of the question's content words that one of the first passages holds.
        missing: Part numbers and years of the question that no passage mentions.
    """

    score: float
    coverage: float
    missing: tuple[str, ...]


def measure(
    question: str, passages: Sequence[Passage], policy: Policy, *, dated: bool = False
) -> Evidence:
    """Returns the match between a (standalone) question and the passages found for it.

    Args:
        question: As it is searched for.
        passages: Best first.
        policy: How much of them is looked at.
        dated: Whether the passages were chosen by the time asked about, which they need not state.
    """
    wanted = frozenset(terms(question)) - QUESTION_WORDS
    shares = [
        len(wanted & features(evidence_of(passage))[0]) / max(1, len(wanted))
        for passage in passages[: policy.passages_looked_at]
    ]
    return Evidence(
        score=max((passage.score for passage in passages), default=0.0),
        coverage=max(shares, default=0.0),
        missing=_missing(question, passages, dated=dated),
    )


def should_refuse(evidence: Evidence, policy: Policy) -> bool:
    """Returns whether the passages are too far from the question to answer it.

    A part number or year that is nowhere in them makes them answers to another question, however
    well the rest matches.
    """
    if evidence.missing or evidence.score < policy.least_score:
        return True
    return evidence.coverage < policy.least_coverage


def _missing(question: str, passages: Sequence[Passage], *, dated: bool) -> tuple[str, ...]:
    asked_codes = codes(question)
    years = {number for number in stated(question) if _YEAR.fullmatch(number)}
    asked_years = set[str]() if dated else years
    if not asked_codes and not asked_years:
        return ()
    texts = [evidence_of(passage) for passage in passages]
    folded = "\n".join(fold(text) for text in texts)
    known = frozenset[str]().union(*(supported(text) for text in texts))
    known |= {
        str(passage.document.metadata.modified_at.year)
        for passage in passages
        if passage.document.metadata.modified_at
    }
    missing = absent_codes(asked_codes, folded)
    return tuple(sorted(missing | (asked_years - known)))


def nearest(passages: Sequence[Passage], count: int) -> tuple[Nearest, ...]:
    """Returns the documents of the passages, best first, each once.

    All of them are readable by the asker: they come out of a search under the asker's access.
    """
    found: dict[str, Nearest] = {}
    for passage in passages:
        metadata = passage.document.metadata
        found.setdefault(
            passage.document.id,
            Nearest(passage.document.id, metadata.title, metadata.owner, metadata.department),
        )
    return tuple(found.values())[:count]


def explain(near: Sequence[Nearest], language: Language) -> str:
    """Returns the sentence shown instead of an answer."""
    if not near:
        return _NOTHING.text(language)
    ja, en = _named(near[0])
    return Bilingual(
        ja=f"お探しの答えは、閲覧できる文書の中に見つかりませんでした。最も近い文書は{ja}です。",
        en=f"No answer was found in the documents you can read. The nearest one is {en}.",
    ).text(language)


_NOTHING = Bilingual(
    ja=(
        "お探しの答えは、閲覧できる文書の中に見つかりませんでした。"
        "言葉を変えて質問してみてください。"
    ),
    en="No answer was found in the documents you can read. Try asking in other words.",
)


def _named(document: Nearest) -> tuple[str, str]:
    contact = document.owner or document.department
    ja = f"「{document.title}」" + (f"（担当: {contact}）" if contact else "")
    en = f"“{document.title}”" + (f" (ask {contact})" if contact else "")
    return ja, en
