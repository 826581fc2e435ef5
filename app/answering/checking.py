"""Whether a sentence is supported by the passages it cites.

``Checker`` is the place where stronger checks come in. ``SentenceChecker`` needs no model: figures,
units, dates, part numbers, names and denials must be in the passages, and the rest must be near.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.answering.citing import Draft, without_list_number
from app.answering.comparing import Comparison, compare, evidence_of
from app.answering.model import Verdict
from app.answering.quoting import features
from retrieval.lexical.tokenizing import terms
from retrieval.model import Passage
from retrieval.ports import Embedder

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


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where support ends; set on the tuning half of ``benchmarks/lies``.

    Between languages sentences written by hand about the sample's documents had a say as well.

    Attributes:
        shared: Share of its words below which a sentence is not about what it cites.
        shared_alone: The same, where the meaning is far as well.
        meaning_alone: Cosine that counts as far there.
        near_across: Cosine and nearness of words, added up, below which a sentence in the other
            language is not about it.
        weak_shared: Share of its words below which a sentence is called weak.
        weak_across: Cosine below which one in the other language is called weak.
    """

    shared: float = 0.35
    shared_alone: float = 0.50
    meaning_alone: float = 0.50
    near_across: float = 0.40
    weak_shared: float = 0.70
    weak_across: float = 0.45


class SentenceChecker:
    """Rules for what can be proved, likeness for the rest."""

    def __init__(
        self, embedder: Embedder | None = None, thresholds: Thresholds | None = None
    ) -> None:
        """Keeps the parts.

        Args:
            embedder: Measures likeness, also between languages; without one only words count.
            thresholds: Where support ends; measured with the embedded model.
        """
        self._embedder = embedder
        self._limits = thresholds or Thresholds()

    def check(self, draft: Draft, passages: Sequence[Passage]) -> Check:
        """Returns the verdict over the cited passages together."""
        if not passages:
            return Check(Verdict.UNSUPPORTED)
        found = compare(draft.text, passages, self._embedder)
        return self.judge(found)

    def judge(self, found: Comparison) -> Check:
        """Returns the verdict of a comparison."""
        missing = (*found.figures, *found.codes, *found.opposed, *found.swapped)
        if found.across:
            return self._judge_across(found, missing)
        missing += found.names
        if missing or self._is_far(found):
            return Check(Verdict.UNSUPPORTED, missing)
        weak = found.shared < self._limits.weak_shared
        return Check(Verdict.WEAK if weak else Verdict.SUPPORTED)

    def _judge_across(self, found: Comparison, missing: tuple[str, ...]) -> Check:
        meaning = found.meaning
        missing += found.names
        far = meaning is not None and meaning + found.shared < self._limits.near_across
        if missing or far:
            return Check(Verdict.UNSUPPORTED, missing)
        near = meaning is not None and meaning >= self._limits.weak_across
        return Check(Verdict.SUPPORTED if near else Verdict.WEAK)

    def _is_far(self, found: Comparison) -> bool:
        if found.shared < self._limits.shared:
            return True
        far = found.meaning is not None and found.meaning < self._limits.meaning_alone
        return far and found.shared < self._limits.shared_alone


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
        enough = share >= TERMS_FOR_UNMARKED and share > best[0]
        if enough and checker.check(draft, [passage]).verdict is not Verdict.UNSUPPORTED:
            best = share, index
    return best[1] if best[1] >= 0 else None


def says_nothing_found(draft: Draft) -> bool:
    """Tells whether a sentence without marks only says that the sources do not answer."""
    return not draft.marks and bool(_SAYS_NOTHING_FOUND.search(draft.text))
