"""What kind of answer a question waits for, and whether a sentence holds one."""

import re
from enum import StrEnum

from app.answering.numbers import supported


class Expected(StrEnum):
    """The kind of thing asked for."""

    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"
    STEPS = "steps"
    ANYTHING = "anything"


_ASKED = (
    (
        Expected.DATE,
        re.compile(
            r"いつ|何(年|月|日|時|曜日)(?!間)|期限|締め?切|締切|日付|年月日|開始日|施行日"
            r"|\b(when|what (date|day|time|year|month)|which (day|month|year)|deadline|due date)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Expected.NUMBER,
        re.compile(
            r"いくつ|いくら|何(個|人|名|回|件|円|日間|年間|時間|分|歳|%|パーセント|割|倍|枚|台|つ|箇所|か月|ヶ月|週)"
            r"|どのくらい|どれくらい|どれだけ|何日|金額|上限|料金|費用|割合|人数|日数"
            r"|\bhow (many|much|long|often|old|large|big|far|soon)\b"
            r"|\b(limit|amount|rate|percentage|cost)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Expected.PERSON,
        re.compile(
            r"誰|だれ|どなた|担当(者|部署|は)|責任者|承認者|連絡先|窓口|\b(who|whom|whose|contact)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Expected.PLACE,
        re.compile(r"どこ|何処|場所|住所|保管先|\bwhere\b", re.IGNORECASE),
    ),
    (
        Expected.REASON,
        re.compile(r"なぜ|何故|どうして|理由|原因|\bwhy\b|\breason\b", re.IGNORECASE),
    ),
    (
        Expected.STEPS,
        re.compile(
            r"手順|方法|どうやって|どうすれば|やり方|流れ|どのように"
            r"|\bhow (do|to|can|should|does)\b"
            r"|\b(steps|procedure|process)\b",
            re.IGNORECASE,
        ),
    ),
)

_HOLDS = {
    Expected.DATE: re.compile(
        r"\d{1,4}\s*[年月日時]|[元一二三四五六七八九十]+[年月日]|\d{1,2}[:/]\d{2}|\d{4}-\d{2}"
        r"|曜日?|月末|月初|年度|翌|当日|前日|以内|まで"
        r"|\b(january|february|march|april|may|june|july|august|september|october|november"
        r"|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|daily|weekly|monthly"
        r"|quarter|days?|weeks?|[12]\d{3})\b",
        re.IGNORECASE,
    ),
    Expected.PERSON: re.compile(
        r"[部課室係局]|部長|課長|社長|上長|上司|担当|さん|氏|者|様|人事|総務|経理|@|内線"
        r"|\b[A-Z][a-z]+ [A-Z][a-z]+\b|\b(manager|team|department|officer|director|lead|HR|head)\b"
    ),
    Expected.PLACE: re.compile(
        r"[都道府県市区町村国州島]|階|室|棟|ビル|本社|支社|工場|倉庫|フォルダ|サーバ|ポータル|https?:"
        r"|\b(in|at|on) (the )?[A-Z]\w+|\b(floor|room|building|office|folder|portal|site)\b"
    ),
    Expected.REASON: re.compile(
        r"ため|から|ので|により|によって|おかげ|原因|理由|せい"
        r"|\b(because|since|due to|so that|in order to|therefore|reason)\b",
        re.IGNORECASE,
    ),
    Expected.STEPS: re.compile(
        r"^\s*(\d+[.)]|[①-⑳]|[-・])|してください|する。|します|提出|申請|入力|選択|クリック|押"
        r"|\b(first|then|next|submit|click|select|open|enter|send|fill)\b",
        re.IGNORECASE | re.MULTILINE,
    ),
}


def expected(question: str) -> Expected:
    """Returns the kind of answer asked for, ANYTHING when the words do not tell."""
    for kind, pattern in _ASKED:
        if pattern.search(question):
            return kind
    return Expected.ANYTHING


def holds(kind: Expected, text: str, question: str) -> bool:
    """Tells whether a text holds something of the kind that the question did not say itself."""
    if kind is Expected.ANYTHING:
        return False
    if kind is Expected.NUMBER:
        return bool(supported(text) - supported(question))
    return bool(_HOLDS[kind].search(text))
