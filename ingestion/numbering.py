"""Finds which edition a document says it is: 第3版, Ver. 1.2, Rev. B, 2024年版."""

import re
import unicodedata
from collections.abc import Mapping

_KANJI = "〇一二三四五六七八九"
_NUMBER = r"(\d{1,3}(?:\.\d{1,3}){0,3}|[一二三四五六七八九十]{1,3})"
_RULES = (
    re.compile(rf"(?:改訂|改定)?第\s*{_NUMBER}\s*版|(?:改訂|改定){_NUMBER}版"),
    re.compile(
        rf"(?<![a-z])(?:ver(?:sion)?[._:\s]*|(?<=[_\s(\[-])v\.?\s?)(?={_NUMBER}){_NUMBER}(?!\d)"
    ),
    re.compile(rf"(?<![a-z])rev(?:ision)?[._:\s]*(?:{_NUMBER}|([a-h]))(?![a-z\d])"),
    re.compile(r"(初版)"),
)
_YEAR_RULE = re.compile(r"((?:19|20)\d\d)年(?:度)?版|((?:19|20)\d\d)\s+edition")
_PLACES = {"title": 0.9, "path": 0.8, "text": 0.7}


def find_edition(places: Mapping[str, str]) -> tuple[str, str, float] | None:
    """Returns the edition, where it was found and how sure that is; ``None`` where none is named.

    Args:
        places: The document's "title", "path" and the beginning of its "text".
    """
    for place, confidence in _PLACES.items():
        folded = unicodedata.normalize("NFKC", places.get(place, "")).casefold()
        # A text may name the editions of others by their years.
        for rule in _RULES if place == "text" else (*_RULES, _YEAR_RULE):
            found = rule.search(folded)
            if found is not None:
                number = next(group for group in found.groups() if group)
                return _plain(number), place, confidence
    return None


def _plain(number: str) -> str:
    """Returns the number in digits, a letter as a capital."""
    if number == "初版":
        return "1"
    if number[0] not in _KANJI and "十" not in number:
        return number.upper()
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return "".join(str(_KANJI.index(char)) for char in number)
    return str(10 * (_KANJI.index(tens) if tens else 1) + (_KANJI.index(ones) if ones else 0))
