"""Dates as people write them, in both calendars."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_FIRST_YEAR, _LAST_YEAR = 1868, 2200
_LETTERS = {"R": "令和", "H": "平成", "S": "昭和"}
_ERA_YEAR = re.compile(
    r"(令和|平成|昭和|大正|明治)\s*(元|\d{1,2})\s*(年度?)|(?<![A-Za-z0-9])([RHS])(\d{1,2})(?=[年./])"
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MONTH = re.compile(
    r"(?<![\d.,])((?:19|20)\d\d)\s*(?:年\s*(\d{1,2})月(?:(\d{1,2})日)?"
    r"|[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)|[-/](\d{1,2})(?![\d./-]))"
)
_ENGLISH_MONTH = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?\s+)?"
    rf"({'|'.join([*_MONTHS, *(each[:3] for each in _MONTHS)])})\b\.?"
    r"(?:\s+(\d{1,2})(?:st|nd|rd|th)?)?,?\s+((?:19|20)\d\d)",
    re.IGNORECASE,
)
_KANJI = "〇一二三四五六七八九"
_KANJI_NUMBER = re.compile(f"(?<![{_KANJI}十百千])[{_KANJI}十]{{1,4}}(?=[年月日])")
_YEAR = re.compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d,]|\.\d)")
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年度?)?")


@dataclass(frozen=True, slots=True)
class Mention:
    """A date in a text, from ``start`` to ``end``; month and day are 0 where none is named."""

    start: int
    end: int
    year: int
    month: int = 0
    day: int = 0


def plain_digits(text: str) -> str:
    """Returns the text in NFKC with kanji numerals of dates as digits: 六年四月 is 6年4月."""
    normal = unicodedata.normalize("NFKC", text)
    return _KANJI_NUMBER.sub(lambda found: _in_digits(found.group()), normal)


def in_western_years(text: str) -> str:
    """Returns the text with plain digits and the years of the Christian era: R6.4.1 is 2024.4.1."""
    return _ERA_YEAR.sub(lambda found: f"{_year_of(found)}{found[3] or ''}", plain_digits(text))


def find_dates(text: str) -> list[Mention]:
    """Returns the days, months and years of a text, in order; era years must have been replaced."""
    found = [*_find_months(text)]
    spans = [(each.start, each.end) for each in found]
    found += [
        Mention(*year.span(), int(year[1]))
        for year in _YEAR.finditer(text)
        if not any(start <= year.start() < end for start, end in spans)
    ]
    return sorted(found, key=lambda each: each.start)


def read_years(text: str) -> frozenset[int]:
    """Returns the years a text names, of the Christian era, whichever calendar it uses."""
    normal = plain_digits(text)
    years = {int(found) for found in _YEAR.findall(normal)}
    return frozenset(years | {_year_of(found) for found in _ERA_YEAR.finditer(normal)})


def write_years_otherwise(text: str) -> str:
    """Returns each year a text names as the other calendar has it, separated by spaces.

    A date or month is also given in the other ways that documents write it: 2024年4月1日,
    2024-04-01, 2024/4/1, R6.4.1, April 1, 2024.
    """
    normal = plain_digits(text)
    eras = [_year_of(found) for found in _ERA_YEAR.finditer(normal)]
    others = [f"{year}年" for year in eras]
    others += [_in_era(int(year)) for year in _YEAR.findall(normal) if int(year) > 1989]
    months = _find_months(in_western_years(text))
    others += [form for each in months for form in _write_month(each.year, each.month, each.day)]
    return " ".join(dict.fromkeys(other for other in others if other not in normal))


def read_period(text: str) -> tuple[datetime, datetime] | None:
    """Returns the first and last moment of a day, month or year here; ``None`` for other text.

    Understands ``2024``, ``2024-04``, ``2024/4/1``, ``2024年4月`` and ``令和6年4月1日``, and
    ``2024年度``, which begins in April.
    """
    western = in_western_years(text).strip()
    found = _DAY.fullmatch(western)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        beginning = 4 if western.endswith("年度") else 1
        first = datetime(year, month or beginning, day or 1)
    except ValueError:
        return None
    years, months = divmod(first.month - 1 + (1 if month else 12), 12)
    following = first.replace(year=first.year + years, month=months + 1, day=1)
    end = first + timedelta(days=1) if day else following
    return first.astimezone(), (end - timedelta(microseconds=1)).astimezone()


def _find_months(western: str) -> Iterator[Mention]:
    """Yields each date of a text of which at least the month is named."""
    for found in _MONTH.finditer(western):
        numbers = [int(part) for part in found.groups() if part]
        year, month, day = (*numbers, 0)[:3]
        if 1 <= month <= 12 and day <= 31:
            yield Mention(*found.span(), year, month, day)
    for found in _ENGLISH_MONTH.finditer(western):
        day_before, name, day_after, written = found.groups()
        month = 1 + [each[:3] for each in _MONTHS].index(name[:3].title())
        yield Mention(*found.span(), int(written), month, int(day_before or day_after or 0))


def _write_month(year: int, month: int, day: int) -> Iterator[str]:
    name = _MONTHS[month - 1]
    yield f"{year}年{month}月{day}日" if day else f"{year}年{month}月"
    yield f"{name} {day}, {year}" if day else f"{name} {year}"
    yield f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}"
    if day:
        yield f"{year}/{month}/{day}"
        yield f"{year}/{month:02}/{day:02}"
        era, before = ("R", _ERAS["令和"]) if year > _ERAS["令和"] else ("H", _ERAS["平成"])
        if year > before:
            yield f"{era}{year - before}.{month}.{day}"


def _in_digits(kanji: str) -> str:
    if "十" not in kanji:
        return "".join(str(_KANJI.index(numeral)) for numeral in kanji)
    tens, _, ones = kanji.partition("十")
    if len(tens) > 1 or len(ones) > 1 or ones == "十":
        return kanji
    return str(10 * (_KANJI.index(tens) if tens else 1) + (_KANJI.index(ones) if ones else 0))


def _year_of(found: re.Match[str]) -> int:
    era = found.group(1) or _LETTERS[found.group(4)]
    number = found.group(2) or found.group(5)
    return _ERAS[era] + (1 if number == "元" else int(number))


def _in_era(year: int) -> str:
    era = next(name for name, before in _ERAS.items() if year > before)
    number = year - _ERAS[era]
    return f"{era}{'元' if number == 1 else number}年"
