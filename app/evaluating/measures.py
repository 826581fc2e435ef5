"""What is measured: each measure is a share of sums over questions.

A question adds a part and a whole to each measure; (0, 0) where the measure does not apply to it.
So a group, an interval and a paired comparison are made the same way for all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.answering.model import Bilingual
from app.evaluating.model import Outcome
from app.evaluating.rating import Rate, ratio_interval

DOCUMENTS_LOOKED_AT = 5
Share = tuple[float, float]
_NONE: Share = (0, 0)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    Attributes:
        title: What it is called in a report.
        meaning: What it counts, in a sentence.
        share: A question's part and whole.
        counts_questions: Whether each question counts once, right or wrong: then the interval is
            Wilson's, else a bootstrap's over questions.
    """

    name: str
    title: Bilingual
    meaning: Bilingual
    share: Callable[[Outcome], Share]
    counts_questions: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure of some questions, with its 95 % interval.

    Attributes:
        part: The sum above, e.g. right citations.
        whole: The sum below, e.g. citations; 0 where there is nothing to measure.
        questions: How many questions it applies to.
    """

    value: float
    low: float
    high: float
    part: float
    whole: float
    questions: int


def estimate(measure: Measure, outcomes: Sequence[Outcome]) -> Estimate | None:
    """Returns the measure of these questions, ``None`` where it applies to none of them."""
    shares = [share for share in map(measure.share, outcomes) if share[1]]
    if not shares:
        return None
    part, whole = (float(sum(column)) for column in zip(*shares, strict=True))
    if measure.counts_questions:
        low, high = Rate(round(part), round(whole)).interval
    else:
        low, high = ratio_interval([one for one, _ in shares], [all_ for _, all_ in shares])
    return Estimate(part / whole, low, high, part, whole, len(shares))


def _truth(value: bool | None) -> Share:
    return _NONE if value is None else (int(value), 1)


def _recall(outcome: Outcome) -> Share:
    found = outcome.rank is not None and 0 < outcome.rank <= DOCUMENTS_LOOKED_AT
    return _truth(None if outcome.rank is None else found)


def _reciprocal_rank(outcome: Outcome) -> Share:
    if outcome.rank is None:
        return _NONE
    return (1 / outcome.rank if outcome.rank else 0, 1)


def _coverage(outcome: Outcome) -> Share:
    return _truth(outcome.answered if outcome.should_answer else None)


def _citation_precision(outcome: Outcome) -> Share:
    if not (outcome.should_answer and outcome.answered and outcome.wanted):
        return _NONE
    return outcome.right_citations, len(outcome.cited)


def _citation_recall(outcome: Outcome) -> Share:
    return _truth(outcome.evidence if outcome.answered else None)


def _refusal_precision(outcome: Outcome) -> Share:
    return _truth(None if outcome.answered else not outcome.should_answer)


def _refusal_recall(outcome: Outcome) -> Share:
    return _truth(None if outcome.should_answer else not outcome.answered)


def _refusal_f1(outcome: Outcome) -> Share:
    right = not outcome.should_answer and not outcome.answered
    wrong = outcome.should_answer == (not outcome.answered)
    return 2 * right, 2 * right + wrong


def _support(outcome: Outcome) -> Share:
    if not outcome.answered:
        return _NONE
    return outcome.verdicts.get("supported", 0), sum(outcome.verdicts.values())


def _language(outcome: Outcome) -> Share:
    return _truth(outcome.said_in == outcome.language if outcome.said_in else None)


MEASURES = (
    Measure(
        "recall",
        Bilingual("再現率@5", "recall@5"),
        Bilingual(
            "正しい文書が、検索の上位 5 文書に入った質問",
            "questions whose right document is among the first five found",
        ),
        _recall,
    ),
    Measure(
        "mrr",
        Bilingual("平均逆順位", "MRR"),
        Bilingual(
            "正しい文書の順位の逆数の平均", "mean of 1 / the place of the first right document"
        ),
        _reciprocal_rank,
        counts_questions=False,
    ),
    Measure(
        "coverage",
        Bilingual("回答率", "coverage"),
        Bilingual("答えるべき質問のうち、答えたもの", "answerable questions that were answered"),
        _coverage,
    ),
    Measure(
        "citation_precision",
        Bilingual("引用の適合率", "citation precision"),
        Bilingual(
            "答えた質問の引用のうち、正しい文書を指すもの",
            "citations of answered questions that point at a right document",
        ),
        _citation_precision,
        counts_questions=False,
    ),
    Measure(
        "citation_recall",
        Bilingual("引用の再現率", "citation recall"),
        Bilingual(
            "答えた質問のうち、根拠の文が引用箇所に含まれるもの",
            "answered questions whose evidence stands inside a cited span",
        ),
        _citation_recall,
    ),
    Measure(
        "fact",
        Bilingual("事実の一致", "facts stated"),
        Bilingual(
            "答えるべき質問のうち、正しい事実を述べたもの",
            "answerable questions whose answer states the facts",
        ),
        lambda outcome: _truth(outcome.fact),
    ),
    Measure(
        "refusal_precision",
        Bilingual("拒否の適合率", "refusal precision"),
        Bilingual("答えなかった質問のうち、それが正しいもの", "refusals that were right"),
        _refusal_precision,
    ),
    Measure(
        "refusal_recall",
        Bilingual("拒否の再現率", "refusal recall"),
        Bilingual(
            "答えるべきでない質問のうち、答えなかったもの",
            "questions without an answer that were refused",
        ),
        _refusal_recall,
    ),
    Measure(
        "refusal_f1",
        Bilingual("拒否の F1", "refusal F1"),
        Bilingual("拒否の適合率と再現率の調和平均", "harmonic mean of the two above"),
        _refusal_f1,
        counts_questions=False,
    ),
    Measure(
        "decision",
        Bilingual("回答・拒否の判断", "right decision"),
        Bilingual(
            "答えるか断るかの判断が正しかった質問",
            "questions answered or refused as they should be",
        ),
        lambda outcome: _truth(outcome.answered == outcome.should_answer),
    ),
    Measure(
        "permission",
        Bilingual("閲覧権限", "permission"),
        Bilingual(
            "質問者によって答えが変わる質問で、権限どおりだったもの",
            "questions that depend on who asks, where the asker met what they may and no more",
        ),
        lambda outcome: _truth(outcome.permission),
    ),
    Measure(
        "support",
        Bilingual("裏付けのある文", "sentences supported"),
        Bilingual(
            "回答の文のうち、検査で「裏付けあり」となったもの（引用そのものは常にあり）",
            "sentences of answers that the check calls supported (quotations always are)",
        ),
        _support,
        counts_questions=False,
    ),
    Measure(
        "language",
        Bilingual("回答の言語", "language"),
        Bilingual(
            "質問と同じ言語で返ったもの（引用は原文の言語のまま）",
            "replies in the question's language (quotations keep their document's)",
        ),
        _language,
    ),
)
BY_NAME = {measure.name: measure for measure in MEASURES}
