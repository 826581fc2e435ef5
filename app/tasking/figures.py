"""The figures of a sentence as written, and which of them are others in its new version."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.answering.numbers import MONTHS, expand
from app.tasking.model import FigureChange, FigureKind

_ERA = r"(?:(?:令和|平成|昭和)\s*(?:元|\d{1,2})|\d{4})\s*年度?"
_JAPANESE_DATE = (
    rf"{_ERA}(?:\s*\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*日)?)?(?!間)"
    r"|\d{1,2}\s*月\s*\d{1,2}\s*日(?!間)"
)
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ENGLISH_DATE = (
    rf"\b(?:{_MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTH})\b(?:,?\s+\d{{4}})?"
    r"|\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b"
)
_PRICE = (
    r"[¥￥$€£]\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:million|billion|thousand)\b)?"
    r"|\b(?:JPY|USD|EUR)\s?\d[\d,]*(?:\.\d+)?"
    r"|\d[\d,]*(?:\.\d+)?\s?(?:(?:[千百十]?万|億|千|兆)?円|ドル|ユーロ|(?:JPY|USD|EUR|yen|dollars?|euros?)\b)"
)
_UNIT = (
    r"か月|ヶ月|カ月|ヵ月|箇月|週間|日間|時間|分間|年間|営業日|時(?:\s*\d{1,2}\s*分)?|[年月日分秒人名件個台枚回度歳才割倍％%点社階]"
    r"|(?:万|億|千)[人件個台枚回]"
    r"|\s?(?:business days?|working days?|days?|hours?|hrs?|minutes?|mins?|seconds?|weeks?|months?"
    r"|years?|percent|people|persons?|pieces?|pcs|units?|times|km|cm|mm|kg|MB|GB|TB)\b"
)
_NUMBER = rf"\d[\d,]*(?:\.\d+)?(?:{_UNIT})?"
_FIGURE = re.compile(
    rf"(?P<label>第\s*\d+\s*[条章節項号版](?:の\d+)?|\b[A-Za-z]+(?:-[A-Za-z0-9]+)*-?\d[\w-]*)"
    rf"|(?P<date>{_JAPANESE_DATE}|{_ENGLISH_DATE})|(?P<amount>{_PRICE})|(?P<number>{_NUMBER})",
    re.IGNORECASE,
)

MONEY = re.compile(
    r"円|単価|価格|金額|料金|ドル|¥|\$|\b(?:price|amount|cost|fee|jpy|usd|eur|yen)\b", re.IGNORECASE
)
"""Says that figures near it are amounts of money."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as written, in one spelling, and what it counts."""

    kind: FigureKind
    text: str
    value: str
    unit: str


def list_figures(text: str) -> list[Figure]:
    """Returns the figures in order; numbers of articles and parts of names are none."""
    found: list[Figure] = []
    for match in _FIGURE.finditer(_widen(text)):
        kind = match.lastgroup or ""
        if kind == "label":
            continue
        written = text[match.start() : match.end()].strip()
        value = "".join(expand(written).split())
        unit = re.sub(r"[\d.,]", "", value) if kind == "number" else kind
        found.append(Figure(FigureKind(kind), written, value, unit.rstrip("s")))
    return found


def compare_figures(before: str, after: str) -> tuple[FigureChange, ...]:
    """Returns which figures are others now; those of one unit are paired in their order."""
    old, new = list_figures(before), list_figures(after)
    changes: list[FigureChange] = []
    for unit in dict.fromkeys(each.unit for each in (*new, *old)):
        mine = [each for each in old if each.unit == unit]
        theirs = [each for each in new if each.unit == unit]
        changes += _pair(mine, theirs)
    return tuple(changes)


def _pair(old: Sequence[Figure], new: Sequence[Figure]) -> list[FigureChange]:
    matcher = SequenceMatcher(
        None, [each.value for each in old], [each.value for each in new], autojunk=False
    )
    changes: list[FigureChange] = []
    for operation, start, end, first, last in matcher.get_opcodes():
        if operation == "equal":
            continue
        mine, theirs = old[start:end], new[first:last]
        for place in range(max(len(mine), len(theirs))):
            one = mine[place] if place < len(mine) else None
            other = theirs[place] if place < len(theirs) else None
            kind = (other or one or old[0]).kind
            changes.append(FigureChange(kind, one.text if one else "", other.text if other else ""))
    return changes


def _widen(text: str) -> str:
    """Returns the text with full-width figures as plain ones, every place kept."""
    return "".join(
        plain if len(plain := unicodedata.normalize("NFKC", each)) == 1 else each for each in text
    )
