"""Figures with their units, and dates, in one spelling whatever language states them.

30,000円, 3万円 and JPY 30,000 are one quantity; 令和6年4月1日, 2024-04-01 and April 1, 2024 are
one date.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from app.answering.numbers import MONTHS, canonical, expand, supported

_UNIT_NAMES = {
    "year": "年間 年度 年 years year yrs yr 歳 才",
    "month": "か月 ヶ月 カ月 ケ月 ヵ月 箇月 months month",
    "week": "週間 週 weeks week wk",
    "day": "日間 日 days day",
    "hour": "時間 hours hour hrs hr h",
    "minute": "分間 分 minutes minute mins min",
    "second": "秒間 秒 seconds second sec secs",
    "yen": "円 yen jpy",
    "dollar": "ドル dollars dollar usd",
    "euro": "ユーロ euros euro eur",
    "percent": "パーセント percent per cent %",
    "person": "人 名 people persons person",
    "kilometre": "km キロメートル kilometres kilometers",
    "metre": "メートル metres meters m",
    "centimetre": "cm センチメートル センチ",
    "millimetre": "mm ミリメートル ミリ",
    "kilogram": "kg キログラム kilograms kilos",
    "gram": "g グラム grams",
    "milligram": "mg ミリグラム milligrams",
    "ton": "トン tons tonnes t",
    "litre": "リットル litres liters l",
    "millilitre": "ml ミリリットル",
    "megabyte": "mb メガバイト", "gigabyte": "gb ギガバイト", "terabyte": "tb テラバイト",
    "times": "回 度 times", "fold": "倍 fold", "item": "件 個 つ items", "sheet": "枚",
    "unit": "台",
    "night": "泊 nights night",
    "floor": "階", "century": "世紀", "rank": "位", "ship": "隻", "head": "頭 匹",
    "page": "ページ pages page",
    "book": "冊", "company": "社", "point": "点 points", "chapter": "章", "article": "条",
}  # fmt: skip
_UNITS = {
    alias: unit
    for unit, names in _UNIT_NAMES.items()
    for alias in names.replace("per cent", "per_cent").split()
}
_UNITS["per cent"] = _UNITS.pop("per_cent", "percent")
_UNITS.pop("per", None)
_UNITS.pop("cent", None)
_BY_LENGTH = sorted(_UNITS, key=len, reverse=True)
_ALIAS = "|".join(
    re.escape(alias) + (r"(?![a-z])" if alias[-1].isascii() and alias != "%" else "")
    for alias in _BY_LENGTH
)
_COUNTERS = frozenset({"item", "times", "unit", "sheet", "person"})
"""Units that another language leaves out."""

_DATE = "date"
_SIGNS = {"¥": "yen", "$": "dollar", "€": "euro", "jpy": "yen", "usd": "dollar", "eur": "euro"}
_QUANTITY = re.compile(
    r"(?P<sign>[¥$€]|\b(?:jpy|usd|eur)\s)?(?P<value>(?<![\d.])\d+(?:\.\d+)?)"
    rf"(?:[\s-]?(?P<unit>{_ALIAS}))?"
)
_MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_ORDINAL = r"(?:st|nd|rd|th)?"
_DATES = (
    re.compile(
        r"(?:(?P<year>\d{4})\s*年(?:度)?\s*)?(?P<month>1[0-2]|0?[1-9])\s*月"
        r"(?:\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*日(?!間))?"
    ),
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>1[0-2]|0?[1-9])[-/.](?P<day>3[01]|[12]\d|0?[1-9])"),
    re.compile(
        rf"\b(?P<name>{_MONTH_NAME})\b\.?(?:\s+(?P<day>3[01]|[12]\d|0?[1-9]){_ORDINAL}\b)?"
        r"(?:,?\s+(?:of\s+)?(?P<year>\d{4}))?"
    ),
    re.compile(
        rf"\b(?P<day>3[01]|[12]\d|0?[1-9]){_ORDINAL}\s+(?:of\s+)?(?P<name>{_MONTH_NAME})\b\.?"
        r"(?:,?\s+(?P<year>\d{4}))?"
    ),
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure and its unit; the unit is "" where the text names none that is known."""

    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Day:
    """A date, as far as it is stated."""

    year: int | None
    month: int
    day: int | None

    def agrees(self, other: "Day") -> bool:
        """Returns whether the other states the same, where both state something."""
        return self.month == other.month and all(
            mine is None or theirs is None or mine == theirs
            for mine, theirs in ((self.year, other.year), (self.day, other.day))
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a text states in figures.

    Attributes:
        units: Every known unit that the text names, also apart from figures (a table's header).
        readings: Numbers that the text can be read to hold as well ("third", the 3 of 3万).
    """

    quantities: frozenset[Quantity]
    days: frozenset[Day]
    units: frozenset[str]
    readings: frozenset[str]

    @classmethod
    def joined(cls, parts: "Iterable[Figures]") -> "Figures":
        """Returns what several texts state together."""
        listed = list(parts)
        return cls(
            frozenset[Quantity]().union(*(part.quantities for part in listed)),
            frozenset[Day]().union(*(part.days for part in listed)),
            frozenset[str]().union(*(part.units for part in listed)),
            frozenset[str]().union(*(part.readings for part in listed)),
        )

    def lacks(self, stated: "Figures", *, translated: bool = False) -> dict[str, str]:
        """Returns what the other states and this one does not support, with its unit.

        Between languages counters may be missing: 5つの要素 are "five elements".
        """
        exact = {(quantity.value, quantity.unit) for quantity in self.quantities}
        bare = {quantity.value for quantity in self.quantities if not quantity.unit}
        values = {quantity.value for quantity in self.quantities}
        missing: dict[str, str] = {}
        for value, unit in sorted((each.value, each.unit) for each in stated.quantities):
            if value not in values:
                if value not in self.readings:
                    missing[value] = unit
            elif unit and (value, unit) not in exact:
                named = unit in self.units or (translated and unit in _COUNTERS)
                if value not in bare or not named:
                    missing[f"{value} {unit}"] = unit
        for day in stated.days:
            if not any(day.agrees(other) for other in self.days):
                missing[f"{day.year or ''}-{day.month}-{day.day or ''}"] = _DATE
        return missing

    def rivals(self, unit: str) -> bool:
        """Returns whether this states something else in the same unit."""
        if unit == _DATE:
            return bool(self.days)
        return any(quantity.unit == unit for quantity in self.quantities)


_NAMED_UNIT = re.compile(_ALIAS)
_IN_SMALLER = {
    "week": ("day", 7), "hour": ("minute", 60), "year": ("month", 12), "second": ("second", 1),
    "kilometre": ("metre", 1_000), "kilogram": ("gram", 1_000), "ton": ("gram", 1_000_000),
    "litre": ("millilitre", 1_000), "gigabyte": ("megabyte", 1_000),
}  # fmt: skip
_RATE = re.compile(
    r"(?<![\d.])1\s*(?P<ja>日|泊|週間?|か月|年|時間|回|人|名|台|件|個|枚|km)"
    r"(?=\s*(?:に(?:つき|対し)|[あ当]たり|ごと|[¥$€\d]|につき))"
    r"|(?:毎|(?<!\d)(?=[年週月]\s*\d+\s*(?:円|回|日|時間)))(?P<each>[日週月年])|(?P<sum>[日週月年])[額給]|時給(?P<hourly>)"
    r"|(?:\bper\s|\ba\s|\beach\s|\bevery\s|/\s?)(?P<en>day|night|week|month|year|hour|person|trip)\b"
    r"|\b(?P<adverb>dai|night|week|month|year|hour|annual)ly\b|\b(?P<annual>annual)\b"
)
_RATE_NAMES = {
    "日": "day", "dai": "day", "泊": "night", "週": "week", "週間": "week", "か月": "month",
    "月": "month", "年": "year", "annual": "year", "時間": "hour", "人": "person", "名": "person",
}  # fmt: skip
_UNIT_OF_COLUMN = re.compile(rf"\((?P<unit>{_ALIAS})\)\s*:\s*(?P<value>\d+(?:\.\d+)?)(?![\d.])")
_OTHER_COUNT = re.compile(
    r"(?<![a-z\d.-])(\d+(?:\.\d+)?)\s?([a-z]{3,}|(?:(?!以[上下内]|未満|程度)[一-鿿ァ-ヶー]){1,4})"
)


@lru_cache(maxsize=2048)
def read_figures(text: str) -> Figures:
    """Returns the quantities and dates of a text."""
    plain = expand(text)
    days = frozenset(_days(plain))
    found: set[Quantity] = set()
    for match in _QUANTITY.finditer(plain):
        sign = (match["sign"] or "").strip()
        unit = _SIGNS.get(sign) or _UNITS.get(match["unit"] or "", "")
        found.add(Quantity(canonical(match["value"]), unit))
    for day in days:
        found.add(Quantity(str(day.month), ""))
        if day.year:
            found.add(Quantity(str(day.year), "year"))
        if day.day:
            found.add(Quantity(str(day.day), "day"))
    units = frozenset(_UNITS[match.group()] for match in _NAMED_UNIT.finditer(plain))
    return Figures(frozenset(found), days, units, supported(text))


@lru_cache(maxsize=2048)
def read_rates(text: str) -> frozenset[str]:
    """Returns what the figures of a text are each for: "day" of 1日につき, "month" of monthly."""
    found = set()
    for match in _RATE.finditer(expand(text)):
        name = next((part for part in match.groups() if part), "hour")
        found.add(_RATE_NAMES.get(name, name))
    return frozenset(found)


def read_tax(text: str) -> str:
    """Returns whether an amount is with tax or without it: "with", "without", or ""."""
    plain = expand(text)
    if re.search(r"税抜|税別|外税|(?:excl\w*|before|plus|without)\.? (?:of )?(?:\w+ )?tax", plain):
        return "without"
    return "with" if re.search(r"税込|内税|(?:incl\w*|with|after)\.? (?:\w+ )?tax", plain) else ""


@lru_cache(maxsize=2048)
def measure(text: str) -> frozenset[Quantity]:
    """Returns what a text measures, so that two texts can be compared.

    Units are the smallest of their kind (2 weeks are 14 days, and 1.5 hours 90 minutes), what is
    counted without a known unit has the word behind it (12文字), dates are one unit, and the 1 of
    "1日につき" measures nothing.
    """
    plain = _UNIT_OF_COLUMN.sub(r"\g<value>\g<unit> ", _RATE.sub(" ", expand(text)))
    found = {
        Quantity(f"{day.year or ''}-{day.month}-{day.day or ''}", _DATE) for day in _days(plain)
    }
    for pattern in _DATES:
        plain = pattern.sub(" ", plain)
    for match in _QUANTITY.finditer(plain):
        unit = _SIGNS.get((match["sign"] or "").strip()) or _UNITS.get(match["unit"] or "", "")
        if unit:
            smaller, times = _IN_SMALLER.get(unit, (unit, 1))
            found.add(Quantity(canonical(str(Decimal(match["value"]) * times)), smaller))
    for value, noun in _OTHER_COUNT.findall(plain):
        if not _NAMED_UNIT.match(noun):
            found.add(Quantity(canonical(value), noun))
    return frozenset(found)


def without_figures(text: str) -> str:
    """Returns the words of a text between its dates, figures and units."""
    plain = _RATE.sub(" ", expand(text))
    for pattern in (*_DATES, _QUANTITY):
        plain = pattern.sub(" ", plain)
    return plain


def _days(plain: str) -> Iterable[Day]:
    for pattern in _DATES:
        for match in pattern.finditer(plain):
            parts = match.groupdict()
            month = MONTHS[parts["name"]] if parts.get("name") else int(parts["month"] or 0)
            if parts.get("name") == "may" and not (parts["day"] or parts["year"]):
                continue  # the verb
            year, day = parts["year"], parts["day"]
            yield Day(int(year) if year else None, month, int(day) if day else None)
