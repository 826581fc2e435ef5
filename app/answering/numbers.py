"""The numbers a text states, in one spelling: 3万円 and 30,000 yen are both "30000"."""

import math
import re
import unicodedata
from decimal import Decimal

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_ERA_YEAR = re.compile(r"(令和|平成|昭和|大正|明治)\s*(元|\d{1,2})\s*年")
_LARGE = {"兆": 10**12, "億": 10**8, "万": 10**4, "千": 10**3, "百": 10**2}
_DIGITS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_GROUPED = re.compile(r"(?:\d[\d,]*(?:\.\d+)?[兆億万千百]+)+(?:\d[\d,]*)?")
_SCALED = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(thousand|million|billion)\b", re.IGNORECASE)
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_TENTHS = re.compile(r"(\d(?:\.\d+)?)割")

_KANJI_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_KANJI_UNITS = {"十": 10, "百": 100, "千": 1_000}
_KANJI_NUMBER = re.compile(
    r"(?<![\d,.千万億数何])(?!十分(?![間後前]))(?!千万)[〇一二三四五六七八九十百千万億]+"
    r"(?=[年月日時分秒円人名回件個枚台度歳才倍割週章条項号点社部階種]|か月|ヶ月|カ月|パーセント|%)"
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_OTHER_WORDS = {
    "first": 1, "second": 2, "third": 3, "once": 1, "twice": 2, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
_WORDS = {word: value for value, word in enumerate(_COUNTED.split())} | _OTHER_WORDS
_LOOSE = frozenset({"zero", "one", "first", "second", "third", "once", "hundred"})
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(sorted(set(_WORDS) - _LOOSE))})\b")
_LATIN_WORD = re.compile(r"[a-z]+")
_CODE = re.compile(r"(?=[a-z0-9-]*\d)(?=[a-z0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")
_ORDINAL_OR_UNIT = re.compile(
    r"\d+(?:st|nd|rd|th|am|pm|h|m|s|cm|mm|km|kg|g|mb|gb|tb|kb|px|x|k|usd|yen)"
)


def stated(text: str) -> frozenset[str]:
    """Returns the numbers written in figures, each in one spelling.

    Era years also count as their Western year; 万, 億 and "million" are multiplied out. Kanji
    numbers count when a unit follows. These are what a sentence must prove.
    """
    return frozenset(_figures(_normalise(text)))


def supported(text: str) -> frozenset[str]:
    """Returns every number that the text can prove: ``stated`` and the readings beside it.

    Those are number words, month names, the parts of a multiplied number (3 of 3万), a tenth as
    percent (3割, 30) and an era year as written (令和6年, 6 and 2024).
    """
    normal = _normalise(text)
    numbers = set(_figures(normal))
    numbers.update(canonical(figure) for figure in _DIGITS.findall(normal))
    numbers.update(str(int(Decimal(part) * 10)) for part in _TENTHS.findall(normal))
    for word in _LATIN_WORD.findall(normal.casefold()):
        value = _WORDS.get(word, MONTHS.get(word))
        if value is not None:
            numbers.add(str(value))
    for match in _ERA_YEAR.finditer(normal):
        numbers.add("1" if match[2] == "元" else str(int(match[2])))
    return frozenset(numbers)


def expand(text: str) -> str:
    """Returns the text in lower case and NFKC with every number as plain figures.

    Era years become Western ones, 3万 becomes 30000, 3割 30%, "2.5 million" 2500000, and number
    words of English ("ten", "twice") their figures, but for those that mostly count nothing ("one
    of", "third party").
    """
    plain = _normalise(text).casefold()
    plain = _ERA_YEAR.sub(lambda match: f"{_western(match)}年", plain)
    plain = _TENTHS.sub(lambda match: f"{canonical(str(Decimal(match[1]) * 10))}%", plain)
    plain = _SCALED.sub(
        lambda match: canonical(str(_decimal(match[1]) * _SCALES[match[2].casefold()])), plain
    )
    plain = _GROUPED.sub(lambda match: _multiply(match.group()), plain)
    plain = _DIGITS.sub(lambda match: canonical(match.group()), plain)
    return _NUMBER_WORD.sub(lambda match: str(_WORDS[match.group()]), plain)


def codes(text: str) -> frozenset[str]:
    """Returns part numbers and the like: words that mix letters and digits, lower case.

    A number with a plain unit or an ordinal ending ("10kg", "3rd") is not one.
    """
    normal = unicodedata.normalize("NFKC", text).casefold()
    return frozenset(code for code in _CODE.findall(normal) if not _ORDINAL_OR_UNIT.fullmatch(code))


def absent_codes(wanted: frozenset[str], folded: str) -> set[str]:
    """Returns the codes that a text (without blanks, lower case) lacks; hyphens do not matter."""
    plain = folded.replace("-", "")
    return {code for code in wanted if code.replace("-", "") not in plain}


def _normalise(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text)
    return _KANJI_NUMBER.sub(lambda match: str(_read_kanji(match.group())), normal)


def _figures(normal: str) -> set[str]:
    numbers: set[str] = set()
    rest = _ERA_YEAR.sub(lambda match: _keep(numbers, _western(match)), normal)
    rest = _SCALED.sub(
        lambda match: _keep(
            numbers, canonical(str(_decimal(match[1]) * _SCALES[match[2].casefold()]))
        ),
        rest,
    )
    rest = _GROUPED.sub(lambda match: _keep(numbers, _multiply(match.group())), rest)
    numbers.update(canonical(figure) for figure in _DIGITS.findall(rest))
    return numbers


def _keep(numbers: set[str], number: str) -> str:
    """Notes a number and returns a blank to put in its place."""
    numbers.add(number)
    return " "


def _western(match: re.Match[str]) -> str:
    return str(_ERAS[match[1]] + (1 if match[2] == "元" else int(match[2])))


def _decimal(figure: str) -> Decimal:
    return Decimal(figure.replace(",", ""))


def canonical(figure: str) -> str:
    """Returns the figure without grouping, leading zeros or trailing decimal zeros."""
    text = f"{_decimal(figure):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text.lstrip("0") or "0"


def _multiply(grouped: str) -> str:
    """Returns the value of figures with Japanese units: 1億2,000万 is 120000000."""
    total = Decimal(0)
    for figure, units in re.findall(r"(\d[\d,]*(?:\.\d+)?)([兆億万千百]*)", grouped):
        total += _decimal(figure) * math.prod(_LARGE[unit] for unit in units)
    return canonical(f"{total:f}")


def _read_kanji(text: str) -> int:
    """Returns the value of a kanji number, positional (二〇二四) or with units (三十一, 二万)."""
    if not any(character in "十百千万億" for character in text):
        return int("".join(str(_KANJI_DIGITS[character]) for character in text))
    total = section = digit = 0
    for character in text:
        if character in _KANJI_DIGITS:
            digit = _KANJI_DIGITS[character]
        elif character in _KANJI_UNITS:
            section += (digit or 1) * _KANJI_UNITS[character]
            digit = 0
        else:
            total += (section + digit or 1) * _LARGE[character]
            section = digit = 0
    return total + section + digit
