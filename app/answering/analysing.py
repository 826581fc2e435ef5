"""Japanese text as words with their parts of speech, and what is a name among them."""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sudachipy import Dictionary, SplitMode

from app.answering.quoting import fold

_EVERYDAY = 4  # letters; longer common nouns in katakana are mostly terms and brands
_LONGEST = 12_000  # Sudachi refuses more than 49,149 bytes

_KATAKANA = re.compile(r"[ァ-ヴ][ァ-ヴー・]{2,}")
_LATIN_NAME = re.compile(r"(?<![A-Za-z0-9_.])[A-Z][A-Za-z0-9&'’-]*(?:\.[a-z]+)?")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;。！？：\n\"“(（「]\s*|^[-*•]\s*)$")
_CAPITALISED_ANYWAY = """
i i'm i'll january february march april may june july august september october november
december monday tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul
aug sep sept oct nov dec mondays tuesdays wednesdays thursdays fridays saturdays sundays
mr mrs ms dr jpy usd eur ok yes no
"""
_NOT_NAMES = frozenset(_CAPITALISED_ANYWAY.split())
_COUNT = re.compile(r"[〇一二三四五六七八九十百千万億]+.?")  # 十人 is a number of people, no name
_ERAS = frozenset({"令和", "平成", "昭和", "大正", "明治"})
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-鿿]")
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as written, its normal form, and the first levels of its part of speech."""

    surface: str
    normal: str
    part: str
    detail: str
    kind: str


@cache
def _dictionary() -> Dictionary:
    return Dictionary(dict="core")


def _analyser() -> Any:  # noqa: ANN401 - Sudachi's tokenizer is untyped
    if not hasattr(_local, "analyser"):
        _local.analyser = _dictionary().tokenizer(mode=SplitMode.A)
    return _local.analyser


def is_japanese(text: str) -> bool:
    """Returns whether a text has kana or kanji worth a tenth of its letters."""
    letters = sum(character.isalpha() for character in text)
    return 10 * len(_JAPANESE.findall(text)) > letters


@lru_cache(maxsize=2048)
def words(text: str) -> tuple[Word, ...]:
    """Returns the words of a Japanese text, in order."""
    encodable = text[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
    found = []
    for morpheme in _analyser().tokenize(encodable):
        part = morpheme.part_of_speech()
        found.append(
            Word(morpheme.surface(), morpheme.normalized_form(), part[0], part[1], part[2])
        )
    return tuple(found)


def japanese_names(text: str) -> frozenset[str]:
    """Returns the names in Japanese letters: proper nouns, and what katakana spell at length.

    Katakana words that the dictionary knows as everyday ones (スタート, シーズン) are no names.
    """
    listed = words(text)
    everyday = {word.surface for word in listed if _is_everyday(word)}
    names = {name for name in _KATAKANA.findall(text) if name not in everyday}
    names |= {
        word.surface
        for word in listed
        if word.detail == "固有名詞" and len(word.surface) > 1 and not word.surface.isascii()
    }
    return frozenset(name for name in names - _ERAS if not _COUNT.fullmatch(name))


def _is_everyday(word: Word) -> bool:
    if word.detail != "普通名詞":
        return False
    return "サ変" in word.kind or len(word.surface) <= _EVERYDAY


def latin_names(text: str) -> frozenset[str]:
    """Returns the capitalised words that do not merely begin a sentence, and acronyms."""
    found = set()
    for match in _LATIN_NAME.finditer(text):
        word = match.group().removesuffix("'s").removesuffix("’s")
        begins = bool(_SENTENCE_START.search(text[: match.start()]))
        acronym = sum(character.isupper() for character in word) > 1
        if len(word) > 1 and word.casefold() not in _NOT_NAMES and (acronym or not begins):
            found.add(word)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Names:
    """The forms in which a text could hold a name.

    Attributes:
        folded: The text without differences of width, case and blanks.
        normals: The normal form of each word; that of グーグル is Google.
    """

    folded: str
    normals: frozenset[str]

    @classmethod
    def joined(cls, texts: Iterable["Names"]) -> "Names":
        """Returns the forms of several texts together."""
        listed = list(texts)
        return cls(
            "\n".join(text.folded for text in listed),
            frozenset[str]().union(*(text.normals for text in listed)),
        )

    def lacks(self, names: Iterable[str]) -> tuple[str, ...]:
        """Returns the names that are here in no form."""
        absent = []
        for name in sorted(names):
            normal = fold("".join(word.normal for word in words(name)))
            pieces = fold(name).strip("・").split("・")
            if not (
                all(piece in self.folded for piece in pieces)
                or normal in self.folded
                or normal in self.normals
            ):
                absent.append(name)
        return tuple(absent)


@lru_cache(maxsize=2048)
def name_forms(text: str) -> Names:
    """Returns the forms of names in a text."""
    return Names(fold(text), frozenset(fold(word.normal) for word in words(text)))
