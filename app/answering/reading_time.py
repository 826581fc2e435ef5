"""Which time a question asks about: a day, a month, a year, or the edition before this one."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.dates import Mention, find_dates, in_western_years

_MARK = (
    r"\s*の?(?:時点|現在|当時|頃|ごろ|版|改[定訂]版?|施行)(?:の|では?|に(?:おける|おいて))?"
    r"|\s+(?:edition|version)\b|の"
)
_IN_A_CODE = re.compile(r"[A-Za-z0-9_-]$")
_FISCAL_AFTER = re.compile(r"年?度")
_FISCAL_BEFORE = re.compile(r"\b(?:fy|fiscal(?:\s+year)?)\s*$", re.IGNORECASE)
_YEAR_AFTER = re.compile(r"\s*年|版")
_EDITION_AFTER = re.compile(
    r"\s+(?:\w+\s+){0,2}(?:editions?|versions?|polic(?:y|ies)|rules?|regulations?|handbook|manual"
    r"|guidelines?|price list|prices?|rates?|limits?)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"\b(?:in|as of|as at|on|of|by|during|for|from|since|to|until|till|before|after|prior to"
    r"|between|and|versus|vs\.?|than)\s+(?:the\s+)?(?:end of\s+|early\s+|late\s+)?$",
    re.IGNORECASE,
)
_LED = re.compile(f"(?:{_PREPOSITION.pattern}|{_FISCAL_BEFORE.pattern})", re.IGNORECASE)
_BEFORE_JA = re.compile(r"(?:年度?|月|日)?\s*(?:より前|以前|の?改[定訂]前)")
_BEFORE_EN = re.compile(r"\b(?:before|prior to)\s+(?:the\s+)?$", re.IGNORECASE)
_SINCE_JA = re.compile(r"(?:年度?|月|日)?\s*(?:以降|以後|より後|から(?!.*まで))")
_SINCE_EN = re.compile(r"\b(?:since|after|from)\s+(?:the\s+)?$", re.IGNORECASE)
_RANGE_EN = re.compile(r"\s*(?:to|until|till|through|and|[-–])\s", re.IGNORECASE)
_EVENT_JA = re.compile(
    r"(?:年度?|月|日)?(?:付け?)?に(?!は|おける|おいて|適用|施行|有効)"
    r"|(?:年度?|月|日)?\s*(?:入社|採用|入職|新卒|生まれ|製造|発売|購入|契約)"
)
_EVENT_EN = re.compile(
    r"\b(?:join(?:ed|s|ing)?|hired|start(?:ed|s|ing)?|began|born|moved|bought|purchased|married"
    r"|employed)\b[^.?!]{0,20}$",
    re.IGNORECASE,
)
_PAST = re.compile(r"(?:した|だった|かった)(?:か|のか|の|っけ|でしょうか)?[?？。\s]*$")
_PREVIOUS = re.compile(
    r"旧(?:規程|規則|規定|版|制度|ルール|基準|料金|価格|マニュアル|手順)(?:書|表)?"
    r"|(?:改[定訂正]|変更|見直し)(?:される|する)?(?:の|より|以)?前"
    r"|(?:ひとつ|一つ)?(?:以前|前|前回|これまで)の(?:規程|規則|規定|版|制度|ルール|基準|料金|価格|手順)"
    r"|\b(?:previous|former|prior|old|earlier|superseded|last)\s+(?:\w+\s+){0,2}?(?:polic(?:y|ies)"
    r"|rules?|edition|version|regulations?|price(?:s| list)?|handbook|manual|limit|rates?)\b"
    r"|\bbefore (?:the |its |it was |they were )?(?:last |latest )?(?:revis|chang|amend|updat)\w+",
    re.IGNORECASE,
)
_RELATIVE = (
    (re.compile(r"昨年(?P<fiscal>度)?|前年度|去年"), -1),
    (re.compile(r"来年(?P<fiscal>度)?|次年度"), 1),
    (re.compile(r"\blast (?P<fiscal>fiscal )?year\b", re.IGNORECASE), -1),
    (re.compile(r"\bnext (?P<fiscal>fiscal )?year\b", re.IGNORECASE), 1),
)
_NOW = re.compile(
    r"(?:^|[^年月日\d])(?:今は|今の|現在|現行)|と今|今と|\b(?:now|today|currently)\b", re.IGNORECASE
)
_LINK = re.compile(rf"(?:年度?|版)?(?:{_MARK}|より前|以前|以降|以後|から|まで|と)?", re.IGNORECASE)
_LEFT_OVER = re.compile(r"^[\sのはでに、,]+|\s{2,}")
_APRIL = 4
_NEAR = 60
"""Characters beside a date that say what it is; a text of thousands of dates is read as well."""
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that is asked about.

    Attributes:
        day: Its last day, or the day before it where what came before is asked for.
        first: Its first day.
        year: The year, where it is a whole one; an edition may be named by it.
    """

    day: date
    first: date
    year: int | None = None


@dataclass(frozen=True, slots=True)
class AskedTime:
    """When a question asks about; now, where there is neither a moment nor ``previous``.

    Attributes:
        moments: In the order of the question.
        previous: Whether it asks of the edition before the one in force.
        rest: The question without its words of time.
    """

    moments: tuple[Moment, ...] = ()
    previous: bool = False
    rest: str = ""

    @property
    def is_now(self) -> bool:
        """Whether it asks of the present."""
        return not self.moments and not self.previous


def read_time(question: str, today: date | None = None) -> AskedTime:
    """Returns the time a question asks about.

    令和5年度 ends on 31 March 2024: Japanese business years begin in April. A date on which
    something happens to the asker (2022年に入社) is none, and neither is one that stands in a code
    or a product's name.
    """
    today = today or date.today()
    text = in_western_years(question)
    moments: list[Moment] = []
    spans: list[tuple[int, int]] = []
    for mention in find_dates(text):
        moment = _read(text, mention, today)
        if moment is not None:
            moments.append(moment)
            led = _LED.search(text, max(0, mention.start - _NEAR), mention.start)
            linked = _LINK.match(text, mention.end)
            spans.append(
                (led.start() if led else mention.start, linked.end() if linked else mention.end)
            )
    for pattern, years in _RELATIVE:
        for found in pattern.finditer(text):
            moments.append(_relative(today, years, fiscal=_is_fiscal(found)))
            spans.append(found.span())
    if moments and _NOW.search(text):
        moments.append(Moment(today, today))
    previous = not moments and bool(_PREVIOUS.search(text))
    return AskedTime(tuple(dict.fromkeys(moments)), previous, _without(text, spans))


def _read(text: str, mention: Mention, today: date) -> Moment | None:
    before = text[max(0, mention.start - _NEAR) : mention.start]
    after = text[mention.end : mention.end + _NEAR]
    fiscal = bool(_FISCAL_AFTER.match(after) or _FISCAL_BEFORE.search(before))
    if not _is_time(text, before, after, mention, fiscal=fiscal):
        return None
    first, last = _span(mention, fiscal=fiscal)
    if _BEFORE_JA.match(after) or _BEFORE_EN.search(before):
        return Moment(first - _ONE, first - _ONE)
    since_en = _SINCE_EN.search(before) and not _RANGE_EN.match(after)
    if since_en or _SINCE_JA.match(after):
        return Moment(max(last, today), first)
    return Moment(last, first, None if mention.month else mention.year)


def _is_time(text: str, before: str, after: str, mention: Mention, *, fiscal: bool) -> bool:
    if _IN_A_CODE.search(before) and not fiscal:
        return False
    if _EVENT_JA.match(after) and not _PAST.search(text[-_NEAR:]):
        return False
    if _EVENT_EN.search(before):
        return False
    if mention.month or fiscal or _YEAR_AFTER.match(after):
        return True
    return bool(_PREPOSITION.search(before) or _EDITION_AFTER.match(after))


def _span(mention: Mention, *, fiscal: bool) -> tuple[date, date]:
    """Returns the first and the last day of what is named."""
    if not mention.month:
        if fiscal:
            return date(mention.year, _APRIL, 1), date(mention.year + 1, _APRIL, 1) - _ONE
        return date(mention.year, 1, 1), date(mention.year, 12, 31)
    first = date(mention.year, mention.month, 1)
    following = date(mention.year + mention.month // 12, mention.month % 12 + 1, 1)
    if not mention.day:
        return first, following - _ONE
    day = min(mention.day, (following - _ONE).day)
    return first.replace(day=day), first.replace(day=day)


def _relative(today: date, years: int, *, fiscal: bool) -> Moment:
    year = today.year + years
    if fiscal:
        year -= today.month < _APRIL
    first, last = _span(Mention(0, 0, year), fiscal=fiscal)
    return Moment(last, first, year)


def _is_fiscal(found: re.Match[str]) -> bool:
    return bool(found.groupdict().get("fiscal")) or found.group().endswith("度")


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return _LEFT_OVER.sub(" ", text).strip()
