"""Finds the date from which a document holds, written in any of the ways offices write it."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date

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
_JAPANESE_RULES = (
    re.compile(rf"(?:施行日|適用開始日|発効日|適用日|施行)\s*[:：は]?\s*{_DATE}"),
    re.compile(rf"{_DATE}\s*(?:から|より|付で|に)?\s*、?\s*(?:これを)?(?:施行|適用|発効)"),
)
_LEAD = r"effective(?:\s+(?:date|from|as\s+of|on))?\s*[:\-]?\s*"
_ENGLISH_RULES = (
    re.compile(_LEAD + _ENGLISH, re.IGNORECASE),
    re.compile(_LEAD + _DATE, re.IGNORECASE),
)
_STARTS = (*_JAPANESE_RULES, *_ENGLISH_RULES)
_END = r"(?:valid\s+(?:until|through|to)|expires?(?:\s+on)?|expiry\s+date)\s*[:\-]?\s*"
_EXPIRY_RULES = (
    re.compile(rf"(?:有効期限|有効期間|失効日|満了日)\s*[:：は]?\s*{_DATE}"),
    re.compile(_END + _ENGLISH, re.IGNORECASE),
    re.compile(_END + _DATE, re.IGNORECASE),
)
_HEAD, _TAIL = 6_000, 4_000


def find_effective_date(text: str) -> date | None:
    """Returns the latest date on which the document says it takes effect, None where it says none.

    Looks at the beginning and the end, where regulations state it.
    """
    sample = text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    return max(_stated(unicodedata.normalize("NFKC", sample)), default=None)


def find_expiry_date(text: str) -> date | None:
    """Returns the latest date until which the document says it is valid, None for none."""
    sample = text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    return max(_stated(unicodedata.normalize("NFKC", sample), _EXPIRY_RULES), default=None)


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
