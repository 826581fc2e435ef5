"""How text becomes terms, the same way for what is indexed and for what is asked."""

import hashlib
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import snowballstemmer
from sudachipy import Dictionary, SplitMode

from retrieval.lexical.spelling import unify_variants, write_plainly

RULES = "5"
"""Raised by hand whenever a rule of this module changes what comes out."""

# Function words of Japanese, by the first level of Sudachi's part of speech.
DROPPED_PARTS = frozenset({"助詞", "助動詞", "補助記号", "記号", "空白"})

# Only dropped when not written in capitals: "IT" and "US" are names.
_ENGLISH_FUNCTION_WORDS = """
a an and are as at be but by for if in into is it no not of on or s such t that the their then
there these they this to was were will with from has have had do does did can
"""
ENGLISH_FUNCTION_WORDS = frozenset(_ENGLISH_FUNCTION_WORDS.split())

# What a question is phrased with; no passage is about it. Dropped from questions only.
_QUESTION_WORDS = """
what when where who whom whose which why how pleas tell me i my we our us you your would could
should may
いつ 何時 何処 どこ 誰 何 何故 どう どの どれ 何れ どんな 教える 下さる 為る 有る 居る 成る
言う 事 物 出来る 知る
"""
QUESTION_WORDS = frozenset(_QUESTION_WORDS.split())

# Sudachi refuses more than 49,149 bytes; three bytes a character, with room to spare.
SEGMENT_CHARACTERS = 12_000
LONGEST_TERM = 120

_WORD = re.compile(r"[a-zA-Z0-9]+(?:[-_./'’+#&]+[a-zA-Z0-9]+)*(?:\+\+|#)?")
_PIECE = re.compile(r"[a-z0-9]+")
_HYPHENS = re.compile(r"(?<=[a-zA-Z0-9])[‐‑‒–−](?=[a-zA-Z0-9])")
_JOINERS = re.compile(r"[-_/'’&]")
_KATAKANA = re.compile("[ァ-ヺー]+")
_VU = {"ヴァ": "バ", "ヴィ": "ビ", "ヴェ": "ベ", "ヴォ": "ボ", "ヴュ": "ビュ", "ヴ": "ブ"}
_VU_SOUNDS = re.compile("ヴ[ァィェォュ]?")
_LONG_END = re.compile("(?<=[ァ-ヺー]{3})ー$")  # メモリー is メモリ, but タワー stays
_SENTENCE_END = "。！？!?\n"

_local = threading.local()


@cache
def _dictionary() -> Dictionary:
    return Dictionary(dict="core")


@cache
def _dropped() -> Any:  # noqa: ANN401 - Sudachi's matcher has no public type
    return _dictionary().pos_matcher(lambda part: part[0] in DROPPED_PARTS)


def _analyser() -> Any:  # noqa: ANN401 - Sudachi's tokenizer is untyped
    """Returns this thread's own analyser, because they may not be shared."""
    if not hasattr(_local, "analyser"):
        _local.analyser = _dictionary().tokenizer(
            mode=SplitMode.A, fields={"pos", "normalized_form", "reading_form"}
        )
        _local.stemmer = snowballstemmer.stemmer("english")
    return _local.analyser


@cache
def fingerprint() -> str:
    """Returns a short hash of all that decides the terms: rules, libraries and dictionary."""
    parts = [RULES, unicodedata.unidata_version]
    parts += [version(name) for name in ("sudachipy", "sudachidict-core", "snowballstemmer")]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def level(text: str) -> str:
    """Returns a text in NFKC, its letters as they are typed (:mod:`retrieval.lexical.spelling`).

    No letter changes with what follows it, except for marks that combine with it.
    """
    return write_plainly(unicodedata.normalize("NFKC", text))


def make_encodable(text: str) -> str:
    """Returns a text without lone surrogates, which are garbage and cannot be stored."""
    return text.encode("utf-8", "replace").decode("utf-8")


def find_words(levelled: str) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Gives the terms of each word of a levelled text and where it stands, in reading order.

    No terms: a sentence ends here.
    """
    text, position = _HYPHENS.sub("-", levelled), 0
    for word in _WORD.finditer(text):
        yield from _find_japanese(text, position, word.start())
        if found := tuple(_latin_terms(word.group())):
            yield found, word.start(), word.end()
        position = word.end()
    yield from _find_japanese(text, position, len(text))


def tokenize(text: str) -> list[list[str]]:
    """Returns the terms of each sentence, in reading order.

    Both sides of a hyphenated code stand beside its whole ("AB-12" gives "ab12", "ab", "12"), so
    it is found however it is written.
    """
    sentences: list[list[str]] = [[]]
    for found, _, _ in find_words(level(make_encodable(text))):
        if found:
            sentences[-1].extend(found)
        elif sentences[-1]:
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def terms(text: str) -> list[str]:
    """Returns all terms of a text, in reading order, with repetitions."""
    return [term for sentence in tokenize(text) for term in sentence]


def read_aloud(text: str) -> str:
    """Returns how a Japanese text sounds, in katakana; "" where a part of it has no reading."""
    sounds = [morpheme.reading_form() for morpheme in _analyser().tokenize(text)]
    return "".join(sounds) if all(_KATAKANA.fullmatch(sound) for sound in sounds) else ""


def adjacent_pairs(sentences: Iterable[Sequence[str]]) -> list[str]:
    """Returns each two neighbouring terms of a sentence as one term."""
    return [f"{left}|{right}" for sentence in sentences for left, right in pairwise(sentence)]


def _latin_terms(word: str) -> Iterator[str]:
    lowered = word.lower()
    if lowered in ENGLISH_FUNCTION_WORDS and not (word.isupper() and len(word) > 1):
        return
    pieces = _PIECE.findall(lowered.removesuffix("'s").removesuffix("’s"))
    if len(pieces) > 1:
        yield _whole(lowered, pieces)
    elif lowered.endswith(("+", "#")):
        yield lowered[:LONGEST_TERM]
    for piece in pieces:
        yield _stem(piece)[:LONGEST_TERM]


def _whole(lowered: str, pieces: list[str]) -> str:
    """Returns a code without its hyphens, but a number or date as it is written."""
    digits = "".join(pieces).isdigit()
    return (lowered if digits else _JOINERS.sub("", lowered))[:LONGEST_TERM]


@lru_cache(maxsize=100_000)
def _stem(piece: str) -> str:
    if not piece.isalpha():
        return piece
    _analyser()
    stem: str = _local.stemmer.stemWord(unify_variants(piece))
    return stem


def _find_japanese(text: str, start: int, end: int) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Gives the words of a stretch without Latin letters."""
    if not text[start:end].strip():
        return
    drop = _dropped()
    for begin in range(start, end, SEGMENT_CHARACTERS):
        for morpheme in _analyser().tokenize(text[begin : min(end, begin + SEGMENT_CHARACTERS)]):
            found = tuple(_japanese_terms(morpheme.normalized_form())) if not drop(morpheme) else ()
            if found or morpheme.surface() in _SENTENCE_END:
                yield found, begin + morpheme.begin(), begin + morpheme.end()


def _japanese_terms(normal: str) -> Iterator[str]:
    # What the dictionary's normal forms leave apart.
    level = _LONG_END.sub("", _VU_SOUNDS.sub(lambda found: _VU[found.group()], normal))
    term = "".join(level.split()).replace("|", "").lower()[:LONGEST_TERM]
    if any(character.isalnum() for character in term):
        yield term
