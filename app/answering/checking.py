"""Whether a sentence is supported by the passages it cites.

``Checker`` is the place where stronger checks come in; ``FigureChecker`` proves numbers and part
numbers, which are what a reader acts on first and what a model gets wrong most visibly.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.answering.citing import Draft, without_list_number
from app.answering.numbers import absent_codes, codes, stated, supported
from app.answering.quoting import features, fold
from retrieval.lexical.tokenizing import terms
from retrieval.model import Passage

TERMS_FOR_UNMARKED = 0.6
"""Share of its terms that a passage must hold for a sentence that names no source.

A model that forgets its marks mostly repeats the source closely; below this share it is inventing.
"""

_SAYS_NOTHING_FOUND = re.compile(
    r"(記載|記述|情報|説明|該当|答え|言及)[^。]{0,20}(ありません|ない|見つかりません|見当たりません|ございません)"
    r"|(わかりません|分かりません|お答えできません|回答できません|不明です)"
    r"|\b(do(es)? not|don't|doesn't|cannot|can't|no)\b[^.]{0,60}"
    r"\b(mention|contain|say|state|specify|provide|answer|information|know|found|find|include)",
    re.IGNORECASE,
)


class Verdict(StrEnum):
    """What a check says of a sentence."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict and what the passages lack ("42", "KP-7"), for the log and the reader."""

    verdict: Verdict
    missing: tuple[str, ...] = ()


class Checker(Protocol):
    """Holds one sentence against the passages it cites; must take milliseconds."""

    def check(self, draft: Draft, passages: Sequence[Passage]) -> Check:
        """Returns the verdict."""
        ...


class FigureChecker:
    """Every number and part number of the sentence must occur in a passage it cites."""

    def check(self, draft: Draft, passages: Sequence[Passage]) -> Check:
        """Returns SUPPORTED when nothing is missing from the cited passages together."""
        text = without_list_number(draft.text)
        evidence = [evidence_of(passage) for passage in passages]
        proven = frozenset[str]().union(*(supported(part) for part in evidence))
        folded = "\n".join(fold(part) for part in evidence)
        missing = sorted(stated(text) - proven)
        missing += sorted(absent_codes(codes(text), folded))
        return Check(Verdict.UNSUPPORTED if missing else Verdict.SUPPORTED, tuple(missing))


def evidence_of(passage: Passage) -> str:
    """Returns all of a passage that can prove something: title, headings, text."""
    chunk = passage.chunk
    return "\n".join((passage.document.metadata.title, *chunk.heading, chunk.context, chunk.text))


def find_unnamed_source(draft: Draft, passages: Sequence[Passage], checker: Checker) -> int | None:
    """Returns the index of the passage that supports a sentence without marks, or None.

    The passage must pass the check and hold at least ``TERMS_FOR_UNMARKED`` of the terms.
    """
    wanted = frozenset(terms(without_list_number(draft.text)))
    if not wanted:
        return None
    best: tuple[float, int] = (0.0, -1)
    for index, passage in enumerate(passages):
        share = len(wanted & features(evidence_of(passage))[0]) / len(wanted)
        if share > best[0] and checker.check(draft, [passage]).verdict is Verdict.SUPPORTED:
            best = share, index
    return best[1] if best[0] >= TERMS_FOR_UNMARKED else None


def says_nothing_found(draft: Draft) -> bool:
    """Tells whether a sentence without marks only says that the sources do not answer."""
    return not draft.marks and bool(_SAYS_NOTHING_FOUND.search(draft.text))
