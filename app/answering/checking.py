"""Whether a sentence is supported by the passages it cites.

No chat model judges: figures, units, dates, part numbers, names and denials must be in the
passages, and the rest must be near.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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

# Where support ends; set with the embedded model on the tuning half of ``benchmarks/lies``. Between
# languages sentences written by hand about the sample's documents had a say as well.
_SHARED = 0.35  # share of its words below which a sentence is not about what it cites
_SHARED_ALONE = 0.50  # the same, where the meaning is far as well
_MEANING_ALONE = 0.50  # cosine that counts as far there
_NEAR_ACROSS = 0.40  # cosine and nearness of words, added up, below which one in the other language
_WEAK_SHARED = 0.70  # share of its words below which a sentence is called weak
_WEAK_ACROSS = 0.45  # cosine below which one in the other language is called weak

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


class SentenceChecker:
    """Rules for what can be proved, likeness for the rest; takes milliseconds a sentence."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        """Takes what measures likeness, also between languages; without it only words count."""
        self._embedder = embedder

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
        weak = found.shared < _WEAK_SHARED
        return Check(Verdict.WEAK if weak else Verdict.SUPPORTED)

    def _judge_across(self, found: Comparison, missing: tuple[str, ...]) -> Check:
        meaning = found.meaning
        missing += found.names
        far = meaning is not None and meaning + found.shared < _NEAR_ACROSS
        if missing or far:
            return Check(Verdict.UNSUPPORTED, missing)
        near = meaning is not None and meaning >= _WEAK_ACROSS
        return Check(Verdict.SUPPORTED if near else Verdict.WEAK)

    def _is_far(self, found: Comparison) -> bool:
        if found.shared < _SHARED:
            return True
        far = found.meaning is not None and found.meaning < _MEANING_ALONE
        return far and found.shared < _SHARED_ALONE


def find_unnamed_source(
    draft: Draft, passages: Sequence[Passage], checker: SentenceChecker
) -> int | None:
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
