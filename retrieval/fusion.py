"""Join what both arms found into one order that is never worse than that of the better arm.

Both arms speak one scale: 0 is what an unrelated passage gets, 0.63 (``1 - 1/e``) what a passage
gets that fully matches, and repetitions approach 1. A weighted sum on one scale keeps a sure arm
sure, where fusing by rank lets a blind arm overrule it.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrieval.ports import Embedder

LEXICAL, VECTOR = "lexical", "vector"

VECTOR_WEIGHT = 0.4
"""Of a fully trusted vector arm where no word of the question is found; the better the best passage
fits the words, the less it is. Measured with the packaged model (see docs/retrieval.md)."""

# Mean reciprocal rank among ten passages: what luck may reach (0.29 on average), and what a model
# reaches that knows the language.
_BY_CHANCE, _CLEARLY = 0.4, 0.8

# Enough to put in order what the words leave equal.
_LEAST_TRUST = 0.05

_HIGHEST_FLOOR, _SMALLEST_SPAN = 0.9, 0.1

_JAPANESE = re.compile("[\u3041-\u9fff\uff66-\uff9f]")  # kana, kanji, half-width kana

# Question and passage of the same line belong together, those of different lines do not.
_PROBES = {
    "ja": (
        ("有給休暇は何日もらえますか", "年次有給休暇は入社半年後に十日付与されます。"),
        ("出張の宿泊費の上限", "国内出張で泊まる場合、ホテル代は一泊一万円まで支給します。"),
        ("パスワードを忘れたとき", "暗証の再設定は情報システム部の窓口で受け付けます。"),
        ("工場で火災が起きたら", "出火を見つけた者は非常ベルを鳴らし、直ちに避難してください。"),
        ("請求書の支払期日", "仕入先への代金は月末締め、翌月末に銀行振込で支払います。"),
        ("育児のための短時間勤務", "子どもが小学校に入るまで一日六時間の勤務を選べます。"),
        ("製品が壊れた時の保証", "購入から一年以内の故障は無償で修理いたします。"),
        ("会議室の予約方法", "打ち合わせの部屋は社内カレンダーから申し込みます。"),
        ("健康診断はいつですか", "従業員は毎年秋に医師の検診を受けます。"),
        ("個人情報の取り扱い", "顧客の氏名や住所は目的以外に使ってはなりません。"),
    ),
    "en": (
        ("How many days of annual leave do I get?", "Employees earn twenty vacation days a year."),
        ("hotel limit on business trips", "Lodging while travelling is paid up to 150 a night."),
        ("I forgot my password", "Credentials are reset at the IT service desk."),
        ("what to do in case of fire", "Sound the alarm and leave the building at once."),
        ("when are invoices due", "Suppliers are paid by bank transfer within thirty days."),
        ("parental leave rules", "New mothers and fathers may stay home for six months."),
        ("warranty for broken products", "Defects within the first year are repaired for free."),
        ("book a meeting room", "Reserve conference space through the shared calendar."),
        ("yearly health check", "A doctor examines all staff every autumn."),
        ("handling personal data", "Customer names and addresses may not be used otherwise."),
    ),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How an embedder's cosines of one language are to be read.

    Attributes:
        floor: What unrelated texts get.
        top: What a question and its answer get.
        trust: From nearly 0, the embedder cannot tell them apart, to 1, it does so clearly.
    """

    floor: float
    top: float
    trust: float

    def score(self, cosine: float) -> float:
        """Maps a cosine similarity to 0..1, keeping the order above the floor."""
        share = max(0.0, cosine - self.floor) / max(self.top - self.floor, 1e-6)
        return 1 - math.exp(-share)


@dataclass(frozen=True, slots=True)
class Fused:
    """A chunk with its place in the joint order.

    Attributes:
        score: In 0..1; below about 0.2 a passage shares no more with the question than chance.
        scores: What each arm gave it, for those that gave it something.
    """

    chunk_id: str
    score: float
    scores: Mapping[str, float]


def language_of(text: str) -> str:
    """Returns "ja" for a text with kana or kanji, else "en"."""
    return "ja" if _JAPANESE.search(text) else "en"


def measure_scales(embedder: Embedder) -> dict[str, Scale]:
    """Returns the scale of each language, measured on a few questions and answers.

    An embedder that does not know a language puts all its texts close together or at random. Its
    matching and other pairs then look alike, and its trust in that language is small.

    Raises:
        EmbedderUnavailable: The model cannot be used.
    """
    return {language: _measure(embedder, probes) for language, probes in _PROBES.items()}


def fuse(
    lexical: Mapping[str, float], vector: Mapping[str, float], vector_weight: float
) -> list[Fused]:
    """Returns all chunks of both arms, best first; equal ones in the order of their ids.

    Args:
        lexical: Scores in 0..1 by chunk id; what is absent has 0.
        vector: The same of the other arm.
        vector_weight: Between 0 and 1; 0 leaves out the vector arm, 1 the lexical arm.
    """
    fused = []
    for chunk_id in {**lexical, **vector}:
        scores = {LEXICAL: lexical.get(chunk_id, 0.0), VECTOR: vector.get(chunk_id, 0.0)}
        total = (1 - vector_weight) * scores[LEXICAL] + vector_weight * scores[VECTOR]
        fused.append(Fused(chunk_id, total, {arm: got for arm, got in scores.items() if got > 0}))
    return sorted(fused, key=lambda each: (-each.score, each.chunk_id))


def _measure(embedder: Embedder, probes: tuple[tuple[str, str], ...]) -> Scale:
    questions: Any = np.stack([embedder.embed_query(question) for question, _ in probes])
    passages = embedder.embed_documents([passage for _, passage in probes])
    cosines = questions @ passages.T
    matching = np.diagonal(cosines)
    others = cosines[~np.eye(len(probes), dtype=bool)]
    floor = min(float(others.mean() + others.std()), _HIGHEST_FLOOR)
    top = max(float(np.quantile(matching, 0.9)), floor + _SMALLEST_SPAN)
    # Mean reciprocal rank of the own passage; equal ones count as ahead of it.
    ranks = np.maximum(1, (cosines >= matching[:, None]).sum(axis=1))
    found = float((1 / ranks).mean())
    trust = (found - _BY_CHANCE) / (_CLEARLY - _BY_CHANCE)
    return Scale(floor, top, min(1.0, max(_LEAST_TRUST, trust)))
