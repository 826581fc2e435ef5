"""Finds from when until when a document holds and when it was revised, as offices write it."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from retrieval.dates import plain_digits

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    r"(?:(?P<era>令和|平成|昭和)\s*(?P<era_year>元|\d{1,2})\s*年|(?P<year>(?:19|20)\d\d)\s*(?:年|[-/.]))"
    r"\s*(?P<month>\d{1,2})\s*(?:月|[-/.])\s*(?P<day>\d{1,2})(?:\s*日)?"
)
_ENGLISH = (
    rf"(?:(?P<name>{_MONTH})\s+(?P<name_day>\d{{1,2}})(?:st|nd|rd|th)?,?|"
    rf"(?P<day_first>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<name_after>{_MONTH}),?)\s+(?P<name_year>(?:19|20)\d\d)"
)
_PERIOD = r"(?:有効期間|契約期間|適用期間|実施期間|存続期間)(?:は|:)?\s*"
_FROM = r"\s*(?:から|より|~|〜|-|–|—|至)"
_JAPANESE_RULES = (
    re.compile(
        rf"(?:施行日|適用開始日?|発効日|適用日|施行|契約開始日|契約発効日)\s*[:：は]?\s*{_DATE}"
    ),
    re.compile(rf"{_PERIOD}{_DATE}{_FROM}"),
    re.compile(rf"{_DATE}\s*(?:から|より|付で|に)?\s*、?\s*(?:これを)?(?:施行|適用|発効)"),
)
_LEAD = r"effective(?:\s+(?:date|from|as\s+of|on))?\s*[:\-]?\s*"
_ENGLISH_RULES = (
    re.compile(_LEAD + _ENGLISH, re.IGNORECASE),
    re.compile(_LEAD + _DATE, re.IGNORECASE),
)
_STARTS = (*_JAPANESE_RULES, *_ENGLISH_RULES)
_END = r"(?:valid\s+(?:until|through|to)|expires?(?:\s+on)?|expiry\s+date)\s*[:\-]?\s*"
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _DATE)
_EXPIRY_RULES = (
    re.compile(
        r"(?:有効期限|有効期間|失効日|満了日|契約終了日|適用終了日|廃止日)"
        rf"\s*[:：は]?\s*(?>{_DATE})(?!{_FROM})"
    ),
    re.compile(rf"{_PERIOD}{_UNNAMED}{_FROM}\s*{_DATE}"),
    re.compile(_END + _ENGLISH, re.IGNORECASE),
    re.compile(_END + _DATE, re.IGNORECASE),
)
_LASTING = re.compile(
    rf"{_PERIOD}{_DATE}{_FROM}\s*(?P<count>\d{{1,2}})\s*(?P<unit>年|か月|ヶ月|カ月|ヵ月|箇月)"
)
_RENEWED = re.compile(r"更新|延長|renew|extend", re.IGNORECASE)
_SENTENCE = 80  # characters behind a period in which it may be said that it is prolonged
_MONTHLY = (
    r"(?:(?P<era>令和|平成|昭和)\s*(?P<era_year>元|\d{1,2})\s*年|(?P<year>(?:19|20)\d\d)\s*(?:年|[-/.]))"
    r"\s*(?P<month>\d{1,2})(?:\s*(?:月|[-/.])(?:\s*(?P<day>\d{1,2})(?:\s*日)?)?)?"
)
_ENGLISH_MONTHLY = (
    rf"(?:(?P<name>{_MONTH})(?:\s+(?P<name_day>\d{{1,2}})(?:st|nd|rd|th)?,?)?|"
    rf"(?P<day_first>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<name_after>{_MONTH}),?)\s+(?P<name_year>(?:19|20)\d\d)"
)
_REVISED = r"(?:最終)?(?:改[定訂正]|更新)(?:日|年月日)?"
_REVISION_RULES = (
    re.compile(rf"{_REVISED}\s*[:：]?\s*{_MONTHLY}"),
    re.compile(rf"{_MONTHLY}\s*(?:付)?(?:一部|全部|最終)?(?:改[定訂正]|更新)(?![がはを])"),
    re.compile(
        r"(?:revised|updated|revision\s+date|amended)(?:\s+on)?\s*[:\-]?\s*" + _ENGLISH_MONTHLY,
        re.IGNORECASE,
    ),
)
_HEAD, _TAIL = 6_000, 4_000
_REVISION_HEAD = 800  # further down it is other documents that are said to be revised


def find_effective_date(text: str) -> date | None:
    """Returns the latest date on which the document says it takes effect, None where it says none.

    Looks at the beginning and the end, where regulations state it.
    """
    return max(_stated(_sample(text)), default=None)


def find_expiry_date(text: str) -> date | None:
    """Returns the latest date until which the document says it is valid, None for none.

    A term of years counts from its first day, unless the document says that it may be prolonged.
    """
    sample = _sample(text)
    return max([*_stated(sample, _EXPIRY_RULES), *_lasting(sample)], default=None)


def find_revision(text: str) -> str:
    """Returns when the document says it was last revised, as YYYY-MM-DD or YYYY-MM, "" for never.

    Looks at its first lines, where a document speaks of itself.
    """
    sample = plain_digits(text[:_REVISION_HEAD])
    days = {
        text
        for rule in _REVISION_RULES
        for found in rule.finditer(sample)
        if (text := _read_loosely(found.groupdict()))
    }
    return max(days, default="")


def _sample(text: str) -> str:
    whole = text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    return plain_digits(whole)


def _lasting(text: str) -> Iterator[date]:
    for found in _LASTING.finditer(text):
        first = _read(found.groupdict())
        if first is None or _RENEWED.search(text[found.end() : found.end() + _SENTENCE]):
            continue
        months = int(found["count"]) * (12 if found["unit"] == "年" else 1)
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        day = min(first.day, monthrange(year, month + 1)[1])
        yield date(year, month + 1, day) - timedelta(days=1)


def _read_loosely(parts: dict[str, str | None]) -> str:
    """Returns the day or month the named parts spell, "" where there is none such."""
    has_day = parts.get("day") or parts.get("name_day") or parts.get("day_first")
    if has_day:
        day = _read(parts)
        return day.isoformat() if day else ""
    first = _read({**parts, "day": "1", "name_day": "1"})
    return first.isoformat()[:7] if first else ""


def _stated(text: str, rules: Sequence[re.Pattern[str]] = _STARTS) -> Iterator[date]:
    for rule in rules:
        for found in rule.finditer(text):
            day = _read(found.groupdict())
            if day is not None:
                yield day


def _read(parts: dict[str, str | None]) -> date | None:
    """Returns the date the named parts spell, None where there is no such day."""
    name = parts.get("name") or parts.get("name_after")
    if name:
        year = int(parts["name_year"] or 0)
        month = _MONTHS[name[:3].lower()]
        day = int(parts.get("name_day") or parts.get("day_first") or 0)
    else:
        year, month, day = _year(parts), int(parts["month"] or 0), int(parts["day"] or 0)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(parts: dict[str, str | None]) -> int:
    era, year = parts.get("era"), parts.get("era_year")
    if era and year:
        return _ERAS[era] + (1 if year == "元" else int(year))
    return int(parts["year"] or 0)
