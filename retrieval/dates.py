"""Dates as people write them, in both calendars."""

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, datetime, timedelta

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_FIRST_YEAR, _LAST_YEAR = 1868, 2200
_LETTERS = {"R": "令和", "H": "平成", "S": "昭和"}
_ERA_YEAR = re.compile(
    r"(令和|平成|昭和|大正|明治)\s*(元|\d{1,2})\s*年度?|(?<![A-Za-z0-9])([RHS])(\d{1,2})(?=[年./])"
)
_YEAR = re.compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d,]|\.\d)")
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?")


def read_years(text: str) -> frozenset[int]:
    """Returns the years a text names, of the Christian era, whichever calendar it uses."""
    normal = unicodedata.normalize("NFKC", text)
    years = {int(found) for found in _YEAR.findall(normal)}
    return frozenset(years | {_year_of(found) for found in _ERA_YEAR.finditer(normal)})


def write_years_otherwise(text: str) -> str:
    """Returns each year a text names as the other calendar has it, separated by spaces."""
    normal = unicodedata.normalize("NFKC", text)
    eras = [_year_of(found) for found in _ERA_YEAR.finditer(normal)]
    others = [f"{year}年" for year in eras]
    others += [_in_era(int(year)) for year in _YEAR.findall(normal) if int(year) > 1989]
    return " ".join(dict.fromkeys(others))


def read_period(text: str) -> tuple[datetime, datetime] | None:
    """Returns the first and last moment (UTC) of a day, month or year; ``None`` for other text.

    Understands ``2024``, ``2024-04``, ``2024/4/1``, ``2024年4月`` and ``令和6年4月1日``.
    """
    normal = unicodedata.normalize("NFKC", text).strip()
    normal = _ERA_YEAR.sub(lambda found: f"{_year_of(found)}年", normal)
    found = _DAY.fullmatch(normal.replace("年年", "年"))
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        first = datetime(year, month or 1, day or 1, tzinfo=UTC)
    except ValueError:
        return None
    last_month = month or 12
    last_day = day or monthrange(first.year, last_month)[1]
    end = datetime(first.year, last_month, last_day, tzinfo=UTC) + timedelta(days=1)
    return first, end - timedelta(microseconds=1)


def _year_of(found: re.Match[str]) -> int:
    era = found.group(1) or _LETTERS[found.group(3)]
    number = found.group(2) or found.group(4)
    return _ERAS[era] + (1 if number == "元" else int(number))


def _in_era(year: int) -> str:
    era = next(name for name, before in _ERAS.items() if year > before)
    number = year - _ERAS[era]
    return f"{era}{'元' if number == 1 else number}年"
